"""What `earmark record` prints while it records."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from earmark.app.news import (
    Alarm,
    DeviceSwitched,
    GapFound,
    Level,
    News,
    NotesSaved,
    Proof,
    TakeArmed,
    TakeBegan,
    TakeStopped,
)
from earmark.model import EarmarkError, LineId, NoteLine, SessionId

from .output import complain, nobody_reads, print_event, print_line


class EventPrinter:
    """One JSON object per line, or, without `as_json`, the session's id and nothing more."""

    def __init__(self, session: SessionId, as_json: bool) -> None:
        self._session = session
        self._json = as_json
        self._expected: dict[LineId, NoteLine] = {}
        self._running = False

    def begin(self) -> None:
        """The session's id, first of all."""
        if self._json:
            self._print("session", session=self._session)
        else:
            self._out(lambda: print_line(self._session))

    def expect(self, lines: Iterable[NoteLine]) -> None:
        """Lines that are about to be saved."""
        self._expected.update((line.id, line) for line in lines)

    def tell(self, news: News) -> None:
        if self._json:
            self._tell(news)

    def _tell(self, news: News) -> None:
        match news:
            case TakeArmed():
                self._running = True
                self._print("armed", session=news.session, take=news.take)
            case TakeBegan():
                self._print("recording", session=news.session, take=news.take, mono_ns=news.mono_ns)
            case Level() if self._running:
                self._print(
                    "level",
                    rms_db=news.rms_db,
                    peak_db=news.peak_db,
                    clipped=news.clipped,
                    speech=news.speech,
                )
            case Proof():
                self._print(
                    "stored",
                    take=news.take,
                    frames=news.stored_frames,
                    mono_ns=news.stored_mono_ns,
                    free_bytes=news.free_bytes,
                )
            case NotesSaved():
                self._lines(news)
            case GapFound(take=take, gap=gap):
                self._print("gap", take=take, frame=gap.frame, frames=gap.frames, cause=gap.cause)
            case DeviceSwitched():
                self._print(
                    "device",
                    take=news.take,
                    name=news.name,
                    label=news.label,
                    cause=news.cause,
                    frame=news.frame,
                )
            case Alarm() if news.on or self._running:
                self._print("warning", kind=news.kind, on=news.on, what=news.sentence)
            case TakeStopped():
                self._running = False
                self._print(
                    "stopped",
                    session=news.session,
                    take=news.take,
                    frames=news.frames,
                    reason=news.reason,
                )

    def _lines(self, saved: NotesSaved) -> None:
        for id_ in saved.lines:
            line = self._expected.pop(id_, None)
            if line is not None:
                anchor = line.anchor
                self._print(
                    "line",
                    id=line.id,
                    take=anchor.take if anchor else None,
                    frame=anchor.frame if anchor else None,
                    mono_ns=time.monotonic_ns(),
                )

    def _print(self, event: str, **fields: object) -> None:
        self._out(lambda: print_event({"event": event, **fields}))

    def _out(self, write: Callable[[], None]) -> None:
        """Recording goes on where nobody reads any more, or nothing can be written."""
        try:
            write()
        except BrokenPipeError:
            nobody_reads()
        except EarmarkError as error:
            complain(error)
