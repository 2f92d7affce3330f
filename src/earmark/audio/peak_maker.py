"""Making peaks with numpy: of WAVs, journals and any decoded sound.

The file's form is `peakfile`'s; capture writes the same without numpy.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earmark.model.files import write_atomically
from earmark.model.units import Frames

from . import peakfile
from .journal import JournalReader
from .pcm import BLOCK_FRAMES, Block, Progress, read_blocks, silence
from .peaks import RECORD, Records
from .riff import Sound, wav_sound

_BATCH = 256
"""Bins measured at once: their float copy stays in the processor's cache."""
_WINDOW = 64 << 20
"""Bytes of a WAV mapped at once, so that a memory limit never stands in the way."""


def measure(samples: npt.NDArray[np.int16]) -> Records:
    """Records of an array of shape (bins, samples per bin), all channels of a bin in one row."""
    records = np.zeros(len(samples), RECORD)
    if not samples.size:
        return records
    floats = np.empty((min(_BATCH, len(samples)), samples.shape[1]), np.float32)
    for start in range(0, len(samples), _BATCH):
        rows = samples[start : start + _BATCH]
        part = records[start : start + _BATCH]
        rows.min(axis=1, out=part["low"])
        rows.max(axis=1, out=part["high"])
        copy = floats[: len(rows)]
        np.copyto(copy, rows)
        mean = np.einsum("ij,ij->i", copy, copy) / np.float32(samples.shape[1])
        part["rms"] = np.rint(np.sqrt(mean))
    return records


class PeakMaker:
    """Gathers the bins of sound that passes by, block by block."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._bin = peakfile.bin_frames(rate)
        self._rest: Block | None = None
        self._records: list[Records] = []

    def add(self, block: Block) -> None:
        """Frames of shape (frames, channels)."""
        if self._rest is not None and len(self._rest):
            block = np.concatenate((self._rest, block))
        whole = len(block) // self._bin * self._bin
        if whole:
            rows = np.ascontiguousarray(block[:whole]).reshape(whole // self._bin, -1)
            self._records.append(measure(rows))
        self._rest = block[whole:].copy()

    def through(self, blocks: Iterable[Block]) -> Iterator[Block]:
        for block in blocks:
            self.add(block)
            yield block

    def save(self, path: Path) -> None:
        """Writes the peaks file, its last, shorter bin included, in one step."""
        last = []
        if self._rest is not None and len(self._rest):
            last = [measure(np.ascontiguousarray(self._rest).reshape(1, -1))]
        data = b"".join(records.tobytes() for records in (*self._records, *last))
        write_atomically(path, peakfile.pack_header(self.rate) + data)


def journal_blocks(reader: JournalReader, frames: int = BLOCK_FRAMES) -> Iterator[Block]:
    """A journal's frames, gaps as silence."""
    at = 0
    while at < reader.frames:
        raw = reader.read(at, frames)
        block = np.frombuffer(raw, "<i2").reshape(-1, reader.channels)
        if not len(block):
            # Frames that were there a moment ago cannot be read: their length still holds.
            yield from silence(reader.frames - at, reader.channels)
            return
        yield block
        at += len(block)


def make_peaks(source: Path, target: Path, on_progress: Progress | None = None) -> Frames:
    """Makes the peaks file of a sound file; its frames. 16-bit WAVs are mapped, others decoded.

    Raises soundfile.LibsndfileError, OSError.
    """
    sound = wav_sound(source)
    if sound is not None and sound.pcm16:
        return _of_wav(source, sound, target, on_progress)
    import soundfile as sf

    info = sf.info(source)
    maker = PeakMaker(info.samplerate)
    frames = 0
    for block in maker.through(read_blocks(source)):
        frames += len(block)
        if on_progress:
            on_progress(frames / max(1, info.frames, frames))
    maker.save(target)
    return Frames(frames)


def _of_wav(source: Path, sound: Sound, target: Path, on_progress: Progress | None) -> Frames:
    unit = 2 * sound.channels
    # what libsndfile reads of a take: no more than its header says
    size = sound.size if sound.declared is None else min(sound.size, sound.declared)
    frames = size // unit
    bytes_of_bin = peakfile.bin_frames(sound.rate) * unit
    step = max(1, _WINDOW // bytes_of_bin) * bytes_of_bin
    end = sound.offset + frames * unit
    maker = PeakMaker(sound.rate)
    with source.open("rb") as file:
        for start in range(sound.offset, end, step):
            first = start // mmap.ALLOCATIONGRANULARITY * mmap.ALLOCATIONGRANULARITY
            stop = min(start + step, end)
            populate = getattr(mmap, "MAP_POPULATE", 0)
            with mmap.mmap(
                file.fileno(),
                stop - first,
                mmap.MAP_SHARED | populate,
                mmap.PROT_READ,
                offset=first,
            ) as mapped:
                samples = np.frombuffer(mapped, "<i2", (stop - start) // 2, start - first)
                maker.add(samples.reshape(-1, sound.channels))
                del samples
            if on_progress:
                on_progress((stop - sound.offset) / (frames * unit))
    maker.save(target)
    return Frames(frames)


def are_whole(path: Path, rate: int, frames: int) -> bool:
    """Whether the peaks file holds a bin for each of so many frames."""
    try:
        with path.open("rb") as file:
            head = file.read(peakfile.HEADER.size)
            size = os.fstat(file.fileno()).st_size
    except OSError:
        return False
    bins = -(-frames // peakfile.bin_frames(rate))
    return (
        head == peakfile.pack_header(rate) and size == peakfile.HEADER.size + bins * RECORD.itemsize
    )
