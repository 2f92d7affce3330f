"""The application on inline executors, with a real library and processes that are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import Desk
from fake_engine import FakeEngines
from fakes import FakeCaptures, FakeLink
from speech_room import Room, chosen

from earmark.app import Earmark, transcribequeue
from earmark.app.executors import Executors


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    captures = FakeCaptures()
    replays: list[FakeLink] = []
    executors = Executors(inline=True)

    def spawn_replay(on_event: Any) -> FakeLink:
        replays.append(FakeLink(on_event))
        return replays[-1]

    earmark = Earmark(
        tmp_path / "library",
        executors=executors,
        captures=captures,
        spawn_replay=spawn_replay,
    )
    earmark.library.opened.result()
    made = Desk(earmark, captures, replays, executors.library)
    earmark.events.subscribe(made.news.append)
    yield made
    earmark.close()


@pytest.fixture
def engines() -> FakeEngines:
    return FakeEngines()


@pytest.fixture
def start(
    tmp_path: Path, engines: FakeEngines, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Room]]:
    """Starts the application on one library, again and again; ends what it started."""
    open_: list[Room] = []

    monkeypatch.setattr("earmark.app.transcribing.choose", chosen)
    monkeypatch.setattr(transcribequeue, "LOOK_AGAIN_S", 0.05)
    monkeypatch.setattr("earmark.app.transcribing.RESUME_AFTER_S", 0.0)

    def begin() -> Room:
        while open_:
            open_.pop().earmark.close()
        open_.append(Room(tmp_path / "library", engines))
        return open_[-1]

    yield begin
    engines.go_on.set()
    for room in open_:
        room.earmark.close()


@pytest.fixture
def room(start: Callable[[], Room]) -> Room:
    return start()
