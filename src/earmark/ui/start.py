"""From nothing to a usable window, and back: the order in which things come and go."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from earmark.app.assets import asset
from earmark.app.settings import Settings
from earmark.model.errors import EarmarkError
from earmark.model.units import SessionId

from .bridge import Bridge
from .first import FirstLook
from .theme import ThemeChoice, ThemeSource, use_theme
from .window.main import MainWindow

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark
    from earmark.app.instance import Instance

    from .window.exit import Signals

log = logging.getLogger(__name__)
GLANCE_S = 0.25
"""The first paint waits no longer for the list; it follows as soon as it is read."""
SETTLE_MS = 150
"""After the window is whole, before the services load: the first keys have the processor to
themselves."""
UNSEEN_MS = 1500
"""Where no paint comes (a window started minimised), the services start anyway."""


class Services(Protocol):
    """What stands behind the window."""

    def warm(self) -> None:
        """Starts what takes long, beside everything else."""

    def open(self) -> Future[Earmark]:
        """Begins to load them."""


def make_application() -> QApplication:
    """The one `QApplication`, with its name and style."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("Earmark")
    app.setApplicationDisplayName("Earmark")
    app.setDesktopFileName("earmark")
    app.setStyle("Fusion")
    app.setQuitOnLastWindowClosed(False)
    return app


class Start(QObject):
    """Runs one window on one library."""

    def __init__(
        self,
        first: Future[FirstLook],
        services: Services,
        file: Path | None = None,
        session: SessionId | None = None,
        instance: Instance | None = None,
    ) -> None:
        self._app = make_application()
        super().__init__()
        self._services = services
        self._file = file
        self._session = session
        self._earmark: Earmark | None = None
        self._exit = 0
        self._closing = False
        look = _soon(first, GLANCE_S)
        settings = look.settings if look is not None else Settings()
        self._themes = ThemeSource(ThemeChoice(settings.theme), self)
        use_theme(self._app, self._themes.theme)
        self._bridge = Bridge(self)
        self._window = MainWindow(self._bridge, settings)
        self._themes.changed.connect(self._recolour)
        self._window.theme_chosen.connect(self._choose_theme)
        if look is not None:
            self._window.show_list(look.sessions)
        else:
            self._bridge.when_done(first, self._seen)
        self._instance = instance
        self._signals: Signals | None = None
        self._window.completed.connect(self._whole)
        self._loading = False

    def run(self) -> int:
        """Shows the window and runs until it is closed. Returns the exit code."""
        self._window.show()
        QTimer.singleShot(UNSEEN_MS, self, self._load)
        self._app.exec()
        if self._signals is not None:
            self._signals.close()
        sys.excepthook = sys.__excepthook__
        return self._exit

    def _seen(self, look: FirstLook) -> None:
        if self._earmark is None:
            self._window.show_list(look.sessions)

    @Slot()
    def _whole(self) -> None:
        """The window has all its parts: now they are joined to what lies outside it."""
        from earmark.app.news import FocusAsked

        from .window.exit import Signals

        self._app.setWindowIcon(QIcon(str(asset("icon.svg"))))
        self._window.errors.install()
        self._signals = Signals(self)
        self._signals.asked.connect(self._window.exit.leave)
        self._window.exit.ready.connect(self._end)
        self._window.recording.awaited.connect(self._load)
        if self._instance is not None:
            self._instance.on_focus(lambda given: self._bridge.receive(FocusAsked(given)))
        self._services.warm()
        QTimer.singleShot(SETTLE_MS, self, self._load)

    @Slot()
    def _load(self) -> None:
        if not self._loading:
            self._loading = True
            self._window.complete()
            gc.freeze()  # what the window is made of stays: no collection looks at it again
            gc.enable()
            self._bridge.when_done(self._services.open(), self._opened, self._refused)

    def _opened(self, earmark: Earmark) -> None:
        self._earmark = earmark
        self._window.attach(earmark)
        if self._closing:  # closed meanwhile: what was typed is kept all the same
            self._end()
            return
        self._bridge.when_done(earmark.library.opened, self._library_open, self._refused)

    def _library_open(self, _nothing: None) -> None:
        """What a death left is restored now; news of it find the window listening."""
        if self._earmark is None:
            return
        self._earmark.library.watch()
        back = self._earmark.library.outbox.came_back
        if back is not None:  # told before the window listened
            self._bridge.receive(back)
            self._window.choices.reread()
        self._earmark.finishing.restore(self._earmark.recording.attach)
        if self._file is not None:
            self._window.open_file(self._file)
        elif self._session is not None:
            self._window.desk.open(self._session)

    def _refused(self, error: EarmarkError) -> None:
        """Without a library nothing can be kept: it is said, and typing stays possible."""
        self._exit = 1
        self._window.errors.trouble(error)
        self._window.services_failed()

    @Slot(object)
    def _recolour(self, _theme: object) -> None:
        use_theme(self._app, self._themes.theme)
        self._window.recolour()

    @Slot(str)
    def _choose_theme(self, name: str) -> None:
        self._themes.choose(ThemeChoice(name))

    @Slot()
    def _end(self) -> None:
        """Closes the services beside the GUI thread, then ends the event loop."""
        self._closing = True
        earmark, self._earmark = self._earmark, None
        if earmark is None:
            if not self._loading or self._exit:
                self._app.quit()
            return
        self._window.detach()
        closed: Future[None] = Future()

        def work() -> None:
            try:
                earmark.close()
            except BaseException as error:  # noqa: BLE001 - handed to the one who waits
                closed.set_exception(error)
            else:
                closed.set_result(None)

        self._bridge.when_done(closed, self._closed)
        self._bridge.bug.connect(self._app.quit)
        threading.Thread(target=work, name="earmark-close").start()

    def _closed(self, _nothing: None) -> None:
        self._bridge.close()
        self._window.hide()
        self._app.quit()


def _soon(future: Future[FirstLook], seconds: float) -> FirstLook | None:
    """The result if it is there within `seconds`, else None."""
    try:
        return future.result(timeout=seconds)
    except (TimeoutError, EarmarkError, OSError):
        return None
