"""Refusing a stranger's file: as a whole, with one sentence, wherever inside it the fault lies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earmark.model import EarmarkError
from earmark.model.given import no_file, shown, unreadable
from earmark.model.i18n import _


class Refused(EarmarkError):
    """A share that does not come in. `why` is for a report: what inside it is wrong."""

    def __init__(self, what: str, remedy: str, why: str) -> None:
        super().__init__(what, remedy)
        self.why = why


class MalformedShare(Exception):
    """What is wrong inside a share; `refusing` makes the sentence of it."""


class NoShare(MalformedShare):
    """It may be a good page or zip, but there is no form of a session in it."""


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turns what is wrong inside the share at `path` into one sentence about it."""
    try:
        yield
    except NoShare as fault:
        raise Refused(
            _("“{name}” holds no notes of Earmark.").format(name=shown(path)),
            _("Choose a bundle or a pencast that Earmark made, or a sound file."),
            str(fault),
        ) from fault
    except MalformedShare as fault:
        raise Refused(
            _("“{name}” is damaged or was not made by Earmark.").format(name=shown(path)),
            _("Ask for it to be sent again; nothing was imported."),
            str(fault),
        ) from fault
    except (FileNotFoundError, NotADirectoryError) as error:
        raise no_file(path) from error
    except PermissionError as error:
        raise unreadable(shown(path)) from error
