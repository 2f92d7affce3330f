"""The application on inline lanes, with a real library and processes that are none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fakes import FakeCaptures, FakeLink

from earmark.app import Earmark
from earmark.app.lanes import InlineLane


@dataclass
class Desk:
    """An application under test and everything it told."""

    earmark: Earmark
    captures: FakeCaptures
    replays: list[FakeLink]
    lane: InlineLane
    news: list[Any] = field(default_factory=list)

    def of(self, kind: type) -> list[Any]:
        return [one for one in self.news if isinstance(one, kind)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    captures = FakeCaptures()
    replays: list[FakeLink] = []
    lane = InlineLane()

    def spawn_replay(on_event: Any) -> FakeLink:
        replays.append(FakeLink(on_event))
        return replays[-1]

    earmark = Earmark(
        tmp_path / "library",
        lanes=(lane, InlineLane()),
        captures=captures,
        spawn_replay=spawn_replay,
    )
    earmark.library.opened.result()
    made = Desk(earmark, captures, replays, lane)
    earmark.events.subscribe(made.news.append)
    yield made
    earmark.close()
