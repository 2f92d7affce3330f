"""`earmark record`: records without a window; typed lines become notes."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from argparse import Namespace
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from earmark.app.devices import listed
from earmark.app.news import Alarm, News, RecordingPhase, TakeBegan, Told
from earmark.model import (
    EarmarkError,
    EventId,
    LineId,
    NoteLine,
    NotesEdit,
    NotFound,
    SessionId,
    TimeRun,
    new_id,
    safe_line,
    safe_title,
    without_private_sign,
)
from earmark.model.i18n import _

from .lines import LineReader, TypedLine
from .opening import opened
from .output import complain, tell
from .recordevents import EventPrinter

if TYPE_CHECKING:
    from earmark.app import Earmark
    from earmark.library import Library

ORPHAN_SECONDS = "3"
"""So long capture goes on when this command is killed: no window will return to it."""
FIRST_FRAME_S = 5.0
"""So long the end waits for a first frame; a second signal waits no longer."""
PIPE = 1 << 16
"""Bytes that a pipe holds: what was typed before the end is among them."""


def record(folder: Path, arguments: Namespace) -> int:
    """Records until told to stop; returns when the takes are in their kept form."""
    os.environ.setdefault("EARMARK_ORPHAN_SECONDS", ORPHAN_SECONDS)
    with Wake() as wake, opened(folder, writes=True) as earmark:
        earmark.recording.prepare()
        if arguments.device is not None:
            _check_device(arguments.device)
        session, event = _place(earmark, arguments)
        sitting = _Sitting(earmark, arguments, wake)
        sitting.begin(session, event)
        sitting.run()
        return sitting.finish()


def _check_device(name: str) -> None:
    """Raises NotFound for a name that no input has; without any input, capture tells why."""
    inputs, _outputs = listed()
    if inputs and name not in {one.name for one in inputs}:
        raise NotFound(
            _("There is no input “{name}”.").format(name=name),
            _("“earmark devices” lists their names."),
        )


def _place(earmark: Earmark, arguments: Namespace) -> tuple[SessionId | None, EventId | None]:
    """The session to continue, and the event for a new one."""

    def find(library: Library) -> tuple[SessionId | None, EventId | None]:
        session = library.find_session(arguments.session) if arguments.session else None
        event = None
        if arguments.event is not None and safe_title(arguments.event):
            event = library.find_event(arguments.event, create=True).id
        return session, event

    return earmark.library.run(find).result()


class Wake:
    """Lets news and signals end the main thread's wait. SIGINT, SIGTERM, SIGHUP mean: stop."""

    def __init__(self) -> None:
        self._near, self._far = socket.socketpair()
        for end in (self._near, self._far):
            end.setblocking(False)
        self._before: dict[int, object] = {}
        self.stops = 0

    def __enter__(self) -> Wake:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name)
            self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *_exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._near.close()
        self._far.close()

    def fileno(self) -> int:
        return self._near.fileno()

    def up(self) -> None:
        """Any thread."""
        try:
            self._far.send(b"x")
        except OSError:
            pass  # full, or over: it wakes already, or nobody waits

    def drain(self) -> None:
        try:
            while self._near.recv(4096):
                pass
        except BlockingIOError:
            pass

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stops += 1
        self.up()
        if self.stops > 2:
            raise KeyboardInterrupt


