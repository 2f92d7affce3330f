"""A running take: pieces in, journal and peaks and figures out. Belongs to the writer's thread."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from typing import Any

from earmark.audio.clock import SECOND_NS, slept_ns
from earmark.audio.manifest import TakeManifest
from earmark.audio.peakfile import Bin, BinMeter

from .files import TakeFiles
from .gaps import GapFinder, Missing, Pcm
from .queue import Piece
from .space import Reserve

Emit = Callable[[dict[str, Any]], None]
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
LAST_PIECE_NS = SECOND_NS * 6 // 10
"""How long after Stop the sound of its moment is awaited."""
CLOCK_EVENT_NS = SECOND_NS // 2
RETRY_SECONDS = 0.5
SILENCE_SECONDS = 600


class RunningTake:
    """Stores one take. `emit` takes events and may be called from any thread."""

    def __init__(
        self,
        manifest: TakeManifest,
        files: TakeFiles,
        reserve: Reserve,
        emit: Emit,
        slept: Callable[[], int] = slept_ns,
    ) -> None:
        assert files.journal is not None
        self.manifest = manifest
        self._files = files
        self.journal = files.journal
        self._reserve = reserve
        self._emit = emit
        self._slept = slept
        self.finder = GapFinder(manifest.rate, manifest.channels)
        self._meter = BinMeter(manifest.rate, manifest.channels)
        self._unit = 2 * manifest.channels
        self._clock_told_ns = 0
        self.busy_since_ns: int | None = None
        """Since when the writer waits for the disk; None while it does not."""
        self.started = False
        self.begun = threading.Event()
        """Set with the first frames stored, or with the end."""
        self.ended: str | None = None
        self.sealed = False
        self._finish_ns: int | None = None
        self._finish_reason = ""
        self._peaks_whole = True

    def finish_at(self, mono_ns: int, reason: str) -> None:
        """Asks for the end: what was captured up to that moment is stored first."""
        self._finish_reason = self._finish_reason or reason
        self._finish_ns = self._finish_ns or mono_ns

    @property
    def finishing(self) -> bool:
        return self._finish_ns is not None

    def add(self, piece: Piece) -> list[Bin]:
        """Stores a piece, or what it lets be decided; the bins (10 ms) of sound that completed."""
        bins = self._store(self.finder.add(piece))
        self._after(piece.arrival_ns)
        return bins

    def tick(self) -> None:
        """Call a few times a second also when nothing arrives."""
        self._after(None)

    def clock_event(self) -> dict[str, Any] | None:
        zero = self.finder.clock.zero_ns
        if zero is None:
            return None
        return {
            "ev": "clock",
            "take": self.manifest.take,
            "zero_ns": zero,
            "rate": self.manifest.rate,
            "frames": self.finder.frames,
        }

    def _after(self, arrival_ns: int | None) -> None:
        now = arrival_ns or time.monotonic_ns()
        if now - self._clock_told_ns >= CLOCK_EVENT_NS and (event := self.clock_event()):
            self._clock_told_ns = now
            self._emit(event)
        if self._finish_ns is None or self.ended is not None:
            return
        reached = self.finder.frames >= self.finder.clock.frame_at(self._finish_ns)
        if (reached and self.started) or time.monotonic_ns() > self._finish_ns + LAST_PIECE_NS:
            self._finish(self._finish_ns)

    def _finish(self, at_ns: int) -> None:
        if self._finish_reason != "disk-full":
            self._store(self.finder.wake(self._slept(), at_ns))
            self._store(self.finder.finish(at_ns, LAST_PIECE_NS))
        if self.ended is None:
            self._end(self._finish_reason)

    def _store(self, found: list[Pcm | Missing]) -> list[Bin]:
        bins: list[Bin] = []
        for item in found:
            if self.ended is not None:
                break
            if isinstance(item, Pcm):
                data = self._up_to_finish(item.data)
                heard = self._meter.add(data)
                bins += heard
                self._write(lambda data=data: self.journal.append(data), heard)  # type: ignore[misc]
                self._tell_started()
            else:
                self._store_gap(item)
        return bins

    def _store_gap(self, gap: Missing) -> None:
        at = self.journal.frames
        self._write(lambda: self.journal.gap(gap.frames, gap.cause), [])
        left = gap.frames
        while left > 0:  # a night's sleep as bins at once would need more memory than all the rest
            part = min(left, SILENCE_SECONDS * self.manifest.rate)
            self._write_peaks(self._meter.add_silence(part, self.manifest.channels))
            left -= part
        self._emit(
            {
                "ev": "gap",
                "take": self.manifest.take,
                "frame": at,
                "frames": gap.frames,
                "cause": gap.cause,
            }
        )
        self._clock_told_ns = 0

    def _up_to_finish(self, pcm: bytes) -> bytes:
        """The last piece without what was captured after the moment of Stop."""
        if self._finish_ns is None or self.finder.clock.zero_ns is None:
            return pcm
        end = self.finder.clock.frame_at(self._finish_ns)
        return pcm[: max(0, end - self.journal.frames) * self._unit]

    def _tell_started(self) -> None:
        if not self.started and self.journal.frames:
            self.started = True
            self.begun.set()
            event = {"ev": "recording", "take": self.manifest.take}
            self._emit({**event, "mono_ns": self.finder.clock.zero_ns})

    def _write(self, put: Callable[[], None], bins: list[Bin]) -> None:
        """Until it is written: only a full disk or the person ends a recording."""
        self.busy_since_ns = time.monotonic_ns()
        while True:
            try:
                put()
                break
            except OSError as error:
                if error.errno in FULL:
                    self._full(put)
                    break
                if self._given_up():
                    self._end("error")
                    break
                time.sleep(RETRY_SECONDS)
        self.busy_since_ns = None
        self._write_peaks(bins)

    def _given_up(self) -> bool:
        end = self._finish_ns
        return end is not None and time.monotonic_ns() > end + 2 * SECOND_NS

    def _full(self, put: Callable[[], None]) -> None:
        """The reserve lets the piece at hand and the seal be written."""
        self._reserve.release()
        self._emit({"ev": "warning", "kind": "disk-full", "on": True, "take": self.manifest.take})
        try:
            put()
        except OSError:
            pass  # another program was quicker: the take ends one piece earlier
        self._end("disk-full")

    def _write_peaks(self, bins: list[Bin]) -> None:
        if self._peaks_whole and bins and self._files.peaks is not None:
            try:
                self._files.peaks.write(bins)
            except OSError:
                self._peaks_whole = False  # made again when the take is kept

    def _end(self, reason: str) -> None:
        try:
            self.journal.seal(reason)
            self.journal.sync()
            self.sealed = True
        except OSError:
            self.sealed = False
        self._write_peaks(self._meter.finish())
        self.ended = reason
        self.begun.set()
        frames = self.journal.frames
        self._files.close()
        self._emit(
            {
                "ev": "stopped",
                "take": self.manifest.take,
                "frames": frames,
                "reason": reason,
                "sealed": self.sealed,
            }
        )
