"""JSON lines over pipes and sockets that never make the sender wait."""

from __future__ import annotations

import json
import os
import socket
from collections import deque
from typing import Any

PASSING = frozenset({"level", "clock", "stored"})
"""Events that the next one of their kind replaces: dropped for a reader that does not read."""
PASSING_LIMIT = 64 << 10
LIMIT = 4 << 20
MAX_LINE = 1 << 20


def encode(message: dict[str, Any]) -> bytes:
    return json.dumps({"v": 1, **message}, separators=(",", ":")).encode() + b"\n"


class LineSplitter:
    """Bytes in, whole JSON objects out; what is no JSON object is left out."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, data: bytes) -> list[dict[str, Any]]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE:
            self._rest = b""
        found = []
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict):
                found.append(message)
        return found


class Peer:
    """One reader of events and writer of commands: the pipes, or a socket's connection."""

    def __init__(self, read_fd: int | None, write_fd: int | None, connection: socket.socket | None):
        self.read_fd, self.write_fd = read_fd, write_fd
        self._connection = connection
        self._splitter = LineSplitter()
        self._waiting: deque[bytes] = deque()
        self._size = 0
        for fd in (read_fd, write_fd):
            if fd is not None:
                os.set_blocking(fd, False)

    def send(self, message: dict[str, Any]) -> None:
        """Queues a message; `flush` writes it."""
        limit = PASSING_LIMIT if message.get("ev") in PASSING else LIMIT
        if self.write_fd is not None and self._size < limit:
            data = encode(message)
            self._waiting.append(data)
            self._size += len(data)

    @property
    def pending(self) -> bool:
        return bool(self._waiting)

    def flush(self) -> None:
        """Writes what the other side takes now. A side that is gone gets nothing any more."""
        while self._waiting and self.write_fd is not None:
            data = self._waiting.popleft()
            self._size -= len(data)
            try:
                done = os.write(self.write_fd, data)
            except BlockingIOError:
                done = 0
            except OSError:
                self.write_fd = None
                self._waiting.clear()
                self._size = 0
                return
            if done < len(data):
                self._waiting.appendleft(data[done:])
                self._size += len(data) - done
                return

    def receive(self) -> list[dict[str, Any]] | None:
        """The commands that came; None at the end of the connection."""
        if self.read_fd is None:
            return None
        try:
            data = os.read(self.read_fd, 65536)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        return self._splitter.add(data) if data else None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self.read_fd = self.write_fd = None
