"""What the commands print: JSON, plain tables, and on a terminal fine ones."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence

from earmark.model import EarmarkError
from earmark.model.i18n import _


def print_json(value: object) -> None:
    """One JSON document, readable by people too."""
    _write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_event(value: object) -> None:
    """One JSON object on one line, at once."""
    _write(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")) + "\n")


def print_line(text: str) -> None:
    _write(printable(text) + "\n")


def complain(error: EarmarkError) -> None:
    """One sentence, and what to do, on standard error."""
    tell(str(error))


def tell(text: str) -> None:
    """A remark that is no data: on standard error."""
    if sys.stderr is None:
        return
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(printable(text).replace("\n", " ") + "\n")
        sys.stderr.flush()


def print_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, always_headed: bool = False
) -> None:
    """A table: by rich on a terminal, else columns parted by tabs (headings only if asked)."""
    if sys.stdout is not None and sys.stdout.isatty():
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD)
        for head in heads:
            table.add_column(head)
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        Console().print(table)
        return
    lines = [heads, *rows] if always_headed else rows
    _write("".join("\t".join(printable(cell) for cell in row) + "\n" for row in lines))


def printable(text: str) -> str:
    """Text that cannot steer the terminal: controls become U+FFFD (line breaks stay)."""
    return "".join(
        "�" if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 else c for c in text
    )


@contextlib.contextmanager
def progress(label: str) -> Iterator[Callable[[float | None], None]]:
    """A progress bar on a terminal's standard error: call it with 0…1 or None. Else nothing."""
    if not sys.stderr.isatty():
        yield lambda _fraction: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(Text(printable(label)).plain.replace("[", "\\["), total=None)

        def show(fraction: float | None) -> None:
            if fraction is not None:
                bar.update(task, total=1.0, completed=fraction)

        yield show


def _write(text: str) -> None:
    """Raises BrokenPipeError where the reader went away, EarmarkError where the disk is full."""
    if sys.stdout is None:  # started without one
        return
    try:
        sys.stdout.write(text.encode("utf-8", "replace").decode("utf-8"))
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        nobody_reads()
        raise EarmarkError(
            _("The output cannot be written: {reason}.").format(reason=error.strerror),
            _("Send it to another place."),
        ) from error


def nobody_reads() -> None:
    """The reader of standard output went away: what is still printed goes nowhere."""
    if sys.stdout is None:
        return
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
