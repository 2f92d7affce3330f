"""Bringing a media file into a session's folder: copied untouched, decoded once, made a take."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

from earmark.model.errors import DiskFull, EarmarkError
from earmark.model.files import FILE_MODE, make_folder
from earmark.model.i18n import _
from earmark.model.places import take_file
from earmark.model.takes import Gap
from earmark.model.text import safe_title
from earmark.model.units import TakeId
from earmark.samples import read_int16

from ..codecs import FLAC, Digest, NotVerified, verify_exact, writer
from ..pcm import Block, Progress, part_path, put_in_place
from ..peak_maker import PeakMaker, make_peaks
from ..riff import wav_sound
from .container import check_file
from .dates import recorded_at
from .decoder import MAX_HOURS, RATES, Decoder, flac_frames
from .tracks import Track, sounding_track
from .views import FileView

_COPIED = 0.1
_SPARE_BYTES = 64 << 20
_CHUNK = 4 << 20
_AS_IT_IS = {"wav": "wav", "flac": "flac", "ogg": "opus", "mp3": "mp3"}
"""Containers a take may stay in, with the codec's name. Ogg Vorbis is not among them: libsndfile
was measured to miss one seek in ten in it, as in MP3 of changing rate nine in ten."""
_COUNTED = ("wav", "w64", "aiff", "caf", "flac")
_PROBES = 5
_PROBE_FRAMES = 2048
_SHORT = 0.25
"""Seconds by which a whole file's sound may end before its declared length."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the file. `frame`: of the take; `title` may be empty."""

    frame: int
    title: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What came in. `file` and `original` are names in the session's folder; where the file is
    kept as the take itself they are one. `cut`: the file is not whole, what is there came in.
    `recorded_at` is ISO 8601 with zone; `track` the number of the one of `tracks` that was taken.
    """

    file: str
    original: str
    codec: str
    rate: int
    channels: int
    frames: int
    peaks: str
    cut: bool
    title: str
    gaps: tuple[Gap, ...]
    recorded_at: str
    track: int
    tracks: tuple[Track, ...]
    chapters: tuple[Chapter, ...]

    def to_message(self, folder: str) -> dict[str, Any]:
        """As the job's answer: paths relative to the library, with `/`."""
        inside = {key: f"{folder}/{getattr(self, key)}" for key in ("file", "original", "peaks")}
        return {**asdict(self), **inside}


def bring_in(
    source: Path,
    folder: Path,
    ordinal: int,
    take: TakeId,
    progress: Progress,
    track: int | None = None,
) -> Brought:
    """Copies `source` into `folder` and makes it take `ordinal`, or raises and leaves nothing.

    WAV, FLAC, Ogg and constant-rate MP3 that prove exact to seek stay as they are; everything
    else becomes FLAC at its own rate, mono or stereo, 16 bit. Raises UnusableMedia, NotFound,
    DiskFull, OSError.
    """
    size = check_file(source)
    with Decoder(source, track=track) as probe:
        tracks = probe.tracks
    if track is None and len(tracks) > 1:
        parts = probe.structure.parts
        with FileView(source, parts[0].pieces if parts else ()) as view:
            seen = view if parts else None
            track = sounding_track(source, probe.name, probe.container, seen)
    with Decoder(source, probe.name, probe.container, track) as probe:
        title = probe.title or safe_title(source.stem)
        as_it_is = probe.container in _AS_IT_IS and probe.source_channels <= 2
        chapters = probe.chapters()
        recorded = recorded_at(probe.tags, _modified(source), datetime.now().astimezone())
        taken = probe.track
    make_folder(folder)
    if shutil.disk_usage(folder).free < size + _SPARE_BYTES:
        raise _no_room()
    original = folder / take_file(ordinal, take, _suffix(source)).replace("take-", "original-", 1)
    peaks = folder / take_file(ordinal, take, "peaks")
    flac = folder / take_file(ordinal, take, FLAC)
    with ExitStack() as stack:
        copy = part_path(original)
        stack.callback(copy.unlink, missing_ok=True)
        _copy(source, copy, size, lambda share: progress(share * _COPIED))

        def rest(share: float) -> None:
            progress(_COPIED + (1 - _COPIED) * share)

        brought = None
        stack.callback(_undo, peaks, original, flac)
        if as_it_is and probe.structure.sound:
            brought = _as_it_is(copy, probe, peaks, rest)
        if brought is None:
            brought = _as_flac(copy, probe, flac, peaks, rest, track)
        put_in_place(copy, original)
        stack.pop_all()
    file = brought.file or original.name
    return Brought(
        file,
        original.name,
        brought.codec,
        brought.rate,
        brought.channels,
        brought.frames,
        peaks.name,
        brought.cut,
        title,
        brought.gaps,
        recorded.isoformat(),
        taken,
        tracks,
        tuple(
            Chapter(min(round(at * brought.rate), brought.frames), called)
            for at, called in chapters
        ),
    )


