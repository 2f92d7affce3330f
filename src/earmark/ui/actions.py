"""Every action of the window in one table: its id, words, chord and menu.

Menus, palette, key reference and settings are all made from this table. Chords are written as
`QKeySequence` reads them ("Ctrl+Shift+R"); a person's own chords override them by id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from earmark.model import Mark
from earmark.model.i18n import _


class Menu(StrEnum):
    """The menus in their order in the bar."""

    SESSION = "session"
    RECORD = "record"
    REPLAY = "replay"
    NOTES = "notes"
    TRANSCRIPT = "transcript"
    EDIT = "edit"
    VIEW = "view"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action. `group` separates the menu's parts; `checkable` ones show a tick."""

    id: str
    text: str
    chord: str
    menu: Menu
    group: int = 0
    checkable: bool = False
    also: str = ""
    """A second chord, fixed."""


def menu_title(menu: Menu) -> str:
    """The menu's name, with its access key."""
    return {
        Menu.SESSION: _("&Session"),
        Menu.RECORD: _("&Record"),
        Menu.REPLAY: _("Re&play"),
        Menu.NOTES: _("&Notes"),
        Menu.TRANSCRIPT: _("&Transcript"),
        Menu.EDIT: _("&Edit"),
        Menu.VIEW: _("&View"),
        Menu.HELP: _("&Help"),
    }[menu]


@cache
def table() -> tuple[ActionSpec, ...]:
    """All actions, in menu order."""
    s, r, p, n, t, e, v, h = Menu
    a = ActionSpec
    return (
        a("new_session", _("New session"), "Ctrl+N", s),
        a("new_event", _("New event…"), "Ctrl+Shift+N", s),
        a("import", _("Import a recording or a share…"), "Ctrl+O", s),
        a("share", _("Share…"), "Ctrl+E", s, 1),
        a("share_line", _("Share this line or the selected ones…"), "", s, 1),
        a("share_event", _("Share the event…"), "", s, 1),
        a("rename", _("Rename session"), "F2", s, 2),
        a("details", _("Date, place and summary"), "Ctrl+I", s, 2),
        a("move", _("Move to event…"), "Ctrl+Shift+E", s, 2),
        a("note_versions", _("Earlier versions of these notes…"), "", s, 2),
        a("bin", _("Delete session"), "Ctrl+Shift+Del", s, 3),
        a("undelete", _("Restore the deleted session"), "", s, 3),
        a("show_bin", _("Deleted sessions…"), "", s, 3),
        a("empty_bin", _("Empty the bin…"), "", s, 3),
        a("close", _("Close the window"), "Ctrl+Q", s, 4),
        a("record", _("Record / stop"), "Ctrl+R", r),
        a("pause_recording", _("Pause / resume recording"), "Ctrl+Shift+R", r),
        a("bookmark", _("Bookmark this moment"), "Ctrl+M", r, 1),
        a("off_record", _("Off the record: last 30 s"), "Ctrl+Shift+O", r, 1),
        a("off_record_selection", _("Off the record: the selected stretch"), "", r, 1),
        a("off_record_undo", _("Undo off the record"), "", r, 1),
        a("off_record_cut", _("Cut off-the-record stretches for good…"), "", r, 1),
        a("choose_mic", _("Choose microphone…"), "", r, 2),
        a("play", _("Play / pause"), "Ctrl+Space", p),
        a("back", _("Back 5 seconds"), "Ctrl+J", p),
        a("forward", _("Forward 5 seconds"), "Ctrl+L", p),
        a("play_line", _("Play this line"), "Ctrl+Return", p, 1, also="Ctrl+Enter"),
        a("previous_line", _("Play the previous line"), "Ctrl+Up", p, 1),
        a("next_line", _("Play the next line"), "Ctrl+Down", p, 1),
        a("loop_line", _("Loop this line"), "Ctrl+Shift+L", p, 1, checkable=True),
        a("slower", _("Slower"), "Ctrl+[", p, 2),
        a("faster", _("Faster"), "Ctrl+]", p, 2),
        a("skip_silence", _("Skip silence"), "Ctrl+Shift+K", p, 2, checkable=True),
        a("even_loudness", _("Even the loudness"), "Ctrl+Shift+V", p, 2, checkable=True),
        a("click_plays", _("Click plays"), "Ctrl+Shift+C", p, 3, checkable=True),
        a("follow", _("Follow the sound"), "Ctrl+Shift+F", p, 3, checkable=True),
        a("go_live", _("Catch up with the recording"), "Ctrl+Shift+J", p, 3),
        a("line_up", _("Move line up"), "Alt+Up", n),
        a("line_down", _("Move line down"), "Alt+Down", n),
        a("plain", _("Plain line"), "Ctrl+0", n, 1),
        a("heading1", _("Heading 1"), "Ctrl+1", n, 1),
        a("heading2", _("Heading 2"), "Ctrl+2", n, 1),
        a("heading3", _("Heading 3"), "Ctrl+3", n, 1),
        a("bullet", _("Bullet"), "Ctrl+4", n, 1),
        a("check", _("Check box"), "Ctrl+5", n, 1),
        a("tick", _("Tick / untick"), "Ctrl+D", n, 1),
        *(a(mark.value, mark.spec.title, mark.spec.chord, n, 2) for mark in Mark),
        a("private", _("Private line"), "Ctrl+9", n, 2),
        a("picture", _("Insert picture…"), "Ctrl+Shift+I", n, 3),
        a("earlier_5", _("Anchor 5 s earlier"), "Alt+PgUp", n, 4),
        a("earlier_1", _("Anchor 1 s earlier"), "Alt+Left", n, 4),
        a("later_1", _("Anchor 1 s later"), "Alt+Right", n, 4),
        a("later_5", _("Anchor 5 s later"), "Alt+PgDown", n, 4),
        a("anchor_heard", _("Anchor to what I hear now"), "Alt+Return", n, 4),
        a("transcript", _("Show the transcript"), "Ctrl+T", t, checkable=True),
        a("focus_transcript", _("Go to the transcript"), "Shift+F6", t),
        a("words_under_lines", _("Words under lines"), "Ctrl+Shift+U", t, checkable=True),
        a("transcribe", _("Transcribe this session"), "Ctrl+Shift+T", t, 1),
        a("transcribe_all", _("Transcribe all sessions"), "", t, 1),
        a("cancel_transcription", _("Cancel the transcription"), "", t, 1),
        a("live_transcript", _("Transcribe while recording"), "Ctrl+Alt+T", t, 1, checkable=True),
        a("speech_models", _("Speech models…"), "", t, 1),
        a("passage_note", _("Make a note from this passage"), "Ctrl+Shift+M", t, 2),
        a("passage_edit", _("Mend the words of this passage"), "", t, 2),
        a("passage_speaker", _("Name the speaker…"), "Ctrl+Shift+W", t, 2),
        a("passage_rename", _("Rename the speaker everywhere…"), "", t, 2),
        a("passage_undo", _("Undo the last change of the transcript"), "", t, 2),
        a("late_notes", _("Start lines at the sentence they are about"), "", t, 3, checkable=True),
        a(
            "late_refuse",
            _("Start this line at its own time"),
            "Ctrl+Shift+D",
            t,
            3,
            checkable=True,
        ),
        a("undo", _("Undo"), "Ctrl+Z", e),
        a("redo", _("Redo"), "Ctrl+Shift+Z", e, also="Ctrl+Y"),
        a("cut", _("Cut"), "Ctrl+X", e, 1),
        a("copy", _("Copy"), "Ctrl+C", e, 1),
        a("paste", _("Paste"), "Ctrl+V", e, 1),
        a("select_all", _("Select all"), "Ctrl+A", e, 1),
        a("find", _("Find and replace in these notes"), "Ctrl+F", e, 2),
        a("sidebar", _("Show the list of sessions"), "Ctrl+B", v, checkable=True),
        a("focus_notes", _("Go to the notes"), "F6", v),
        a("go_to", _("Go to session…"), "Ctrl+K", v),
        a("focus_message", _("Go to the message"), "F7", v),
        a("focus_list", _("Go to the list of sessions"), "Ctrl+Shift+S", v),
        a("zoom_in", _("Widen the waveform"), "Ctrl+=", v, 1),
        a("zoom_out", _("Narrow the waveform"), "Ctrl+-", v, 1),
        a("zoom_fit", _("Show the whole waveform"), "Ctrl+Shift+0", v, 1),
        a("theme_system", _("Colours: as the system"), "", v, 2, checkable=True),
        a("theme_light", _("Colours: light"), "", v, 2, checkable=True),
        a("theme_dark", _("Colours: dark"), "", v, 2, checkable=True),
        a("theme_contrast", _("Colours: high contrast"), "", v, 2, checkable=True),
        a("palette", _("All actions…"), "Ctrl+Shift+P", h),
        a("keys", _("The keys"), "Ctrl+/", h),
        a("open_folder", _("Open the library folder"), "", h, 1),
        a("about", _("About Earmark"), "", h, 1),
    )


