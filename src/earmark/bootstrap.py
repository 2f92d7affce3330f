"""Wiring: makes the window and the application behind it, joins them, and runs.

The window is painted first. Everything heavy (database, sound, numpy) loads afterwards, off the
GUI thread, while typing already works.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from earmark.model.errors import Busy, LibraryNotConnected
from earmark.model.i18n import _
from earmark.model.units import SessionId

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark
    from earmark.app.processes import CaptureProcesses
    from earmark.ui.first import FirstLook

SWITCH_S = 0.0005
"""A key waits no longer than this for a thread that holds the interpreter: at start, the imports
behind the window would else take 5 ms of every step on the way from a key to its painting."""

P = ParamSpec("P")
T = TypeVar("T")


def run_window(folder: Path, file: Path | None, session: SessionId | None = None) -> int:
    """Opens the window on the library in `folder`, with a file or a session to open.

    Returns its exit code. Where a window already shows this library it comes forward instead,
    and the exit is 0. Raises Busy where that window does not answer.
    """
    from earmark.app.instance import claim, focus_other
    from earmark.app.known_libraries import KnownLibraries
    from earmark.ui.logs import start_log

    sys.setswitchinterval(SWITCH_S)
    gc.disable()  # nothing made before the first paint is garbage; `Start` turns it on again
    try:
        KnownLibraries().check(folder)  # nothing is written where its disk should be
        instance = claim(folder)
    except (OSError, LibraryNotConnected):
        instance = None  # the window says what is wrong with the folder
    else:
        if instance is None:
            if focus_other(folder, None if file is None else str(file.absolute())):
                return 0
            raise Busy(
                _("Another Earmark has this library open and does not answer."),
                _("Close it, or end its process, and start again."),
            )
    try:
        start_log(folder / "run" if instance is not None else None)
        first = _in_background("earmark-first-look", _first_look, folder)
        from earmark.ui.qt import load_qt

        load_qt()
        from earmark.ui.start import Start

        services = Services(folder)
        try:
            return Start(first, services, file, session, instance).run()
        finally:
            services.close()
    finally:
        if instance is not None:
            instance.close()


def _first_look(folder: Path) -> FirstLook:
    """Settings and list, read beside the loading of Qt."""
    from earmark.app.settings import SettingsStore
    from earmark.library.glance import glance
    from earmark.ui.first import FirstLook

    return FirstLook(SettingsStore(folder).value, glance(folder))


class Services:
    """The application behind a window, loaded beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._captures: Future[CaptureProcesses] | None = None

    def warm(self) -> None:
        """Starts the capture process already: it is ready when the first Record comes."""
        if self._captures is None:
            self._captures = _in_background("earmark-warm", _captures, self._folder)

    def open(self) -> Future[Earmark]:
        """Begins to load the services. Their library opens on its own lane."""
        self.warm()
        assert self._captures is not None
        return _in_background("earmark-open", _open, self._folder, self._captures)

    def close(self) -> None:
        """Ends what was started and never used."""
        if self._captures is not None and self._captures.exception() is None:
            self._captures.result().close()


def _captures(folder: Path) -> CaptureProcesses:
    from earmark.app.processes import CaptureProcesses

    captures = CaptureProcesses(folder)
    captures.warm()
    return captures


def _open(folder: Path, captures: Future[CaptureProcesses]) -> Earmark:
    """The application: its modules take a while to load."""
    from earmark.app.earmark import Earmark

    earmark = Earmark(folder, captures=captures.result())
    earmark.recording.prepare()
    return earmark


def _in_background(name: str, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Runs `fn` once on a thread of its own; the future holds its outcome."""
    future: Future[T] = Future()

    def work() -> None:
        try:
            result = fn(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=work, name=name).start()
    return future
