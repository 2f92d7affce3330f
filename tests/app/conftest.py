"""The application on inline lanes, with a real library and processes that are none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from fakes import FakeCaptures, FakeLink

from earmark.app import Earmark
from earmark.app.lanes import InlineLane


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
