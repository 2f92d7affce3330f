"""Sessions and sound made for the tests of Share."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import soundfile as sf

from earmark.model import (
    Anchor,
    Bookmark,
    BookmarkId,
    Event,
    EventId,
    Frames,
    Gap,
    LineId,
    LineKind,
    Mark,
    NoteLine,
    Picture,
    PictureId,
    SampleRate,
    Segment,
    SegmentId,
    Session,
    SessionId,
    Span,
    Take,
    TakeId,
    TakeState,
    TimeRun,
    Transcript,
    Word,
)

DEMO_TALK = Path(__file__).parents[2] / "assets" / "demo" / "talk.opus"
WHEN = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(4 * (b"\0" + 4 * b"\x2f\x5b\xd7")))
    + _chunk(b"IEND", b"")
)


def take(
    number: int,
    frames: int,
    *,
    rate: int = 48_000,
    off_record: Iterable[tuple[int, int]] = (),
    gaps: Iterable[tuple[int, int]] = (),
    state: TakeState = TakeState.COMPLETE,
    session: str | None = None,
) -> Take:
    return Take(
        TakeId(f"take{number}"),
        number,
        SampleRate(rate),
        1,
        Frames(frames),
        WHEN,
        state,
        None if state is TakeState.RECORDING else f"sessions/s/take{number}.flac",
        "flac",
        tuple(Gap(Frames(at), Frames(n), "overrun") for at, n in gaps),
        off_record=tuple(Span(Frames(at), Frames(n)) for at, n in off_record),
        session=None if session is None else SessionId(session),
    )


def line(
    name: str,
    text: str,
    anchor: tuple[int, int] | None = None,
    *,
    kind: LineKind = LineKind.BULLET,
    indent: int = 0,
    marks: tuple[Mark, ...] = (),
    private: bool = False,
    runs: Iterable[tuple[int, int, int]] = (),
    picture: str | None = None,
) -> NoteLine:
    """`anchor` is (take number, frame); `runs` are (offset, take number, frame)."""

    def at(number: int, frame: int) -> Anchor:
        return Anchor(TakeId(f"take{number}"), Frames(frame))

    own = at(*anchor) if anchor else None
    made = tuple(TimeRun(offset, at(n, frame)) for offset, n, frame in runs)
    if not made and text:
        made = (TimeRun(0, own),)
    return NoteLine(
        LineId(name), text, kind, indent, False, marks, private, own, made,
        None if picture is None else PictureId(picture),
    )  # fmt: skip


def segment(
    number: int, start: int, end: int, text: str, *, speaker: str = "", name: str = ""
) -> Segment:
    """A passage of take `number`; its words share `[start, end)` evenly."""
    words = text.split()
    step = (end - start) // max(1, len(words))
    return Segment(
        SegmentId(name or f"s{number}-{start}"),
        TakeId(f"take{number}"),
        Frames(start),
        Frames(end),
        text,
        tuple(
            Word(word, Frames(start + i * step), Frames(start + (i + 1) * step), 0.9)
            for i, word in enumerate(words)
        ),
        speaker,
    )


def session(
    takes: Iterable[Take],
    lines: Iterable[NoteLine],
    *,
    title: str = "A talk",
    summary: str = "",
    place: str = "",
    event: str | None = None,
    bookmarks: Iterable[tuple[int, int, str]] = (),
    pictures: Iterable[tuple[str, str]] = (),
    segments: Iterable[Segment] | None = None,
) -> Session:
    return Session(
        SessionId("5e5510"),
        title,
        WHEN,
        "sessions/s",
        None if event is None else Event(id=EventId("e1"), title=event),
        place,
        summary,
        tuple(takes),
        tuple(lines),
        tuple(
            Bookmark(BookmarkId(f"b{i}"), Anchor(TakeId(f"take{n}"), Frames(frame)), label)
            for i, (n, frame, label) in enumerate(bookmarks)
        ),
        tuple(Picture(PictureId(name), file, "") for name, file in pictures),
        None if segments is None else Transcript("pywhispercpp", "tiny", "en", tuple(segments)),
    )


def chirps(seconds: float, rate: int, seed: int) -> np.ndarray:
    """Sound that is nowhere like itself: every moment can be found again by correlation."""
    noise = np.random.default_rng(seed)
    places = np.arange(int(seconds * rate)) / rate
    steps = noise.uniform(200, 3000, int(seconds * 8) + 2)
    pitch = np.interp(places * 8, np.arange(len(steps)), steps)
    loud = 0.5 + 0.4 * np.sin(2 * np.pi * places * 1.7)
    return (0.5 * loud * np.sin(2 * np.pi * np.cumsum(pitch) / rate)).astype(np.float32)


def write_sound(library: Path, takes: Iterable[Take]) -> dict[str, np.ndarray]:
    """Writes each own take's file and returns what is in it."""
    made = {}
    for each in takes:
        if each.file is None or each.session is not None:
            continue
        sound = chirps(each.frames / each.sample_rate, each.sample_rate, each.ordinal)
        sound = np.resize(sound, each.frames)
        path = library / each.file
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, sound, each.sample_rate, "PCM_16")
        made[each.id] = sound
    return made


def write_speech(library: Path, takes: Iterable[Take]) -> None:
    """Like `write_sound`, with speech, which Opus keeps; the second take runs backwards."""
    talk, rate = sf.read(DEMO_TALK, dtype="float32")
    for each in takes:
        assert each.file is not None
        step = rate // each.sample_rate
        sound = talk[:: step if each.ordinal == 1 else -step][: each.frames]
        assert len(sound) == each.frames
        path = library / each.file
        path.parent.mkdir(parents=True, exist_ok=True)
        sf.write(path, sound, each.sample_rate, "PCM_16")
