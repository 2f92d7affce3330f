"""One window per library: a lock says who it is, a socket beside it brings it to the front.

Some disks (exFAT, some network folders) hold locks but no sockets: the lock alone still keeps a
second window out, which then says so instead of bringing the first one forward.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import selectors
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from earmark.model import make_folder

log = logging.getLogger(__name__)
LOCK = "window.lock"
SOCKET = "window.sock"
_MAX_MESSAGE = 65_536
_PATIENCE_S = 5.0


class Instance:
    """This process is the library's window until `close()`."""

    def __init__(self, lock: IO[bytes], listener: socket.socket | None, path: Path) -> None:
        self._lock = lock
        self._listener = listener
        self._path = path
        self._told = threading.Lock()
        self._on_focus: Callable[[str | None], None] | None = None
        self._asked: list[str | None] = []
        self._wake, self._waker = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="earmark-instance")
        self._thread.start()

    def on_focus(self, callback: Callable[[str | None], None]) -> None:
        """`callback(file or None)` is called for each second start, on this object's thread.

        Those that came before are told at once, on the caller's.
        """
        with self._told:
            self._on_focus = callback
            asked, self._asked = self._asked, []
        for file in asked:
            callback(file)

    def close(self) -> None:
        """Gives the library free for another window."""
        self._waker.send(b"x")
        self._thread.join()
        self._wake.close()
        self._waker.close()
        if self._listener is not None:
            self._listener.close()
            with contextlib.suppress(OSError):  # a disk that turned read-only keeps it
                self._path.unlink(missing_ok=True)
        self._lock.close()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._wake, selectors.EVENT_READ)
            if self._listener is not None:
                ready.register(self._listener, selectors.EVENT_READ)
            while True:
                if any(key.fileobj is self._wake for key, _ in ready.select()):
                    return
                with contextlib.suppress(OSError, ValueError):
                    if self._listener is not None:
                        self._answer(self._listener.accept()[0])

    def _focus(self, file: str | None) -> None:
        with self._told:
            callback = self._on_focus
            if callback is None:
                self._asked.append(file)
        if callback is not None:
            callback(file)

    def _answer(self, peer: socket.socket) -> None:
        with peer:
            peer.settimeout(_PATIENCE_S)
            data = b""
            while not data.endswith(b"\n") and len(data) < _MAX_MESSAGE:
                part = peer.recv(4096)
                if not part:
                    break
                data += part
            message = json.loads(data)
            file = message.get("file") if isinstance(message, dict) else None
            self._focus(file if isinstance(file, str) else None)
            peer.sendall(b"ok\n")


def claim(folder: Path) -> Instance | None:
    """Makes this process the window of the library, or None where another one is.

    Raises OSError where the folder cannot be written to.
    """
    run = folder / "run"
    make_folder(run)
    lock = open(  # noqa: SIM115 - held until the instance closes
        run / LOCK, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)
    )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    except OSError:
        lock.close()
        raise
    return Instance(lock, _listener(run / SOCKET), run / SOCKET)


def _listener(path: Path) -> socket.socket | None:
    """The socket that second starts ask; None on a disk that holds none."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        with _short(path) as address:
            listener.bind(address)
        path.chmod(0o600)
        listener.listen()
    except OSError:
        log.info("no socket can be made in the library")
        listener.close()
        return None
    return listener


def focus_other(folder: Path, file: str | None = None) -> bool:
    """Asks the library's window to come forward (and open `file`). False when none answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.settimeout(_PATIENCE_S)
        try:
            with _short(folder / "run" / SOCKET) as address:
                peer.connect(address)
            peer.sendall(json.dumps({"file": file}).encode() + b"\n")
            return peer.recv(16) == b"ok\n"
        except OSError:
            return False


@contextlib.contextmanager
def _short(path: Path):  # type: ignore[no-untyped-def]
    """An address for a socket whose path is longer than the 107 bytes a socket may have."""
    if len(os.fsencode(path)) < 104:
        yield str(path)
        return
    fd = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{fd}/{path.name}"
    finally:
        os.close(fd)
