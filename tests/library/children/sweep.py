"""Makes the Nth call of a kind fail, for each STEPth N, while a library is made and written to.

Run with failio preloaded: `sweep.py SHIM FOLDER CALL ERRNO STICKY STEP`. Prints how many N there
are; an assertion or any error that is not the person's world ends it with a traceback.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from earmark.library import Library
from earmark.model import (
    DiskFull,
    EarmarkError,
    Frames,
    Level,
    LibraryUnusable,
    LineId,
    NoteLine,
    NotesEdit,
    SampleRate,
    Segment,
    SegmentId,
    SessionId,
    Take,
    TakeId,
    TakeState,
)

WHEN = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)
TAKE = Take(TakeId("take"), 1, SampleRate(100), 1, Frames(300), WHEN, TakeState.RECORDING)


def work(folder: Path, acknowledged: dict[str, list[str]], heard: list[str]) -> None:
    with Library.open(folder) as library:
        session = library.create_session("Talk", id=SessionId("abcdef"))
        acknowledged[session.id] = []
        lines: list[NoteLine] = []
        for number in range(3):
            lines.append(NoteLine(LineId(f"l{number}"), f"line {number}"))
            library.save_notes(session.id, NotesEdit(tuple(x.id for x in lines), (lines[-1],)))
            acknowledged[session.id].append(lines[-1].text)
            library.flush_session_files()
        library.put_take(session.id, TAKE)
        library.begin_transcription(TAKE.id, "engine", "model", "en")
        for number in range(3):
            start, end = Frames(number * 100), Frames(number * 100 + 100)
            said = Segment(SegmentId(f"s{number}"), TAKE.id, start, end, f"word{number}")
            library.add_segments(TAKE.id, [said], end, number == 2, after=start)
            heard.append(said.text)


def look(folder: Path, acknowledged: dict[str, list[str]], heard: list[str]) -> None:
    """Everything acknowledged is there, nothing is broken, and the files catch up."""
    with Library.open(folder) as library:
        for id_, texts in acknowledged.items():
            session = library.session(SessionId(id_))
            found = [line.text for line in session.lines]
            assert found[: len(texts)] == texts, (found, texts)
            assert len(found) <= len(texts) + 1, (found, texts)
            form = json.loads((folder / session.folder / "session.json").read_bytes())
            assert [line["text"] for line in form["lines"]] == found
            told = [one["text"] for one in form["segments"]]
            assert told[: len(heard)] == heard, (told, heard)
            assert len(told) <= len(heard) + 1, (told, heard)
            for state in form["transcriptions"]:
                assert state["done_frame"] == 100 * len(told), "a window and its end: both or none"
                assert state["finished"] == (len(told) == 3)
        broken = [f for f in library.check() if f.level is Level.ERROR]
        assert not broken, broken


def main() -> None:
    shim, base, call, code, sticky, step = sys.argv[1:]
    fault = ctypes.CDLL(shim)
    fault.disarm.restype = ctypes.c_long
    folder = Path(base) / "library"
    number = 1
    while True:
        acknowledged: dict[str, list[str]] = {}
        heard: list[str] = []
        told = None
        fault.arm(
            call.encode(), str(folder).encode(), ctypes.c_long(number), int(code), int(sticky)
        )
        try:
            work(folder, acknowledged, heard)
        except (DiskFull, LibraryUnusable) as error:
            told = error
        except EarmarkError as error:
            raise AssertionError(f"{number}: the wrong sentence: {error}") from error
        count = fault.disarm()
        look(folder, acknowledged, heard)
        shutil.rmtree(folder)
        if count < number:
            assert told is None
            print(count)
            return
        number += int(step)


main()
