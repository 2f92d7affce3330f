"""`earmark recover`."""

from __future__ import annotations

import time
from argparse import Namespace
from pathlib import Path

from earmark.app.captures import abandoned
from earmark.app.finishing import Restored
from earmark.app.leftovers import clear_imports, clear_parts
from earmark.app.processes import CaptureProcesses
from earmark.model import format_time, frames_to_ms
from earmark.model.i18n import _

from .opening import opened
from .output import complain, print_json, print_line

LEFT_ALONE_S = 10.0
"""A capture process whose “earmark record” was killed ends by itself in a moment: so long it is
awaited. One that lost its window goes on much longer, for the window to return to."""
LOOK_S = 0.3


def recover(folder: Path, arguments: Namespace) -> int:
    """Restores what a crash left and prints it; with `--list` only lists it."""
    with opened(folder) as earmark:
        found = list(earmark.finishing.restore(list_only=arguments.list).result())
        until = time.monotonic() + LEFT_ALONE_S
        left = {
            one.take
            for one in found
            if one.state == "recording"
            and not arguments.list
            and abandoned(CaptureProcesses(folder), folder, one.take)
        }
        while left and time.monotonic() < until:
            time.sleep(LOOK_S)
            again = earmark.finishing.restore().result()
            ended = [one for one in again if one.take in left and one.state != "recording"]
            left -= {one.take for one in ended}
            found = [one for one in found if one.take not in {e.take for e in ended}] + ended
        cleared = 0
        if not arguments.list:
            clear_imports(folder)
            cleared = clear_parts(folder)
    if arguments.json:
        print_json([_form(one) for one in found])
    else:
        for one in found:
            print_line(f"{one.session}\t{one.title}\t{_words(one)}")
        if not found and not cleared:
            print_line(_("Nothing to restore."))
        if cleared:
            print_line(_("Half-written files cleared away: {count}.").format(count=cleared))
    failed = [
        one.error for one in found if one.state in ("failed", "damaged") and one.error is not None
    ]
    for error in failed:
        complain(error)
    return 1 if failed else 0


def _form(one: Restored) -> dict[str, object]:
    return {
        "session": one.session,
        "take": one.take,
        "title": one.title,
        "frames": one.frames,
        "state": one.state,
    }


def _words(one: Restored) -> str:
    match one.state:
        case "restored":
            length = format_time(frames_to_ms(one.frames, one.rate))
            return _("restored, {length}").format(length=length)
        case "empty":
            return _("nothing had been recorded yet")
        case "recording":
            return _("still being recorded")
        case "failed":
            return _("could not be restored yet; it is safe in its journal")
        case "damaged":
            return _("damaged, and no sound of it was found")
    return _("waits to be restored")
