"""Which frames of a take leave the library, and where they come to lie in what is shared."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from earmark.model import Frames, Gap, Span

LEFT_OUT = "left-out"
"""The cause of the short silence between two stretches of a selection."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames `[start, end)` of the take, lying at `at` in the shared one."""

    start: int
    end: int
    at: int


class Kept:
    """The stretches of one take that are shared, in order, and the silences between them.

    `frames` is the length of the shared take. `breath` frames of silence stand where something
    was left out (0: cut without a trace).
    """

    def __init__(self, spans: Iterable[Span], breath: int = 0) -> None:
        pieces: list[Piece] = []
        at = 0
        for span in spans:
            if pieces:
                at += breath
            pieces.append(Piece(span.frame, span.end, at))
            at += span.frames
        self.pieces = tuple(pieces)
        self.frames = Frames(at)
        self._starts = [piece.start for piece in pieces]

    def moved(self, frame: int) -> Frames:
        """Where a frame of the take lies in the shared one; a cut one: where it was cut."""
        index = bisect_right(self._starts, frame) - 1
        if index < 0:
            return Frames(0)
        piece = self.pieces[index]
        if frame < piece.end or index + 1 == len(self.pieces):
            return Frames(piece.at + min(frame, piece.end) - piece.start)
        return Frames(self.pieces[index + 1].at)

    def holds(self, frame: int) -> bool:
        """Whether this moment is shared."""
        index = bisect_right(self._starts, frame) - 1
        return index >= 0 and frame <= self.pieces[index].end

    def covers(self, start: int, end: int) -> bool:
        """Whether all of `[start, end)` is shared."""
        index = bisect_right(self._starts, start) - 1
        return index >= 0 and start < self.pieces[index].end and end <= self.pieces[index].end

    def gaps(self, gaps: Iterable[Gap]) -> tuple[Gap, ...]:
        """The gaps inside what is kept, moved; and one of cause `left-out` for each breath."""
        moved: list[Gap] = []
        for gap in gaps:
            for piece in self.pieces:
                start = max(gap.frame, piece.start)
                end = min(gap.frame + gap.frames, piece.end)
                if start < end:
                    at = piece.at + start - piece.start
                    moved.append(Gap(Frames(at), Frames(end - start), gap.cause))
        for before, after in zip(self.pieces, self.pieces[1:], strict=False):
            end = before.at + before.end - before.start
            if after.at > end:
                moved.append(Gap(Frames(end), Frames(after.at - end), LEFT_OUT))
        return tuple(sorted(moved, key=lambda gap: gap.frame))


def joined(spans: Iterable[Span], frames: int) -> list[Span]:
    """The spans clamped to `[0, frames)`, in order, touching ones made one, empty ones dropped."""
    done: list[Span] = []
    for span in sorted(spans, key=lambda s: s.frame):
        start, end = max(0, span.frame), min(span.end, frames)
        if start >= end:
            continue
        if done and start <= done[-1].end:
            before = done.pop()
            start, end = before.frame, max(before.end, end)
        done.append(Span(Frames(start), Frames(end - start)))
    return done


def without(spans: Iterable[Span], cut: Iterable[Span], frames: int) -> list[Span]:
    """What is left of `spans` when `cut` is taken away."""
    left = joined(spans, frames)
    for hole in joined(cut, frames):
        rest: list[Span] = []
        for span in left:
            for start, end in (
                (span.frame, min(span.end, hole.frame)),
                (max(span.frame, hole.end), span.end),
            ):
                if start < end:
                    rest.append(Span(Frames(start), Frames(end - start)))
        left = rest
    return left
