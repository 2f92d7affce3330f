"""What others shared comes in: said first what it is, in the library only on the person's word."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton
from sessions_to_share import line, session, take, write_sound
from waiting import wait_until
from window_desk import Desk

from earmark.app.sharing import ShareForm, ShareRequest
from earmark.model import NotesEdit


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    desk = Desk(tmp_path / "library", monkeypatch)
    desk.open()
    yield desk
    desk.close()


@pytest.fixture
def shared(tmp_path: Path, monkeypatch, qapp):
    """A function that shares a talk from another library as a file."""
    other = Desk(tmp_path / "other", monkeypatch)
    earmark = other.open()
    made = session(
        [take(1, 96_000)],
        [line("one", "first words", (1, 48_000)), line("two", "<img src=x>")],
        title="A <b>bold</b> talk",
    )

    def enter(library):
        own = library.create_session(made.title)
        library.put_take(own.id, made.takes[0])
        library.save_notes(own.id, NotesEdit(tuple(one.id for one in made.lines), made.lines))
        return own.id

    id = earmark.library.run(enter).result(60)  # noqa: A001
    write_sound(other.folder, made.takes)

    def share(name: str) -> Path:
        path = tmp_path / name
        form = ShareForm.BUNDLE if name.endswith(".earmark") else ShareForm.HTML
        return earmark.sharing.share(ShareRequest(id, path, form)).future.result(300).path

    yield share
    other.close()


def wait(condition, what: str = ""):
    def look():
        QApplication.processEvents()
        return condition()

    return wait_until(look, 120, what)


def asked(desk: Desk, words: str) -> str:
    """Waits for the strip with `words` in it."""
    strips = desk.window.parts.strips

    def found():
        return next((s for k in strips.keys() if words in (s := strips.said(k) or "")), None)  # noqa: SIM118

    return wait(found, f"a strip with {words}")


def press(desk: Desk, words: str) -> None:
    buttons = desk.window.parts.strips.findChildren(QPushButton)
    next(b for b in buttons if b.text() == words and b.isVisible()).click()


@pytest.mark.parametrize("name", ["talk.earmark", "talk.html"])
def test_a_share_is_shown_and_comes_in_when_asked(desk: Desk, shared, name: str):
    path = shared(name)
    desk.window.open_file(path)
    said = asked(desk, "was shared")
    assert said.startswith("“A <b>bold</b> talk” was shared: ")
    assert "00:02 · 2 lines · " in said
    assert desk.sessions() == ()
    press(desk, "Import")
    wait(lambda: desk.sessions(), "the session")
    wait(lambda: desk.window.desk.session.title == "A <b>bold</b> talk", "the page")
    assert [each.text for each in desk.session().lines] == ["first words", "<img src=x>"]
    assert desk.session().takes[0].frames == 96_000


def test_not_now_leaves_the_library_alone(desk: Desk, shared):
    desk.window.open_file(shared("talk.earmark"))
    asked(desk, "was shared")
    press(desk, "Not now")
    assert desk.window.parts.strips.keys() == ()
    assert desk.sessions() == ()


def brought_in(desk: Desk, path: Path) -> None:
    desk.window.open_file(path)
    asked(desk, "was shared")
    press(desk, "Import")
    wait(lambda: len(desk.sessions()) == 1, "the session")
    wait(lambda: not desk.window.parts.strips.keys(), "no strip")


@pytest.mark.parametrize(("answer", "count"), [("Keep both", 2), ("Skip", 1)])
def test_what_is_there_already_is_kept_or_skipped(desk: Desk, shared, answer: str, count: int):
    path = shared("talk.earmark")
    brought_in(desk, path)
    desk.window.open_file(path)
    said = asked(desk, "was shared")
    assert said.endswith("It is in your library already, with 2 lines.")
    press(desk, answer)
    wait(lambda: not desk.window.parts.strips.keys(), "no strip")
    desk.settle()
    assert len(desk.sessions()) == count


def test_what_is_there_already_is_replaced_into_the_bin(desk: Desk, shared):
    path = shared("talk.earmark")
    brought_in(desk, path)
    (before,) = desk.sessions()
    desk.window.open_file(path)
    asked(desk, "was shared")
    press(desk, "Replace it (to the bin)")
    binned = desk.earmark.library.run
    wait(lambda: binned(lambda lib: lib.binned()).result(60), "the old one in the bin")
    assert [one.id for one in binned(lambda lib: lib.binned()).result(60)] == [before.id]
    assert len(desk.sessions()) == 1


def test_a_broken_bundle_gets_its_sentence(desk: Desk, tmp_path: Path):
    path = tmp_path / "broken.earmark"
    path.write_bytes(b"PK\x03\x04 nothing of use")
    desk.window.open_file(path)
    said = asked(desk, "“broken.earmark” is damaged")
    assert said.count("broken.earmark") == 1
    assert desk.sessions() == ()


def test_dropped_on_the_window_it_is_shown_too(desk: Desk, shared):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(shared("talk.earmark")))])
    drop = QDropEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    desk.window.dropEvent(drop)
    asked(desk, "was shared")
    assert desk.sessions() == ()


def test_a_message_is_reached_and_left_by_keys(desk: Desk, shared, qtbot):
    desk.editor.setFocus()
    desk.window.open_file(shared("talk.earmark"))
    asked(desk, "was shared")
    assert desk.window.focusWidget() is desk.editor
    desk.window.actions_["focus_message"].trigger()
    button = desk.window.focusWidget()
    assert isinstance(button, QPushButton) and button.text() == "Import"
    qtbot.keyClick(button, Qt.Key.Key_Escape)
    assert desk.window.focusWidget() is desk.editor
