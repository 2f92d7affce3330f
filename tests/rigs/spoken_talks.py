"""A session with sound it does not have and a transcript it does, put by the library's calls."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from earmark.model import (
    Anchor,
    Frames,
    LineId,
    LineKind,
    Mark,
    NoteLine,
    NotesEdit,
    SampleRate,
    Segment,
    SegmentId,
    SessionId,
    Take,
    TakeId,
    TakeState,
    TimeRun,
    Word,
)

RATE = 16_000
TAKE = TakeId("a" * 16)
SAID = (
    (652.0, "…so replicas carry you surprisingly far, but writes still go to one box."),
    (661.0, "The question I would ask is whether you need the relational model at all. Take "
            "CouchDB, or any key value store: you give up joins, you give up strict consistency,"),
    (676.0, "and what you get back is that it stays up when a machine does not."),
    (684.0, "Somebody at the back is shaking his head. Go on."),
    (691.0, "“Then my bank does not run on it.” Fair. Eventually consistent is not never "
            "consistent."),
    (760.0, "It is not NoSQL, it is storage plus plus, and that is what the vendors sell you."),
)  # fmt: skip
NOTED = (
    (134.0, "Portable cloud services", LineKind.HEADING2, 0, ()),
    (151.0, "Solaris containers as the unit you ship", LineKind.BULLET, 0, ()),
    (182.0, "slides: ask for the link", LineKind.BULLET, 1, (Mark.QUESTION,)),
    (588.0, "Scaling the database", LineKind.HEADING2, 0, ()),
    (656.0, "MySQL replicas until it hurts, then shard", LineKind.BULLET, 0, ()),
    (678.0, "Leave relational? key/value stores — CouchDB, consistency", LineKind.BULLET, 0,
     (Mark.STAR,)),
    (765.0, "“it’s not NoSQL, it’s Storage++”", LineKind.BULLET, 1, ()),
    (1083.0, "APIs", LineKind.HEADING2, 0, ()),
    (1095.0, "own abstraction layer, or aggregation? nobody agrees", LineKind.BULLET, 0, ()),
)  # fmt: skip


def frames(seconds: float) -> Frames:
    return Frames(round(seconds * RATE))


def segment(seconds: float, text: str, number: int, each_s: float = 0.38) -> Segment:
    words = tuple(
        Word(word, frames(seconds + n * each_s), frames(seconds + (n + 1) * each_s - 0.03), 0.9)
        for n, word in enumerate(text.split())
    )
    name = SegmentId(f"seg{number:05}")
    return Segment(name, TAKE, frames(seconds), words[-1].end, " ".join(text.split()), words)


def segments() -> tuple[Segment, ...]:
    return tuple(segment(at, text, n) for n, (at, text) in enumerate(SAID))


def line(number: int) -> LineId:
    return LineId(f"{number:016}")


def put_talk(
    lib: Any, *, file: str | None = "sessions/none.flac", spoken: bool = True
) -> SessionId:
    """Makes the session in an open library; returns its id."""
    made = lib.create_session(
        "Cloud architecture", created_at=datetime(2009, 6, 11, 16, 5, tzinfo=UTC)
    )
    take = Take(
        TAKE, 1, SampleRate(RATE), 1, frames(1800), datetime(2009, 6, 11, 16, 5, tzinfo=UTC),
        TakeState.COMPLETE, file=file, codec="flac",
    )  # fmt: skip
    lib.put_take(made.id, take)
    lines = []
    for n, (at, text, kind, indent, marks) in enumerate(NOTED):
        anchor = Anchor(TAKE, frames(at))
        lines.append(
            NoteLine(
                line(n), text, kind, indent, marks=marks, anchor=anchor, runs=(TimeRun(0, anchor),)
            )
        )
    lib.save_notes(made.id, NotesEdit(tuple(one.id for one in lines), tuple(lines)))
    if spoken:
        lib.begin_transcription(TAKE, "pywhispercpp", "base.en", "en")
        lib.add_segments(TAKE, segments(), frames(1800), finished=True)
    return made.id


def make_library(folder: Path, *, spoken: bool = True) -> SessionId:
    """A library with the one session, closed again."""
    from earmark.library import Library

    library = Library.open(folder)
    try:
        return put_talk(library, spoken=spoken)
    finally:
        library.close()
