"""The speech models' page: downloads only when pressed, and says what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from modelserver import model_server
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton
from tinyfile import tiny_model
from waiting import wait_until
from window_desk import Desk

from earmark.transcribe.known import KNOWN


@pytest.fixture
def desk(qapp, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("EARMARK_MODELS", str(tmp_path / "models"))
    desk = Desk(tmp_path / "library", monkeypatch)
    desk.open()
    yield desk
    desk.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ggml-tiny-test.bin"
    path.write_bytes(tiny_model())
    return path


def sees(condition):
    """Waits, with the window alive, until it shows something."""

    def look():
        QApplication.processEvents()
        return condition()

    return wait_until(look)


def opened(desk: Desk):
    desk.window.actions_["speech_models"].trigger()
    sheet = desk.window.models.sheet
    sees(lambda: len(sheet.rows) >= len(KNOWN))
    return sheet


def strip_button(sheet, words: str) -> QPushButton:
    return next(b for b in sheet.strips.findChildren(QPushButton) if b.text() == words)


def test_the_page_lists_the_table_and_asks_for_nothing(desk: Desk, monkeypatch):
    with model_server(tiny_model()) as server:
        monkeypatch.setenv("EARMARK_MODEL_HOST", server.url)
        sheet = opened(desk)
        assert sorted(sheet.rows) == sorted(row.name for row in KNOWN)
        assert list(sheet.rows)[:2] == ["base", "small"]
        base = sheet.rows["base"]
        for words in ("142 MiB", "99 languages", "recommended while recording", "MIT licence"):
            assert words in base.facts.text()
        assert base.act.text() == "Download"
        assert base.remove.isHidden()
        sees(lambda: "ngine" in sheet.intro.text() or "pip install" in sheet.intro.text())
        assert server.asked == []


def test_a_download_shows_its_progress_is_cancelled_and_goes_on(desk: Desk, monkeypatch):
    with model_server(bytes(77691713), "hang") as server:
        monkeypatch.setenv("EARMARK_MODEL_HOST", server.url)
        row = opened(desk).rows["tiny"]
        row.act.click()
        assert row.act.text() == "Cancel"
        sees(lambda: row.bar.value() >= 400)
        assert "%" in row.state.text()
        row.act.click()
        sees(lambda: row.act.text() == "Go on")
        assert "came so far" in row.state.text()
        assert row.remove.accessibleName() == "Discard tiny"
        assert desk.window.models.sheet._names()[:2] == ["base", "small"], "no row slips away"
        assert not desk.window.models.sheet.strips.keys()
        server.mode = "missing"
        row.act.click()
        strips = desk.window.models.sheet.strips
        sees(lambda: strips.said("failed:tiny"))
        assert "no longer has this model" in (strips.said("failed:tiny") or "")
        sees(lambda: row.act.text() == "Go on")
        row.remove.click()
        strip_button(desk.window.models.sheet, "Delete tiny").click()
        sees(lambda: row.act.text() == "Download")
        sheet = desk.window.models.sheet
        sheet.rows["base"].act.click()
        assert strips.said("failed:tiny") is None
        sees(lambda: strips.said("failed:base"))


def test_a_file_is_added_chosen_and_removed_after_one_more_press(desk: Desk, file: Path):
    sheet = opened(desk)
    desk.window.models.add(file)
    row = sees(lambda: sheet.rows.get("tiny-test"))
    assert next(iter(sheet.rows.values())) is not None
    sees(lambda: row.state.text() == "installed")
    assert "none of the known models" in (sheet.strips.said("came:tiny-test") or "")
    live = sheet.options.live
    at = live.findData("tiny-test")
    assert at > 0
    live.setCurrentIndex(at)
    live.activated.emit(at)
    sheet.options.battery.click()
    desk.settle()
    assert desk.earmark is not None
    assert desk.earmark.settings.value.live_model == "tiny-test"
    assert desk.earmark.settings.value.transcribe_on_battery is False
    row.remove.click()
    assert "would be deleted" in (sheet.strips.said("remove") or "")
    assert row.state.text() == "installed"
    strip_button(sheet, "Delete tiny-test").click()
    sees(lambda: "tiny-test" not in sheet.rows)
    assert sheet.options.live.currentText() == "tiny-test (not installed)"


def test_a_broken_file_is_told_on_the_page(desk: Desk, file: Path):
    file.write_bytes(tiny_model()[:-1])
    sheet = opened(desk)
    desk.window.models.add(file)
    sees(lambda: sheet.strips.said(f"failed:{file.name}"))
    assert "cut off" in (sheet.strips.said(f"failed:{file.name}") or "")
    assert not sheet.strips.said(f"job:{file.name}")


def test_a_broken_installed_model_is_told_in_its_row(desk: Desk, tmp_path: Path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "ggml-base.bin").write_bytes(tiny_model()[:-1])
    row = opened(desk).rows["base"]
    assert "cut off" in row.state.text()
    assert row.act.isHidden() and not row.remove.isHidden()


def test_the_language_is_chosen_by_its_own_name(desk: Desk):
    language = opened(desk).options.language
    assert language.currentText() == "As heard"
    assert language.itemText(language.findData("de")) == "Deutsch"
    assert language.count() == 101
    at = language.findData("fr")
    language.setCurrentIndex(at)
    language.activated.emit(at)
    assert desk.window.choices.value.transcribe_language == "fr"


def test_esc_leaves_and_typing_goes_on(desk: Desk, qtbot):
    desk.editor.setFocus()
    sheet = opened(desk)
    qtbot.keyClick(desk.window.focusWidget(), Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert desk.window.focusWidget() is desk.editor


def test_tab_goes_round_and_every_control_has_a_name(desk: Desk, qtbot):
    sheet = opened(desk)
    seen = []
    while desk.window.focusWidget() not in seen:
        focused = desk.window.focusWidget()
        assert focused is not None and sheet.isAncestorOf(focused)
        assert focused.accessibleName()
        seen.append(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert sheet.cross in seen and sheet.rows["base"].act in seen
    assert seen[0] is sheet.options.after


def test_the_file_chooser_is_not_modal(desk: Desk):
    sheet = opened(desk)
    sheet.add.click()
    dialog = desk.window.findChild(QFileDialog)
    assert dialog is not None and dialog.isVisible() and not dialog.isModal()
    dialog.reject()
