"""One window a library: a second start asks the first, however early it comes."""

from __future__ import annotations

from pathlib import Path

from waiting import wait_until

from earmark.app.instance import claim, focus_other


def test_a_second_start_before_the_window_is_ready_is_not_forgotten(tmp_path: Path) -> None:
    instance = claim(tmp_path)
    assert instance is not None
    assert claim(tmp_path) is None
    assert focus_other(tmp_path, "/a/talk.wav")
    asked: list[str | None] = []
    instance.on_focus(asked.append)
    assert asked == ["/a/talk.wav"]
    assert focus_other(tmp_path)
    wait_until(lambda: asked == ["/a/talk.wav", None])
    instance.close()
    assert not focus_other(tmp_path)
