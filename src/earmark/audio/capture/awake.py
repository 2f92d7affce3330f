"""Keeps the computer awake while it records.

Linux: logind's inhibitor against sleep, idleness and the lid, held by a file that the kernel closes
with the process. macOS: `caffeinate`; Windows: the execution state of a thread.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import threading
from collections.abc import Callable

from earmark.model.i18n import _

KINDS = ("sleep", "idle", "handle-lid-switch")
ANSWER_SECONDS = 5.0
JOIN_SECONDS = 2.0


class NotToBeHad(Exception):
    """Nothing here keeps the computer awake."""


class Awake:
    """`hold` and `release` return at once: everything is asked in a thread of its own, because a
    bus may answer late. `on_none` is called in it, at most once, where nothing can be had.
    """

    def __init__(
        self,
        on_none: Callable[[], None],
        inhibit: Callable[[contextlib.ExitStack], None] | None = None,
    ) -> None:
        self._on_none = on_none
        self._inhibit = inhibit or _of_platform()
        self._told = False
        self._released: threading.Event | None = None
        self._thread: threading.Thread | None = None

    def hold(self) -> None:
        """From now on, if it is not held already."""
        if self._released is None:
            self._released = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(self._released,), name="awake", daemon=True
            )
            self._thread.start()

    def release(self) -> None:
        if self._released is not None:
            self._released.set()
            self._released = None

    def close(self) -> None:
        """Releases, and waits a moment until that is done."""
        self.release()
        if self._thread is not None:
            self._thread.join(JOIN_SECONDS)

    def _run(self, released: threading.Event) -> None:
        with contextlib.ExitStack() as held:
            try:
                self._inhibit(held)
            except NotToBeHad:
                if not self._told:
                    self._told = True
                    self._on_none()
            released.wait()


def _of_platform() -> Callable[[contextlib.ExitStack], None]:
    return {"darwin": _caffeinate, "win32": _execution_state}.get(sys.platform, _logind)


def _logind(held: contextlib.ExitStack) -> None:
    """All kinds at once, else those that this person may; without "sleep" it is not to be had."""
    try:
        from jeepney import DBusAddress, new_method_call
        from jeepney.io.blocking import open_dbus_connection
        from jeepney.wrappers import DBusErrorResponse, unwrap_msg
    except ImportError as error:  # pragma: no cover  (a dependency on Linux)
        raise NotToBeHad from error
    manager = DBusAddress(
        "/org/freedesktop/login1", "org.freedesktop.login1", "org.freedesktop.login1.Manager"
    )

    def ask(what: str) -> bool:
        why = _("A recording is running.")
        call = new_method_call(manager, "Inhibit", "ssss", (what, "Earmark", why, "block"))
        try:
            reply = connection.send_and_get_reply(call, timeout=ANSWER_SECONDS)
            (fd,) = unwrap_msg(reply)
        except DBusErrorResponse:
            return False
        held.callback(os.close, fd.to_raw_fd())
        return True

    try:
        with open_dbus_connection("SYSTEM", enable_fds=True) as connection:
            got = list(KINDS) if ask(":".join(KINDS)) else [kind for kind in KINDS if ask(kind)]
    except (OSError, EOFError, ValueError, KeyError) as error:  # no bus, or it went away
        raise NotToBeHad from error
    if "sleep" not in got:
        raise NotToBeHad


def _caffeinate(held: contextlib.ExitStack) -> None:
    command = ["caffeinate", "-i", "-m", "-s", "-w", str(os.getpid())]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise NotToBeHad from error
    held.callback(process.wait)
    held.callback(process.terminate)


def _execution_state(held: contextlib.ExitStack) -> None:
    """Holds for as long as the thread that said it lives, or until it says otherwise."""
    continuous, system_required = 0x80000000, 0x00000001
    try:
        say = ctypes.windll.kernel32.SetThreadExecutionState  # type: ignore[attr-defined]
    except (AttributeError, OSError) as error:
        raise NotToBeHad from error
    if not say(continuous | system_required):
        raise NotToBeHad
    held.callback(say, continuous)
