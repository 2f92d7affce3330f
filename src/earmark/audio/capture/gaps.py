"""Finding what the device did not deliver, by frames against the clock and by stream identity.

A delivery that is late is no loss: it may be caught up with in a burst. So pieces from the first
late one on are held back for a moment. If the burst comes, they are passed on as they are; if
deliveries run on at the pace of the clock and stay behind it, that much is missing, and the gap
stands before the first of them. After a change of stream the same moment of waiting tells how
long the interruption was.
"""

from __future__ import annotations

from typing import NamedTuple

from earmark.audio.clock import SECOND_NS, LowerEnvelope

from .queue import Piece

TOLERANCE_NS = SECOND_NS // 10
"""Less than this behind the clock is jitter."""
ASLEEP_NS = SECOND_NS // 20
"""A computer that was asleep for less was not: the two clocks are not read at one moment."""
WAKING_NS = 10 * SECOND_NS
"""So long after that what is missing is missing because of it."""
SEAM_NS = SECOND_NS // 500
"""A change of stream that lost less than this left no gap."""
SETTLED_NS = SECOND_NS * 4 // 10
MAX_HELD_NS = SECOND_NS * 6 // 10
CATCHING_UP_NS = SECOND_NS // 50
"""A lateness that still shrinks by more than this in `SETTLED_NS` is a burst under way."""


class Pcm(NamedTuple):
    data: bytes


class Missing(NamedTuple):
    frames: int
    cause: str


class GapFinder:
    """Turns pieces into what the journal gets. `frames` counts everything passed on."""

    def __init__(self, rate: int, channels: int) -> None:
        self.clock = LowerEnvelope(rate)
        self.frames = 0
        self.cause = "stall"
        """Why frames would be missing just now; set from outside, used for the next gap."""
        self._rate = rate
        self._unit = 2 * channels
        self._stream: int | None = None
        self._held: list[Piece] = []
        self._changed = False
        self._slept_ns: int | None = None
        self._woke_ns: int | None = None

    @property
    def holding(self) -> bool:
        return bool(self._held)

    def add(self, piece: Piece) -> list[Pcm | Missing]:
        """What to store now, in order; nothing while a decision is awaited."""
        if self._stream is None:
            self._stream = piece.stream
        out = self.wake(piece.slept_ns, piece.arrival_ns)
        if piece.lost:
            out += self.settle()
            out += self._miss(piece.lost, "overrun")
        if piece.stream != self._stream:
            out += self.settle()
            self._stream, self._changed = piece.stream, True
        if not self._held and not self._changed:
            after = self.frames + len(piece.pcm) // self._unit
            if self.clock.late_ns(after, piece.arrival_ns) <= TOLERANCE_NS:
                return out + self._pass(piece)
        self._held.append(piece)
        return out + self._judge()

    def wake(self, slept_ns: int, now_ns: int) -> list[Pcm | Missing]:
        """What is missing because the computer was asleep, by how long it has been in all.

        The monotonic clock stood still meanwhile. What else is missing until the device delivers
        again is found by that clock, and is of the same cause.
        """
        before, self._slept_ns = self._slept_ns, slept_ns
        asleep = 0 if before is None else slept_ns - before
        if asleep < ASLEEP_NS:
            self._slept_ns = slept_ns if before is None else before
            if self._woke_ns is not None and now_ns > self._woke_ns + WAKING_NS:
                self._woke_ns = None
                self.cause = "stall" if self.cause == "suspended" else self.cause
            return []
        out = self.settle()
        out += self._miss(asleep * self._rate // SECOND_NS, "suspended")
        self.clock.shift(asleep)
        self.cause, self._woke_ns = "suspended", now_ns
        return out

    def settle(self) -> list[Pcm | Missing]:
        """Decides at once about what is held."""
        if not self._held:
            return []
        lateness = min(self._lateness())
        changed, self._changed = self._changed, False
        out: list[Pcm | Missing] = []
        if lateness > (SEAM_NS if changed else TOLERANCE_NS):
            out += self._miss(lateness * self._rate // SECOND_NS, self.cause)
        if changed or out:
            self.cause = "stall"
            self.clock.reset()
        held, self._held = self._held, []
        for piece in held:
            out += self._pass(piece)
        return out

    def finish(self, until_ns: int | None, silent_ns: int) -> list[Pcm | Missing]:
        """The end of the take: decides, and fills up to `until_ns` where nothing has come for
        longer than `silent_ns` (the device was away when the take was ended).
        """
        out = self.settle()
        if until_ns is not None and self.clock.zero_ns is not None:
            missing = self.clock.frame_at(until_ns) - self.frames
            if missing * SECOND_NS > silent_ns * self._rate:
                out += self._miss(missing, self.cause)
        return out

    def _lateness(self) -> list[int]:
        frames, found = self.frames, []
        for piece in self._held:
            frames += len(piece.pcm) // self._unit
            found.append(self.clock.late_ns(frames, piece.arrival_ns))
        return found

    def _judge(self) -> list[Pcm | Missing]:
        lateness = self._lateness()
        if not self._changed and lateness[-1] <= TOLERANCE_NS:
            return self.settle()
        now = self._held[-1].arrival_ns
        recent = [
            late
            for late, piece in zip(lateness, self._held, strict=True)
            if piece.arrival_ns > now - SETTLED_NS
        ]
        earlier = lateness[: len(lateness) - len(recent)]
        if earlier and min(recent) > min(earlier) - CATCHING_UP_NS:
            return self.settle()
        if now - self._held[0].arrival_ns < MAX_HELD_NS:
            return []
        if self._changed:
            return self.settle()
        # A long burst: its beginning is stored, for what is only held would be lost at a death.
        out: list[Pcm | Missing] = []
        while self._held[0].arrival_ns < now - SETTLED_NS:
            out += self._pass(self._held.pop(0))
        return out

    def _pass(self, piece: Piece) -> list[Pcm | Missing]:
        self.frames += len(piece.pcm) // self._unit
        self.clock.add(self.frames, piece.arrival_ns)
        return [Pcm(piece.pcm)]

    def _miss(self, frames: int, cause: str) -> list[Pcm | Missing]:
        self.frames += frames
        return [Missing(frames, cause)] if frames > 0 else []
