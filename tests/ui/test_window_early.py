"""Words and bookmarks of the moment between Record and capture's first news, in the window."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from window_desk import Desk, FakeCapture

from earmark.model import Anchor

RATE = 48_000


class SlowCapture(FakeCapture):
    """Opens the microphone, but tells of no frame until `begin`."""

    def send(self, cmd: str, **fields: Any) -> bool:
        if cmd != "start":
            return super().send(cmd, **fields)
        self.sent.append((cmd, fields))
        self.take = fields["take"]
        self.tell({"ev": "armed", "take": self.take})
        return True

    def begin(self, zero_ns: int) -> None:
        self.zero_ns = zero_ns
        self.tell({"ev": "recording", "take": self.take, "mono_ns": zero_ns})


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    desk = Desk(tmp_path / "library", monkeypatch)

    def spawn(on_event: Any) -> SlowCapture:
        desk.captures.links.append(SlowCapture(on_event))
        return desk.captures.links[-1]

    monkeypatch.setattr(desk.captures, "spawn", spawn)
    desk.open()
    yield desk
    desk.close()


def test_words_and_bookmarks_of_the_first_moments_are_exact(desk: Desk, qtbot):
    desk.window.actions_["record"].trigger()
    qtbot.keyClicks(desk.editor, "first ")
    desk.window.actions_["bookmark"].trigger()
    desk.settle()
    capture = desk.captures.links[-1]
    assert desk.session().lines[0].anchor == Anchor(capture.take, 0)
    zero = time.monotonic_ns()
    qtbot.keyClicks(desk.editor, "second ")
    after = time.monotonic_ns()
    desk.window.actions_["bookmark"].trigger()
    capture.begin(zero)
    capture.tell(
        {"ev": "clock", "take": capture.take, "zero_ns": zero, "rate": RATE, "frames": 2 * RATE}
    )
    desk.settle()
    found = desk.session()
    (line,) = found.lines
    assert line.anchor == Anchor(capture.take, 0)
    assert len(line.runs) == 2
    moment = line.runs[1].anchor
    assert moment is not None
    assert 0 < moment.frame <= (after - zero) * RATE // 10**9
    assert [mark.anchor.frame == 0 for mark in found.bookmarks] == [True, False]
    assert not desk.window.parts.editor.stamps.awaits
