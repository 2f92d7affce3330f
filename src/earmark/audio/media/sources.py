"""Decoded sound as it comes out of a container or a row of packets, with what is missing in it.

Every stretch keeps its place: a packet that cannot be decoded, bytes that are no packets and times
that leave a hole are `Missing` of their length, never left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import av
import numpy as np

from .container import RAW
from .packets import AMR_SECONDS, Packet, Run, Survey, amr_packets, packets_of
from .views import FileBytes

_HOLE_SECONDS = 0.15
_DAMAGE_SECONDS = 0.015
"""Holes smaller than these are jitter of a container's times; after damage less is jitter."""
_LARGEST_HOLE_SECONDS = 600
_LARGEST_DAMAGE_SECONDS = 12 * 3600
_ERRORS_IN_A_ROW = 64
CHECKED = (("err_detect", "crccheck+explode"),)
"""For FLAC: a torn frame is noise that only its check sum tells from sound."""
_AMR = {"amrnb": "amrnb", "amrwb": "amrwb", "amr_nb": "amrnb", "amr_wb": "amrwb"}


class Missing(NamedTuple):
    """Sound that is not there. `pause`: none was sent, as nobody spoke; else it is lost."""

    seconds: float
    pause: bool = False


Sound = Any
"""A decoded frame (FFmpeg's) or Missing."""


class Tally:
    """What was met on the way. `cut`: an end that was not expected."""

    def __init__(self) -> None:
        self.packets = 0
        self.damaged = 0
        self.cut = False
        self.numbers = FlacNumbers()
        self._zero: float | None = None
        self._at = 0.0

    def begin_anew(self) -> None:
        """The times of what comes next have nothing to do with those before."""
        self._zero = None
        self.numbers = FlacNumbers()

    def went_by(self, length: float) -> None:
        self._at += length

    def hole(self, time: float, least: float, most: float) -> float:
        """By how much `time` is later than the sound so far."""
        if self._zero is None:
            self._zero = time - self._at
        missing = time - self._zero - self._at
        if least <= missing <= most:
            self._at += missing
            return missing
        if abs(missing) >= least:
            self._zero += missing  # its times begin anew here: go on from there
        return 0.0


def demuxed(
    container: Any,
    stream: Any,
    tally: Tally,
    *,
    late_by: Callable[[float], float] | None,
    hurt: bool,
) -> Iterator[Sound]:
    """The sound of a container's stream. `late_by` tells from its first packet's time how much
    later than the container it begins. `hurt`: it begins after a hole."""
    name = container.format.name.split(",")[0]
    timed = _Timed(tally, counted=name in RAW)
    timed.hurt = hurt
    context = stream.codec_context
    kind = _AMR.get(context.name)
    lossy = not context.name.startswith("pcm_")
    numbered = tally.numbers if context.name == "flac" and name in ("flac", "ogg") else None
    for packet in _packets(container, stream, tally, timed):
        tally.packets += 1
        if late_by is not None and packet.pts is not None:
            late = late_by(float(packet.pts * packet.time_base))
            late_by = None
            if late:
                tally.went_by(late)
                yield Missing(late)
        if packet.is_corrupt or (lossy and packet.size >= 8 and not any(bytes(packet))):
            timed.hurt = True
            tally.damaged += 1
            continue
        if kind and packet.size:
            yield from timed.at(packet)
            yield from timed.placed(_amr_frames(context, packet, kind))
            continue
        try:
            frames = context.decode(packet if packet.size else None)
        except av.error.EOFError:
            break
        except (av.error.FFmpegError, ValueError):
            frames = []
            if numbered and packet.size:
                # perhaps its form changed here, which one decoder does not follow
                context, frames = _fresh_flac(context, packet)
            if not frames:
                timed.hurt = True
                tally.damaged += 1
                continue
        if numbered is None:
            yield from timed.placed(frames)
            continue
        for number, frame in enumerate(frames):
            missing = 0.0 if number else numbered.missing(bytes(packet)[:16], frame)
            if number:
                numbered.went_by(frame)
            if missing:
                yield Missing(missing)
            timed.hurt = False
            yield frame
    tally.cut = tally.cut or timed.hurt


def _fresh_flac(context: Any, packet: Any) -> tuple[Any, list[Any]]:
    fresh = av.CodecContext.create("flac", "r")
    fresh.options = dict(CHECKED)
    try:
        return fresh, fresh.decode(av.Packet(bytes(packet)))
    except (av.error.FFmpegError, ValueError):
        return context, []


class FlacNumbers:
    """The places of FLAC frames by the numbers in their headers: exact, whatever their rate."""

    def __init__(self) -> None:
        self._due: int | None = None
        self._block = 0
        self._by_samples = False

    def went_by(self, frame: Any) -> None:
        """A frame without a header of its own: near a hole a packet may hold several."""
        if self._due is not None:
            self._due += frame.samples if self._by_samples else 1
        self._block = frame.samples

    def missing(self, head: bytes, frame: Any) -> float:
        """Seconds missing before a frame."""
        number = _coded_number(head)
        if number is None:
            self._due = None
            return 0.0
        self._by_samples = bool(head[1] & 1)
        left_out = number - self._due if self._due is not None else 0
        samples = left_out * (1 if self._by_samples else max(self._block, frame.samples))
        self._due = number
        self.went_by(frame)
        seconds = float(samples / frame.sample_rate)
        return seconds if 0 < seconds <= _LARGEST_DAMAGE_SECONDS else 0.0


