"""`earmark rename`, `move`, `bin` and `restore`: where a session stands in the library."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.model import EarmarkError, SessionId, safe_title
from earmark.model.i18n import _

from .opening import opened
from .output import print_json, print_line

if TYPE_CHECKING:
    from earmark.library import Library


def rename(folder: Path, arguments: Namespace) -> int:
    """Another title; the recordings' folder stays where it is."""
    if not safe_title(arguments.title):
        raise EarmarkError(_("A title needs at least one character."), _("Nothing was changed."))

    def change(library: Library, session: SessionId) -> None:
        library.rename_session(session, arguments.title)

    return _changed(folder, arguments, change)


def move(folder: Path, arguments: Namespace) -> int:
    """Under an event, which is made when there is none; an empty name means under none."""

    def change(library: Library, session: SessionId) -> None:
        title = safe_title(arguments.event)
        event = library.find_event(arguments.event, create=True).id if title else None
        library.move_session(session, event)

    return _changed(folder, arguments, change)


def bin_(folder: Path, arguments: Namespace) -> int:
    """Out of the list, with everything kept."""

    def change(library: Library, session: SessionId) -> None:
        library.bin_session(session)

    return _changed(folder, arguments, change)


def restore(folder: Path, arguments: Namespace) -> int:
    """Out of the bin, which is also where it is looked for."""

    def change(library: Library, session: SessionId) -> None:
        library.restore_session(session)

    return _changed(folder, arguments, change, binned=True)


def _changed(
    folder: Path,
    arguments: Namespace,
    change: Callable[[Library, SessionId], None],
    *,
    binned: bool = False,
) -> int:
    """Finds the session, changes it, and says which one it was: a title may have been given."""

    def find_and_change(library: Library) -> dict[str, str | None]:
        id_ = library.find_session(arguments.id, binned=binned)
        change(library, id_)
        session = library.session(id_, transcript=False)
        event = session.event.title if session.event else None
        return {"id": id_, "title": session.title, "event": event}

    with opened(folder) as earmark:
        done = earmark.library.run(find_and_change).result()
    if arguments.json:
        print_json(done)
    else:
        print_line("\t".join((done["id"] or "", done["title"] or "", done["event"] or "")))
    return 0
