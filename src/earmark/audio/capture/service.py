"""The main thread of the capture process: commands in, events out, and when to end."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from earmark.audio.pulse import Ping, PulseState, PulseWatch, available
from earmark.model.errors import EarmarkError
from earmark.model.i18n import _
from earmark.model.library_id import library_id

from .device import CaptureDevice
from .lines import Peer
from .recorder import Recorder, Refused

ORPHAN_SECONDS = 600.0
CHECK_SECONDS = 0.25
END_SECONDS = 20.0
"""How long a sealing that waits for the disk is awaited before the process ends anyway."""
SERVER_SECONDS = 3.0
ANSWER_SECONDS = 1.0


class Service:
    """Runs until told to quit, or until nobody needs it any more."""

    def __init__(self, library: Path, device: CaptureDevice, peer: Peer) -> None:
        self._library = library
        self._pipe = peer
        self._peers = [peer]
        self._outbox: deque[dict[str, Any]] = deque()
        self._select = selectors.DefaultSelector()
        self._woken, self._waker = socket.socketpair()
        for end in (self._woken, self._waker):
            end.setblocking(False)
        self._listener: socket.socket | None = None
        self._quitting: float | None = None
        self._orphan_since: float | None = None
        self._notice: subprocess.Popen[bytes] | None = None
        self._main = threading.get_ident()
        self._watch: PulseWatch | None = None
        if available():
            self._watch = PulseWatch(self._server_changed)
        ping = Ping()
        self.recorder = Recorder(
            library,
            device,
            self._server,
            self.emit,
            self._wake,
            uses_server=self._watch is not None,
            server_answers=lambda: ping.answers(ANSWER_SECONDS),
        )
        if self._watch is not None:
            self._watch.start()

    @property
    def _socket_name(self) -> str:
        return f"run/capture-{os.getpid()}.sock"

    def emit(self, event: dict[str, Any]) -> None:
        """Sends an event to everyone who listens. Any thread."""
        self._outbox.append(event)
        self._wake()

    def run(self) -> None:
        self._catch_signals()
        self._select.register(self._woken, selectors.EVENT_READ, self._woken)
        self._select.register(self._pipe.read_fd or 0, selectors.EVENT_READ, self._pipe)
        backend = "portaudio"
        if self._watch is not None and self._watch.wait_known(SERVER_SECONDS).connected:
            backend = "pulse"
        self.emit({"ev": "ready", "pid": os.getpid(), "backend": backend})
        while not self._done():
            self._turn()
        self._finish()

    def _turn(self) -> None:
        for peer in self._peers:
            self._flush(peer)
        timeout = CHECK_SECONDS if self.recorder.recording or self._quitting else None
        for key, mask in self._select.select(timeout):
            if key.data is self._woken:
                with contextlib.suppress(BlockingIOError):
                    while self._woken.recv(4096):
                        pass
            elif key.data is self._listener:
                self._accept()
            elif mask & selectors.EVENT_READ:
                self._read(key.data)
        self.recorder.tidy()
        self.recorder.check()
        self._look_after_orphan()
        while self._outbox:
            event = self._outbox.popleft()
            for peer in self._peers:
                peer.send(event)

    def _done(self) -> bool:
        if self._outbox:
            return False
        if self._quitting is not None:
            late = time.monotonic() > self._quitting + END_SECONDS
            return late or not self.recorder.recording
        return not self._attended() and not self.recorder.recording

    def _attended(self) -> bool:
        return any(peer.read_fd is not None for peer in self._peers)

    def _quit(self, reason: str) -> None:
        if self._quitting is None:
            self._quitting = time.monotonic()
        if self.recorder.recording:
            self.recorder.stop(reason)

    def _flush(self, peer: Peer) -> None:
        peer.flush()
        fd = peer.write_fd
        if fd is None or fd == peer.read_fd:
            if fd is not None:
                more = selectors.EVENT_WRITE if peer.pending else 0
                self._select.modify(fd, selectors.EVENT_READ | more, peer)
            return
        known = fd in self._select.get_map()
        if peer.pending and not known:
            self._select.register(fd, selectors.EVENT_WRITE, peer)
        elif known and not peer.pending:
            self._select.unregister(fd)

    def _read(self, peer: Peer) -> None:
        commands = peer.receive()
        if commands is None:
            self._drop(peer)
            return
        for command in commands:
            try:
                self._obey(command)
            except Refused as refusal:
                self.emit({"ev": "error", "kind": refusal.kind, "message": str(refusal)})
            except EarmarkError as error:
                self.emit({"ev": "error", "kind": "wrong-command", "message": str(error)})

    def _obey(self, command: dict[str, Any]) -> None:
        match command.get("cmd"):
            case "start":
                fields = {k: v for k, v in command.items() if k not in ("v", "cmd", "library")}
                self._check_library(command.get("library"))
                self._listen()
                self.recorder.start(fields, self._socket_name)
            case "stop" | "pause" as reason:
                self.recorder.stop(reason)
            case "monitor":
                self.recorder.monitor(bool(command.get("on")), command.get("device") or None)
            case "device":
                self.recorder.use(command.get("device") or None)
            case "quit":
                self._quit("stop")
            case "mark":
                pass  # reserved
            case other:
                raise Refused("unknown-command", _("Capture knows no “{name}”.").format(name=other))

    def _check_library(self, expected: object) -> None:
        """Raises Refused where the library's disk went away: nothing is recorded in its place."""
        if expected is not None and library_id(self._library) != expected:
            raise Refused(
                "not-connected",
                _("The library is not connected: its folder is empty or gone. Connect its disk."),
            )

    def _drop(self, peer: Peer) -> None:
        for fd in {peer.read_fd, peer.write_fd} - {None}:
            with contextlib.suppress(KeyError):
                self._select.unregister(fd)  # type: ignore[arg-type]
        peer.close()
        self._peers.remove(peer)
        if not self._attended() and self.recorder.recording:
            self._orphan_since = time.monotonic()
            self._notify()

    def _look_after_orphan(self) -> None:
        if self._notice is not None and self._notice.poll() is not None:
            self._notice = None
        if self._orphan_since is None:
            return
        if self._attended() or not self.recorder.recording:
            self._orphan_since = None
            return
        limit = float(os.environ.get("EARMARK_ORPHAN_SECONDS", ORPHAN_SECONDS))
        if time.monotonic() > self._orphan_since + limit and self._quitting is None:
            self._quit("abandoned")

    def _notify(self) -> None:
        program = shutil.which("notify-send")
        if program is None or self._notice is not None:
            return
        sentence = _("The window is gone, the recording goes on. Start Earmark to return to it.")
        with contextlib.suppress(OSError):
            self._notice = subprocess.Popen(
                [program, "--app-name=Earmark", "Earmark", sentence],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def _listen(self) -> None:
        """The socket for re-attaching, made with the first recording."""
        if self._listener is not None or not hasattr(socket, "AF_UNIX"):
            return
        run = self._library / "run"
        try:
            run.mkdir(mode=0o700, exist_ok=True)
            listener = socket.socket(socket.AF_UNIX)
            folder = os.open(run, os.O_RDONLY)
            try:
                # A socket's address holds 107 bytes, a library's folder may be longer.
                name = Path(self._socket_name).name
                listener.bind(f"/proc/self/fd/{folder}/{name}")
            finally:
                os.close(folder)
            (run / name).chmod(0o600)
        except OSError:
            return  # then a dead window's recording cannot be returned to, only recovered
        listener.listen(2)
        listener.setblocking(False)
        self._listener = listener
        self._select.register(listener, selectors.EVENT_READ, listener)

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            connection, _address = self._listener.accept()
        except OSError:
            return
        attended = self._attended()
        peer = Peer(connection.fileno(), connection.fileno(), connection)
        self._peers.append(peer)
        self._select.register(connection.fileno(), selectors.EVENT_READ, peer)
        self._orphan_since = None
        peer.send({**self.recorder.state_event(), "attended": attended})

    def _server(self) -> PulseState:
        return self._watch.state if self._watch is not None else PulseState()

    def _server_changed(self, state: PulseState) -> None:
        self.recorder.server_changed(state)

    def _wake(self) -> None:
        # A full pipe wakes just as well; after the end nobody needs waking.
        with contextlib.suppress(OSError):
            self._waker.send(b"x")

    def _catch_signals(self) -> None:
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            if number := getattr(signal, name, None):
                signal.signal(number, lambda _number, _frame: self._quit("stop"))

    def _finish(self) -> None:
        until = time.monotonic() + 1.0
        while any(p.pending for p in self._peers) and time.monotonic() < until:
            for peer in self._peers:
                peer.flush()
            time.sleep(0.01)
        if self._listener is not None:
            self._listener.close()
            (self._library / self._socket_name).unlink(missing_ok=True)
        self.recorder.close()
        if self._watch is not None:
            self._watch.close()
