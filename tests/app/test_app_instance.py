"""One window a library: a second start asks the first, however early it comes."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from waiting import wait_until

from earmark.app.instance import claim, focus_other
from earmark.bootstrap import run_window
from earmark.model import Busy


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


def test_on_a_disk_without_sockets_the_lock_alone_keeps_a_second_window_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_address: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as disk:  # what bind says on vfat and exFAT
        disk.setattr("earmark.app.instance.socket.socket", _socket_that(refused))
        instance = claim(tmp_path)
    assert instance is not None
    instance.on_focus(lambda _file: None)
    assert claim(tmp_path) is None
    assert not focus_other(tmp_path)
    with pytest.raises(Busy, match="does not answer"):
        run_window(tmp_path, None)
    instance.close()
    again = claim(tmp_path)
    assert again is not None
    again.close()


def test_what_stands_in_the_sockets_place_costs_no_lock(tmp_path: Path) -> None:
    (tmp_path / "run" / "window.sock").mkdir(parents=True)
    instance = claim(tmp_path)
    assert instance is not None
    assert claim(tmp_path) is None
    instance.close()
    assert (tmp_path / "run" / "window.sock").is_dir()


def _socket_that(refuses: Callable[..., None]) -> type[socket.socket]:
    return type("Socket", (socket.socket,), {"bind": refuses})
