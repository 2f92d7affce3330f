"""A fault of our own: said as one, and kept where it can be sent from.

What is kept names the kind of the error and places in the code; never its message, which may
quote a path or a text.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

from earmark import __version__
from earmark.model.files import FILE_MODE
from earmark.model.i18n import _

PLACE = "run/faults.log"
_MOST_BYTES = 1_000_000
_FRAME = re.compile(r'^  File "([^"]+)", line (\d+)', re.MULTILINE)
_KIND = re.compile(r"^([A-Za-z_][\w.]*)(?::.*)?$")
_TRACE = "Traceback (most recent call last):"


def fault_in(said: str) -> str:
    """`Kind at file:line < file:line …`, innermost first, of the last traceback in what a process
    wrote to its standard error; empty where there is none."""
    _before, found, trace = said.rpartition(_TRACE)
    if not found:
        return ""
    places = [f"{Path(name).name}:{line}" for name, line in _FRAME.findall(trace)]
    kinds = [match[1] for line in trace.splitlines() if (match := _KIND.match(line))]
    kind = kinds[0].rpartition(".")[2] if kinds else "Exception"
    return f"{kind} at {' < '.join(reversed(places))}" if places else kind


def report(library: str, fault: str) -> Path | None:
    """Adds the fault to the library's list of them; its file, None where it cannot be written."""
    path = Path(library, PLACE)
    line = f"{datetime.now(UTC).isoformat(timespec='seconds')} earmark {__version__} {fault}\n"
    try:
        if path.exists() and path.stat().st_size > _MOST_BYTES:
            path.replace(path.with_suffix(".log.1"))
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, FILE_MODE)
        with os.fdopen(fd, "ab") as file:
            file.write(line.encode())
    except OSError:
        return None
    return path


def what_happened(fault: str) -> str:
    """The sentence about it."""
    return _("A fault in Earmark stopped this ({fault}).").format(fault=fault.partition(" < ")[0])


def what_to_send(path: Path | None) -> str:
    if path is None:
        return _("Please report it with this sentence.")
    return _("Please report it and send the file “{path}”: nothing you wrote is in it.").format(
        path=path
    )
