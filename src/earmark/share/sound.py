"""The planned sound, decoded piece by piece: mono, at one rate, never whole in memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from queue import Full, Queue
from threading import Event, Thread

import av
import numpy as np
import numpy.typing as npt
import soundfile as sf

from earmark.mixing import mono_of
from earmark.model import EarmarkError, NotFound, UnusableMedia, frames_to_ms, ms_to_frames
from earmark.model.i18n import _, ngettext

from .content import AudioPiece

Samples = npt.NDArray[np.float32]
"""Mono sound, full scale ±1."""
ReadPiece = Callable[[AudioPiece, Path], Iterator[Samples]]
"""Gives a piece's sound at its own rate, at most as long as the piece; silence is added."""


def missing_files(plan: Iterable[AudioPiece], library: Path) -> tuple[str, ...]:
    """Files the plan needs that are not there, each once."""
    files = dict.fromkeys(piece.file for piece in plan if piece.file is not None)
    return tuple(file for file in files if not (library / file).is_file())


def refuse_missing(plan: Iterable[AudioPiece], library: Path) -> None:
    """Raises EarmarkError naming the files the plan needs that are not there."""
    missing = missing_files(plan, library)
    if missing:
        names = ", ".join(f"“{Path(name).name}”" for name in missing)
        raise EarmarkError(
            ngettext(
                "A sound file of this session is missing: {names}.",
                "Sound files of this session are missing: {names}.",
                len(missing),
            ).format(names=names),
            _("Put it back into the library, or share the notes alone."),
        )


def planned_frames(plan: Sequence[AudioPiece], rate: int) -> int:
    """How many samples `read_plan` gives at this rate."""
    return ms_to_frames(sum(_take_lengths(plan)), rate)


def read_plan(
    plan: Sequence[AudioPiece], library: Path, rate: int, read: ReadPiece | None = None
) -> Iterator[Samples]:
    """The planned sound in blocks of about a second; `read` gives a piece's own (`read_piece`).

    Every take begins at its place on the shared timeline to the sample (its `start_ms`), whatever
    rates the takes have. A file that ends early is continued with silence. Something is heard of
    any sound: a sample where all of it is less than half a millisecond.
    Raises NotFound naming a missing file, UnusableMedia for one that cannot be decoded.
    """
    done_ms = 0
    least = 0 if planned_frames(plan, rate) else 1
    for take_ms, (_take, pieces) in zip(
        _take_lengths(plan), groupby(plan, key=lambda piece: piece.take), strict=True
    ):
        frames = ms_to_frames(done_ms + take_ms, rate) - ms_to_frames(done_ms, rate)
        frames = max(frames, least)
        done_ms += take_ms
        for block in _resampled(_read_pieces(list(pieces), library, read or read_piece), rate):
            block = block[:frames]
            frames -= len(block)
            if len(block):
                yield block
        if frames:
            yield np.zeros(frames, np.float32)


def ahead(blocks: Iterator[Samples], count: int = 8) -> Generator[Samples, None, None]:
    """The same blocks, read on a thread of their own, at most `count` ahead: decoding and encoding
    then use a core each. Errors of reading are raised here; closing ends the thread.
    """
    waiting: Queue[Samples | BaseException | None] = Queue(count)
    ended = Event()

    def put(item: Samples | BaseException | None) -> bool:
        while not ended.is_set():
            try:
                waiting.put(item, timeout=0.2)
            except Full:
                continue
            return True
        return False

    def read() -> None:
        try:
            for block in blocks:
                if not put(block):
                    return
            put(None)
        except BaseException as error:  # noqa: BLE001  (handed over and raised by the reader)
            put(error)

    thread = Thread(target=read, name="share-reading")
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        ended.set()
        thread.join()


def _take_lengths(plan: Sequence[AudioPiece]) -> list[int]:
    """Milliseconds of each take in the plan, as the shared timeline counts them."""
    lengths: list[int] = []
    for _take, pieces in groupby(plan, key=lambda piece: piece.take):
        own = list(pieces)
        lengths.append(frames_to_ms(sum(p.frames for p in own), own[0].sample_rate))
    return lengths


def _read_pieces(
    pieces: list[AudioPiece], library: Path, read: ReadPiece
) -> Iterator[tuple[int, Samples]]:
    for piece in pieces:
        rate = piece.sample_rate
        left = int(piece.frames)
        for block in read(piece, library):
            left -= len(block)
            yield rate, block
        while left > 0:
            count = min(left, rate)
            left -= count
            yield rate, np.zeros(count, np.float32)


def read_piece(piece: AudioPiece, library: Path) -> Iterator[Samples]:
    """The sound of one piece at its own rate, in blocks of a second; none for a silence."""
    if piece.file is not None:
        yield from _read_file(library / piece.file, piece.start, piece.frames, piece.sample_rate)


def _read_file(path: Path, start: int, frames: int, rate: int) -> Iterator[Samples]:
    if not path.is_file():
        raise NotFound(
            _("The sound file “{name}” is missing.").format(name=path.name),
            _("Put it back into the library, or share the notes alone."),
        )
    try:
        with sf.SoundFile(path) as file:
            sound = mono_of(file)
            at, end = start, min(start + frames, file.frames)
            while at < end:
                block = sound.read(at, min(end - at, rate))
                if not len(block):
                    return
                at += len(block)
                yield block
    except sf.LibsndfileError as error:
        raise UnusableMedia(
            _("The sound file “{name}” cannot be read.").format(name=path.name),
            _("Share the notes alone, or bring the file back from a backup."),
        ) from error


def _resampled(blocks: Iterator[tuple[int, Samples]], rate: int) -> Iterator[Samples]:
    resampler: av.AudioResampler | None = None
    for source, block in blocks:
        if source == rate:
            yield block
            continue
        if resampler is None:
            resampler = av.AudioResampler("fltp", "mono", rate)
        frame = av.AudioFrame.from_ndarray(block[None, :], "fltp", "mono")
        frame.sample_rate = source
        yield from (out.to_ndarray()[0] for out in resampler.resample(frame))
    if resampler is not None:
        yield from (out.to_ndarray()[0] for out in resampler.resample(None))
