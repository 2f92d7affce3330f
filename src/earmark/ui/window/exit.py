"""Ways out: closing the window, SIGTERM, logout. A recording is always stopped and kept.

Closing while recording or sharing, or while the library does not take what was typed, asks once,
with a strip; what the system wants is done without asking. A share that is cut short so is
cancelled: nothing of it stays.
"""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Protocol

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QSessionManager

from earmark.model.i18n import _
from earmark.model.text import safe_line

from .message_bar import MessageBar

log = logging.getLogger(__name__)
STRIP = "still-recording"
ASKED_FOR_MS = 15_000
"""How long the question stands; closing after that asks again."""


class Unsaved(Protocol):
    """What was typed and is not in the library: `app.outbox.Outbox`."""

    @property
    def unsaved(self) -> bool: ...

    @property
    def failing(self) -> bool: ...

    @property
    def kept_in(self) -> Path | None: ...


class ExitController(QObject):
    """Decides whether the window may go. `stop_wanted` asks for the take to be ended and kept;
    `ready` says that everything is kept and the program may end.

    `settle(then)`, where it is set, hands over what was typed last and calls `then` once that is
    saved, or has proved not to be. `unsaved` is asked what is not.
    """

    stop_wanted = Signal()
    ready = Signal()

    def __init__(self, strips: MessageBar, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._strips = strips
        self._recording = False
        self._sharing = ""
        self._leaving = False
        self._settling = False
        self._settled = False
        self.settle: Callable[[Callable[[], None]], None] | None = None
        self.unsaved: Unsaved | None = None
        self._asked = QTimer(self)
        self._asked.setSingleShot(True)
        self._asked.setInterval(ASKED_FOR_MS)
        self._asked.timeout.connect(self._forget)

    @property
    def leaving(self) -> bool:
        return self._leaving

    def recording(self, going: bool) -> None:
        """Told whenever a recording begins (armed and paused count) or has ended."""
        was, self._recording = self._recording, going
        if was and not going:
            self._ask_anew()
            if self._leaving:
                self.ready.emit()

    def sharing(self, name: str) -> None:
        """Told the name of what is being shared when that begins, and "" at its end."""
        self._sharing = name
        self._ask_anew()

    def close_asked(self) -> None:
        """The person closes the window: at once, or after asking once while something goes on."""
        if self._leaving or self._settling:
            return
        if self._asked.isActive() or self._going_on() or self.settle is None:
            self._ask_or_leave()
            return
        self._settling = True
        self.settle(self._after_settling)

    def saving(self) -> None:
        """Told when the library takes what was typed again, or does not any more."""
        self._ask_anew()

    def _after_settling(self) -> None:
        if self._settling:
            self._settling = False
            self._settled = True
            self._ask_or_leave()
            self._settled = False

    def _ask_or_leave(self) -> None:
        question = self._hindrance()
        if question and not self._leaving and not self._asked.isActive():
            self._strips.tell(STRIP, question)
            self._asked.start()
            return
        self.leave()

    def _ask_anew(self) -> None:
        """Something ended: the question is about what still goes on, if anything does."""
        if self._leaving or not self._asked.isActive():
            return
        if self._hindrance():
            self._strips.tell(STRIP, self._hindrance())
        else:
            self._forget()

    def _hindrance(self) -> str:
        """The question before the window goes; empty where nothing is in the way."""
        questions = (self._going_on(), self._not_saved())
        return ". ".join(question for question in questions if question)

    def _not_saved(self) -> str:
        """What was typed a moment ago is on its way: that is no question yet."""
        unsaved = self.unsaved
        if unsaved is None or not (unsaved.failing or (self._settled and unsaved.unsaved)):
            return ""
        file = unsaved.kept_in
        if file is None:
            return _(
                "Your last changes can be saved nowhere: copy them into another program. "
                "Close again to lose them."
            )
        return _(
            "Your last changes cannot be saved in the library. Close again: they are kept in "
            "“{file}” and come back by themselves at the next start."
        ).format(file=safe_line(str(file)))

    def _going_on(self) -> str:
        """What would be cut short."""
        name = safe_line(self._sharing)
        if self._recording and name:
            return _(
                "Still recording, and sharing “{name}”: close again to keep the recording and "
                "cancel the share"
            ).format(name=name)
        if self._recording:
            return _("Still recording: close again to stop and keep")
        if name:
            return _("Still sharing “{name}”: close again to cancel it").format(name=name)
        return ""

    @Slot()
    def leave(self) -> None:
        """Ends without asking: the recording is stopped and kept first."""
        if self._leaving:
            return
        self._leaving = True
        self._asked.stop()
        if self._recording:
            self._strips.tell(STRIP, _("Keeping the recording…"))
            self.stop_wanted.emit()
        else:
            self.ready.emit()

    @Slot()
    def _forget(self) -> None:
        self._asked.stop()
        if not self._leaving:
            self._strips.clear(STRIP)


class Signals(QObject):
    """SIGTERM, SIGINT, SIGHUP and the end of the desktop session, told on the GUI thread.

    Python runs its signal handlers only between bytecodes, and the event loop runs none for
    minutes: the C handler therefore also writes to a socket that Qt watches.
    """

    asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._before_fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._before = {
            number: signal.signal(number, self._handle)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        }
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.commitDataRequest.connect(self._logout)

    def close(self) -> None:
        """Gives the signals back."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._before_fd)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._read.close()
        self._write.close()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        """Runs between bytecodes; the work is done in `_woken`."""

    @Slot()
    def _woken(self) -> None:
        try:
            numbers = self._read.recv(64)
        except BlockingIOError:
            return
        log.info("asked to end by signal %s", ",".join(map(str, numbers)))
        self.asked.emit()

    @Slot(QSessionManager)
    def _logout(self, manager: QSessionManager) -> None:
        manager.release()
        self.asked.emit()
