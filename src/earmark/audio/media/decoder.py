"""Decoding a media file from its beginning to its end as 16-bit blocks of one rate and form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
from .container import RAW, audio_stream, check_file, convert_it, open_media
from .packets import Survey, raw_kind, survey
from .sources import CHECKED, Missing, Sound, Tally, bare, demuxed
from .structure import read_structure
from .tracks import Track, tracks_of
from .views import FileBytes, FileView

MAX_HOURS = 48
MISSING = "missing"
"""The cause of a gap where a file's own times leave a hole."""
_MOST_CHAPTERS = 5_000
_LATE_SECONDS = 0.05
"""Sound that begins this much after its film is kept that late: coders need less to begin."""
_LOOKED_AT = 64
"""Parts opened beforehand to learn their rate and channels."""
RATES = range(4_000, 192_001)
"""Rates a take may have; sound of any other is brought to the recording's own."""


class Decoder:
    """One pass over a file's sound, of all its parts. `blocks` may be used once.

    `frames` counts what was given out; afterwards `cut` says whether its end is missing, `damaged`
    how many places could not be decoded, `gaps` where sound is missing, filled with silence.
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
        check_file(path)
        self._path = path
        self._wanted = track
        self._views: list[FileView] = []
        self.structure = read_structure(path)
        self._container, self._stream = self._open(0, container)
        context = self._stream.codec_context
        self.container: str = self._container.format.name.split(",")[0]
        self.codec: str = context.name
        self._data: FileBytes | None = None
        self.packets: Survey | None = None
        try:
            self._look_at_all(int(context.sample_rate or 0), context.channels)
        except BaseException:
            self.close()
            raise
        self.frames = 0
        self.gaps: list[Gap] = []
        self._tally = Tally()
        self._share = 0.0
        self._owed = 0.0
        self._converter = _Converter(self.rate, self.channels)
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
        self.close()

    def close(self) -> None:
        self._container.close()
        for view in self._views:
            view.close()
        if self._data is not None:
            self._data.close()

    @property
    def cut(self) -> bool:
        return self.structure.cut or self._tally.cut

    @property
    def damaged(self) -> int:
        return self._tally.damaged

    @property
    def declared_frames(self) -> int | None:
        """Frames by the file's own words, where these are more than a guess; at `rate`."""
        if self.container in RAW or self.structure.parts or not self._stream.duration:
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
        """All the file's sound tracks."""
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
        if self.packets is not None or len(self.structure.parts) > 1:
            return min(1.0, self._share)
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
        by_chance = self.container in RAW and self.damaged * 2 >= self._tally.packets
        silent = sum(gap.frames for gap in self.gaps) >= self.frames
        if not self.frames or by_chance or silent:
            raise UnusableMedia(
                _("No sound could be decoded from “{name}”.").format(name=self.name),
                convert_it(),
            )

    def _too_long(self) -> UnusableMedia:
        return UnusableMedia(
            _("“{name}” is longer than {hours} hours.").format(name=self.name, hours=MAX_HOURS),
            _("Cut it into parts with another program and import those."),
        )

    def _open(self, number: int, container: str | None = None) -> tuple[Any, Any]:
        """Container and stream of a part."""
        parts = self.structure.parts
        view = FileView(self._path, parts[number].pieces) if parts else None
        if view is not None:
            self._views.append(view)
        opened = open_media(self._path, self.name, container, view)
        try:
            stream: Any = audio_stream(opened, self.name, self._wanted)
        except BaseException:
            opened.close()
            raise
        stream.codec_context.thread_count = 1
        if stream.codec_context.name == "flac":
            stream.codec_context.options = dict(CHECKED)
        return opened, stream

    def _look_at_all(self, rate: int, channels: int) -> None:
        """The rate and channels that lose nothing of any part; the packets of a row of them."""
        self.source_channels = channels
        data = FileBytes(self._path)
        kind = raw_kind(data, self.container) if self.container in RAW else None
        if kind is None:
            data.close()
        else:
            self._data, self._kind = data, kind
            found = survey(data, kind)
            if found.runs:
                self.packets = found
                self.source_channels = max(run.channels for run in found.runs)
                fastest = max(run.rate for run in found.runs)
                rate = rate if kind == "aac" and rate >= fastest else fastest
        for number, part in enumerate(self.structure.parts[1:_LOOKED_AT], 1):
            if not part.continues:
                opened, stream = self._open(number)
                rate = max(rate, int(stream.codec_context.sample_rate or 0))
                self.source_channels = max(self.source_channels, stream.codec_context.channels)
                opened.close()
        fits = rate in RATES and flac_can(rate)
        self.rate = rate if fits else int(RECORDING_RATE)
        self.channels = 1 if self.source_channels == 1 else 2

    def _sound(self) -> Iterator[Block]:
        for sound in self._decoded():
            if isinstance(sound, Missing):
                made: Iterable[Block] = self._silence(sound)
            else:
                made = self._converter.convert(sound)
            for block in made:
                self.frames += len(block)
                yield block
        for block in self._converter.flush():
            self.frames += len(block)
            yield block

    def _silence(self, missing: Missing) -> Iterator[Block]:
        yield from self._converter.flush()
        self._owed += missing.seconds * self.rate
        frames = round(self._owed)
        self._owed -= frames
        if frames and not missing.pause:
            self._note_gap(frames)
        yield from silence(frames, self.channels)

    def _note_gap(self, frames: int) -> None:
        last = self.gaps[-1] if self.gaps else None
        if last and last.frame + last.frames == self.frames:
            self.gaps[-1] = Gap(last.frame, Frames(last.frames + frames), MISSING)
        else:
            self.gaps.append(Gap(Frames(self.frames), Frames(frames), MISSING))

    def _decoded(self) -> Iterator[Sound]:
        if self.packets is not None and self._data is not None:
            codec = self.codec
            for sound, share in bare(self._data, self._kind, codec, self.packets, self._tally):
                self._share = share
                yield sound
            return
        parts = self.structure.parts
        for number in range(max(1, len(parts))):
            continues = bool(parts) and parts[number].continues
            if not continues:
                self._tally.begin_anew()
            if number:
                self._share = number / len(parts)
                self._container.close()
                self._container, self._stream = self._open(number)
            late_by = None if number else self._late_by
            yield from demuxed(
                self._container, self._stream, self._tally, late_by=late_by, hurt=continues
            )

    def _late_by(self, begins: float) -> float:
        """Seconds by which the sound begins after the film does, 0 where both begin together.

        `begins` is the first packet's time: a container names its streams' beginnings from its
        first seconds, and 0 for what begins later.
        """
        if self._starts is None:
            return 0.0
        late = begins - self._starts
        whole = (self._container.duration or 0) / av.time_base
        return late if _LATE_SECONDS <= late < min(whole, MAX_HOURS * 3600) else 0.0


def flac_frames(path: Path, name: str) -> int:
    """Frames in all the packets of a FLAC file, whatever its header says."""
    with open_media(path, name, "flac") as container:
        try:
            return sum(packet.duration or 0 for packet in container.demux(audio=0))
        except av.error.FFmpegError:
            return 0


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
