"""The transport bar: what it tells, and what its controls say when they are used."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QWidget,
)

from earmark.app.news import Proof
from earmark.model import Frames, TakeId
from earmark.ui.devices import DeviceChooser
from earmark.ui.levelmeter import LevelMeter
from earmark.ui.theme import DARK, LIGHT, use_theme
from earmark.ui.transport import Transport, speed_words
from earmark.ui.transport.words import ago, proof_words, replay_words, space_words

S = 1_000_000_000


@dataclass(frozen=True)
class Listed:
    name: str
    label: str
    default: bool = False


DEVICES = (Listed("mic-a", "Built-in mic", True), Listed("mic-b", "USB & friends"))


@pytest.fixture
def bar(qtbot):
    widget = Transport()
    qtbot.addWidget(widget)
    widget.resize(900, 160)
    widget.show()
    return widget


def proof(now, **more):
    figures = {
        "take": TakeId("t"),
        "stored_frames": Frames(48_000),
        "stored_mono_ns": now - 4 * S // 10,
        "speech_mono_ns": now - S,
        "rms_db": -21.2,
        "free_bytes": 41 * 3600 * 96_000,
    }
    return Proof(**(figures | more))


def test_proofs_are_told_from_what_was_written():
    now = 1000 * S
    lines = proof_words(proof(now), now)
    assert [words for _role, words in lines] == [
        "✓ stored to disk 0.4 s ago",
        "speech heard 1 s ago · −21 dBFS",
        "41 h of space left",
    ]
    assert lines[0][0] == "ok"


def test_a_late_store_is_no_proof():
    now = 1000 * S
    role, words = proof_words(proof(now, stored_mono_ns=now - 7 * S), now)[0]
    assert role == "recording_text"
    assert words == "last stored 7 s ago"


def test_before_the_first_store_nothing_is_claimed():
    lines = proof_words(Proof(), 5 * S)
    assert lines[0] == ("muted", "waiting for the microphone")
    assert "✓" not in "".join(words for _role, words in lines)
    quiet = proof_words(proof(S, speech_mono_ns=None, rms_db=-120.0), S)
    assert quiet[1][1] == "no speech yet · silence"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0 s ago"),
        (0.44, "0.4 s ago"),
        (0.97, "1 s ago"),
        (59, "59 s ago"),
        (61, "1 min ago"),
    ],
)
def test_ages_are_as_fine_as_they_matter(seconds, words):
    assert ago(seconds) == words


def test_space_is_told_as_time():
    assert space_words(19 * 60 * 96_000, 48_000) == "19 min of space left"
    assert space_words(3 * 3600 * 96_000, 48_000) == "3 h of space left"
    assert space_words(10**13, 48_000) == "over 100 h of space left"


def test_replay_is_told_in_words():
    told = replay_words(661_000, 6, skip_silence=True, evened_db=9.2, even_loudness=True)
    assert [words for _role, words in told] == [
        "from 11:01 · look-back 6 s",
        "skip silence on",
        "loudness evened +9 dB",
    ]
    plain = replay_words(None, 2.5, skip_silence=False, evened_db=None, even_loudness=False)
    assert [words for _role, words in plain] == [
        "look-back 2.5 s",
        "skip silence off",
        "loudness as recorded",
    ]


def test_the_bar_tells_proofs_while_recording_and_replay_otherwise(bar):
    bar.show_replay(
        playing=True,
        speed=1.3,
        from_ms=661_000,
        look_back_s=3,
        skip_silence=False,
        even_loudness=True,
    )
    assert bar.words()[0] == "from 11:01 · look-back 3 s"
    assert bar.options.speed.text() == "1.3×"
    assert bar.play.accessibleName() == "Pause replay"
    assert not bar.level.isVisible()
    bar.show_recording(True, "Built-in mic")
    assert bar.words()[0] == "waiting for the microphone"
    assert bar.microphone.accessibleName() == "Microphone: Built-in mic"
    assert bar.level.isVisible()
    bar.show_recording(False)
    assert bar.words()[0] == "from 11:01 · look-back 3 s"


def test_proofs_age_by_themselves(bar, qtbot):
    import time

    bar.show_recording(True)
    bar.set_proof(proof(time.monotonic_ns()))
    assert bar.words()[0].startswith("✓ stored to disk")
    qtbot.waitUntil(lambda: bar.words()[0].startswith("last stored"), timeout=60_000)


def test_buttons_say_what_was_pressed(bar, qtbot):
    jumps = []
    bar.jumped.connect(jumps.append)
    left = Qt.MouseButton.LeftButton
    with qtbot.waitSignal(bar.play_pressed, timeout=60_000):
        qtbot.mouseClick(bar.play, left)
    qtbot.mouseClick(bar.back, left)
    qtbot.mouseClick(bar.forward, left)
    assert jumps == [-5000, 5000]
    with qtbot.waitSignal(bar.options.loop_toggled, timeout=60_000) as told:
        qtbot.mouseClick(bar.options.loop, left)
    assert told.args == [True]
    with qtbot.waitSignal(bar.speed_chosen, timeout=60_000) as told:
        bar.options.speed.menu().actions()[-1].trigger()
    assert told.args == [3.0]
    assert [speed_words(s) for s in (0.5, 1.0, 1.25, 3.0)] == ["0.5×", "1×", "1.25×", "3×"]


def test_look_back_is_told_when_it_was_typed(bar, qtbot):
    box = bar.options.look_back
    assert box.value() == 3.0
    with qtbot.waitSignal(bar.options.look_back_changed, timeout=60_000) as told:
        box.selectAll()
        qtbot.keyClicks(box, "6.5")
        qtbot.keyClick(box, Qt.Key.Key_Return)
    assert told.args == [6.5]


def test_showing_options_is_not_told_back(bar):
    told = []
    for signal in (
        bar.options.look_back_changed,
        bar.options.skip_silence_toggled,
        bar.options.even_loudness_toggled,
        bar.options.click_plays_toggled,
        bar.options.loop_toggled,
    ):
        signal.connect(told.append)
    bar.options.show_options(
        look_back_s=7, skip_silence=True, even_loudness=False, click_plays=True, loop=True
    )
    assert told == []
    assert bar.options.look_back.value() == 7
    assert bar.options.loop.isChecked()


def test_microphones_are_chosen_by_name(bar, qtbot):
    bar.show_microphones(DEVICES, None)
    assert bar.microphone.accessibleName() == "Microphone: Built-in mic"
    actions = bar.microphone.menu().actions()
    assert [a.isChecked() for a in actions] == [True, False, False]
    with qtbot.waitSignal(bar.microphone_chosen, timeout=60_000) as told:
        actions[2].trigger()
    assert told.args == ["mic-b"]


def test_outputs_are_chosen_and_a_missing_one_stays_listed(qtbot):
    chooser = DeviceChooser("Output")
    spoken = QAccessible.queryAccessibleInterface(chooser)
    assert spoken.text(QAccessible.Text.Name) == "Output: Default"
    assert spoken.child(0).object() is chooser.view()
    qtbot.addWidget(chooser)
    chooser.set_devices(DEVICES, "mic-b")
    assert chooser.currentText() == "USB & friends"
    chooser.set_devices(DEVICES[:1], "mic-b")
    assert chooser.currentText() == "USB & friends (not here)"
    chosen = []
    chooser.device_chosen.connect(chosen.append)
    chooser.setFocus()
    qtbot.keyClick(chooser, Qt.Key.Key_Up)
    qtbot.keyClick(chooser, Qt.Key.Key_Up)
    assert chosen == ["mic-a", None]


def test_the_wheel_changes_nothing_in_passing(bar):
    bar.options.output.set_devices(DEVICES, None)
    bar.back.setFocus()
    for widget in (bar.options.output, bar.options.look_back):
        event = QWheelEvent(
            QPointF(5, 5),
            QPointF(widget.mapToGlobal(QPoint(5, 5))),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)
    assert bar.options.output.currentIndex() == 0
    assert bar.options.look_back.value() == 3.0


def controls(widget):
    kinds = (QAbstractButton, QAbstractSpinBox, QComboBox)
    found = [w for w in widget.findChildren(QWidget) if isinstance(w, kinds)]
    return [w for w in found if w.isVisibleTo(widget)]


def test_every_control_has_a_name_and_is_large_enough(bar):
    buddies = {label.buddy() for label in bar.findChildren(QLabel)}
    for control in controls(bar):
        face = QAccessible.queryAccessibleInterface(control)
        assert face.text(QAccessible.Text.Name), control
        assert control.height() >= 32, control
        if isinstance(control, QComboBox):
            assert control in buddies


def test_all_of_it_fits_into_the_smallest_window(bar):
    bar.show_recording(True, "A microphone with a very long name indeed")
    bar.show_time(3_661_000 * 9, 3_661_000 * 10)
    assert bar.minimumSizeHint().width() <= 900
    assert bar.sizeHint().height() <= 170


def test_it_is_drawn_in_both_themes_without_a_word_of_complaint(bar, qapp, caplog):
    pictures = []
    for theme in (LIGHT, DARK):
        use_theme(qapp, theme)
        pictures.append(bar.grab().toImage())
    use_theme(qapp, LIGHT)
    assert pictures[0] != pictures[1]
    assert caplog.records == []


def test_the_level_rises_at_once_and_falls_slowly(qtbot):
    meter = LevelMeter()
    qtbot.addWidget(meter)
    meter.set_level(-12, -6)
    assert meter.shown == pytest.approx(0.8)
    assert meter.accessibleDescription() == "The microphone hears something."
    meter.set_level(-120, -120)
    assert meter.shown == pytest.approx(0.75)
    meter.clear()
    assert meter.shown == 0.0
