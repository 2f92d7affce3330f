"""A take's sound with its cuts made, as a FLAC of its own, exact to the frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import soundfile as sf

from earmark.model import EarmarkError, NotFound, UnusableMedia
from earmark.model.i18n import _
from earmark.samples import read_int16

from .content import AudioPiece
from .output_file import Progress, go_on


def write_cut(
    pieces: Iterable[AudioPiece],
    library: Path,
    target: Path,
    channels: int,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> None:
    """Encodes the pieces of one take, at its own rate and channels, 16 bit.

    Raises NotFound, UnusableMedia, ShareCancelled, OSError.
    """
    pieces = list(pieces)
    rate = pieces[0].sample_rate
    whole = sum(piece.frames for piece in pieces)
    done = 0
    # an open file, so that libsndfile writes no path or name of its own choosing
    with (
        target.open("wb") as raw,
        sf.SoundFile(raw, "w", rate, channels, "PCM_16", format="FLAC") as out,
    ):
        for piece in pieces:
            for block in _blocks(piece, library, channels):
                go_on(cancelled)
                out.write(block)
                done += len(block)
                if progress is not None:
                    progress(done / max(1, whole))


def has_frames(path: Path, frames: int) -> bool:
    """Whether a sound file says that it has exactly so many. Raises UnusableMedia."""
    try:
        return int(sf.info(path).frames) == frames
    except sf.LibsndfileError as error:
        raise _unreadable(path) from error


def _blocks(piece: AudioPiece, library: Path, channels: int) -> Iterator[Any]:
    """Exactly the piece's frames; silence where it is silence or its file ends early."""
    left = int(piece.frames)
    if piece.file is not None:
        for block in _read(library / piece.file, piece.start, left):
            left -= len(block)
            if block.shape[1] != channels:
                block = np.repeat(block[:, :1], channels, axis=1)
            yield block
    while left > 0:
        count = min(left, int(piece.sample_rate))
        left -= count
        yield np.zeros((count, channels), np.int16)


def _read(path: Path, start: int, frames: int) -> Iterator[Any]:
    try:
        with sf.SoundFile(path) as file:
            file.seek(min(start, file.frames))
            while frames > 0:
                block = read_int16(file, min(frames, file.samplerate))
                if not len(block):
                    return
                frames -= len(block)
                yield block
    except sf.LibsndfileError as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> EarmarkError:
    if not path.is_file():
        return NotFound(
            _("The sound file “{name}” is missing.").format(name=path.name),
            _("Put it back into the library, or share the notes alone."),
        )
    return UnusableMedia(
        _("The sound file “{name}” cannot be read.").format(name=path.name),
        _("Share the notes alone, or bring the file back from a backup."),
    )
