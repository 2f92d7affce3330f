"""`earmark play`."""

from __future__ import annotations

import queue
import sys
import time
from argparse import Namespace
from pathlib import Path

from earmark.app.news import Heard, News, ReplayState, Told
from earmark.app.running_take import as_recorded
from earmark.model import (
    Anchor,
    EarmarkError,
    NoteLine,
    Session,
    SoundUnavailable,
    format_time,
)
from earmark.model.i18n import _

from .numbering import line_numbered
from .opening import opened
from .output import print_event, print_line

START_LIMIT_S = 30.0
"""So long the replay process may take until it plays."""


def play(folder: Path, arguments: Namespace) -> int:
    """Plays through the default output and prints the position until the end."""
    with opened(folder) as earmark:
        session = earmark.library.run(
            lambda lib: as_recorded(folder, lib.session(lib.find_session(arguments.id)))
        ).result()
        news: queue.SimpleQueue[News] = queue.SimpleQueue()
        earmark.events.subscribe(news.put)
        earmark.replay.load(session.id).result()
        earmark.replay.set_speed(arguments.rate, remember=False)
        if arguments.line is not None:
            earmark.replay.play_line(_line(session, arguments.line))
        else:
            earmark.replay.play(_moment(session, arguments.at or 0.0))
        try:
            _follow(session, news, arguments)
        except KeyboardInterrupt:
            return 0
    return 0


def _moment(session: Session, ms: float) -> Anchor:
    timeline = session.timeline
    anchor = timeline.to_anchor(ms)
    if anchor is None or ms > timeline.duration_ms:
        raise EarmarkError(
            _("The session has no moment {time}.").format(time=format_time(int(ms))),
            _("It is {duration} long.").format(duration=format_time(timeline.duration_ms)),
        )
    return anchor


def _line(session: Session, number: int) -> NoteLine:
    line = line_numbered(session, number)
    if line.anchor is None:
        raise EarmarkError(
            _("Line {number} has no time.").format(number=number),
            _("Choose another line, or a time with --at."),
        )
    return line


def _follow(session: Session, news: queue.SimpleQueue[News], arguments: Namespace) -> None:
    """Prints positions until the end, until --seconds, or until playing fails."""
    until = time.monotonic() + START_LIMIT_S
    heard = False
    printed = -1
    while True:
        try:
            one = news.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            if heard and arguments.seconds is not None:
                return
            raise SoundUnavailable(
                _("Replay does not begin."), _("Run “earmark doctor” to see what is wrong.")
            ) from None
        if isinstance(one, Told) and one.kind != "info":
            raise SoundUnavailable(one.sentence, one.remedy)
        if isinstance(one, ReplayState) and heard and not one.playing:
            return
        if not isinstance(one, Heard):
            continue
        now = time.monotonic()
        if not heard and arguments.seconds is not None:
            until = now + arguments.seconds
        elif arguments.seconds is None:
            until = now + START_LIMIT_S
        heard = True
        if arguments.seconds is not None and now >= until:
            return
        second = int(now)
        if second != printed or sys.stdout.isatty():
            printed = second
            _print(session, one, arguments.json)


def _print(session: Session, heard: Heard, as_json: bool) -> None:
    ms = session.timeline.to_ms(heard.anchor)
    if as_json:
        print_event(
            {
                "event": "position",
                "take": heard.anchor.take,
                "frame": heard.anchor.frame,
                "session_ms": ms,
            }
        )
    elif sys.stdout.isatty():
        sys.stdout.write(f"\r{format_time(ms or 0)} ")
        sys.stdout.flush()
    else:
        print_line(format_time(ms or 0))
