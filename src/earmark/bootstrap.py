"""Wiring: makes the window and the application behind it, joins them, and runs.

The window is painted first. Everything heavy (database, sound, numpy) loads afterwards, off the
GUI thread, while typing already works.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from earmark.app import Earmark
    from earmark.ui.first import FirstLook

P = ParamSpec("P")
T = TypeVar("T")


def run_window(folder: Path, file: Path | None) -> int:
    """Opens the window on the library in `folder`, perhaps with a file to open; returns its exit.

    Where a window already shows this library it comes forward instead, and the exit is 0.
    """
    first = _in_background("earmark-first-look", _first_look, folder)
    from earmark.ui.start import Start

    return Start(first, lambda: _in_background("earmark-open", _open, folder), file).run()


def _first_look(folder: Path) -> FirstLook:
    """Settings and list, read beside the loading of Qt."""
    from earmark.app.settings import SettingsStore
    from earmark.library.glance import glance
    from earmark.ui.first import FirstLook

    return FirstLook(SettingsStore(folder).value, glance(folder))


def _open(folder: Path) -> Earmark:
    """The application: its modules take a while to load."""
    from earmark.app import open_earmark

    return open_earmark(folder)


def _in_background(
    name: str, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> Future[T]:
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
