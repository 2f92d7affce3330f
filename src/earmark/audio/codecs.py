"""The kept forms of a take, FLAC and Ogg Opus: encoded streaming, verified by decoding every frame.

FLAC must give back the very bytes; Opus the same number of frames, alike stretch by stretch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile as sf

from .pcm import Block, PartWriter, read_blocks

FLAC = "flac"
OPUS = "opus"
OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
_FORMS = {FLAC: ("FLAC", "PCM_16"), OPUS: ("OGG", "OPUS")}
_OPUS_COMPRESSION = 0.88
"""libsndfile's scale from 256 down to 6 kbit/s a channel: about 36, clear for speech."""
_FLAC_MAX_RATE = 655_350

Source = Callable[[], Iterator[Block]]
"""Starts reading the original from its beginning: called once to encode, again to compare."""

STRETCH_SECONDS = 5
ALIKE = 0.5
"""Least correlation of a stretch with its decoded form. Speech gives ≥ 0.9, shifted or foreign
sound about 0; noise can fall below, and is then kept as FLAC."""
_DECIMATE = 8
QUIET = 60.0
"""Stretches below this rms (of 32768; about −55 dBFS) say nothing by their correlation."""


class NotVerified(ValueError):
    """What was decoded is not what was encoded."""


def best_codec(asked: str, rate: int, channels: int) -> str:
    """The codec to use: Opus only where asked for and where it can carry the sound as it is."""
    return OPUS if asked == OPUS and rate in OPUS_RATES and channels <= 2 else FLAC


def flac_can(rate: int) -> bool:
    """Whether FLAC's frame headers can name this rate."""
    return rate < 65_536 or (rate % 10 == 0 and rate <= _FLAC_MAX_RATE)


def writer(final: Path, rate: int, channels: int, codec: str) -> PartWriter:
    """A part file of that codec, to be placed at `final`."""
    compression = _OPUS_COMPRESSION if codec == OPUS else None
    return PartWriter(final, rate, channels, _FORMS[codec], compression)


class Digest:
    """Counts and hashes the frames that pass through."""

    def __init__(self) -> None:
        self.frames = 0
        self._hash = hashlib.sha256()

    def add(self, block: Block) -> None:
        self.frames += len(block)
        self._hash.update(np.ascontiguousarray(block, "<i2").data)

    @property
    def value(self) -> tuple[int, bytes]:
        return self.frames, self._hash.digest()


def verify(path: Path, codec: str, source: Source, on_frames: Callable[[int], None]) -> None:
    """Decodes every frame of `path` and compares it with the source. Raises NotVerified.

    `on_frames` is called with the number of frames compared so far.
    """
    try:
        if codec == FLAC:
            expected = Digest()
            for block in source():
                expected.add(block)
            verify_exact(path, expected, on_frames)
        else:
            _verify_alike(path, source, on_frames)
    except sf.LibsndfileError as error:
        raise NotVerified(f"cannot be decoded: {error}") from error


def verify_exact(path: Path, expected: Digest, on_frames: Callable[[int], None]) -> None:
    """Decodes every frame and compares it with what passed through. Raises NotVerified."""
    found = Digest()
    for block in read_blocks(path):
        found.add(block)
        on_frames(found.frames)
    if found.value != expected.value:
        raise NotVerified(f"{found.frames} frames decoded, {expected.frames} expected, not equal")


def _verify_alike(path: Path, source: Source, on_frames: Callable[[int], None]) -> None:
    with sf.SoundFile(path) as file:
        stretch = STRETCH_SECONDS * file.samplerate
    seen = 0
    wanted, got = stretches(source(), stretch), stretches(read_blocks(path), stretch)
    for original in wanted:
        decoded = next(got, original[:0])
        seen += len(decoded)
        if len(decoded) != len(original):
            raise NotVerified(f"ends at frame {seen}")
        if not alike(original, decoded):
            raise NotVerified(f"differs before frame {seen}")
        on_frames(seen)
    if next(got, None) is not None:
        raise NotVerified("longer than the original")


def stretches(blocks: Iterable[Block], frames: int) -> Iterator[Block]:
    """The same sound cut anew: `frames` each, the last one shorter, none empty."""
    waiting: list[Block] = []
    count = 0
    for block in blocks:
        while len(block):
            taken, block = block[: frames - count], block[frames - count :]
            waiting.append(taken)
            count += len(taken)
            if count == frames:
                yield np.concatenate(waiting)
                waiting, count = [], 0
    if count:
        yield np.concatenate(waiting)


def alike(original: Block, decoded: Block) -> bool:
    """Whether two stretches of one length are the same sound, as far as a lossy codec keeps it.

    Compared after averaging 8 frames: where speech has its energy and coders keep the wave form.
    """
    x, y = _thinned(original), _thinned(decoded)
    loud = float(np.sqrt(np.mean(x * x))) if x.size else 0.0
    if loud < QUIET:
        return not y.size or float(np.sqrt(np.mean(y * y))) < 4 * QUIET
    scale = float(np.linalg.norm(x) * np.linalg.norm(y))
    return scale > 0 and float(np.vdot(x, y)) / scale >= ALIKE


def _thinned(block: Block) -> npt.NDArray[np.float32]:
    whole = block[: len(block) // _DECIMATE * _DECIMATE].astype(np.float32)
    if not len(whole):
        return block.astype(np.float32)
    thin: npt.NDArray[np.float32] = whole.reshape(-1, _DECIMATE, block.shape[1]).mean(axis=1)
    return thin
