"""A program without a window that edits a library: for tests that kill it.

`python typing_once.py LIBRARY`: opens it, makes a session with a line and says `ready`; at a line
on standard input it types and renames, says `kept FILE` once that is in the second place, waits.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from earmark.app import Earmark
from earmark.app.sessions import new_session, rename
from earmark.model import LineId, NoteLine, NotesEdit

FIRST, SECOND = LineId("1" * 16), LineId("2" * 16)


class NoCapture:
    """Nothing is recorded here."""

    def spawn(self, _on_event: object) -> None:
        raise AssertionError("nothing is recorded here")

    attach = spawn


def main() -> None:
    earmark = Earmark(Path(sys.argv[1]), captures=NoCapture())  # type: ignore[arg-type]
    session, made = new_session(earmark.library, "Before")
    earmark.notes.edit(session, NotesEdit((FIRST,), (NoteLine(FIRST, "saved"),)))
    earmark.notes.flush().result(60)
    made.result(60)
    print("ready", flush=True)
    sys.stdin.readline()
    lines = NoteLine(FIRST, "saved, and changed"), NoteLine(SECOND, "typed")
    earmark.notes.edit(session, NotesEdit((FIRST, SECOND), lines))
    rename(earmark.library, session, "After")
    earmark.settings.change(speed=1.5)
    while (file := earmark.library.outbox.kept_in) is None or "1.5" not in file.read_text():
        time.sleep(0.01)
    print(f"kept {file}", flush=True)
    sys.stdin.readline()


main()