def _coded_number(head: bytes) -> int | None:
    """The number in a FLAC frame's header, coded like UTF-8 of up to seven bytes."""
    if len(head) < 5 or head[0] != 0xFF or head[1] & 0xFE != 0xF8:
        return None
    first = head[4]
    if first < 0x80:
        return first
    more = 8 - (first ^ 0xFF).bit_length() - 1
    if not 1 <= more <= 6:
        return None
    number = first & (0x3F >> more)
    for byte in head[5 : 5 + more]:
        number = number << 6 | byte & 0x3F
    return number


def _packets(container: Any, stream: Any, tally: Tally, timed: _Timed) -> Iterator[Any]:
    """All packets; an error is a damaged place, not the end, as long as more come."""
    errors = 0
    while errors < _ERRORS_IN_A_ROW:
        try:
            for packet in container.demux(stream):
                if packet.size:
                    errors = 0
                yield packet
        except av.error.FFmpegError:
            errors += 1
            tally.damaged += errors == 1
            timed.hurt = True
        else:
            return
    tally.cut = True


class _Timed:
    """Puts frames at the places their container gives them."""

    def __init__(self, tally: Tally, *, counted: bool) -> None:
        """`counted`: its times are only counted packets."""
        self._tally = tally
        self._counted = counted
        self.hurt = False

    def placed(self, frames: Any) -> Iterator[Sound]:
        for frame in frames:
            if isinstance(frame, Missing):
                self._tally.went_by(frame.seconds)
                yield frame
                continue
            yield from self.at(frame)
            self.hurt = False
            self._tally.went_by(frame.samples / frame.sample_rate)
            yield frame

    def at(self, timed: Any) -> Iterator[Missing]:
        """What is missing before a frame or packet, by its time."""
        if self._counted:
            self.hurt = False  # sound comes again: the damage was no end
            return
        if timed.pts is None or timed.time_base is None:
            return
        least, most = _HOLE_SECONDS, float(_LARGEST_HOLE_SECONDS)
        if self.hurt:
            least, most, self.hurt = _DAMAGE_SECONDS, _LARGEST_DAMAGE_SECONDS, False
        missing = self._tally.hole(float(timed.pts * timed.time_base), least, most)
        if missing:
            yield Missing(missing)


def bare(
    data: FileBytes, kind: str, codec: str, found: Survey, tally: Tally
) -> Iterator[tuple[Sound, float]]:
    """The sound of a row of packets, run by run; with the share of the bytes decoded so far."""
    for number, run in enumerate(found.runs):
        missing = found.missing(number)
        if missing:
            tally.damaged += 1
            yield Missing(missing), run.start / data.size
        for sound in _kept(_run(data, kind, codec, run, tally), run):
            yield sound, run.end / data.size
    tally.cut = tally.cut or found.cut


def _run(data: FileBytes, kind: str, codec: str, run: Run, tally: Tally) -> Iterator[Sound]:
    context: Any = av.CodecContext.create(codec, "r")
    context.thread_count = 1
    if kind in _AMR:
        context.sample_rate, context.layout = run.rate, "mono"
    for raw, packet in packets_of(data, kind, run):
        tally.packets += 1
        if kind in _AMR:
            yield from _amr_frames(context, raw, kind)
            continue
        yield from _decoded(context, raw, packet, tally)


def _decoded(context: Any, raw: bytes, packet: Packet, tally: Tally) -> Iterator[Sound]:
    try:
        frames = context.decode(av.Packet(raw))
    except (av.error.FFmpegError, ValueError):
        tally.damaged += 1
        frames = []
    if not frames:
        yield Missing(packet.samples / packet.rate)
    yield from frames


def _amr_frames(context: Any, packet: Any, kind: str) -> Iterator[Sound]:
    for raw, speech in amr_packets(bytes(packet), kind):
        frames = []
        if speech:
            try:
                frames = context.decode(av.Packet(raw))
            except (av.error.FFmpegError, ValueError):
                frames = []
        yield from frames or [Missing(AMR_SECONDS, pause=not speech)]


def _kept(sounds: Iterator[Sound], run: Run) -> Iterator[Sound]:
    """Without what an encoder put before and after the sound, by the run's opening."""
    opening = run.opening
    if opening is None or not opening.delay:
        yield from sounds
        return
    size = run.samples // run.packets
    end = opening.packets * size
    padding = end - opening.padding if end <= run.samples else end
    at = 0
    for sound in sounds:
        count = round(sound.seconds * run.rate) if isinstance(sound, Missing) else sound.samples
        start = max(0, opening.delay - at)
        stop = padding - at if padding < at + count and at < end else count
        at += count
        if start == 0 and stop == count:
            yield sound
        elif start < stop:
            yield _slice(sound, start, stop, run.rate)


def _slice(sound: Sound, start: int, stop: int, rate: int) -> Sound:
    if isinstance(sound, Missing):
        return Missing((stop - start) / rate, sound.pause)
    array = sound.to_ndarray()
    wide = 1 if sound.format.is_planar else len(sound.layout.channels)
    part = np.ascontiguousarray(array[:, start * wide : stop * wide])
    made = av.AudioFrame.from_ndarray(part, sound.format.name, sound.layout.name)
    made.sample_rate = sound.sample_rate
    return made
