"""How loud it is, whether somebody speaks, and what of it deserves an alarm."""

from __future__ import annotations

import importlib
import math
import sys
from array import array
from dataclasses import dataclass

from earmark.audio.peakfile import Bin, rms_of

FLOOR_DB = -120.0
QUIET_DB = -45.0
QUIET_SECONDS = 20.0
SILENT_SECONDS = 3.0
CLIPPED_SAMPLES = 3
"""So many samples at the end of the range within a second are clipping."""
CLIPPING_SECONDS = 5.0
"""A clipping alarm goes this long after the last clipped sample."""
_VAD_MODE = 2
_VAD_FRAME_MS = 30


def decibels(value: float) -> float:
    """16-bit sample steps as dBFS; -120 for silence."""
    if value <= 0:
        return FLOOR_DB
    return max(FLOOR_DB, round(20 * math.log10(value / 32768), 1))


@dataclass(frozen=True, slots=True)
class Level:
    """Of one piece of sound. dBFS."""

    rms_db: float
    peak_db: float
    clipped: int
    speech: bool
    digital_silence: bool
    seconds: float


class SpeechFinder:
    """Voice activity, by WebRTC's detector, on one channel."""

    def __init__(self, rate: int, channels: int) -> None:
        # The C module itself: its wrapper loads importlib.metadata (4 MB) for a version string.
        vad = importlib.import_module("_webrtcvad")
        self._vad = vad
        self._rate, self._channels = rate, channels
        self._detector = vad.create()
        vad.init(self._detector)
        vad.set_mode(self._detector, _VAD_MODE)
        self._frames = rate * _VAD_FRAME_MS // 1000
        self._usable = bool(vad.valid_rate_and_frame_length(rate, self._frames))
        self._rest = b""

    def heard(self, pcm: bytes) -> bool:
        """Whether at least a third of the sound looks like speech."""
        if not self._usable:
            return False
        if self._channels > 1:
            samples = array("h")
            samples.frombytes(pcm)
            pcm = samples[:: self._channels].tobytes()
        data = self._rest + pcm
        size = 2 * self._frames
        whole = len(data) // size
        voiced = sum(
            self._vad.process(
                self._detector, self._rate, data[i * size : (i + 1) * size], self._frames
            )
            for i in range(whole)
        )
        self._rest = data[whole * size :]
        return whole > 0 and 3 * voiced >= whole


def level_of(bins: list[Bin], speech: bool) -> Level:
    """The level of whole bins (10 ms each)."""
    peak = max((max(b.high, -b.low) for b in bins), default=0)
    return Level(
        decibels(rms_of(bins)),
        decibels(peak),
        sum(b.clipped for b in bins),
        speech,
        peak == 0,
        len(bins) / 100,
    )


class LevelAlarms:
    """Digital silence, too quiet, clipping: which alarms begin or end with each level."""

    def __init__(self) -> None:
        self._on: set[str] = set()
        self._silent = self._quiet = 0.0
        self._unclipped = CLIPPING_SECONDS
        self._clipped: list[tuple[float, int]] = []

    def add(self, level: Level) -> list[tuple[str, bool]]:
        """`(kind, on)` of what changed."""
        self._silent = self._silent + level.seconds if level.digital_silence else 0.0
        self._quiet = self._quiet + level.seconds if level.rms_db < QUIET_DB else 0.0
        self._unclipped = 0.0 if level.clipped else self._unclipped + level.seconds
        self._clipped = [(age + level.seconds, n) for age, n in self._clipped if age < 1.0]
        self._clipped.append((0.0, level.clipped))
        clipping = sum(n for _age, n in self._clipped) >= CLIPPED_SAMPLES or (
            "clipping" in self._on and self._unclipped < CLIPPING_SECONDS
        )
        return [
            change
            for kind, now in (
                ("digital-silence", self._silent >= SILENT_SECONDS),
                ("quiet", self._quiet >= QUIET_SECONDS and self._silent < SILENT_SECONDS),
                ("clipping", clipping),
            )
            if (change := self._switch(kind, now))
        ]

    def end(self) -> list[tuple[str, bool]]:
        """The take is over: what was on goes off."""
        return [change for kind in sorted(self._on) if (change := self._switch(kind, False))]

    def _switch(self, kind: str, now: bool) -> tuple[str, bool] | None:
        if now == (kind in self._on):
            return None
        (self._on.add if now else self._on.discard)(kind)
        return kind, now


if sys.byteorder == "big":  # pragma: no cover
    raise ImportError("capture writes the machine's own byte order and needs little-endian")
