"""The last half minute goes off the record even where a pause lies in it, and comes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from window_desk import Desk

from earmark.model import Frames, TakeState

RATE = 48_000


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    desk = Desk(tmp_path / "library", monkeypatch)
    desk.open()
    yield desk
    desk.close()


def keep(desk: Desk, seconds: int) -> None:
    """The take that ended is finished."""
    session = desk.session()
    ended = replace(session.takes[-1], frames=Frames(seconds * RATE), state=TakeState.COMPLETE)
    assert desk.earmark is not None
    desk.earmark.library.run(lambda lib: lib.put_take(session.id, ended)).result(60)
    desk.settle()


def test_the_last_half_minute_reaches_over_a_pause_and_comes_back(desk: Desk):
    actions = desk.window.actions_
    actions["record"].trigger()
    desk.settle()
    actions["pause_recording"].trigger()
    desk.settle()
    keep(desk, seconds=5)
    actions["pause_recording"].trigger()
    desk.settle()
    actions["off_record"].trigger()
    desk.settle()
    first, second = desk.session().takes
    assert [(s.frame, s.end) for s in first.off_record] == [(0, 5 * RATE)]
    (span,) = second.off_record
    assert span.frame == 0 and span.frames >= 10 * RATE
    actions["off_record_undo"].trigger()
    desk.settle()
    assert [take.off_record for take in desk.session().takes] == [(), ()]


def test_a_long_take_loses_thirty_seconds_alone(desk: Desk):
    desk.window.actions_["record"].trigger()
    desk.settle()
    capture = desk.captures.links[-1]
    capture.tell(
        {"ev": "clock", "take": capture.take, "zero_ns": capture.zero_ns - 90 * 10**9, "rate": RATE}
    )
    desk.window.actions_["off_record"].trigger()
    desk.settle()
    ((span,),) = [take.off_record for take in desk.session().takes]
    assert span.frame > 60 * RATE and span.frames == 30 * RATE
