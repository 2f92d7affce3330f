"""Notes as values: lines, the anchors they point to, and the time runs inside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .marks import Mark
from .units import BookmarkId, Frames, LineId, PictureId, TakeId

MAX_INDENT = 6


class LineKind(StrEnum):
    PLAIN = "plain"
    HEADING1 = "heading1"
    HEADING2 = "heading2"
    HEADING3 = "heading3"
    BULLET = "bullet"
    CHECK = "check"
    PICTURE = "picture"

    @property
    def is_heading(self) -> bool:
        return self in (LineKind.HEADING1, LineKind.HEADING2, LineKind.HEADING3)


@dataclass(frozen=True, slots=True, order=True)
class Anchor:
    """Where a line or a word points: a frame of a take (at the take's own rate)."""

    take: TakeId
    frame: Frames


@dataclass(frozen=True, slots=True)
class EarlyAnchor(Anchor):
    """A moment of a take whose first frame was not told of yet: frame 0 until it is known better.

    `mono_ns` is its `time.monotonic_ns()`; the recorder's `exact` makes the true anchor of it.
    """

    mono_ns: int


@dataclass(frozen=True, slots=True)
class TimeRun:
    """From `offset` (Unicode code points) up to the next run, characters typed at `anchor`.

    `anchor` is None where characters have no time.
    """

    offset: int
    anchor: Anchor | None


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One line of the notes. `runs` is ascending, starts at offset 0, and is empty for no text.

    `anchor` is the line's own: it may differ from the first run's after a re-anchoring.
    A picture line has no text of its own (`text` is its description) and names its `picture`.
    """

    id: LineId
    text: str = ""
    kind: LineKind = LineKind.PLAIN
    indent: int = 0
    checked: bool = False
    marks: tuple[Mark, ...] = ()
    private: bool = False
    anchor: Anchor | None = None
    runs: tuple[TimeRun, ...] = ()
    picture: PictureId | None = None

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        """All moments it points to: its own and its runs'."""
        every = (self.anchor, *(run.anchor for run in self.runs))
        return tuple(anchor for anchor in every if anchor is not None)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A mark dropped without typing."""

    id: BookmarkId
    anchor: Anchor
    label: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a session. `file` is relative to the session's folder, with `/`."""

    id: PictureId
    file: str
    alt: str = ""


def without_private_sign(text: str) -> tuple[str, bool]:
    """Text as somebody typed it, and whether “% ” before it makes its line private.

    The sign is taken off, as the editor does it, wherever lines are typed or read.
    """
    private = text[:1] == "%" and text[1:2].isspace()
    return (text[1:].lstrip(), True) if private else (text, False)


def tidy_runs(text: str, runs: tuple[TimeRun, ...]) -> tuple[TimeRun, ...]:
    """The runs in normal form for `text`: ascending, inside it, neighbours different, first 0."""
    if not text:
        return ()
    kept: list[TimeRun] = []
    for run in sorted(runs, key=lambda r: r.offset):
        if run.offset >= len(text):
            break
        run = run if run.offset > 0 else TimeRun(0, run.anchor)
        if kept and kept[-1].offset == run.offset:
            kept.pop()
        if kept and kept[-1].anchor == run.anchor:
            continue
        kept.append(run)
    if not kept or kept[0].offset > 0:
        kept.insert(0, TimeRun(0, None))
        if len(kept) > 1 and kept[1].anchor is None:
            kept.pop(1)
    return tuple(kept)


def anchor_at(line: NoteLine, offset: int) -> Anchor | None:
    """When the character at `offset` (code points) was typed, or None."""
    found: Anchor | None = None
    for run in line.runs:
        if run.offset > offset:
            break
        found = run.anchor
    return found


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """An earlier state of a session's notes: what they were until `saved_at`."""

    id: str
    saved_at: datetime
    lines: int


@dataclass(frozen=True, slots=True)
class NotesEdit:
    """What one burst of editing did to a session's notes, to be saved in one transaction.

    `order` is every line's id from top to bottom after the edit; `changed` holds each new or
    changed line once; `removed` the ids that are gone.
    """

    order: tuple[LineId, ...]
    changed: tuple[NoteLine, ...] = ()
    removed: tuple[LineId, ...] = ()
