"""A speech engine that is none: every second of a take is one word, named by its number.

The same interface as `app.engines.EngineLink`; `deaths` says when it dies by itself.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import Any

RATE = 48_000


class FakeEngines:
    """Makes them, and knows how long each take is and how they behave."""

    def __init__(self) -> None:
        self.made: list[FakeEngine] = []
        self.seconds: dict[str, int] = {}
        self.silent: set[str] = set()
        self.deaths: deque[int] = deque()
        """Each engine made takes the next: it dies before it tells its window of that number."""
        self.fails: dict[str, tuple[str, str]] = {}
        self.refuses = ""
        self.go_on = threading.Event()
        self.go_on.set()
        self.told: list[tuple[str, int]] = []
        """Every window that was told, by take and second."""

    def __call__(self) -> FakeEngine:
        self.made.append(FakeEngine(self))
        return self.made[-1]

    @property
    def last(self) -> FakeEngine:
        return self.made[-1]


class FakeEngine:
    def __init__(self, all_: FakeEngines) -> None:
        self._all = all_
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.gone = False
        self.cancelled = False
        self.heard = 0
        self._events: deque[dict[str, Any]] = deque()
        self._left = all_.deaths.popleft() if all_.deaths else None
        self._take: dict[str, Any] | None = None
        self._second = 0
        self._frames = 0
        self._ended = False

    def send(self, do: str, **fields: object) -> bool:
        if self.gone:
            return False
        self.sent.append((do, dict(fields)))
        if do == "load":
            if self._all.refuses:
                self._events.append({"ev": "failed", "what": self._all.refuses, "remedy": ""})
            else:
                self._events.append({"ev": "loaded", "language": "auto"})
        elif do == "take":
            self._take = dict(fields)
            self._ended = False
            self._frames = int(fields["start"])  # type: ignore[call-overload]
            self._second = self._frames // RATE
        elif do == "end":
            self._ended = True
        return True

    def pcm(self, data: bytes) -> bool:
        if self.gone:
            return False
        assert self._take is not None
        self._frames += len(data) // 2 // int(self._take["channels"])
        return True

    def next(self, timeout: float) -> dict[str, Any] | None:
        if self.gone:
            return {"ev": "died"}
        if self._events:
            return self._events.popleft()
        if self._take is None or not self._all.go_on.wait(timeout):
            return None
        if self._left == 0:
            self.gone = True
            return {"ev": "died"}
        event = self._window()
        if event is None:
            time.sleep(min(timeout, 0.01))
        elif self._left is not None:
            self._left -= 1
        return event

    def _window(self) -> dict[str, Any] | None:
        take = self._take
        assert take is not None
        id_ = str(take["take"])
        if id_ in self._all.fails:
            self._take = None
            what, remedy = self._all.fails[id_]
            return {"ev": "failed", "what": what, "remedy": remedy}
        whole = self._all.seconds[id_] * RATE if take["file"] else self._frames
        over = bool(take["file"]) or self._ended
        if (self._second + 1) * RATE > whole:
            if not over:
                return None
            self._take = None
            return {"ev": "finished", "take": id_, "frames": whole}
        start = self._second * RATE
        self._second += 1
        self._all.told.append((id_, self._second - 1))
        text = f"w{self._second - 1}"
        word = [text, start, start + RATE // 2, 0.5]
        found = {"start": start, "end": start + RATE // 2, "text": text, "words": [word]}
        return {
            "ev": "segments",
            "take": id_,
            "segments": [] if id_ in self._all.silent else [found],
            "done": start + RATE,
            "language": "en",
        }

    def cancel(self) -> None:
        self.gone = self.cancelled = True

    def close(self) -> None:
        self.gone = True

    def all(self, do: str) -> list[dict[str, Any]]:
        return [fields for name, fields in self.sent if name == do]


def words(count: Iterable[int]) -> list[str]:
    """What it says of these seconds."""
    return [f"w{second}" for second in count]
