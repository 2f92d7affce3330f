"""A recording that could not begin leaves no empty session behind, and takes nothing typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from window_desk import Desk, FakeCapture


class RefusingCapture(FakeCapture):
    """Says nothing to `start` and `stop` until `refuse`, or records after all."""

    refusing = True

    def send(self, cmd: str, **fields: Any) -> bool:
        if cmd not in ("start", "stop") or not self.refusing:
            return super().send(cmd, **fields)
        self.sent.append((cmd, fields))
        self.take = fields.get("take", self.take)
        return True

    def refuse(self) -> None:
        self.tell({"ev": "error", "kind": "no-input", "message": "There is no microphone."})


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    desk = Desk(tmp_path / "library", monkeypatch)

    def spawn(on_event: Any) -> RefusingCapture:
        desk.captures.links.append(RefusingCapture(on_event))
        return desk.captures.links[-1]

    monkeypatch.setattr(desk.captures, "spawn", spawn)
    desk.open()
    yield desk
    desk.close()


def press(desk: Desk) -> RefusingCapture:
    desk.window.actions_["record"].trigger()
    desk.settle()
    found = desk.captures.links[-1]
    assert isinstance(found, RefusingCapture)
    return found


def test_a_refused_record_leaves_no_session_and_the_next_one_works(desk: Desk, qtbot):
    capture = press(desk)
    assert len(desk.sessions()) == 1
    capture.refuse()
    desk.settle()
    assert desk.sessions() == ()
    assert desk.window.desk.id is None
    assert not list((desk.folder / "sessions").rglob("session.json"))
    capture.refusing = False
    press(desk)
    qtbot.keyClicks(desk.editor, "words")
    desk.settle()
    assert [line.text for line in desk.session().lines] == ["words"]
    assert len(desk.session().takes) == 1


@pytest.mark.parametrize("saved", [True, False])
def test_what_was_typed_meanwhile_keeps_the_session(desk: Desk, qtbot, saved: bool):
    capture = press(desk)
    qtbot.keyClicks(desk.editor, "words")
    if saved:
        desk.settle()
    capture.refuse()
    desk.settle()
    (line,) = desk.session().lines
    assert (line.text, line.anchor) == ("words", None)


def test_a_name_given_meanwhile_keeps_the_session(desk: Desk):
    capture = press(desk)
    desk.window.parts.page.renamed.emit("Mine")
    capture.refuse()
    desk.settle()
    assert [one.title for one in desk.sessions()] == ["Mine"]
    assert desk.session().title == "Mine"


def test_a_session_that_was_there_stays(desk: Desk, qtbot):
    desk.window.parts.page.renamed.emit("Before")
    desk.settle()
    press(desk).refuse()
    desk.settle()
    assert [one.title for one in desk.sessions()] == ["Before"]
    assert desk.window.desk.id is not None


def test_a_take_that_began_after_stop_was_pressed_is_kept(desk: Desk):
    capture = press(desk)
    desk.window.actions_["record"].trigger()
    capture.tell({"ev": "recording", "take": capture.take, "mono_ns": capture.zero_ns})
    capture.tell({"ev": "stopped", "take": capture.take, "frames": 9, "reason": "stop"})
    desk.settle()
    assert len(desk.sessions()) == 1
    assert desk.window.desk.id is not None
