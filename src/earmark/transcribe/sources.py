"""Where a take's sound comes from: its kept file, or what is being recorded now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from earmark.mixing import Mixer, mono_of
from earmark.model.errors import NotFound, UnusableMedia
from earmark.model.i18n import _

from .engines import Samples
from .resampler import Resampler, first_frame, grid, sample_at

WARM_UP_SECONDS = 12
"""Heard again before a place where work goes on, so that the room's noise is known there."""
_BLOCK_SECONDS = 2


def begin_at(start: int, rate: int, warm_up: float) -> tuple[int, int]:
    """The first frame to read and the first sample to make, for work from frame `start` on."""
    step = grid(rate)
    sample = max(0, sample_at(start, rate) - int(warm_up * 16_000)) // step * step
    return first_frame(sample, rate), sample


class FileSound:
    """A take's file through libsndfile: FLAC, Ogg Opus or Vorbis, WAV, mp3."""

    def __init__(self, path: Path, start: int, rate: int | None = None) -> None:
        """Raises NotFound or UnusableMedia. `rate` is the take's, where it is known."""
        try:
            self._file = soundfile.SoundFile(str(path))
        except (soundfile.SoundFileError, OSError) as error:
            if not path.exists():
                raise NotFound(
                    _("The recording's file is not there."),
                    _("Put it back into the session's folder and try again."),
                ) from error
            raise UnusableMedia(
                _("The recording's file cannot be read."),
                _("Check it with `earmark doctor`; the file itself was not touched."),
            ) from error
        self.rate = int(self._file.samplerate)
        self.frames = int(self._file.frames)
        if rate and rate != self.rate:
            self.close()
            raise UnusableMedia(
                _("The recording's file has another sample rate than the library says."),
                _("Check it with `earmark doctor`; the file itself was not touched."),
            )
        first, self.first_sample = begin_at(start, self.rate, WARM_UP_SECONDS)
        self._first = min(first, self.frames)
        self._resampler = Resampler(self.rate, self._first, self.first_sample)

    def blocks(self) -> Iterator[Samples]:
        """Samples at 16 kHz from `first_sample` to the end of the take."""
        at, mono = self._first, mono_of(self._file)
        try:
            while at < self.frames:
                sound = mono.read(at, min(_BLOCK_SECONDS * self.rate, self.frames - at))
                if not len(sound):
                    break
                at += len(sound)
                yield self._resampler.push(sound)
        except soundfile.SoundFileError:
            pass  # damaged from here on: what was readable is told, the rest is silence
        yield self._resampler.finish(at)

    def close(self) -> None:
        self._file.close()


class LiveSound:
    """16-bit little-endian PCM as it is recorded, from frame `start` on."""

    def __init__(self, start: int, rate: int, channels: int) -> None:
        self.rate = rate
        self.frames = start
        self._channels = channels
        _first, self.first_sample = begin_at(start, rate, 0)
        self._resampler = Resampler(rate, start, self.first_sample)
        self._mixer = Mixer(rate, start)
        self._odd = b""

    def push(self, pcm: bytes) -> Samples:
        """Samples at 16 kHz, as many as can be told now."""
        pcm = self._odd + pcm
        whole = len(pcm) - len(pcm) % (2 * self._channels)
        self._odd = pcm[whole:]
        sound = np.frombuffer(pcm[:whole], "<i2").astype(np.float32) / np.float32(32768)
        sound = sound.reshape(-1, self._channels)
        self.frames += len(sound)
        return self._resampler.push(self._mixer.add(sound))

    def finish(self) -> Samples:
        rest = self._resampler.push(self._mixer.finish())
        return np.concatenate((rest, self._resampler.finish(self.frames)))
