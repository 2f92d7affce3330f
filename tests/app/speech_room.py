"""An application with a speech engine that is none, everything it told, and ready sessions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fake_engine import RATE, FakeEngines
from fakes import FakeCaptures, FakeLink
from waiting import wait_until

from earmark.app import Earmark
from earmark.app.engines import Choice
from earmark.app.news import TranscriptionPhase, TranscriptionState
from earmark.model import Frames, SampleRate, Session, SessionId, Take, TakeId, TakeState, new_id


class Room:
    """An application with an engine that is none, everything it told, and ready sessions."""

    def __init__(self, folder: Path, engines: FakeEngines) -> None:
        self.engines = engines
        self.captures = FakeCaptures()
        self.earmark = Earmark(
            folder,
            captures=self.captures,
            spawn_replay=FakeLink,
            spawn_speech=engines,
        )
        self.earmark.library.opened.result()
        self.news: list[Any] = []
        self.earmark.events.subscribe(self.news.append)

    def session(self, *seconds: int, state: TakeState = TakeState.COMPLETE) -> SessionId:
        def make(library: Any) -> SessionId:
            session = library.create_session("Talk").id
            for ordinal, length in enumerate(seconds, 1):
                take = Take(
                    TakeId(new_id()),
                    ordinal,
                    SampleRate(RATE),
                    1,
                    Frames(length * RATE),
                    datetime.now(UTC),
                    state,
                    file=None if state in (TakeState.RECORDING, TakeState.SEALED) else "x.flac",
                )
                library.put_take(session, take)
                self.engines.seconds[take.id] = length
            return session

        return self.earmark.library.run(make).result()

    def look(self, session: SessionId) -> Session:
        return self.earmark.library.run(lambda lib: lib.session(session)).result()

    def texts(self, session: SessionId) -> list[str]:
        transcript = self.look(session).transcript
        return [one.text for one in transcript.segments] if transcript else []

    def takes(self, session: SessionId) -> list[TakeId]:
        return [take.id for take in self.look(session).takes]

    def states(self, session: SessionId) -> list[TranscriptionState]:
        return [n for n in self.news if isinstance(n, TranscriptionState) and n.session == session]

    def wait(self, session: SessionId, phase: TranscriptionPhase) -> TranscriptionState:
        return wait_until(
            lambda: next((s for s in self.states(session) if s.phase is phase), None), what=phase
        )

    def transcribe(self, session: SessionId, **more: Any) -> Session:
        return self.earmark.transcribing.transcribe(session, **more).future.result(60)


def chosen(
    _settings: Any,
    _models: Any,
    *,
    engine: str | None = None,
    model: str | None = None,
    language: str | None = None,
    live: bool = False,
) -> Choice:
    return Choice(engine or "fake", model or "base", Path("base"), language or "auto")
