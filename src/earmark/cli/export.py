"""`earmark export`: a session as one file, or an event as a report."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.app.sharing import (
    MAIL_LIMIT_BYTES,
    AudioForm,
    Only,
    ShareForm,
    ShareOptions,
    ShareRequest,
    WriteOptions,
    Written,
    form_for,
    missing_sound,
)
from earmark.model import EarmarkError, EventId, Session
from earmark.model.i18n import _

from .numbering import line_numbered
from .opening import opened
from .output import print_json, print_line, tell
from .watching import watched

if TYPE_CHECKING:
    from earmark.app import Earmark


def export(folder: Path, arguments: Namespace) -> int:
    """Shares what was asked for and prints where it is and its size."""
    target = Path(arguments.to)
    if target.name in ("", ".."):
        target = target.resolve()
    form = None if arguments.event is not None else _form(target, arguments)
    with opened(folder) as earmark:
        options = ShareOptions(
            audio=not arguments.no_audio,
            transcript=not arguments.no_transcript,
            look_back_ms=round(earmark.settings.value.look_back_s * 1000),
        )
        if form is None:
            written = _event(earmark, target, options, arguments)
        else:
            written = _session(earmark, target, form, options, arguments)
    if arguments.json:
        print_json({"path": str(written.path), "bytes": written.bytes})
    else:
        print_line(f"{written.path}\t{written.bytes}")
    mailed = form is not None and form.spec.mailed
    if mailed and written.bytes > MAIL_LIMIT_BYTES and not arguments.smaller:
        tell(
            _("It has {size} MB, and most mail services refuse that.").format(
                size=round(written.bytes / 1_000_000)
            )
            + " "
            + _("“--smaller” makes a smaller one; a cloud folder takes any size.")
        )
    return 0


def _form(target: Path, arguments: Namespace) -> ShareForm:
    form = form_for(target) if arguments.format is None else ShareForm(arguments.format)
    if form is None and arguments.to.endswith(("/", os.sep)):
        form = ShareForm.FOLDER
    if form is None:
        raise EarmarkError(
            _("The name “{name}” does not say which form to write.").format(name=target.name),
            _("Give it an ending such as .html or .earmark, or name the form with --format."),
        )
    return form


def _write(arguments: Namespace) -> WriteOptions:
    form = AudioForm.OPUS if arguments.smaller else AudioForm.M4A
    return WriteOptions(form, base_url=arguments.base_url or "")


def _session(
    earmark: Earmark, target: Path, form: ShareForm, options: ShareOptions, arguments: Namespace
) -> Written:
    session = _kept(earmark, arguments.id)
    options = _narrowed(session, options, arguments.only)
    request = ShareRequest(session.id, target, form, options, _write(arguments), arguments.force)
    missing = missing_sound(earmark.folder, session) if options.audio else ()
    try:
        return watched(earmark, target.name, lambda: earmark.sharing.share(request))
    except EarmarkError as error:
        raise _without_sound(error, missing) from error


def _kept(earmark: Earmark, named: str) -> Session:
    """The session; what a crash left of its recording is restored first, as the window does it."""

    def read() -> Session:
        return earmark.library.run(lambda lib: lib.session(lib.find_session(named))).result()

    session = read()
    if all(take.file is not None for take in session.timeline.takes):
        return session
    earmark.finishing.restore().result()
    return read()


def _narrowed(session: Session, options: ShareOptions, only: int | str | None) -> ShareOptions:
    """`only` as the parser gives it: None, "marked", or a line's number."""
    if only is None:
        return options
    if isinstance(only, str):
        return replace(options, only=Only.MARKED)
    return replace(options, only=Only.LINE, line=line_numbered(session, only).id)


def _event(earmark: Earmark, target: Path, options: ShareOptions, arguments: Namespace) -> Written:
    event: EventId = earmark.library.run(lambda lib: lib.find_event(arguments.event)).result().id
    return watched(
        earmark,
        target.name,
        lambda: earmark.sharing.share_event(
            event, target, _write(arguments), options=options, replace=arguments.force
        ),
    )


def _without_sound(error: EarmarkError, missing: tuple[str, ...]) -> EarmarkError:
    """Where a sound file is missing, the words of the command line for sharing without it."""
    if not any(name in error.what for name in missing):
        return error
    return EarmarkError(
        error.what, _("Put it back into the library, or share the notes alone with --no-audio.")
    )
