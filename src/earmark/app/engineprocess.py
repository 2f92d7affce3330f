"""The real speech engine's process behind the seam: its events arrive on a thread of their own."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from earmark.model import EarmarkError

from .engines import DIED, EngineEvent

if TYPE_CHECKING:
    from earmark.transcribe.client import Engine


class EngineProcess:
    """`load` and `take` are heard to their end one after the other; all else goes along."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._events: queue.SimpleQueue[EngineEvent] = queue.SimpleQueue()
        self._work: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="engine-events")
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._engine.pid

    def send(self, do: str, **fields: object) -> bool:
        sent = self._engine.send(do, **fields)
        if do in ("load", "take"):
            self._work.put(True)
        return sent

    def pcm(self, data: bytes) -> bool:
        """Sends recorded sound; False when it was not taken."""
        return self._engine.pcm(data)

    def next(self, timeout: float) -> EngineEvent | None:
        try:
            return self._events.get(timeout=timeout)
        except queue.Empty:
            return None

    def cancel(self) -> None:
        """Ends it at once, and gives everything of it back."""
        self._engine.cancel()
        self._work.put(False)
        self._reader.join()
        self._engine.close()

    def close(self) -> None:
        """It writes nothing and has nothing to say goodbye to."""
        self.cancel()

    def _read(self) -> None:
        from earmark.transcribe.client import Cancelled

        while self._work.get():
            try:
                for event in self._engine.events():
                    self._events.put(event)
            except Cancelled:
                self._events.put({"ev": DIED})
                return
            except EarmarkError as error:
                told = {"what": error.what, "remedy": error.remedy}
                if not self._engine.alive:
                    self._events.put({"ev": DIED, **told})
                    return
                self._events.put({"ev": "failed", **told})


def spawn_engine() -> EngineProcess:
    """A speech engine's process, no model in it yet. Raises EarmarkError."""
    from earmark.transcribe.client import Engine

    return EngineProcess(Engine())
