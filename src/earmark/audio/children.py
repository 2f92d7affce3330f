"""A child process that speaks JSON lines: one object per line, commands in, events out.

Standard library only, and light: the window imports it before anything is painted.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

PROTOCOL = 1
Event = dict[str, Any]


class JsonChild:
    """Starts `argv` and talks to it. `send` never blocks, from any thread.

    `on_event` is called on the child's own reader thread, once for each line it writes, and with
    `{"ev": "died", "code": int, "asked": bool}` as the very last call, once, however it ended
    (`asked`: after `close`). The caller must `close` it: the threads are not daemonic.
    `stderr_log` is appended to (made 0600); without it the child's stderr is dropped.
    """

    def __init__(
        self,
        argv: Sequence[str],
        on_event: Callable[[Event], None],
        env: Mapping[str, str] | None = None,
        stderr_log: Path | None = None,
    ) -> None:
        self._on_event = on_event
        self._asked = False
        self._writing = threading.Lock()
        self._backlog = bytearray()
        self._drain: threading.Thread | None = None
        stderr = _open_log(stderr_log)
        try:
            # A session of its own: Ctrl+C in a terminal is for the window, which then asks us.
            self._process = subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=None if env is None else dict(env),
                start_new_session=True,
                bufsize=0,
            )
        finally:
            if stderr >= 0:
                os.close(stderr)
        assert self._process.stdin is not None
        self._stdin = self._process.stdin
        if os.name != "nt":
            os.set_blocking(self._stdin.fileno(), False)
        self._reader = threading.Thread(target=self._read, name=f"child-{self.pid}")
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        """True until the process has ended."""
        return self._process.poll() is None

    def send(self, cmd: str, **fields: object) -> bool:
        """Writes one command. False when the child can no longer be written to."""
        line = json.dumps({"v": PROTOCOL, "cmd": cmd, **fields}, separators=(",", ":"))
        data = line.encode() + b"\n"
        with self._writing:
            if self._stdin.closed:
                return False
            if self._backlog:
                self._backlog += data
                return True
            try:
                wrote = self._stdin.write(data) or 0
            except OSError:
                return False
            if wrote < len(data):
                # The pipe is full: the child is busy or stuck, and the caller must not be.
                self._backlog += data[wrote:]
                self._drain = threading.Thread(target=self._write_backlog, name="child-writer")
                self._drain.start()
        return True

    def close(self, timeout: float = 5.0) -> None:
        """Asks it to quit and waits; after `timeout` seconds terminates, at last kills it.

        Idempotent. Returns when the process has ended and `died` was delivered (except when
        called from `on_event` itself).
        """
        self._asked = True
        self.send("quit")
        self._close_stdin()
        for end in (None, self._process.terminate, self._process.kill):
            if end is not None:
                end()
            try:
                self._process.wait(timeout if end is None else 2.0)
                break
            except subprocess.TimeoutExpired:
                continue
        self._join()

    def kill(self) -> None:
        """Ends it at once (SIGKILL) and waits until it is gone; `died` says it was not asked."""
        self._process.kill()
        self._process.wait()
        self._join()

    def _join(self) -> None:
        me = threading.current_thread()
        for thread in (self._reader, self._drain):
            if thread is not None and thread is not me:
                thread.join()

    def _close_stdin(self) -> None:
        with self._writing:
            if self._backlog:
                return  # the drain closes it when it is through, or when the pipe breaks
            try:
                self._stdin.close()
            except OSError:
                pass

    def _write_backlog(self) -> None:
        while self.alive:
            select.select([], [self._stdin], [], 0.5)
            with self._writing:
                try:
                    wrote = self._stdin.write(bytes(self._backlog[:65536])) or 0
                except OSError:
                    self._backlog.clear()
                    return
                del self._backlog[:wrote]
                if not self._backlog:
                    if self._asked:
                        self._stdin.close()
                    return

    def _read(self) -> None:
        out = self._process.stdout
        assert out is not None
        with out:
            pending = b""
            while chunk := out.read(65536):
                *lines, pending = (pending + chunk).split(b"\n")
                for line in lines:
                    self._deliver(line)
        code = self._process.wait()
        with self._writing:
            self._backlog.clear()
            drain = self._drain
        if drain is not None:
            drain.join()  # it still watches the pipe that is closed next
        self._close_stdin()
        self._on_event({"ev": "died", "code": code, "asked": self._asked})

    def _deliver(self, line: bytes) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if isinstance(event, dict) and "ev" in event:
            self._on_event(event)
        elif line.strip():
            self._on_event({"ev": "error", "kind": "protocol", "message": "not a JSON event"})


def _open_log(path: Path | None) -> int:
    if path is None:
        return subprocess.DEVNULL
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
