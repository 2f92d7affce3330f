"""From arguments to an exit code: 0 done, 1 a problem the person can mend, 2 wrong usage."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from earmark.model import EarmarkError, NotFound, make_folder
from earmark.model.files import is_there
from earmark.model.given import check_given
from earmark.model.i18n import _

from .output import complain, nobody_reads, tell
from .parser import COMMANDS, parse
from .usage import meant
from .window import Window, check_screen


def main(argv: Sequence[str], window: Window) -> int:
    """Runs one command; `window(folder, file)` opens the window and returns its exit code."""
    if "EARMARK_DEBUG" not in os.environ:
        sys.excepthook = _bug
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = parse(argv)
    try:
        return _run(arguments, window)
    except EarmarkError as error:
        complain(error)
        return 1
    except BrokenPipeError:
        nobody_reads()
        return 1
    except KeyboardInterrupt:
        return 130


def _run(arguments: argparse.Namespace, window: Window) -> int:
    from earmark.app.places import library_folder

    folder = library_folder(arguments.library)
    if arguments.new_library:
        _expect_a_new_library(folder)
    match arguments.command:
        case None:
            file = _file(arguments.file)
            check_screen()
            return window(folder, file)
        case "demo":
            from .demo import demo

            return demo(folder, window)
        case "record":
            from .record import record

            return record(folder, arguments)
        case "play":
            from .play import play

            return play(folder, arguments)
        case "import":
            from .bring import bring

            return bring(folder, arguments)
        case "export":
            from .export import export

            return export(folder, arguments)
        case "recover":
            from .recover import recover

            return recover(folder, arguments)
        case "backup":
            from .backup import backup

            return backup(folder, arguments)
        case "doctor":
            from .doctor import doctor

            return doctor(folder, arguments)
        case "transcribe":
            from .transcribe import transcribe

            return transcribe(folder, arguments)
        case "search":
            from .search import search

            return search(folder, arguments)
        case "models":
            from .models import models

            return models(arguments)
        case "devices":
            from .devices import devices

            return devices(arguments)
        case "rename" | "move" | "bin" | "restore":
            from .filing import bin_, move, rename, restore

            filing = {"rename": rename, "move": move, "bin": bin_, "restore": restore}
            return filing[arguments.command](folder, arguments)
    from .sessions import listing, note, show

    commands = {"list": listing, "show": show, "note": note}
    return commands[arguments.command](folder, arguments)


def _expect_a_new_library(folder: Path) -> None:
    """What was in the folder before is not waited for. Changes nothing where a library is there."""
    from earmark.app.known_libraries import KnownLibraries

    try:
        KnownLibraries().forget(folder)
        make_folder(folder)
    except OSError as error:
        raise EarmarkError(
            _("No library can be made in “{folder}”: {reason}.").format(
                folder=folder, reason=error.strerror
            ),
            _("Allow writing there and to your own state folder, or choose another folder."),
        ) from error


def _file(name: str | None) -> Path | None:
    """The file to open. Raises NotFound, also for a mistyped command; UnusableMedia for a pipe."""
    if name is None:
        return None
    path = Path(name)
    if not is_there(path):
        raise NotFound(
            _("There is no file “{name}”, and no such command.").format(name=name),
            meant(name, COMMANDS) or _("“earmark --help” lists the commands."),
        )
    check_given(path)
    return path


def _bug(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
    """A mistake of ours: one sentence; the whole story with EARMARK_DEBUG=1."""
    where = ""
    while trace is not None:
        where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    tell(
        _("Something went wrong inside Earmark ({kind} at {where}).").format(
            kind=kind.__name__, where=where
        )
        + " "
        + _("Set EARMARK_DEBUG=1 to see everything, and please report it.")
    )
