"""`earmark transcribe`."""

from __future__ import annotations

import contextlib
import signal
import threading
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import TimeoutError as StillRunning
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from earmark.app.jobs import Cancelled, Job
from earmark.app.news import News, TranscriptionPhase, TranscriptionState
from earmark.model import EarmarkError, Session, SessionId
from earmark.model.i18n import _

from .opening import opened
from .output import complain, print_json, print_line, progress, tell

if TYPE_CHECKING:
    from earmark.app import Earmark
    from earmark.library import Library

LOOK_S = 0.2


def transcribe(folder: Path, arguments: Namespace) -> int:
    """Each session after the other; one that fails gets its sentence, and the exit is 1.

    Ctrl+C keeps what was found: asked again, it goes on there.
    """
    done: list[dict[str, object]] = []
    failed = False
    with _interrupted() as stopped, opened(folder) as earmark:
        for session in _asked_for(earmark, arguments):
            try:
                found = _one(earmark, session, arguments, stopped)
            except Cancelled:
                tell(_("Stopped. What was found is kept; the same command goes on there."))
                failed = True
                break
            except EarmarkError as error:
                complain(error)
                failed = True
                continue
            form = _form(found)
            done.append(form)
            if not arguments.json:
                print_line(
                    "\t".join(str(form[key]) for key in ("id", "title", "segments", "words"))
                )
    if arguments.json:
        print_json(done)
    return 1 if failed else 0


def _asked_for(earmark: Earmark, arguments: Namespace) -> tuple[SessionId, ...]:
    def find(library: Library) -> tuple[SessionId, ...]:
        if arguments.all:
            return library.untranscribed()
        return tuple(dict.fromkeys(library.find_session(prefix) for prefix in arguments.ids))

    return earmark.library.run(find).result()


def _one(
    earmark: Earmark, session: SessionId, arguments: Namespace, stopped: threading.Event
) -> Session:
    title = earmark.library.run(lambda lib: lib.session(session)).result().title
    with progress(title) as show:
        said = ""

        def listen(news: News) -> None:
            nonlocal said
            if not isinstance(news, TranscriptionState) or news.session != session:
                return
            show(news.fraction)
            waits = news.phase in (TranscriptionPhase.PAUSED, TranscriptionPhase.DONE)
            if waits and news.sentence not in ("", said):
                said = news.sentence
                tell(f"{title}: {said}")

        end = earmark.events.subscribe(listen)
        try:
            job = earmark.transcribing.transcribe(
                session, arguments.engine, arguments.model, arguments.language
            )
            return _awaited(job, stopped)
        finally:
            end()


def _awaited(job: Job[Session], stopped: threading.Event) -> Session:
    while True:
        try:
            return job.future.result(LOOK_S)
        except StillRunning:
            if stopped.is_set():
                job.cancel()


@contextlib.contextmanager
def _interrupted() -> Iterator[threading.Event]:
    """Set by Ctrl+C and SIGTERM while this lasts: the library's thread is never cut off."""
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _form(session: Session) -> dict[str, object]:
    transcript = session.transcript
    segments = transcript.segments if transcript is not None else ()
    return {
        "id": session.id,
        "title": session.title,
        "segments": len(segments),
        "words": sum(len(one.words) or len(one.text.split()) for one in segments),
        "engine": transcript.engine if transcript is not None else "",
        "model": transcript.model if transcript is not None else "",
    }
