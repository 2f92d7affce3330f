"""Finds pauses and gains of the takes in the background, from their peaks or their sound."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earmark.audio.peakfile import HEADER, MAGIC, RECORD, VERSION, bin_frames
from earmark.model.errors import UnusableMedia

from .priority import be_ordinary
from .readers import Reader, open_reader
from .speech import AROUND, HOP, Flags, Levels, evening_gain, pauses, speech_bins, to_db
from .timeline import TakeSound

BINS_AT_ONCE = 1000
_RECORDS = np.dtype([("low", "<i2"), ("high", "<i2"), ("rms", "<u2")])


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found out about one take; bins of `bin` frames at the take's own rate."""

    bin: int
    speech: Flags
    gain_db: Levels

    def pauses(self) -> list[tuple[int, int]]:
        """Bins `[from, to)` that can be left out."""
        return pauses(self.speech)


class Surveyor:
    """Surveys takes one after the other on a thread of its own; running ones again and again.

    `on_found(index, survey)` is called on that thread. `close` ends it.
    """

    def __init__(
        self, takes: dict[int, TakeSound], on_found: Callable[[int, Survey], None]
    ) -> None:
        self._takes = takes
        self._on_found = on_found
        self._stop = threading.Event()
        self._grew = threading.Event()
        self._thread = threading.Thread(target=self._run, name="surveyor")
        self._thread.start()

    def grew(self) -> None:
        """The running take has more sound."""
        self._grew.set()

    def close(self) -> None:
        self._stop.set()
        self._grew.set()
        self._thread.join()

    def _run(self) -> None:
        be_ordinary()
        for index, take in self._takes.items():
            work = _TakeSurvey(take, self._stop)
            try:
                while not self._stop.is_set():
                    found = work.further()
                    if found is not None and not self._stop.is_set():
                        self._on_found(index, found)
                    if not take.running:
                        break
                    self._grew.wait()
                    self._grew.clear()
                    self._stop.wait(1.0)
            finally:
                work.close()


class _TakeSurvey:
    """One take's levels so far, and what was made of them."""

    def __init__(self, take: TakeSound, stop: threading.Event) -> None:
        self._take = take
        self._stop = stop
        self._levels = np.zeros(0, np.float32)
        self._speech = np.zeros(0, np.bool_)
        self._gain = np.zeros(0, np.float32)
        self._bin = bin_frames(take.reader.rate)
        self._reader: Reader | None = None

    def further(self) -> Survey | None:
        """Takes in what is new; None where nothing is."""
        old = len(self._levels)
        new = self._from_peaks(old)
        if new is None:
            new = self._from_sound(old)
        if not len(new) or self._stop.is_set():
            return None
        self._levels = np.concatenate([self._levels, new])
        # Everything looks at most a minute around, so only the end changes.
        keep = max(0, old - AROUND) // HOP * HOP
        begin = max(0, keep - 2 * AROUND) // HOP * HOP
        part = self._levels[begin:]
        self._speech = np.concatenate([self._speech[:keep], speech_bins(part)[keep - begin :]])
        self._gain = np.concatenate([self._gain[:keep], evening_gain(part)[keep - begin :]])
        return Survey(self._bin, self._speech, self._gain)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def _from_peaks(self, first: int) -> Levels | None:
        """Levels from bin `first` on; None where the peaks are missing, wrong or too short."""
        path = self._take.peaks
        raw = read_peaks(path, self._bin, first) if path is not None else None
        if raw is None:
            return None
        rms: npt.NDArray[np.float64] = raw["rms"].astype(np.float64) / 32768
        if not self._take.running:
            missing = self._take.reader.frames // self._bin - first - len(rms)
            if missing > 1:
                return None
        return to_db(rms)

    def _from_sound(self, first: int) -> Levels:
        if self._reader is None:
            if self._take.path is None:
                return np.zeros(0, np.float32)
            try:
                self._reader = open_reader(self._take.path, self._take.kind)
            except (UnusableMedia, OSError):
                return np.zeros(0, np.float32)
        self._reader.refresh()
        found = []
        whole = self._reader.frames // self._bin
        for start in range(first, whole, BINS_AT_ONCE):
            if self._stop.is_set():
                break
            count = min(BINS_AT_ONCE, whole - start)
            sound = self._reader.read(start * self._bin, count * self._bin)
            power = np.square(sound.reshape(count, self._bin), dtype=np.float64).mean(axis=1)
            found.append(to_db(np.sqrt(power)))
        return np.concatenate(found) if found else np.zeros(0, np.float32)


def read_peaks(path: Path, frames_per_bin: int, first: int = 0) -> npt.NDArray[np.void] | None:
    """The records of a peaks file from bin `first` on; None where it does not fit the take."""
    try:
        with path.open("rb") as file:
            head = file.read(HEADER.size)
            if len(head) < HEADER.size:
                return None
            magic, version, _zero, _rate, per_bin = HEADER.unpack(head)
            if magic != MAGIC or version != VERSION or per_bin != frames_per_bin:
                return None
            file.seek(HEADER.size + first * RECORD.size)
            raw = file.read()
    except OSError:
        return None
    return np.frombuffer(raw[: len(raw) // RECORD.size * RECORD.size], _RECORDS)
