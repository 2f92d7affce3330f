"""Reading a journal: what a take holds, and its frames, also while it is still being written."""

from __future__ import annotations

import json
import os
import zlib
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from earmark.model.errors import UnusableMedia
from earmark.model.i18n import _
from earmark.model.takes import Gap
from earmark.model.units import Frames, SampleRate

from ._form import (
    BLOCK,
    BLOCK_MAGIC,
    FILE_MAGIC,
    GAP,
    HEADER,
    MAX_PAYLOAD,
    SAMPLE_BYTES,
    SEAL,
    VERSION,
    segment_path,
)

DAMAGED = "damaged"
"""The cause of a gap where a segment's frames cannot be read but a later segment can."""


@dataclass(frozen=True, slots=True)
class JournalScan:
    """What a journal holds. `torn` where bytes after the last whole block were left out."""

    take: str
    rate: SampleRate
    channels: int
    frames: Frames
    gaps: tuple[Gap, ...]
    sealed: bool
    reason: str | None
    torn: bool


class _Head(NamedTuple):
    channels: int
    rate: int
    segment: int
    frame: int
    take: str


class _Segment:
    """One file of a journal, read forward block by block."""

    def __init__(self, path: Path, number: int) -> None:
        self.number = number
        self.fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        head = self._head()
        if head is None or head.segment != number:
            os.close(self.fd)
            raise UnusableMedia(
                _("The journal “{name}” has no readable beginning.").format(name=path.name),
                _("Keep the file; nothing was recorded into it that could be restored."),
            )
        self.head = head
        self.offset = HEADER.size
        self.sequence = 0
        self.end = head.frame
        self.torn = False

    def _head(self) -> _Head | None:
        raw = os.pread(self.fd, HEADER.size, 0)
        if len(raw) < HEADER.size:
            return None
        magic, version, channels, rate, segment, frame, take, crc = HEADER.unpack(raw)
        if magic != FILE_MAGIC or version != VERSION or crc != zlib.crc32(raw[:-4]):
            return None
        if not channels or not rate:
            return None
        return _Head(channels, rate, segment, frame, take.rstrip(b"\0").decode("ascii", "replace"))

    def next(self, verify: bool) -> tuple[int, int, int, int, int] | None:
        """`(first frame, frames, flags, payload offset, payload bytes)`, or None at the end."""
        raw = os.pread(self.fd, BLOCK.size, self.offset)
        self.torn = bool(raw)
        if len(raw) < BLOCK.size:
            return None
        magic, sequence, frame, frames, flags, _zero, size, crc = BLOCK.unpack(raw)
        start = self.offset + BLOCK.size
        pcm_bytes = frames * self.head.channels * SAMPLE_BYTES
        if (
            magic != BLOCK_MAGIC
            or sequence != self.sequence
            or frame != self.end
            or size > MAX_PAYLOAD
            or (not flags and size != pcm_bytes)
        ):
            return None
        if verify or flags:
            payload = os.pread(self.fd, size, start)
            if len(payload) != size or zlib.crc32(payload, zlib.crc32(raw[:-4])) != crc:
                return None
        elif os.fstat(self.fd).st_size < start + size:
            return None
        self.torn = False
        self.offset = start + size
        self.sequence += 1
        self.end += frames
        return frame, frames, flags, start, size


