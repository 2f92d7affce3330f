"""The shapes of takes for the waveform: their peaks files, mapped beforehand off the GUI thread."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.model import EarmarkError, Frames, Take, TakeId

from .executors import Executor

if TYPE_CHECKING:
    from earmark.audio.peaks import Peaks

Shape = tuple[Sequence[float], Sequence[float], Sequence[float]]
NOTHING: Shape = ((), (), ())


class Shapes:
    """Opens, refreshes and closes peaks files on its executor; draws from them anywhere."""

    def __init__(self, folder: Path, executor: Executor) -> None:
        self._folder = folder
        self._executor = executor
        self._lock = threading.Lock()
        self._open: dict[TakeId, Peaks] = {}

    def show(self, takes: Iterable[Take]) -> Future[None]:
        """Makes these takes' shapes ready, and lets the others' go."""
        wanted = {take.id: take.peaks for take in takes if take.peaks is not None}
        return self._executor.submit(self._arrange, wanted)

    def refresh(self, take: TakeId) -> Future[None]:
        """Looks how far the shape of a running take reaches by now."""
        return self._executor.submit(self._look_again, take)

    def columns(self, take: TakeId, start: Frames, end: Frames, n: int) -> Shape:
        """(min, max, rms) of `n` equal parts of `[start, end)`, as 16-bit sample values.

        Empty where the take's peaks are not there (yet).
        """
        with self._lock:
            peaks = self._open.get(take)
            if peaks is None:
                return NOTHING
            shape = peaks.columns(start, end, n)
        return shape.low.tolist(), shape.high.tolist(), shape.rms.tolist()

    def close(self) -> None:
        """Lets every file go."""
        self._executor.shutdown()
        self._close(tuple(self._open))

    def _arrange(self, wanted: dict[TakeId, str]) -> None:
        from earmark.audio.peaks import Peaks

        self._close(tuple(take for take in self._open if take not in wanted))
        for take, file in wanted.items():
            path = self._folder / file
            known = self._open.get(take)
            if known is not None and known.path == path and not known.is_replaced():
                with self._lock:
                    known.refresh()
                continue
            try:
                peaks = Peaks.open(path)
            except (OSError, EarmarkError):
                continue  # not written yet, or being made anew: asked for again when it changes
            with self._lock:
                self._open[take] = peaks
            if known is not None:
                known.close()

    def _look_again(self, take: TakeId) -> None:
        with self._lock:
            known = self._open.get(take)
            if known is not None:
                known.refresh()

    def _close(self, takes: tuple[TakeId, ...]) -> None:
        with self._lock:
            for take in takes:
                self._open.pop(take).close()
