"""Stretches of a take's file become silence of the same length, for good (decision record 12).

Can be killed anywhere and run again: the old file stands until the new one is verified, and
silence over silence is the same silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile as sf

from earmark.model.errors import EarmarkError, UnusableMedia
from earmark.model.i18n import _
from earmark.model.places import take_file
from earmark.model.units import TakeId

from ..codecs import FLAC, OPUS, QUIET, NotVerified, flac_can, verify, writer
from ..pcm import BLOCK_FRAMES, PartWriter, Progress, read_blocks
from ..peak_maker import PeakMaker

Samples = npt.NDArray[Any]
"""Frames of int16, or of int32 with 24 bits that count."""
Interval = tuple[int, int]
"""First frame and the one after the last."""

_DEEP = ("PCM_24", "PCM_32", "FLOAT", "DOUBLE")
"""What holds more than 16 bits a sample: it becomes FLAC of 24."""
_ENCODED = 0.55


def silence(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The take with zeros in `spans`: `{"file", "codec", "peaks"}`, verified and in place.

    Kept files keep their name and codec, where the result verifies; everything else becomes
    `take-….flac` beside it. Outside the spans FLAC is the same bit for bit. Raises EarmarkError
    with nothing changed.
    """
    library, folder = Path(job["library"]), str(job["folder"])
    source, frames = library / job["source"], int(job["frames"])
    spans = [(int(first), int(first) + int(count)) for first, count in job["spans"]]
    try:
        with sf.SoundFile(source) as file:
            rate, channels, subtype = file.samplerate, file.channels, file.subtype
    except (sf.LibsndfileError, OSError) as error:
        raise _unreadable() from error
    if rate != int(job["rate"]) or not flac_can(rate):
        raise _unreadable()
    codecs = (OPUS, FLAC) if job["codec"] == OPUS else (FLAC,)
    for codec in codecs:
        name = take_file(int(job["ordinal"]), TakeId(job["take"]), codec)
        if codec == OPUS and source.name != name:
            continue  # an imported file is never written over
        making = _Making(source, frames, spans, channels, codec, subtype in _DEEP, progress)
        if making.place(library / folder / name, rate):
            making.peaks.save(library / job["peaks"])
            return {"file": f"{folder}/{name}", "codec": codec, "peaks": job["peaks"]}
    raise EarmarkError(
        _("A recording with its off-the-record stretches cut did not come out as it went in."),
        _("Nothing was changed in it; check the disk, then ask again."),
    )


class _Making:
    """One attempt, in one codec."""

    def __init__(
        self,
        source: Path,
        frames: int,
        spans: Sequence[Interval],
        channels: int,
        codec: str,
        deep: bool,
        progress: Progress,
    ) -> None:
        self._source, self._frames, self._spans = source, frames, spans
        self._channels, self._codec, self._deep = channels, codec, deep
        self._progress = progress
        self._was_silent = True
        self.peaks: PeakMaker

    def place(self, target: Path, rate: int) -> bool:
        """Whether the verified file now stands at `target`. FLAC that is silent there already
        stays as it is; of Opus nobody can tell, as it never gives back zeros."""
        with self._writer(target, rate) as part:
            written = _Digest()
            for block in self._silenced():
                part.write(block)
                written.add(block)
                self._progress(_ENCODED * min(1.0, written.frames / max(1, self._frames)))
            if written.frames != self._frames:
                raise _unreadable()
            as_it_is = self._codec == FLAC and target == self._source and self._was_silent
            made = target if as_it_is else part.finish()
            try:
                self._verify(made, rate, written)
            except (NotVerified, sf.LibsndfileError):
                return False
            if not as_it_is:
                part.place()
        return True

    def _writer(self, target: Path, rate: int) -> PartWriter:
        if self._deep:
            return PartWriter(target, rate, self._channels, ("FLAC", "PCM_24"))
        return writer(target, rate, self._channels, self._codec)

    def _silenced(self) -> Iterator[Samples]:
        """The source with zeros in the spans."""
        at = 0
        try:
            for block in _read(self._source, self._deep):
                for here in _inside(self._spans, at, len(block)):
                    self._was_silent = self._was_silent and not block[here].any()
                    block[here] = 0
                yield block
                at += len(block)
        except sf.LibsndfileError as error:
            raise _unreadable() from error

    def _verify(self, made: Path, rate: int, written: _Digest) -> None:
        """Raises NotVerified. Makes the peaks of what is really there."""
        self.peaks = PeakMaker(rate)
        if self._codec == OPUS:
            verify(made, OPUS, self._silenced, self._told_of_verifying(0.5))
            self._check_quiet(made)
            return
        found = _Digest()
        tell = self._told_of_verifying(1.0)
        for block in _read(made, self._deep):
            for here in _inside(self._spans, found.frames, len(block)):
                if block[here].any():
                    raise NotVerified("not silent inside")
            self.peaks.add((block >> 16).astype(np.int16) if self._deep else block)
            found.add(block)
            tell(found.frames)
        if found.value != written.value:
            raise NotVerified("not the same outside")

    def _check_quiet(self, made: Path) -> None:
        """Every stretch of decoded Opus is as quiet as nothing."""
        energy = [0.0] * len(self._spans)
        at = 0
        for block in self.peaks.through(read_blocks(made)):
            for number, span in enumerate(self._spans):
                for here in _inside([span], at, len(block)):
                    heard = block[here].astype(np.float64)
                    energy[number] += float(np.sum(heard * heard))
            at += len(block)
        for (first, end), loud in zip(self._spans, energy, strict=True):
            if (loud / max(1, (end - first) * self._channels)) ** 0.5 >= QUIET:
                raise NotVerified("not quiet inside")

    def _told_of_verifying(self, share: float) -> Callable[[int], None]:
        whole = max(1, self._frames)
        return lambda n: self._progress(_ENCODED + (1 - _ENCODED) * share * min(1.0, n / whole))


class _Digest:
    """Counts and hashes frames of any depth."""

    def __init__(self) -> None:
        self.frames = 0
        self._hash = hashlib.sha256()

    def add(self, block: Samples) -> None:
        self.frames += len(block)
        self._hash.update(np.ascontiguousarray(block).data)

    @property
    def value(self) -> tuple[int, bytes]:
        return self.frames, self._hash.digest()


def _read(path: Path, deep: bool) -> Iterator[Samples]:
    """The file's frames. Raises soundfile.LibsndfileError."""
    if not deep:
        yield from read_blocks(path)
        return
    with sf.SoundFile(path) as file:
        # by way of floats, whose scale is the same whatever the file holds; 24 bits fit exactly
        while len(block := file.read(BLOCK_FRAMES, dtype="float64", always_2d=True)):
            whole = np.rint(block * (1 << 23)).clip(-(1 << 23), (1 << 23) - 1)
            yield whole.astype(np.int32) << 8


def _inside(spans: Iterable[Interval], at: int, count: int) -> Iterator[slice]:
    """Which of the `count` frames from `at` on lie in the spans."""
    for first, end in spans:
        low, high = max(0, first - at), min(count, end - at)
        if low < high:
            yield slice(low, high)


def _unreadable() -> UnusableMedia:
    return UnusableMedia(
        _("This take's sound file cannot be read as it should be."),
        _("Bring the file back from a backup of the library; nothing was changed in it."),
    )
