"""Which signal goes to which slot: the window's wiring in two lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QUrl
from PySide6.QtGui import QDesktopServices

from earmark.model.i18n import _
from earmark.model.marks import Mark
from earmark.model.notes import LineKind
from earmark.model.units import SessionId

from ..actions import Menu
from ..controllers.playback import JUMP_MS, SPEED_STEP
from .menus import chord_text, fill_menus
from .quick_picker import PickerEntry

if TYPE_CHECKING:
    from .main import MainWindow


def join_actions(window: MainWindow) -> None:
    """Every action of the table to what it does."""
    actions, parts, editor = window.actions_, window.parts, window.parts.editor
    lines = editor.actions_on_lines
    playback, recording, library = window.playback, window.recording, window.library

    def kind(which: LineKind) -> Callable[[], object]:
        return lambda: lines.set_kind(which)

    def mark(which: Mark) -> Callable[[], object]:
        return lambda: lines.toggle_mark(which)

    actions.joins(
        {
            "new_session": window.desk.start_fresh,
            "new_event": library.ask_new_event,
            "import": window.imports.ask,
            "share": window.sharing.share,
            "share_line": window.sharing.share_line,
            "share_event": window.sharing.share_event,
            "rename": parts.page.edit_title,
            "details": parts.page.edit_details,
            "move": library.ask_move,
            "bin": library.bin,
            "undelete": library.undelete,
            "show_bin": library.show_bin,
            "empty_bin": window.bin.ask,
            "note_versions": window.versions.ask,
            "close": window.close,
            "record": recording.toggle,
            "pause_recording": recording.pause_or_resume,
            "bookmark": recording.bookmark,
            "off_record": recording.off_record,
            "off_record_selection": window.off_record_selection,
            "off_record_undo": recording.off_record_undo,
            "off_record_cut": window.permanent_cut.ask,
            "choose_mic": lambda: parts.transport.microphone.showMenu(),
            "speech_models": window.models.open,
            "play": playback.toggle,
            "back": lambda: playback.jump(-JUMP_MS),
            "forward": lambda: playback.jump(JUMP_MS),
            "play_line": playback.play_caret_line,
            "previous_line": lambda: playback.play_neighbour(-1),
            "next_line": lambda: playback.play_neighbour(1),
            "loop_line": lambda: playback.loop(playback.state.loop is None),
            "slower": lambda: playback.faster(-SPEED_STEP),
            "faster": lambda: playback.faster(SPEED_STEP),
            "skip_silence": lambda: playback.skip_silence(not playback.state.skip_silence),
            "even_loudness": lambda: playback.even_loudness(not playback.state.even_loudness),
            "click_plays": lambda: _toggle(window, "click_plays"),
            "follow": lambda: _toggle(window, "follow"),
            "go_live": lambda: playback.go_live(recording.state),
            "line_up": lambda: lines.move(-1),
            "line_down": lambda: lines.move(1),
            "plain": kind(LineKind.PLAIN),
            "heading1": kind(LineKind.HEADING1),
            "heading2": kind(LineKind.HEADING2),
            "heading3": kind(LineKind.HEADING3),
            "bullet": kind(LineKind.BULLET),
            "check": kind(LineKind.CHECK),
            "tick": lambda: lines.toggle_check(),
            **{each.value: mark(each) for each in Mark},
            "private": lines.toggle_private,
            "picture": window.pictures.ask,
            "earlier_5": window.anchors.shift(-5_000),
            "earlier_1": window.anchors.shift(-1_000),
            "later_1": window.anchors.shift(1_000),
            "later_5": window.anchors.shift(5_000),
            "anchor_heard": lambda: window.anchors.to_heard(window.desk.now()),
            "transcript": lambda: _toggle(window, "transcript_shown"),
            "focus_transcript": window.transcript.go_to,
            "words_under_lines": lambda: _toggle(window, "words_under_lines"),
            "transcribe": window.transcript.transcribe,
            "transcribe_all": window.transcript.transcribe_all,
            "cancel_transcription": window.transcript.cancel,
            "live_transcript": lambda: window.transcript.set_live(
                not window.choices.value.live_transcript
            ),
            "passage_note": window.transcript_editing.make_note,
            "passage_edit": window.transcript_editing.edit,
            "passage_speaker": window.transcript_editing.ask_speaker,
            "passage_rename": window.transcript_editing.ask_rename,
            "passage_undo": window.transcript_editing.undo,
            "late_notes": lambda: _toggle(window, "late_notes"),
            "late_refuse": window.late_notes.refuse_current,
            "undo": editor.undo,
            "redo": editor.redo,
            "cut": editor.cut,
            "copy": editor.copy,
            "paste": editor.paste,
            "select_all": editor.selectAll,
            "find": parts.find.open,
            "sidebar": lambda: _toggle(window, "sidebar_shown"),
            "focus_notes": editor.setFocus,
            "focus_message": parts.strips.take_focus,
            "focus_list": parts.sidebar.list.setFocus,
            "go_to": library.go_to,
            "zoom_in": parts.waveform.zoom_in,
            "zoom_out": parts.waveform.zoom_out,
            "zoom_fit": parts.waveform.zoom_fit,
            "theme_system": lambda: _theme(window, "system"),
            "theme_light": lambda: _theme(window, "light"),
            "theme_dark": lambda: _theme(window, "dark"),
            "theme_contrast": lambda: _theme(window, "contrast"),
            "palette": lambda: open_palette(window),
            "keys": window.show_keys,
            "open_folder": lambda: _open_folder(window),
            "about": lambda: _about(window),
        }
    )
    menus = parts.menus
    fill_menus(menus, actions)
    menus[Menu.RECORD].addMenu(window.devices.input_menu)
    menus[Menu.REPLAY].addSeparator()
    menus[Menu.REPLAY].addMenu(window.devices.output_menu)
    window.sharing.sheet_made.connect(
        lambda sheet: window.chords.protect(sheet.chooser.name, sheet.chooser.address)
    )
    window.chords.protect(editor, parts.page.title, parts.page.place, parts.page.summary)


def join_parts(window: MainWindow) -> None:
    """What the widgets tell to the desks that act on it."""
    parts, desk, playback, library = window.parts, window.desk, window.playback, window.library
    editor, transport, waveform = parts.editor, parts.transport, parts.waveform
    editor.now, editor.exact = desk.now, desk.exact
    window.recording.changed.connect(lambda _state: editor.settle_moments())
    window.recording.ticked.connect(lambda _anchor, _ms: editor.settle_moments())
    editor.word_clicked.connect(window.click_playback.click)
    editor.play_cancelled.connect(window.click_playback.unclick)
    editor.line_played.connect(playback.play_line)
    editor.link_opened.connect(_open_link)
    editor.followed.connect(lambda on: window.choices.set(follow=on))
    parts.page.left.connect(editor.setFocus)
    sidebar = parts.sidebar
    sidebar.session_chosen.connect(lambda id: desk.open(SessionId(id), focus=False))  # noqa: A006
    sidebar.session_entered.connect(lambda id: desk.open(SessionId(id)))  # noqa: A006
    sidebar.session_renamed.connect(library.rename)
    sidebar.session_moved.connect(library.move)
    sidebar.session_moved_to_new.connect(library.ask_new_event_for)
    sidebar.session_binned.connect(library.bin)
    sidebar.event_renamed.connect(library.rename_event)
    sidebar.event_removed.connect(library.remove_event)
    sidebar.event_share_asked.connect(window.sharing.share_event)
    sidebar.session_share_asked.connect(window.sharing.share_session)
    editor.line_share_asked.connect(window.sharing.share_line)
    parts.strips.left.connect(editor.setFocus)
    waveform.sought.connect(playback.seek)
    waveform.flag_clicked.connect(playback.play_line)
    waveform.flag_dragged.connect(window.anchors.dragged)
    waveform.bookmark_removal_asked.connect(window.recording.remove_bookmark)
    transport.play_pressed.connect(playback.toggle)
    transport.jumped.connect(playback.jump)
    transport.speed_chosen.connect(playback.set_speed)
    transport.output_chosen.connect(window.devices.use_output)
    transport.microphone_chosen.connect(window.devices.use_input)
    window.devices.inputs.connect(transport.show_microphones)
    window.devices.outputs.connect(transport.options.output.set_devices)
    options = transport.options
    options.left.connect(editor.setFocus)
    options.look_back_changed.connect(lambda s: window.choices.set(look_back_s=s))
    options.skip_silence_toggled.connect(playback.skip_silence)
    options.even_loudness_toggled.connect(playback.even_loudness)
    options.click_plays_toggled.connect(lambda on: window.choices.set(click_plays=on))
    options.loop_toggled.connect(playback.loop)
    window.imports.imported.connect(lambda id: desk.open(SessionId(id)))  # noqa: A006
    desk.opened.connect(lambda session: window.welcome.leave() if session.lines else None)
    desk.typed.connect(lambda: window.welcome.make_room(_caret_on_page(window)))
    window.welcome.record_asked.connect(window.recording.toggle)
    window.welcome.demo_asked.connect(window.open_demo)
    window.exit.stop_wanted.connect(window.recording.stop)
    window.sharing.busy.connect(window.exit.sharing)


def open_palette(window: MainWindow) -> None:
    """Every action that can be done now, in the sheet."""
    entries = [
        PickerEntry(action.text(), action, chord_text(action.shortcut()))
        for action in window.actions_.all()
        if action.isEnabled() and action.objectName() != "palette"
    ]
    window.parts.sheet.open(
        _("What do you want to do?"), entries, lambda action: window.later(action.trigger)
    )


def _caret_on_page(window: MainWindow) -> QRect:
    editor = window.parts.editor
    caret = editor.cursorRect()
    return caret.translated(editor.viewport().mapTo(window.parts.page, QPoint(0, 0)))


def _toggle(window: MainWindow, field: str) -> None:
    window.choices.set(**{field: not getattr(window.choices.value, field)})


def _theme(window: MainWindow, name: str) -> None:
    window.choices.set(theme=name)
    window.theme_chosen.emit(name)


def _open_link(address: str) -> None:
    QDesktopServices.openUrl(QUrl(address))


def _open_folder(window: MainWindow) -> None:
    folder = window.desk.folder
    if folder is not None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _about(window: MainWindow) -> None:
    from importlib.metadata import version

    window.parts.strips.tell(
        "about",
        _("Earmark {version}: notes whose words know their moment. MIT licence.").format(
            version=version("earmark")
        ),
        passing=True,
    )
