"""A typed line is durable while any other work is slow: the database's thread takes no other."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from spoken_talks import put_talk
from waiting import wait_until
from window_desk import Desk

from earmark.app import news as n
from earmark.app.imports import Imports
from earmark.app.sharing import Sharing
from earmark.audio.peaks import Peaks
from earmark.ui.share.target import Target
from earmark.ui.share.target_chooser import TargetChooser

SLOW_S = 6.0
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("EARMARK_MODELS", str(tmp_path / "models"))
    desk = Desk(tmp_path / "library", monkeypatch)
    earmark = desk.open()
    name = earmark.library.run(lambda lib: put_talk(lib)).result(60)
    desk.window.desk.open(name)
    wait_until(lambda: QApplication.processEvents() or desk.window.desk.id == name)
    desk.settle()
    yield desk
    desk.close()


class Slow:
    """Stands in front of a function: who calls it waits until the test goes on, 6 s at most."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()
        real = getattr(place, name)

        def slowed(*args: Any, **kwargs: Any) -> Any:
            self.begun.set()
            self.go_on.wait(SLOW_S)
            return real(*args, **kwargs)

        monkeypatch.setattr(place, name, slowed)


def share(desk: Desk) -> None:
    desk.window.actions_["share"].trigger()


def shared(desk: Desk) -> Any:
    share(desk)
    sharer = desk.window.sharing.sharer
    wait_until(lambda: QApplication.processEvents() or sharer.sheet.isVisible(), what="the sheet")
    desk.settle()
    return sharer


def free_name(desk: Desk) -> None:
    shared(desk).findChild(TargetChooser).beside()


def copy_text(desk: Desk) -> None:
    shared(desk).sheet.copy_asked.emit()


def words_under(desk: Desk) -> None:
    desk.window.actions_["words_under_lines"].trigger()


def open_again(desk: Desk) -> None:
    name = desk.window.desk.id
    desk.window.actions_["new_session"].trigger()
    desk.settle()
    desk.window.desk.open(name)


def waveform(desk: Desk) -> None:
    assert desk.earmark is not None
    takes = [dataclasses.replace(one, peaks="some.peaks") for one in desk.session().takes]
    desk.earmark.shapes.show(takes)


def settings(desk: Desk) -> None:
    desk.window.choices.set(speed=1.5)


def picture_file(desk: Desk) -> None:
    path = desk.folder.parent / "slide.png"
    path.write_bytes(PNG)
    desk.editor.picture_file_offered.emit(path)


KINDS: dict[str, tuple[Any, str, Callable[[Desk], object]]] = {
    "share preview": (Sharing, "estimate", share),
    "share as text": (Sharing, "text", copy_text),
    "a free name": (Target, "beside", free_name),
    "opened files": (
        Imports,
        "is_share",
        lambda desk: desk.window.imports.chosen.emit([desk.folder / "library.db"]),
    ),
    "late notes": ("earmark.ui.controllers.transcript", "prepare", open_again),
    "late notes of replay": ("earmark.app.replaying", "prepare", open_again),
    "words under lines": ("earmark.ui.controllers.inline_transcript", "words_under", words_under),
    "waveform": (Peaks, "open", waveform),
    "picture file read": ("earmark.app.pictures", "open_given", picture_file),
    "picture written": (
        "earmark.app.pictures",
        "write_atomically",
        lambda desk: desk.editor.picture_offered.emit(PNG, "png"),
    ),
    "settings written": ("earmark.app.settings", "write_atomically", settings),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_typed_line_is_durable_while_other_work_is_slow(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    place, name, begin = KINDS[kind]
    if isinstance(place, str):
        place = __import__(place, fromlist=[name])
    earmark = desk.earmark
    assert earmark is not None
    saved: list[n.NotesSaved] = []
    earmark.events.subscribe(lambda one: saved.append(one) if type(one) is n.NotesSaved else None)
    slow = Slow(monkeypatch, place, name)
    try:
        begin(desk)
        wait_until(lambda: QApplication.processEvents() or slow.begun.is_set(), what=kind)
        saved.clear()
        typed = time.monotonic()
        QTest.keyClicks(desk.editor, "x")
        wait_until(lambda: QApplication.processEvents() or saved, SLOW_S * 0.9, "the line saved")
        print(f"{kind}: durable after {time.monotonic() - typed:.3f} s")
        assert not slow.go_on.is_set()
    finally:
        slow.go_on.set()
    desk.settle()
    assert any("x" in line.text for line in desk.session().lines)
