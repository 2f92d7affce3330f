"""Saves line after line and prints each text when it is durable: `writer.py FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from earmark.library import Library
from earmark.model import LineId, NoteLine, NotesEdit, SessionId, new_id

with Library.open(Path(sys.argv[1])) as library:
    session = library.create_session("Talk", id=SessionId("abcdef0123456789")).id
    order = tuple(line.id for line in library.session(session).lines)
    print("ready", flush=True)
    while True:
        line = NoteLine(LineId(new_id()), f"text {new_id()}")
        order += (line.id,)
        library.save_notes(session, NotesEdit(order, (line,)))
        print(line.text, flush=True)
        if len(order) % 7 == 0:
            library.flush_session_files()
