"""Readers: exact random access to one take's sound, mono, at the take's own rate."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile

from earmark.audio.journal import JournalReader
from earmark.mixing import MonoReader
from earmark.model.errors import UnusableMedia

from .units import Samples, silence


class Reader(Protocol):
    """`read(frame, count)` gives fewer frames than asked only at the end."""

    @property
    def rate(self) -> int: ...

    @property
    def frames(self) -> int: ...

    @property
    def growing(self) -> bool:
        """More may be appended."""

    def read(self, frame: int, count: int) -> Samples: ...

    def refresh(self) -> None:
        """Sees what was appended since."""

    def close(self) -> None: ...


class FileReader:
    """A take in its kept form (FLAC, Opus, Vorbis, WAV, mp3 with an index) through libsndfile."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = soundfile.SoundFile(str(path))
        except soundfile.SoundFileError as error:
            raise UnusableMedia(str(error)) from error
        self.rate = int(self._file.samplerate)
        self.frames = int(self._file.frames)
        self._mono = MonoReader(self._decoded, self.rate, self._file.channels)
        self._at = 0
        self.damaged = False
        """Something could not be decoded: it was read as silence."""

    def read(self, frame: int, count: int) -> Samples:
        frame = max(0, frame)
        count = min(count, self.frames - frame)
        return self._mono.read(frame, count) if count > 0 else silence(0)

    def _decoded(self, frame: int, count: int) -> Samples:
        """All channels, a row for each frame."""
        count = min(count, self.frames - frame)
        try:
            if frame != self._at:
                self._file.seek(frame)
            got: Samples = self._file.read(count, dtype="float32", always_2d=True)
        except soundfile.SoundFileError:
            self._at = -1
            got = np.zeros((0, self._file.channels), np.float32)
        else:
            self._at = frame + len(got)
        if len(got) < count:
            self.damaged = True
            got = np.pad(got, ((0, count - len(got)), (0, 0)))
        return got

    growing = False

    def refresh(self) -> None:
        """A kept file never changes."""

    def close(self) -> None:
        self._file.close()


class JournalSound:
    """A take in its journal, also while it is being written: gaps are silence."""

    def __init__(self, path: Path) -> None:
        self._journal = JournalReader(path, verify=False)
        self.rate = int(self._journal.rate)
        self._mono = MonoReader(self._stored, self.rate, self._journal.channels)

    @property
    def frames(self) -> int:
        return int(self._journal.frames)

    @property
    def growing(self) -> bool:
        return not self._journal.sealed

    def read(self, frame: int, count: int) -> Samples:
        return self._mono.read(max(0, frame), max(0, count))

    def _stored(self, frame: int, count: int) -> Samples:
        """All channels, a row for each frame."""
        pcm = np.frombuffer(self._journal.read(frame, count), "<i2")
        return (pcm.astype(np.float32) / np.float32(32768)).reshape(-1, self._journal.channels)

    def refresh(self) -> None:
        self._journal.refresh()

    def close(self) -> None:
        self._journal.close()


class Unreadable:
    """Stands for a take that cannot be read: silence of its length, so that times stay right."""

    def __init__(self, rate: int, frames: int) -> None:
        self.rate = rate
        self.frames = frames

    def read(self, frame: int, count: int) -> Samples:
        return silence(min(count, self.frames - max(0, frame)))

    growing = False

    def refresh(self) -> None:
        """Nothing can come."""

    def close(self) -> None:
        """Nothing is open."""


def open_reader(path: Path, kind: str) -> Reader:
    """Raises UnusableMedia or OSError where the take cannot be read."""
    return JournalSound(path) if kind == "journal" else FileReader(path)