class _Sitting:
    """One run of the command."""

    def __init__(self, earmark: Earmark, arguments: Namespace, wake: Wake) -> None:
        self._earmark = earmark
        self._arguments = arguments
        self._wake = wake
        self._news: deque[News] = deque()
        self._reader = LineReader()
        self._held: list[TypedLine] = []
        self._written: list[LineId] = []
        self._stdin = _stdin()
        self._printer: EventPrinter | None = None
        self._session = SessionId("")
        self._new = False
        self._began_ns: int | None = None
        self._stopping = False
        self._asked_at: float | None = None
        self._trouble: Told | None = None
        self._said: set[str] = set()
        self._end_news: Callable[[], None] = earmark.events.subscribe(self._hear)

    def begin(self, session: SessionId | None, event: EventId | None) -> None:
        arguments = self._arguments
        self._new = session is None
        self._session, _take = self._earmark.recording.start(
            session, arguments.title, event, arguments.device
        )
        self._printer = EventPrinter(self._session, arguments.json)
        self._printer.begin()

    def run(self) -> None:
        """Until the recording has ended."""
        while not self._ended():
            inputs: list[Wake | int] = [self._wake]
            if self._stdin is not None:
                inputs.append(self._stdin)
            ready, _w, _x = select.select(inputs, [], [], self._patience())
            now = time.monotonic_ns()
            if self._stdin is not None and self._stdin in ready:
                self._read(self._stdin, now)
            if self._wake in ready:
                self._wake.drain()
            self._take_news()
            self._write_lines()
            if self._asked_at is not None or self._wake.stops or self._is_time():
                self._stop()

    def finish(self) -> int:
        """Waits until everything is kept; the exit code."""
        if self._began_ns is not None and not self._stopping:
            self._read_the_rest()
        unsaved = self._save_notes()
        self._take_news()
        failed = [] if unsaved is None else [unsaved]
        failed += [one.error for one in self._earmark.finishing.settle() if one.error is not None]
        self._end_news()
        self._take_news()
        if self._began_ns is None:
            self._trouble = self._trouble or _nothing_recorded()
            if self._new and not self._written:
                self._earmark.library.run(lambda lib: lib.purge_session(self._session)).result()
        for error in failed:
            complain(error)
        if self._trouble is not None and self._trouble.sentence not in self._said:
            complain(EarmarkError(self._trouble.sentence, self._trouble.remedy))
        return 1 if failed or self._trouble is not None else 0

    def _save_notes(self) -> EarmarkError | None:
        """Why the last lines could not be saved, if so."""
        try:
            self._earmark.notes.flush().result()
        except EarmarkError as error:
            return error
        return None

    def _hear(self, news: News) -> None:
        """On any thread."""
        self._news.append(news)
        self._wake.up()

    def _ended(self) -> bool:
        return self._earmark.recording.state.phase is RecordingPhase.IDLE and not self._news

    def _patience(self) -> float | None:
        """Seconds until --seconds have passed, as far as that is known."""
        if self._asked_at is not None and not self._stopping:
            return max(0.0, self._asked_at + FIRST_FRAME_S - time.monotonic())
        if self._arguments.seconds is None or self._began_ns is None or self._stopping:
            return None
        due = self._began_ns + int(self._arguments.seconds * 1e9)
        return max(0.0, (due - time.monotonic_ns()) / 1e9)

    def _is_time(self) -> bool:
        return self._patience() == 0.0

    def _stop(self) -> None:
        """Ends the recording, but not before its first frame, which comes in a moment: a take
        that was never begun could not hold the lines that were typed."""
        if self._stopping:
            return
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
        armed = self._earmark.recording.state.phase is RecordingPhase.ARMED
        if armed and now < self._asked_at + FIRST_FRAME_S and self._wake.stops < 2:
            return
        self._stopping = True
        self._read_the_rest()
        self._earmark.recording.stop()

    def _read_the_rest(self) -> None:
        """What was typed before the end belongs to the notes: also a line without its end."""
        left = PIPE
        while left > 0 and self._stdin is not None:
            if not select.select([self._stdin], [], [], 0)[0]:
                break
            left -= self._read(self._stdin, time.monotonic_ns())
        self._held += self._reader.end()
        self._stdin = None
        self._write_lines(last=True)

    def _read(self, fd: int, now: int) -> int:
        """Reads once what is there; returns how many bytes."""
        try:
            data = os.read(fd, PIPE)
        except OSError:
            data = b""
        if data:
            self._held += self._reader.feed(data, now)
            return len(data)
        self._held += self._reader.end()
        self._stdin = None
        if self._arguments.until_eof:
            self._stop()
        return 0

    def _write_lines(self, *, last: bool = False) -> None:
        """Lines wait for the clock: until the first frame is stored their moment is not known."""
        phase = self._earmark.recording.state.phase
        if phase is RecordingPhase.ARMED and not last:
            return
        held, self._held = self._held, []
        lines = tuple(self._line(typed) for typed in held)
        if not lines:
            return
        self._written += [line.id for line in lines]
        if self._printer is not None:
            self._printer.expect(lines)
        self._earmark.notes.edit(self._session, NotesEdit(tuple(self._written), lines))

    def _line(self, typed: TypedLine) -> NoteLine:
        armed = self._earmark.recording.state.phase is RecordingPhase.ARMED
        anchor = None if armed else self._earmark.recording.anchor_at_time(typed.mono_ns)
        text, private = without_private_sign(safe_line(typed.text))
        return NoteLine(
            id=LineId(new_id()),
            text=text,
            private=private,
            anchor=anchor,
            runs=(TimeRun(0, anchor),) if text else (),
        )

    def _take_news(self) -> None:
        while self._news:
            news = self._news.popleft()
            if isinstance(news, TakeBegan) and self._began_ns is None:
                self._began_ns = news.mono_ns
            if isinstance(news, Told):
                if news.kind == "error":
                    self._trouble = news
                else:
                    self._say(news.sentence, news.remedy)
            if isinstance(news, Alarm) and news.on:
                self._say(news.sentence, news.remedy)
            if self._printer is not None:
                self._printer.tell(news)

    def _say(self, sentence: str, remedy: str) -> None:
        self._said.add(sentence)
        tell(f"{sentence} {remedy}".strip())


def _nothing_recorded() -> Told:
    """What is said where no take was kept and nothing has told why."""
    return Told(
        _("Nothing was recorded: no sound came from the microphone."),
        _("“earmark doctor” checks the sound system; “earmark devices” lists the inputs."),
        "error",
    )


def _stdin() -> int | None:
    """Standard input, where there is one."""
    try:
        return None if sys.stdin is None else sys.stdin.fileno()
    except (OSError, ValueError):
        return None
