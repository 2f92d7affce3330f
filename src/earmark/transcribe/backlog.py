"""Sound that waits for the engine: none is ever dropped, however far behind the engine is."""

from __future__ import annotations

import tempfile
import threading
from collections import deque
from typing import IO

IN_MEMORY = 8 << 20
"""Bytes; what goes beyond waits in a file without a name, gone with the process."""


class Backlog:
    """Bytes in, the same bytes out, in order. `push` never waits for the reader."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._most = in_memory
        self._memory: deque[bytes] = deque()
        self._held = 0
        self._file: IO[bytes] | None = None
        self._read_at = 0
        self._written = 0
        self._ended = False
        self._news = threading.Condition()

    @property
    def waiting(self) -> int:
        """Bytes pushed and not yet read."""
        with self._news:
            return self._held + self._written - self._read_at

    def push(self, data: bytes) -> None:
        with self._news:
            # memory holds the oldest, the file what came after it
            if self._written > self._read_at or self._held + len(data) > self._most:
                if self._file is None:
                    self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this
                self._file.seek(self._written)
                self._file.write(data)
                self._written += len(data)
            else:
                self._memory.append(data)
                self._held += len(data)
            self._news.notify()

    def end(self) -> None:
        """Nothing more comes."""
        with self._news:
            self._ended = True
            self._news.notify()

    def read(self, most: int, wait: float) -> bytes | None:
        """Up to about `most` bytes; b"" when none came within `wait` seconds; None at the end."""
        with self._news:
            if not self._held and self._written == self._read_at and not self._ended:
                self._news.wait(wait)
            if self._memory:
                taken = [self._memory.popleft()]
                size = len(taken[0])
                while self._memory and size + len(self._memory[0]) <= most:
                    taken.append(self._memory.popleft())
                    size += len(taken[-1])
                self._held -= size
                return b"".join(taken)
            if self._file is not None and self._written > self._read_at:
                self._file.seek(self._read_at)
                data = self._file.read(min(most, self._written - self._read_at))
                self._read_at += len(data)
                if self._read_at == self._written:
                    self._file.seek(0)
                    self._file.truncate()
                    self._read_at = self._written = 0
                return data
            return None if self._ended else b""

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
