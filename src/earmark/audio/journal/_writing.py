"""Writing a journal."""

from __future__ import annotations

import errno
import json
import os
import threading
from collections import deque
from pathlib import Path
from typing import NamedTuple

from earmark.model.files import FILE_MODE, sync_folder

from ._form import (
    GAP,
    MAX_GAP,
    MAX_PAYLOAD,
    SAMPLE_BYTES,
    SEAL,
    lock_file,
    pack_block,
    pack_header,
    segment_path,
)

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Position(NamedTuple):
    """What of a take is written, and what of it is acknowledged by the disk, in frames."""

    written: int
    acknowledged: int


class FileLayer:
    """The system calls the writer uses: the seam at which tests make them fail."""

    def open(self, path: Path) -> int:
        """A new file, which must not exist, for writing."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE)

    def write(self, fd: int, data: bytes) -> int:
        return os.write(fd, data)

    def truncate(self, fd: int, size: int) -> None:
        os.ftruncate(fd, size)
        os.lseek(fd, size, os.SEEK_SET)

    def sync(self, fd: int) -> None:
        """The file's data and length onto the disk."""
        getattr(os, "fdatasync", os.fsync)(fd)

    def close(self, fd: int) -> None:
        os.close(fd)


class _Kept(NamedTuple):
    frame: int
    frames: int
    flags: int
    payload: bytes


class JournalWriter:
    """Appends to one journal. `append`, `gap` and `seal` belong to one thread; `sync` may run in
    another at the same time. Holds the journal's lock until `close`.

    Raises OSError where the system does, with everything before it kept and readable. Writing may
    go on afterwards: a full disk leaves the file as it was before the block that failed.
    """

    def __init__(
        self, path: Path, take: str, rate: int, channels: int, *, layer: FileLayer | None = None
    ) -> None:
        self.path = path
        self._take, self._rate, self._channels = take, rate, channels
        self._layer = layer or FileLayer()
        self._state = threading.Lock()
        self._syncing = threading.Lock()
        self._closed = False
        self._unacknowledged: deque[_Kept] = deque()
        self._frames = self._acknowledged = 0
        self._segment = 0
        self._broken = False
        self._old: list[int] = []
        self._fd, self._size, self._sequence = self._layer.open(path), 0, 0
        try:
            if not lock_file(self._fd):
                raise BlockingIOError(errno.EWOULDBLOCK, "the journal is in use", str(path))
            self._write(pack_header(channels, rate, 0, 0, take))
            # So that even a first sync that fails leaves a journal that can be read.
            self._layer.sync(self._fd)
        except BaseException:
            path.unlink(missing_ok=True)
            self._layer.close(self._fd)
            raise

    @property
    def frames(self) -> int:
        """Frames written, gaps included: the position of the next one."""
        return self._frames

    @property
    def position(self) -> Position:
        with self._state:
            return Position(self._frames, self._acknowledged)

    @property
    def segments(self) -> int:
        """How many files the journal has: more than one after the disk failed."""
        return self._segment + 1

    def append(self, pcm: bytes) -> None:
        """Frames as little-endian 16-bit samples, interleaved; at most 16 MiB at once."""
        frames, rest = divmod(len(pcm), SAMPLE_BYTES * self._channels)
        if rest or len(pcm) > MAX_PAYLOAD:
            raise ValueError(f"{len(pcm)} bytes are no block of whole frames")
        if frames:
            self._add(frames, 0, pcm)

    def gap(self, frames: int, cause: str) -> None:
        """`frames` that the device did not deliver, and why."""
        payload = json.dumps({"cause": cause}).encode()
        while frames > 0:
            part = min(frames, MAX_GAP)
            self._add(part, GAP, payload)
            frames -= part

    def seal(self, reason: str) -> None:
        """Ends the take: the last block. Its frames are durable after the next `sync`."""
        self._add(0, SEAL, json.dumps({"reason": reason}).encode())

    def sync(self) -> int:
        """Makes durable what is written; the frames that are, up to now.

        A disk error moves the tail that was never acknowledged into a new segment.
        """
        with self._syncing:
            return self._acknowledged if self._closed else self._sync()

    def _sync(self) -> int:
        with self._state:
            if self._broken:
                self._renew()
                return self._acknowledged
            fd, segment = self._fd, self._segment
            upto, blocks = self._frames, len(self._unacknowledged)
        try:
            self._layer.sync(fd)
        except OSError as error:
            with self._state:
                if segment == self._segment:
                    self._broken = True
                if error.errno in _FULL:
                    raise
                if self._broken:
                    self._renew()
                return self._acknowledged
        with self._state:
            if segment == self._segment:
                for _ in range(blocks):
                    self._unacknowledged.popleft()
                self._acknowledged = upto
            return self._acknowledged

    def close(self) -> None:
        """Lets the files and the lock go. Nothing is sealed or synced by this."""
        with self._syncing, self._state:
            if not self._closed:
                self._closed = True
                for fd in (self._fd, *self._old):
                    self._layer.close(fd)

    def _add(self, frames: int, flags: int, payload: bytes) -> None:
        with self._state:
            kept = _Kept(self._frames, frames, flags, payload)
            self._unacknowledged.append(kept)
            try:
                if self._broken:
                    self._renew()
                else:
                    self._put(kept)
            except OSError as error:
                if error.errno in _FULL:
                    self._unacknowledged.pop()
                    raise
                self._broken = True
                try:
                    self._renew()
                except OSError:
                    self._unacknowledged.pop()
                    raise
            self._frames += frames

    def _put(self, kept: _Kept) -> None:
        self._write(pack_block(self._sequence, *kept))
        self._sequence += 1

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._layer.write(self._fd, bytes(rest)) :]
        except OSError:
            # A torn block would hide everything that follows it.
            self._layer.truncate(self._fd, self._size)
            raise
        self._size += len(data)

    def _renew(self) -> None:
        """The unacknowledged tail into a new segment; the old file is not touched again."""
        before = (self._fd, self._size, self._sequence)
        number = self._segment + 1
        target = segment_path(self.path, number)
        target.unlink(missing_ok=True)
        self._fd, self._size, self._sequence = self._layer.open(target), 0, 0
        try:
            first = self._unacknowledged[0].frame if self._unacknowledged else self._frames
            self._write(pack_header(self._channels, self._rate, number, first, self._take))
            for kept in self._unacknowledged:
                self._put(kept)
            self._layer.sync(self._fd)
            sync_folder(target.parent)
        except OSError:
            self._layer.close(self._fd)
            target.unlink(missing_ok=True)
            self._fd, self._size, self._sequence = before
            raise
        self._old.append(before[0])
        self._segment, self._broken = number, False
        last = self._unacknowledged[-1] if self._unacknowledged else None
        self._acknowledged = last.frame + last.frames if last else self._frames
        self._unacknowledged.clear()
