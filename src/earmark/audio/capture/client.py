"""The other side of the capture process: starting it, re-attaching to it, hearing its events."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Protocol

OnEvent = Callable[[dict[str, Any]], None]
DIED: dict[str, Any] = {"ev": "died"}


class Capture(Protocol):
    """A capture process one can talk to, however it was reached."""

    @property
    def alive(self) -> bool: ...

    @property
    def pid(self) -> int | None: ...

    def send(self, cmd: str, **fields: Any) -> bool:
        """Sends a command; False where nobody is there to take it."""

    def close(self) -> None:
        """Lets go. An idle process then ends; a recording one goes on and can be re-attached."""

    def kill(self) -> None:
        """SIGKILL."""


def encode(cmd: str, fields: Mapping[str, Any]) -> bytes:
    return json.dumps({"v": 1, "cmd": cmd, **fields}).encode() + b"\n"


def _events(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                yield event


class CaptureProcess:
    """A capture process of our own. `on_event` gets every event, in a thread of this object; the
    last is `{"ev": "died"}`, when the process has ended for whatever reason but `close`.
    """

    def __init__(
        self,
        library_folder: Path,
        on_event: OnEvent,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self._on_event = on_event
        self._sending = threading.Lock()
        self._closing = False
        command = [sys.executable, "-m", "earmark.audio.capture", "--library", str(library_folder)]
        with contextlib.ExitStack() as stack:
            errors: Any = subprocess.DEVNULL
            if log is not None:
                errors = stack.enter_context(log.open("ab"))
            # A session of its own: Ctrl+C in the terminal is the starter's to handle.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(env) if env is not None else None,
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read, name="capture-events", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, cmd: str, **fields: Any) -> bool:
        stdin = self._process.stdin
        with self._sending:
            if stdin is None or stdin.closed:
                return False
            try:
                stdin.write(encode(cmd, fields))
                stdin.flush()
            except OSError:
                return False
        return True

    def close(self, timeout: float = 10.0) -> None:
        """Closes the pipes; waits for an idle process to end. One that records goes on alone."""
        self._closing = True
        with self._sending, contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)
            self._reader.join(timeout)

    def kill(self) -> None:
        self._process.kill()

    def _read(self) -> None:
        stream = self._process.stdout
        if stream is not None:
            for event in _events(stream):
                self._on_event(event)
            stream.close()
        self._process.wait()
        if not self._closing:
            self._on_event(dict(DIED))


class _Attached:
    """A capture process that another starter left behind, over its socket."""

    def __init__(self, connection: socket.socket, on_event: OnEvent) -> None:
        self._connection = connection
        self._on_event = on_event
        self._sending = threading.Lock()
        self._closing = False
        self._alive = True
        self._pid = _peer_pid(connection)
        self._reader = threading.Thread(target=self._read, name="capture-events", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int | None:
        return self._pid

    @property
    def alive(self) -> bool:
        return self._alive

    def send(self, cmd: str, **fields: Any) -> bool:
        with self._sending:
            try:
                self._connection.sendall(encode(cmd, fields))
            except OSError:
                return False
        return True

    def close(self, timeout: float = 10.0) -> None:
        self._closing = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._reader.join(timeout)
        self._connection.close()

    def kill(self) -> None:
        if self._pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def _read(self) -> None:
        with self._connection.makefile("rb") as stream:
            for event in _events(stream):
                self._on_event(event)
        self._alive = False
        if not self._closing:
            self._on_event(dict(DIED))


def _peer_pid(connection: socket.socket) -> int | None:
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int.from_bytes(raw[:4], sys.byteorder) or None


def attach(socket_path: Path, on_event: OnEvent) -> Capture:
    """Returns to a running capture process; its first event is `state`.

    Raises OSError where nobody listens there any more.
    """
    connection = socket.socket(socket.AF_UNIX)
    try:
        folder = os.open(socket_path.parent, os.O_RDONLY)
        try:
            # A socket's address holds 107 bytes, a library's folder may be longer.
            connection.connect(f"/proc/self/fd/{folder}/{socket_path.name}")
        finally:
            os.close(folder)
    except OSError:
        connection.close()
        raise
    return _Attached(connection, on_event)
