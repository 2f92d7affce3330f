"""`earmark models list|add|get|remove`: no library is opened, and none is needed."""

from __future__ import annotations

import contextlib
import signal
import threading
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from earmark.app.speechmodels import model_form, speech_models
from earmark.model import safe_line
from earmark.model.i18n import _, ngettext

from .output import print_json, print_line, print_table, progress, tell

if TYPE_CHECKING:
    from earmark.transcribe.models import ModelInfo


def models(arguments: Namespace) -> int:
    """Does one of the four; Ctrl+C keeps what a download has brought so far."""
    match arguments.action:
        case "list":
            return _list(arguments.json)
        case "remove":
            speech_models().remove(arguments.what)
            if arguments.json:
                print_json({"name": arguments.what})
            else:
                print_line(_("Removed “{name}”.").format(name=arguments.what))
            return 0
        case "add":
            file = Path(arguments.what)
            with progress(_("Adding {name}").format(name=safe_line(file.name))) as show:
                info = speech_models().add(file, show)
        case _:
            with (
                _interrupted() as cancelled,
                progress(_("Downloading {name}").format(name=safe_line(arguments.what))) as show,
            ):
                info = speech_models().get(arguments.what, show, cancelled.is_set)
    if not info.known:
        tell(
            _("“{name}” is none of the known models: nobody but you vouches for it.").format(
                name=info.name
            )
        )
    if arguments.json:
        print_json(model_form(info))
    else:
        print_line(_("“{name}” is installed: {path}").format(name=info.name, path=info.path))
    return 0


def _list(as_json: bool) -> int:
    found = speech_models().listing()
    if as_json:
        print_json([model_form(info) for info in found])
        return 0
    print_table(
        [_("name"), _("size"), _("languages"), _("good for"), _("licence"), _("installed")],
        [
            (
                info.name,
                _("{n} MiB").format(n=info.mib),
                _languages(info),
                info.good_for,
                info.licence,
                _state(info),
            )
            for info in found
        ],
    )
    for info in found:
        if info.broken:
            tell(info.broken)
    return 0


def _languages(info: ModelInfo) -> str:
    if info.languages == ("en",):
        return _("English")
    count = len(info.languages)
    return ngettext("{n} language", "{n} languages", count).format(n=count)


def _state(info: ModelInfo) -> str:
    if info.installed:
        return str(info.path)
    if info.broken:
        return _("broken")
    if info.part:
        return _("{n} MiB came so far").format(n=info.part >> 20)
    return "-"


@contextlib.contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """Ctrl+C and SIGTERM become a wish to cancel, so that what came is kept in order."""
    cancelled = threading.Event()

    def cancel(_signal: int, _frame: FrameType | None) -> None:
        cancelled.set()

    before = {one: signal.signal(one, cancel) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancelled
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
