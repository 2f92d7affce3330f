"""Decoding a media file from its beginning to its end as 16-bit blocks of one rate and form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np

from earmark.mixing import Mixer
from earmark.model.errors import UnusableMedia
from earmark.model.given import shown
from earmark.model.i18n import _
from earmark.model.takes import Gap
from earmark.model.text import safe_title
from earmark.model.units import RECORDING_RATE, Frames

from ..codecs import flac_can, stretches
from ..pcm import Block, silence
from .opening import RAW, audio_stream, convert_it, open_media
from .tracks import Track, tracks_of

MAX_HOURS = 48
MISSING = "missing"
"""The cause of a gap where a file's own times leave a hole."""
_MOST_CHAPTERS = 5_000
_HOLE_SECONDS = 0.15
_LARGEST_HOLE_SECONDS = 600
_LATE_SECONDS = 0.05
"""Sound that begins this much after its film is kept that late: coders need less to begin."""
RATES = range(4_000, 192_001)
"""Rates a take may have; sound of any other is brought to the recording's own."""


class Decoder:
    """One pass over a file's sound. `blocks` may be used once.

    `frames` counts what was given out; `cut` says afterwards whether the decoder met an end it
    did not expect; `gaps` where the file's times left holes, filled with silence.
    """

    def __init__(
        self,
        path: Path,
        name: str | None = None,
        container: str | None = None,
        track: int | None = None,
    ) -> None:
        """`name` stands in sentences; `container` is that of an earlier look at the same file;
        `track` numbers its sound tracks from 1, None is the default one."""
        self.name = name or shown(path)
        self._container: Any = open_media(path, self.name, container)
        try:
            self._stream: Any = audio_stream(self._container, self.name, track)
        except BaseException:
            self._container.close()
            raise
        context = self._stream.codec_context
        context.thread_count = 1
        self.container: str = self._container.format.name.split(",")[0]
        self.codec: str = context.name
        self.source_channels: int = context.channels
        rate = int(context.sample_rate or 0)
        fits = rate in RATES and flac_can(rate)
        self.rate = rate if fits else int(RECORDING_RATE)
        self.channels = 1 if self.source_channels == 1 else 2
        self.frames = 0
        self.damaged = 0
        self.cut = False
        self.gaps: list[Gap] = []
        self._packets = 0
        self._converter = _Converter(self.rate, self.channels)
        self._zero: float | None = None
        self._begins: float | None = None
        """The first packet's time: a container names its streams' beginnings from its first
        seconds, and 0 for what begins later."""
        starts = self._container.start_time
        self._starts: float | None = None if starts is None else starts / av.time_base

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._container.close()

    @property
    def declared_frames(self) -> int | None:
        """Frames by the file's own words, where these are more than a guess; at `rate`."""
        if self.container in RAW or not self._stream.duration:
            return None
        return round(float(self._stream.duration * self._stream.time_base) * self.rate)

    @property
    def title(self) -> str:
        """The title in the file's tags, or ""."""
        for tags in self.tags:
            for name, value in tags.items():
                if name.lower() == "title" and safe_title(value):
                    return safe_title(value)
        return ""

    @property
    def tracks(self) -> tuple[Track, ...]:
        """All the file's sound tracks that can be read."""
        return tracks_of(self._container, self.name)

    @property
    def track(self) -> int:
        """The number of the one that is decoded."""
        return 1 + [s.index for s in self._container.streams.audio].index(self._stream.index)

    @property
    def tags(self) -> tuple[Mapping[str, str], ...]:
        """What the file says of itself, then of the sound."""
        return (self._container.metadata, self._stream.metadata)

    def chapters(self) -> list[tuple[float, str]]:
        """Where the file's chapters begin, in seconds of what `blocks` gives, and their titles."""
        begins = self._starts if (self._starts or 0.0) >= _LATE_SECONDS else None
        tags = [pair for each in self.tags for pair in each.items()]
        found = []
        for chapter in self._container.chapters()[:_MOST_CHAPTERS]:
            at = float(chapter["start"] * chapter["time_base"]) - (begins or 0.0)
            titles = [v for k, v in chapter["metadata"].items() if k.casefold() == "title"]
            # a name that stands before its time in Vorbis comments stays among the tags
            titles += [v for k, v in tags if k.casefold() == f"chapter{chapter['id']:03}name"]
            found.append((max(0.0, at), safe_title(titles[0]) if titles else ""))
        return sorted(found, key=lambda each: each[0])

    @property
    def position(self) -> float:
        """About which share of the file has been decoded, 0..1."""
        declared = self.declared_frames
        if declared is None and self._container.duration:
            declared = round(self._container.duration / 1_000_000 * self.rate)
        return min(1.0, self.frames / declared) if declared else 0.0

    def blocks(self) -> Iterator[Block]:
        """All the sound. Raises UnusableMedia where there is none, or more than can be."""
        most = MAX_HOURS * 3600 * self.rate
        if (self.declared_frames or 0) > most:
            raise self._too_long()
        for block in stretches(self._sound(), self.rate):
            yield block
            if self.frames > most:
                raise self._too_long()
        by_chance = self.container in RAW and self.damaged * 2 >= self._packets
        if not self.frames or by_chance:
            raise UnusableMedia(
                _("No sound could be decoded from “{name}”.").format(name=self.name),
                convert_it(),
            )

    def _too_long(self) -> UnusableMedia:
        return UnusableMedia(
            _("“{name}” is longer than {hours} hours.").format(name=self.name, hours=MAX_HOURS),
            _("Cut it into parts with another program and import those."),
        )

    def _sound(self) -> Iterator[Block]:
        for frame in self._decoded():
            hole = self._hole_before(frame)
            if hole:
                self.gaps.append(Gap(Frames(self.frames), Frames(hole), MISSING))
                self.frames += hole
                yield from silence(hole, self.channels)
            for block in self._converter.convert(frame):
                self.frames += len(block)
                yield block
        for block in self._converter.flush():
            self.frames += len(block)
            yield block

    def _decoded(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:
                self.cut = True
                packet = None
            if packet is None:
                return
            if self._begins is None and packet.pts is not None:
                self._begins = float(packet.pts * packet.time_base)
            self._packets += 1
            try:
                frames = packet.decode()
            except av.error.EOFError:
                return
            except (av.error.FFmpegError, ValueError):
                self.damaged += 1
                continue
            yield from frames

    def _hole_before(self, frame: Any) -> int:
        """Frames of silence missing before this frame, by the container's times."""
        if self.container in RAW or frame.pts is None or frame.time_base is None:
            return 0
        time = float(frame.pts * frame.time_base)
        at = self.frames / self.rate
        if self._zero is None:
            late = self._late_by()
            self._zero = time - at - late
            if late:
                return round(late * self.rate)
        missing = time - self._zero - at
        if _HOLE_SECONDS <= missing <= _LARGEST_HOLE_SECONDS:
            return round(missing * self.rate)
        if abs(missing) > _HOLE_SECONDS:
            self._zero += missing  # its times begin anew here: go on from there
        return 0

    def _late_by(self) -> float:
        """Seconds by which the sound begins after the film does, 0 where both begin together."""
        if self._starts is None or self._begins is None:
            return 0.0
        late = self._begins - self._starts
        whole = (self._container.duration or 0) / av.time_base
        return late if _LATE_SECONDS <= late < min(whole, MAX_HOURS * 3600) else 0.0


class _Converter:
    """Decoded frames of any form → 16 bit, one rate, mono or stereo."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate, self._channels = rate, channels
        self._form: tuple[str, str, int] | None = None
        self._resampler: Any = None
        self._mixer: Mixer | None = None

    def convert(self, frame: Any) -> list[Block]:
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        before: list[Block] = []
        if form != self._form:
            before = self.flush()
            self._form = form
            self._mixer = None
            self._resampler = self._new("mono" if self._channels == 1 else "stereo")
        frame.pts = None
        try:
            made = self._resampler.resample(frame)
        except (av.error.FFmpegError, ValueError):
            # no known places of its channels: mix them evenly
            self._mixer = Mixer(self._rate, at_once=True)
            self._resampler = self._new(frame.layout.name)
            made = self._resampler.resample(frame)
        return before + self._shaped(made)

    def flush(self) -> list[Block]:
        """What the resampler still holds."""
        return [] if self._resampler is None else self._shaped(self._resampler.resample(None))

    def _new(self, layout: str) -> Any:
        return av.AudioResampler(format="s16", layout=layout, rate=self._rate)

    def _shaped(self, frames: list[Any]) -> list[Block]:
        blocks: list[Block] = []
        for frame in frames:
            sound: Block = frame.to_ndarray().reshape(frame.samples, -1)
            if self._mixer is not None:
                sound = np.repeat(self._mixer.add(sound)[:, None], self._channels, axis=1)
            blocks.append(sound)
        return blocks
