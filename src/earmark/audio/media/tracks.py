"""Which of several sound tracks to take: the one that sounds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from earmark.model.i18n import _
from earmark.model.text import safe_line

from .container import audio_streams, is_usable, open_media
from .views import FileView

_SILENT_DB = -60.0
_FAR_WEAKER_DB = 30.0
_LOUD_SHARE = 0.95
"""A track is as loud as the twentieth part of it that is loudest: a knock is not speech."""
_ALL_SECONDS = 300
"""What is longer is listened to in places."""
_PLACES, _PLACE_SECONDS = 60, 3
_NOTHING_SAID = ("", "und", "soundhandler", "sound media handler", "core media audio")


@dataclass(frozen=True, slots=True)
class Track:
    """A sound track, numbered from 1. `about`: what the file says of it, for people."""

    number: int
    about: str
    channels: int


def tracks_of(container: Any, name: str) -> tuple[Track, ...]:
    """All the sound tracks; of one that cannot be read, that is said."""
    return tuple(
        Track(number, _about(stream), int(stream.codec_context.channels))
        if is_usable(stream)
        else Track(number, _("in a format Earmark does not read"), 0)
        for number, stream in enumerate(audio_streams(container, name), start=1)
    )


def sounding_track(path: Path, name: str, format_name: str, view: FileView | None = None) -> int:
    """The number of the default track, or of the first, among those that are not silent or far
    weaker than the loudest. Where all are silent: the default one. The file is read through `view`
    where it is not to be read as it is."""
    with open_media(path, name, format_name, view) as container:
        if (container.duration or 0) / av.time_base > _ALL_SECONDS:
            levels = _Levels(container, name)
            for at in _places(container):
                try:
                    container.seek(at)
                except av.error.FFmpegError:
                    break
                levels.listen(_PLACE_SECONDS)
            if levels.loudest >= _SILENT_DB:
                return levels.best()
    if view is not None:
        view.seek(0)
    with open_media(path, name, format_name, view) as container:
        levels = _Levels(container, name)
        levels.listen()
        return levels.best()


class _Levels:
    """How loud the tracks of a container are, as far as they were listened to."""

    def __init__(self, container: Any, name: str) -> None:
        self._container = container
        numbered = enumerate(audio_streams(container, name), start=1)
        self._streams = {number: stream for number, stream in numbered if is_usable(stream)}
        self._heard: dict[int, list[float]] = {s.index: [] for s in self._streams.values()}

    def listen(self, seconds: float | None = None) -> None:
        """Decodes all tracks from where the container stands, to its end or for `seconds`."""
        end: float | None = None
        packets = self._container.demux(list(self._streams.values()))
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:
                return
            if packet is None:
                return
            if packet.pts is not None and seconds is not None:
                at = float(packet.pts * packet.time_base)
                end = at + seconds if end is None else end
                if at > end:
                    return
            try:
                heard = [_power(frame.to_ndarray()) for frame in packet.decode()]
            except (av.error.FFmpegError, ValueError):
                continue
            self._heard[packet.stream.index] += heard

    @property
    def loudest(self) -> float:
        return max(self._level(stream) for stream in self._streams.values())

    def best(self) -> int:
        """The number of the track to take."""
        least = max(_SILENT_DB, self.loudest - _FAR_WEAKER_DB)
        sounding = {n: s for n, s in self._streams.items() if self._level(s) >= least}
        among = sounding or self._streams
        default = (n for n, s in among.items() if s.disposition & s.disposition.default)
        return next(default, next(iter(among)))

    def _level(self, stream: Any) -> float:
        """In dBFS."""
        heard = self._heard[stream.index]
        return 10 * math.log10(np.quantile(heard, _LOUD_SHARE) + 1e-12) if heard else -120.0


def _power(sound: Any) -> float:
    """Mean square of samples of any form, of which full scale is 1."""
    values = sound.astype(np.float64)
    if sound.dtype == np.uint8:
        values = (values - 128) / 128
    elif sound.dtype.kind == "i":
        values /= 2.0 ** (8 * sound.dtype.itemsize - 1)
    return float(np.mean(values * values)) if values.size else 0.0


def _about(stream: Any) -> str:
    said = {key.casefold(): safe_line(value)[:60] for key, value in stream.metadata.items()}
    parts = (said.get("title") or said.get("handler_name", ""), said.get("language", ""))
    return ", ".join(part for part in parts if part.casefold() not in _NOTHING_SAID)


def _places(container: Any) -> Iterator[int]:
    start, length = container.start_time or 0, container.duration
    for place in range(_PLACES):
        yield start + length * place // _PLACES
