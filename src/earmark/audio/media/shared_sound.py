"""Sound that came with a share becomes takes: verified by decoding all of it, before it enters.

What a stranger sent is opened like any media file: known containers and codecs only, nothing but
the one file, inside the worker and its limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile as sf

from earmark.mixing import Mixer
from earmark.model.errors import EarmarkError, UnusableMedia
from earmark.model.i18n import _
from earmark.model.places import take_file
from earmark.model.units import TakeId, ms_to_frames
from earmark.samples import read_int16

from ..codecs import FLAC, Digest, NotVerified, verify_exact, writer
from ..pcm import Block, Progress
from ..peak_maker import PeakMaker
from .container import check_file
from .decoder import Decoder

_KEPT = {"wav": "wav", "flac": "flac", "ogg": "opus", "mp3": "mp3"}
"""Containers a take may stay in, with the codec's name."""
_LATE = 0.5
"""Seconds by which one stream may end before the takes it should hold."""


@dataclass(frozen=True, slots=True)
class CutOut:
    """A take to be cut out of one stream: where it begins there, and what it is to become."""

    take: TakeId
    ordinal: int
    rate: int
    frames: int
    start_ms: int


def adopt(
    source: Path, peaks: Path, rate: int, channels: int, frames: int, progress: Progress
) -> str:
    """Decodes `source`, which stays as it is, and makes its peaks; returns its codec.

    Raises UnusableMedia where it is not sound of exactly that rate, channels and length.
    """
    check_file(source)
    with Decoder(source, _sent()) as probe:
        codec = _KEPT.get(probe.container)
    if codec is None or (codec == "opus" and probe.codec != "opus"):
        raise _not_as_told()
    try:
        with sf.SoundFile(source) as file:
            if (file.samplerate, file.channels) != (rate, channels):
                raise _not_as_told()
            maker = PeakMaker(rate)
            done = 0
            while len(block := read_int16(file, rate)):
                maker.add(block)
                done += len(block)
                if done > frames:
                    raise _not_as_told()
                progress(done / max(1, frames))
    except sf.LibsndfileError as error:
        raise _not_as_told() from error
    if done != frames:
        raise _not_as_told()
    maker.save(peaks)
    return codec


def check_sound(source: Path) -> None:
    """Decodes the beginning of a file that is only kept. Raises UnusableMedia without sound."""
    check_file(source)
    with Decoder(source, _sent()) as decoder:
        if not len(next(decoder.blocks(), ())):
            raise _not_as_told()


def cut_out(
    source: Path, folder: Path, takes: list[CutOut], progress: Progress
) -> list[dict[str, Any]]:
    """One stream, cut into a FLAC and peaks for each take, each of exactly its frames.

    The stream is the takes end to end on the session's timeline; a coder's delay at its beginning
    is left out as its container says. Raises UnusableMedia where the stream ends before they do.
    """
    check_file(source)
    made: list[dict[str, Any]] = []
    with Decoder(source, _sent()) as decoder, ExitStack() as undo:
        ordered = sorted(takes, key=lambda take: take.start_ms)
        total = max(1, sum(take.frames for take in takes))
        sound = _Sound(decoder)
        done = 0
        for number, take in enumerate(ordered):
            start = ms_to_frames(take.start_ms, decoder.rate)
            following = ordered[number + 1].start_ms if number + 1 < len(ordered) else None
            end = None if following is None else ms_to_frames(following, decoder.rate)
            flac = folder / take_file(take.ordinal, take.take, FLAC)
            peaks = folder / take_file(take.ordinal, take.take, "peaks")
            undo.callback(flac.unlink, missing_ok=True)
            undo.callback(peaks.unlink, missing_ok=True)
            blocks = _fitted(_at_rate(sound.between(start, end), decoder.rate, take.rate), take)
            _write(blocks, flac, peaks, take.rate, lambda n, at=done: progress((at + n) / total))
            done += take.frames
            made.append({"take": take.take, "file": flac.name, "peaks": peaks.name})
        undo.pop_all()
    return made


class _Sound:
    """A decoder's sound as mono, taken in order by places in it."""

    def __init__(self, decoder: Decoder) -> None:
        self._blocks = Mixer(decoder.rate).through(decoder.blocks())
        self._rest = np.zeros(0, np.int16)
        self._at = 0

    def between(self, start: int, end: int | None) -> Iterator[Any]:
        """Samples `[start, end)`; None: to the end."""
        self._drop(start - self._at)
        while end is None or self._at < end:
            if not len(self._rest) and not self._more():
                return
            count = len(self._rest) if end is None else min(len(self._rest), end - self._at)
            yield self._taken(count)

    def _drop(self, count: int) -> None:
        while count > 0 and (len(self._rest) or self._more()):
            count -= len(self._taken(min(count, len(self._rest))))

    def _taken(self, count: int) -> Any:
        taken, self._rest = self._rest[:count], self._rest[count:]
        self._at += count
        return taken

    def _more(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        self._rest = block
        return True


def _at_rate(blocks: Iterator[Any], source: int, rate: int) -> Iterator[Any]:
    if source == rate:
        yield from blocks
        return
    resampler = av.AudioResampler("s16", "mono", rate)
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block)[None, :], "s16", "mono")
        frame.sample_rate = source
        yield from (out.to_ndarray()[0] for out in resampler.resample(frame))
    yield from (out.to_ndarray()[0] for out in resampler.resample(None))


def _fitted(blocks: Iterator[Any], take: CutOut) -> Iterator[Block]:
    """Exactly the take's frames. A coder may end a moment early; a stream may not."""
    left = take.frames
    for block in blocks:
        piece = block[:left]
        left -= len(piece)
        if len(piece):
            yield piece.reshape(-1, 1)
    if left > _LATE * take.rate:
        raise _not_as_told()
    if left:
        yield np.zeros((left, 1), np.int16)


def _write(blocks: Iterator[Block], flac: Path, peaks: Path, rate: int, on_frames: Any) -> None:
    maker = PeakMaker(rate)
    with writer(flac, rate, 1, FLAC) as part:
        written = Digest()
        for block in blocks:
            part.write(block)
            maker.add(block)
            written.add(block)
            on_frames(written.frames // 2)
        made = part.finish()
        try:
            verify_exact(made, written, lambda n: on_frames((written.frames + n) // 2))
        except NotVerified as error:
            raise EarmarkError(
                _("What was written to the library did not read back as it was."),
                _("Check the disk, then import the file again."),
            ) from error
        part.place()
    maker.save(peaks)


def _sent() -> str:
    return _("its sound")


def _not_as_told() -> UnusableMedia:
    return UnusableMedia(
        _("The sound in this file is not what its notes say."),
        _("Ask for it to be sent again; nothing was imported."),
    )