def _modified(path: Path) -> datetime:
    """The file's own time; the beginning of time where it has none that can be."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    except (OSError, OverflowError, ValueError):
        return datetime.fromtimestamp(0).astimezone()


@dataclass(frozen=True, slots=True)
class _Made:
    file: str | None
    codec: str
    rate: int
    channels: int
    frames: int
    cut: bool
    gaps: tuple[Gap, ...] = ()


def _as_it_is(path: Path, probe: Decoder, peaks: Path, progress: Progress) -> _Made | None:
    """Makes the peaks of a file that stays as it is; None where it cannot be sought exactly."""
    container = probe.container
    if container == "ogg" and probe.codec != "opus":
        return None
    if container == "mp3" and not (probe.packets and probe.packets.even):
        return None
    if container == "wav" and not probe.codec.startswith("pcm_"):
        return None
    try:
        info = sf.info(path)
        if info.frames > MAX_HOURS * 3600 * info.samplerate or info.samplerate not in RATES:
            return None
        if container == "flac" and info.frames != flac_frames(path, probe.name):
            return None
        sound = wav_sound(path)
        if sound is not None and sound.pcm16:
            frames = int(make_peaks(path, peaks, progress))
        else:
            frames = _peaks_and_probes(path, info.frames, peaks, progress)
    except sf.LibsndfileError:
        return None
    if frames != info.frames or not frames or info.channels > 2:
        return None
    return _Made(None, _AS_IT_IS[container], info.samplerate, info.channels, frames, False)


def _peaks_and_probes(path: Path, declared: int, peaks: Path, progress: Progress) -> int:
    """Decodes the file once for its peaks, then seeks to some places and compares.

    Returns the frames decoded, 0 where a place sought is not the place found.
    """
    with sf.SoundFile(path) as file:
        maker = PeakMaker(file.samplerate)
        wanted = sorted({declared * k // (_PROBES + 1) for k in range(1, _PROBES + 1)})
        seen: list[tuple[int, Block]] = []
        at = 0
        while len(block := read_int16(file, file.samplerate * 2)):
            maker.add(block)
            while wanted and wanted[0] < at + len(block):
                start = wanted.pop(0) - at
                seen.append((at + start, block[start : start + _PROBE_FRAMES].copy()))
            at += len(block)
            progress(at / max(declared, at))
        for start, heard in seen:
            file.seek(start)
            again = read_int16(file, len(heard))
            if len(again) != len(heard):
                return 0
            away = np.abs(again.astype(np.int32) - heard).mean()
            if away > 64 + 0.1 * np.abs(heard.astype(np.int32)).mean():
                return 0
    maker.save(peaks)
    return at


def _as_flac(
    path: Path, probe: Decoder, flac: Path, peaks: Path, progress: Progress, track: int | None
) -> _Made:
    with Decoder(path, probe.name, probe.container, track) as decoder:
        maker = PeakMaker(decoder.rate)
        with writer(flac, decoder.rate, decoder.channels, FLAC) as part:
            written = Digest()
            for block in decoder.blocks():
                part.write(block)
                maker.add(block)
                written.add(block)
                progress(0.7 * decoder.position)
            made = part.finish()
            try:
                verify_exact(made, written, lambda n: progress(0.7 + 0.3 * n / written.frames))
            except NotVerified as error:
                raise _not_as_it_went_in() from error
            maker.save(peaks)
            part.place()
        declared = decoder.declared_frames
        short = declared is not None and decoder.frames < declared - _SHORT * decoder.rate
        # Only where a header counts the sound itself: a track of a film may well be shorter.
        cut = decoder.cut or (short and decoder.container in _COUNTED)
        return _Made(
            flac.name,
            FLAC,
            decoder.rate,
            decoder.channels,
            decoder.frames,
            cut,
            tuple(decoder.gaps),
        )


def _copy(source: Path, target: Path, size: int, on_share: Callable[[float], None]) -> None:
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    with source.open("rb") as file, os.fdopen(fd, "wb") as out:
        copied = 0
        while chunk := file.read(_CHUNK):
            out.write(chunk)
            copied += len(chunk)
            on_share(min(1.0, copied / size))


def _suffix(source: Path) -> str:
    letters = "".join(c for c in source.suffix.lower() if c.isascii() and c.isalnum())
    return letters[:8] or "audio"


def _undo(*made: Path) -> None:
    for path in made:
        path.unlink(missing_ok=True)


def _no_room() -> DiskFull:
    return DiskFull(
        _("There is not enough space in the library for this file."),
        _("Free some space and import it again; nothing was changed."),
    )


def _not_as_it_went_in() -> EarmarkError:
    return EarmarkError(
        _("What was written to the library did not read back as it was."),
        _("Check the disk, then import the file again."),
    )
