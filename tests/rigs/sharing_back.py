"""A library with a session of everything, shared and brought back, for the tests of both ways."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import sessions_to_share as made
import soundfile as sf

from earmark.app import Earmark
from earmark.app.executors import Executors
from earmark.audio.peak_maker import make_peaks
from earmark.model import (
    Frames,
    LineKind,
    Mark,
    Segment,
    SegmentId,
    Session,
    TakeId,
    Transcript,
    Word,
)
from earmark.share.bundle import write_bundle
from earmark.share.content import ShareOptions, share_content
from earmark.share.options import WriteOptions
from earmark.share.pencast import write_pencast


def rich_session(rates: tuple[int, ...] = (48_000, 16_000)) -> Session:
    """Lines of every kind over two takes, with marks, runs, bookmarks, picture, transcript."""
    takes = tuple(
        made.take(n, rate * 4, rate=rate, gaps=[(rate, rate // 10)])
        for n, rate in enumerate(rates, start=1)
    )
    lines = (
        made.line("h1", "Opening", (1, 480), kind=LineKind.HEADING1),
        made.line("l1", "first words — “quoted” 🎧 end", (1, 9_600), marks=(Mark.STAR,),
                  runs=[(0, 1, 9_600), (6, 1, 19_201), (20, 1, 50_007)]),
        made.line("l2", "checked", (2, 8_001), kind=LineKind.CHECK, indent=2, marks=(Mark.TODO,)),
        made.line("l3", "<script>alert(1)</script> & \\ \" '", (2, 0), indent=1),
        made.line("l4", "no time"),
        made.line("l5", "", None, kind=LineKind.PLAIN),
        made.line("l6", "a slide", (2, 30_000), kind=LineKind.PICTURE, picture="p1"),
        made.line("l7", "the slide again", (2, 31_000), kind=LineKind.PICTURE, picture="p1"),
    )  # fmt: skip
    session = made.session(
        takes,
        lines,
        title="A talk / with: a name",
        summary="In one line.",
        place="Room 1",
        event="The day",
        bookmarks=[(1, 100, ""), (2, 12_345, "here")],
        pictures=[("p1", "pictures/p1.png")],
    )
    words = (Word("first", Frames(100), Frames(400), 0.25), Word("words", Frames(500), Frames(900)))
    segments = (
        Segment(SegmentId("s1"), TakeId("take1"), Frames(100), Frames(900), "first words", words),
        Segment(
            SegmentId("s2"), TakeId("take2"), Frames(5), Frames(60), "said", (), "Speaker 1", True
        ),
    )
    transcript = Transcript("engine", "model", "en", segments)
    return dataclasses.replace(
        session,
        transcript=transcript,
        late_refused=frozenset({lines[1].id}),
        pictures=tuple(dataclasses.replace(p, alt="what it shows") for p in session.pictures),
    )


def write_files(library: Path, session: Session) -> Session:
    """Sound, peaks and pictures as the session says; the session with its peaks named."""
    made.write_sound(library, session.takes)
    takes = []
    for take in session.takes:
        if take.file is None or take.session is not None:
            takes.append(take)
            continue
        peaks = str(Path(take.file).with_suffix(".peaks"))
        make_peaks(library / take.file, library / peaks)
        takes.append(dataclasses.replace(take, peaks=peaks))
    for picture in session.pictures:
        path = library / session.folder / picture.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made.PNG)
    return dataclasses.replace(session, takes=tuple(takes))


def shared(folder: Path, session: Session, kind: str, **options: Any) -> Path:
    """Writes a share of the session (whose files stand in `folder`) and returns it."""
    content = share_content(session, ShareOptions(**options))
    target = folder / f"shared.{'earmark' if kind == 'bundle' else 'html'}"
    write = write_bundle if kind == "bundle" else write_pencast
    return write(content, folder, target, WriteOptions(), replace=True).path


def application(folder: Path) -> Earmark:
    """An application on inline executors; close it."""
    earmark = Earmark(folder, executors=Executors(inline=True))
    earmark.library.opened.result()
    return earmark


def bring(earmark: Earmark, path: Path, on_conflict: Any = "keep") -> Session:
    return earmark.imports.import_share(path, on_conflict).future.result(120)


def same_notes(before: Session, after: Session) -> None:
    """Every line, run, mark, anchor, bookmark, picture and passage is as it was."""
    assert after.lines == before.lines
    assert sorted(after.bookmarks, key=lambda b: b.id) == sorted(
        before.bookmarks, key=lambda b: b.id
    )
    assert [(p.id, p.alt) for p in after.pictures] == [(p.id, p.alt) for p in before.pictures]
    assert without_ids(after.transcript) == without_ids(before.transcript)
    assert after.late_refused == before.late_refused
    for name in ("title", "place", "summary", "created_at"):
        assert getattr(after, name) == getattr(before, name)
    assert (after.event and after.event.title) == (before.event and before.event.title)
    for old, new in zip(before.takes, after.takes, strict=True):
        for name in ("id", "ordinal", "sample_rate", "frames", "started_at", "state", "gaps"):
            assert getattr(new, name) == getattr(old, name), name


def without_ids(transcript: Transcript | None) -> Any:
    if transcript is None:
        return None
    return [dataclasses.replace(s, id=SegmentId("")) for s in transcript.segments]


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sound_of(path: Path) -> np.ndarray:
    return sf.read(path, dtype="float32")[0]
