"""JSON lines in and out of the process. Writing never blocks: the parent may be stuck."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from typing import Any

PROTOCOL = 1
MOST_WAITING = 1 << 20
"""Bytes kept for a parent that reads nothing; then it is taken for dead."""


class Wire:
    """One thread may `emit`; the commands come in on a thread of their own."""

    def __init__(self, fd_in: int = 0, fd_out: int = 1) -> None:
        self._in = fd_in
        self._out = fd_out
        self._waiting = bytearray()
        self.broken = False
        os.set_blocking(fd_out, False)

    def emit(self, ev: str, **fields: Any) -> None:
        """Sends an event; a `pos` is dropped rather than kept for later."""
        if self._waiting and ev == "pos":
            self.flush()
            if self._waiting:
                return
        line = json.dumps({"v": PROTOCOL, "ev": ev, **fields}, separators=(",", ":"))
        self._waiting += line.encode() + b"\n"
        self.flush()

    def flush(self) -> None:
        """Sends what waits, as far as the parent takes it."""
        while self._waiting and not self.broken:
            try:
                wrote = os.write(self._out, self._waiting)
            except BlockingIOError:
                self.broken = len(self._waiting) > MOST_WAITING
                return
            except OSError:
                self.broken = True
                return
            del self._waiting[:wrote]

    def listen(self, on_command: Callable[[dict[str, Any]], None]) -> threading.Thread:
        """Reads commands until `quit` or the end of the input, which counts as `quit`.

        What is no command is given as `{"cmd": "", "line": …}`.
        """
        thread = threading.Thread(target=self._read, args=(on_command,), name="wire", daemon=True)
        thread.start()
        return thread

    def _read(self, on_command: Callable[[dict[str, Any]], None]) -> None:
        pending = b""
        while chunk := os.read(self._in, 65536):
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                if not line.strip():
                    continue
                try:
                    command = json.loads(line)
                except ValueError:
                    command = None
                if not isinstance(command, dict) or not isinstance(command.get("cmd"), str):
                    command = {"cmd": "", "line": line[:100].decode("utf-8", "replace")}
                on_command(command)
                if command["cmd"] == "quit":
                    return
        on_command({"cmd": "quit"})