def sequences(spec: ActionSpec, own: Mapping[str, str]) -> list[QKeySequence]:
    """The action's chords: the person's own where there is one (empty: none), else the table's."""
    chord = own.get(spec.id, spec.chord)
    return [QKeySequence(c) for c in (chord, spec.also) if c]


class Actions:
    """The `QAction`s of one window, by id."""

    def __init__(self, parent: QObject, own: Mapping[str, str]) -> None:
        self._actions: dict[str, QAction] = {}
        for spec in table():
            action = QAction(spec.text, parent)
            action.setObjectName(spec.id)
            action.setCheckable(spec.checkable)
            action.setShortcuts(sequences(spec, own))
            action.setMenuRole(QAction.MenuRole.NoRole)
            self._actions[spec.id] = action

    def __getitem__(self, id: str) -> QAction:  # noqa: A002
        return self._actions[id]

    def all(self) -> list[QAction]:
        """Every action, in the table's order."""
        return list(self._actions.values())

    def joins(self, slots: Mapping[str, Callable[[], object]]) -> None:
        """Joins actions to what they do, by id."""
        for id, slot in slots.items():  # noqa: A001
            self._actions[id].triggered.connect(_plain(slot))

    def use_chords(self, own: Mapping[str, str]) -> None:
        """Takes the person's own chords."""
        for spec in table():
            self._actions[spec.id].setShortcuts(sequences(spec, own))

    def chord_owner(self, sequence: QKeySequence) -> QAction | None:
        """The action that `sequence` belongs to just now."""
        for action in self._actions.values():
            if sequence in action.shortcuts():
                return action
        return None


def _plain(slot: Callable[[], object]) -> Callable[[], None]:
    """A slot without the `checked` argument that `QAction.triggered` brings."""

    def call() -> None:
        slot()

    return call
