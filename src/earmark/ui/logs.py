"""The window's log: what happened and where in the code, never what the person wrote.

No note text, titles or paths: tracebacks are reduced to the kind of the exception and the places
in our code, without the exception's own message (it may quote a path or a text).
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType

MOST_BYTES = 1_000_000


class BareFormatter(logging.Formatter):
    """Formats an exception as `Kind at file:line < file:line …`, innermost first."""

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        kind, error, trace = ei
        if kind is None or error is None:
            return ""
        places = [
            f"{Path(frame.filename).name}:{frame.lineno}"
            for frame in reversed(traceback.extract_tb(trace))
        ]
        number = f" errno {error.errno}" if isinstance(error, OSError) else ""
        return f"{kind.__name__}{number} at {' < '.join(places)}"


class _LogFile(logging.FileHandler):
    """Stays open, for the library's disk may go away; what cannot be logged stops nothing."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Says nothing: standard error has the serious ones."""


def start_log(folder: Path | None) -> None:
    """Logs to `window.log` in `folder` (a private one), else to standard error only."""
    root = logging.getLogger("earmark")
    root.setLevel(logging.INFO)
    form = BareFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    handlers[0].setLevel(logging.WARNING)
    if folder is not None:
        file = _file_handler(folder)
        if file is not None:
            handlers.append(file)
    for handler in handlers:
        handler.setFormatter(form)
        root.addHandler(handler)


def _file_handler(folder: Path) -> logging.Handler | None:
    path = folder / "window.log"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > MOST_BYTES:
            path.replace(path.with_suffix(".log.1"))
        path.touch(mode=0o600)
        return _LogFile(path, encoding="utf-8")
    except OSError:
        return None
