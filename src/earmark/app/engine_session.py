"""One engine process with one model in it: made when needed, kept between takes, left at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from earmark.model import EarmarkError, Transcription

from .engines import DIED, Choice, EngineEvent, EngineLink, SpawnEngine
from .segment_writer import EngineDied

POLL_S = 0.2
"""How often a waiting lane looks whether it has to stop: a cancel is heard within this time."""


class EngineStopped(Exception):
    """The work had to stop; the engine is gone, what was found is kept."""


class EngineSession:
    """Used by one lane. Its engine is gone after any trouble, and after `leave`."""

    def __init__(self, spawn: SpawnEngine, choice_of: Callable[[Transcription], Choice]) -> None:
        self.choice_of = choice_of
        self._spawn = spawn
        self._engine: EngineLink | None = None
        self._choice: Choice | None = None

    @contextlib.contextmanager
    def loaded(
        self, choice: Choice, stop: Callable[[], bool], *, live: bool
    ) -> Iterator[EngineLink]:
        """The engine with this model in it, loaded where it is not yet.

        Raises EngineStopped, EngineDied, or what the engine says of the model. Whatever is raised
        inside the block ends the engine: it must not go on with a take nobody listens to.
        """
        try:
            if self._engine is None or self._choice != choice:
                self.leave()
                self._engine = self._spawn()
                self._choice = choice
                self._engine.send(
                    "load",
                    engine=choice.engine,
                    model=str(choice.path),
                    language=choice.language,
                    threads=None,
                    live=live,
                )
                for event in self.events(self._engine, stop):
                    if event.get("ev") == DIED:
                        raise EngineDied(event)
                    if event.get("ev") == "failed":
                        what, remedy = event.get("what"), event.get("remedy")
                        raise EarmarkError(str(what), str(remedy or ""))
                    if event.get("ev") == "loaded":
                        break
            yield self._engine
        except BaseException:
            self._drop()
            raise

    def events(self, engine: EngineLink, stop: Callable[[], bool]) -> Iterator[EngineEvent]:
        """Its events as they come, the death as the last. Raises EngineStopped when asked to."""
        while True:
            if stop():
                raise EngineStopped
            event = engine.next(POLL_S)
            if event is not None:
                yield event

    def leave(self) -> None:
        """The engine is not needed any more: it ends, and its memory is free."""
        engine, self._engine, self._choice = self._engine, None, None
        if engine is not None:
            engine.close()

    def _drop(self) -> None:
        engine, self._engine, self._choice = self._engine, None, None
        if engine is not None:
            engine.cancel()