class JournalReader:
    """A journal's frames by position. `refresh` sees what was written since.

    `verify=False` believes block headers without reading the sound: for a running take, of which
    the capture process says how far it may be read.
    """

    def __init__(self, path: Path, *, verify: bool = True) -> None:
        self.path = path
        self._verify = verify
        self._segments = [_Segment(path, 0)]
        head = self._segments[0].head
        self.take = head.take
        self.rate = SampleRate(head.rate)
        self.channels = head.channels
        self.sealed = False
        self.reason: str | None = None
        self._frames = 0
        self._firsts, self._counts = array("Q"), array("Q")
        self._offsets, self._files = array("Q"), array("q")
        self._causes: dict[int, str] = {}
        self.refresh()

    @property
    def frames(self) -> Frames:
        """Frames that can be read, gaps included."""
        return Frames(self._frames)

    @property
    def torn(self) -> bool:
        """Bytes follow the last whole block: a block being written, or one cut by a death."""
        return self._segments[-1].torn

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Neighbouring gap blocks of one cause are one gap."""
        found: list[Gap] = []
        for first in sorted(self._causes):
            cause = self._causes[first]
            count = self._counts[bisect_right(self._firsts, first) - 1]
            if found and found[-1].frame + found[-1].frames == first and found[-1].cause == cause:
                last = found.pop()
                first, count = last.frame, last.frames + count
            found.append(Gap(Frames(first), Frames(count), cause))
        return tuple(found)

    def scan(self) -> JournalScan:
        return JournalScan(
            self.take,
            self.rate,
            self.channels,
            self.frames,
            self.gaps,
            self.sealed,
            self.reason,
            self.torn,
        )

    def refresh(self) -> Frames:
        """Looks for new blocks and segments; the frames there are now."""
        self._follow(self._segments[-1])
        while segment_path(self.path, len(self._segments)).exists():
            try:
                segment = _Segment(
                    segment_path(self.path, len(self._segments)), len(self._segments)
                )
            except UnusableMedia:
                break  # torn before anything was in it, or not there yet: what is read holds
            if not self._joins(segment):
                os.close(segment.fd)
                break
            self._segments.append(segment)
            self._cut(segment.head.frame)
            self._follow(segment)
        return self.frames

    def read(self, frame: int, count: int) -> bytes:
        """`count` frames from `frame` on as 16-bit little-endian samples, interleaved; fewer at
        the end. Gaps are silence.
        """
        unit = self.channels * SAMPLE_BYTES
        frame = max(0, frame)
        end = min(frame + max(0, count), self._frames)
        pieces: list[bytes] = []
        index = bisect_right(self._firsts, frame) - 1
        while frame < end:
            skip = frame - self._firsts[index]
            part = min(end - frame, self._counts[index] - skip)
            number = self._files[index]
            if part > 0 and number < 0:
                pieces.append(bytes(part * unit))
            elif part > 0:
                start = self._offsets[index] + skip * unit
                raw = os.pread(self._segments[number].fd, part * unit, start)
                pieces.append(raw.ljust(part * unit, b"\0"))
            frame += max(0, part)
            index += 1
        return b"".join(pieces)

    def close(self) -> None:
        for segment in self._segments:
            os.close(segment.fd)
        self._segments.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _joins(self, segment: _Segment) -> bool:
        """Whether the segment holds at least what it replaces: else it was cut while made."""
        if segment.head.frame > self._frames:
            return True
        start = (segment.offset, segment.sequence, segment.end)
        sealed = False
        while (block := segment.next(self._verify)) is not None:
            sealed = sealed or bool(block[2] & SEAL)
        reaches = segment.end >= self._frames and (sealed or not self.sealed)
        segment.offset, segment.sequence, segment.end = start
        return reaches

    def _follow(self, segment: _Segment) -> None:
        while not self.sealed and (block := segment.next(self._verify)) is not None:
            first, count, flags, offset, size = block
            if flags & SEAL:
                self.sealed = True
                self.reason = self._text(segment, offset, size, "reason")
            elif flags & GAP:
                self._add(first, count, 0, -1)
                self._causes[first] = self._text(segment, offset, size, "cause")
            elif count:
                self._add(first, count, offset, segment.number)

    def _text(self, segment: _Segment, offset: int, size: int, key: str) -> str:
        try:
            value = json.loads(os.pread(segment.fd, size, offset))
        except ValueError:
            return ""
        return str(value.get(key, "")) if isinstance(value, dict) else ""

    def _add(self, first: int, count: int, offset: int, number: int) -> None:
        self._firsts.append(first)
        self._counts.append(count)
        self._offsets.append(offset)
        self._files.append(number)
        self._frames = first + count

    def _cut(self, frame: int) -> None:
        """Forgets everything from `frame` on; fills up to it where it was never reached."""
        self.sealed, self.reason = False, None
        while self._firsts and self._firsts[-1] >= frame:
            self._causes.pop(self._firsts.pop(), None)
            for column in (self._counts, self._offsets, self._files):
                column.pop()
        if self._firsts:
            self._counts[-1] = min(self._counts[-1], frame - self._firsts[-1])
            self._frames = self._firsts[-1] + self._counts[-1]
        else:
            self._frames = 0
        if self._frames < frame:
            first = self._frames
            self._add(first, frame - first, 0, -1)
            self._causes[first] = DAMAGED


def scan_journal(path: Path) -> JournalScan:
    """Reads a whole journal, checking every block; what can be trusted of it.

    Raises UnusableMedia without a readable header, OSError where the file cannot be read.
    """
    with JournalReader(path) as reader:
        return reader.scan()
