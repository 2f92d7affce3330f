"""The planned sound as one file: M4A with AAC-LC, Ogg Opus where it should be smaller, or MP3.

Encoded straight from the takes, streaming. The file says nothing of machine, person or path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import av
import av.filter
import numpy as np

from earmark.model import frames_to_ms

from .content import AudioPiece
from .options import AAC_BITRATE, OPUS_BITRATE, AudioForm
from .output_file import Progress, go_on
from .sound import ReadPiece, Samples, ahead, planned_frames, read_plan

_AAC_RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000)
_OPUS_RATE = 48_000
MP3_BITRATE = 64_000
LEAST_SECONDS = 0.05
"""A coder's frame and more: of less sound FFmpeg writes no file at all, or one without a length."""
_EVENING = "f=400:g=21:p=0.6:m=8:t=0.003"
"""dynaudnorm: windows of 0.4 s, smoothed over 21 of them, up to 18 dB more, none for silence."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A titled stretch `[start_ms, end_ms)` of the sound."""

    start_ms: int
    end_ms: int
    title: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """What was written: samples at `rate`, one channel."""

    rate: int
    frames: int

    @property
    def duration_ms(self) -> int:
        return frames_to_ms(self.frames, self.rate)


@dataclass(frozen=True, slots=True)
class Coding:
    """What FFmpeg is told: container, codec, samples a second, bits a second, container options."""

    container: str
    codec: str
    rate: int
    bitrate: int
    options: tuple[tuple[str, str], ...] = ()


def coding(plan: Sequence[AudioPiece], form: AudioForm, bitrate: int | None = None) -> Coding:
    """How this sound is encoded in this form."""
    container, codec, _suffix, _mime = form.value
    if form is AudioForm.OPUS:
        return Coding(container, codec, _OPUS_RATE, bitrate or OPUS_BITRATE)
    quick = (("movflags", "+faststart"),)
    return Coding(container, codec, _rate(plan), bitrate or AAC_BITRATE, quick)


def mp3_coding(plan: Sequence[AudioPiece]) -> Coding:
    """MP3 at a constant rate, for EPUB: readers play it most surely, and seek in it exactly."""
    return Coding("mp3", "libmp3lame", _rate(plan), MP3_BITRATE, (("id3v2_version", "0"),))


def encode(
    plan: Sequence[AudioPiece],
    library: Path,
    target: Path,
    form: AudioForm = AudioForm.M4A,
    *,
    bitrate: int | None = None,
    even_loudness: bool = False,
    tags: Mapping[str, str] | None = None,
    chapters: Sequence[Chapter] = (),
    heard: Callable[[int, Samples], None] | None = None,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Encoded:
    """Writes the planned sound to `target` (overwritten; make it atomic with `writing`).

    `heard` gets the rate and every block as it is encoded, for a waveform.
    `tags` are written as they are.
    Raises NotFound, UnusableMedia, ShareCancelled, OSError; `target` may then hold a part.
    """
    return encode_as(
        coding(plan, form, bitrate),
        plan,
        library,
        target,
        even_loudness=even_loudness,
        tags=tags,
        chapters=chapters,
        heard=heard,
        progress=progress,
        cancelled=cancelled,
    )


def encode_as(
    how: Coding,
    plan: Sequence[AudioPiece],
    library: Path,
    target: Path,
    *,
    even_loudness: bool = False,
    tags: Mapping[str, str] | None = None,
    chapters: Sequence[Chapter] = (),
    heard: Callable[[int, Samples], None] | None = None,
    read_piece: ReadPiece | None = None,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Encoded:
    """The same with any coding; `read_piece` gives the sound of a piece where it is not as kept."""
    rate = how.rate
    whole = planned_frames(plan, rate)
    read = read_plan(plan, library, rate, read_piece)
    options = {**dict(how.options), "fflags": "+bitexact"}
    with (
        closing(ahead(lengthened(evened(read, rate) if even_loudness else read, rate))) as blocks,
        av.open(str(target), "w", format=how.container, options=options) as container,
    ):
        for name, value in (tags or {}).items():
            container.metadata[name] = value
        stream: Any = container.add_stream(how.codec, rate=rate, layout="mono")
        stream.bit_rate = how.bitrate
        stream.codec_context.flags |= 1 << 23  # AV_CODEC_FLAG_BITEXACT: no name of the encoder
        if chapters:
            container.set_chapters([_chapter(i, c) for i, c in enumerate(chapters)])
        done = 0
        for block in blocks:
            go_on(cancelled)
            if heard is not None:
                heard(rate, block)
            container.mux(stream.encode(_frame(block, rate, done)))
            done += len(block)
            if progress is not None:
                progress(min(1.0, done / max(whole, 1)))
        container.mux(stream.encode(None))
    return Encoded(rate, done)


def lengthened(blocks: Iterator[Samples], rate: int) -> Iterator[Samples]:
    """The same sound; of less than `LEAST_SECONDS` with silence after it."""
    left = round(LEAST_SECONDS * rate)
    for block in blocks:
        left -= len(block)
        yield block
    if left > 0:
        yield np.zeros(left, np.float32)


def evened(blocks: Iterator[Samples], rate: int) -> Iterator[Samples]:
    """The same sound, as long as before, with its loudness evened out."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="fltp", layout="mono")
    level: Any = graph.add("dynaudnorm", _EVENING)
    sink = graph.add("abuffersink")
    source.link_to(level)
    level.link_to(sink)
    graph.configure()
    put = 0
    for block in blocks:
        graph.push(_frame(block, rate, put))
        put += len(block)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: av.filter.Graph) -> Iterator[Samples]:
    while True:
        try:
            frame: Any = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        yield frame.to_ndarray()[0]


def _frame(block: Samples, rate: int, at: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(block, np.float32)[None, :], "fltp", "mono"
    )
    frame.sample_rate = rate
    frame.pts = at
    return frame


def _rate(plan: Sequence[AudioPiece]) -> int:
    highest = max((piece.sample_rate for piece in plan), default=_AAC_RATES[0])
    return highest if highest in _AAC_RATES else _AAC_RATES[0]


def _chapter(number: int, chapter: Chapter) -> Any:
    return {
        "id": number,
        "start": chapter.start_ms,
        "end": chapter.end_ms,
        "time_base": Fraction(1, 1000),
        "metadata": {"title": chapter.title},
    }
