"""What a person does to the passages: mends words, names speakers, makes notes of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QMenu

from earmark.app import transcripts as intents
from earmark.model import LineId, Segment, SegmentId, SessionId, new_id
from earmark.model.i18n import _

from ..transcript.passages import speakers
from ..window.quick_picker import PickerEntry

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

    from ..window.main import MainWindow

_MOST_STEPS = 50


class TranscriptEditing(QObject):
    """Carries edits of the transcript to the library; each can be taken back."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._view = window.parts.transcript.view
        self._earmark: Earmark | None = None
        self._steps: list[tuple[SessionId, tuple[Segment, ...]]] = []
        """Passages as they were before each change, the newest last."""
        self._view.edited.connect(self._edited)
        self._view.menu_asked.connect(self._menu)
        self._view.undo_asked.connect(self.undo)

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark

    def detach(self) -> None:
        self._earmark = None

    # --- what a person asks for ------------------------------------------------------------

    def edit(self) -> None:
        """Opens the words of the passage with the caret."""
        if self._there():
            self._view.setFocus()
            self._view.edit()

    def make_note(self) -> None:
        """Makes a line of the notes from each selected passage, where its time is."""
        editor = self._window.parts.editor
        for shown in self._selected():
            line = intents.line_of_passage(shown, LineId(new_id()))
            editor.insert_line(line)

    def ask_speaker(self) -> None:
        """Asks who speaks in the selected passages."""
        found = self._selected()
        if not found:
            return
        transcript = self._window.desk.session.transcript
        names = speakers(transcript.segments) if transcript is not None else ()
        entries = [PickerEntry(name, name) for name in names]
        if any(one.speaker for one in found):
            entries.append(PickerEntry(_("Nobody named"), ""))
        ids = tuple(one.id for one in found)

        def name(who: str) -> None:
            self._do(found, lambda e, s: intents.name_speaker(e.library, s, ids, who))

        self._window.parts.sheet.open(_("Who speaks here?"), entries, name, new=name)

    def ask_rename(self) -> None:
        """Asks for another name of the speaker, everywhere in the session."""
        found = self._selected()
        old = next((one.speaker for one in found if one.speaker), "")
        transcript = self._window.desk.session.transcript
        if not old or transcript is None:
            self.ask_speaker()
            return
        touched = tuple(one for one in transcript.segments if one.speaker == old)

        def rename(new: str) -> None:
            self._do(touched, lambda e, s: intents.rename_speaker(e.library, s, old, new))

        prompt = _("Another name for {name}, everywhere in this session").format(name=old)
        self._window.parts.sheet.open(prompt, (), rename, new=rename, text=old)

    def undo(self) -> None:
        """Takes the last change of this session's transcript back."""
        here = self._window.desk.id
        mine = [i for i, (session, _before) in enumerate(self._steps) if session == here]
        number = mine[-1] if mine else None
        if number is None or self._earmark is None or here is None:
            return
        _session, before = self._steps.pop(number)
        transcript = self._window.desk.session.transcript
        now = {one.id: one for one in transcript.segments} if transcript is not None else {}
        library = self._earmark.library
        for one in before:
            there = now.get(one.id)
            if there is None or there.text != one.text:
                self._send(intents.edit_passage(library, here, one.id, one.text))
        for name in dict.fromkeys(one.speaker for one in before):
            ids = tuple(
                one.id
                for one in before
                if one.speaker == name and (t := now.get(one.id)) is not None and t.speaker != name
            )
            if ids:
                self._send(intents.name_speaker(library, here, ids, name))

    # --- inside ----------------------------------------------------------------------------

    def _edited(self, segment: str, text: str) -> None:
        before = self._segments((SegmentId(segment),))
        name = SegmentId(segment)
        self._do(before, lambda e, s: intents.edit_passage(e.library, s, name, text))

    def _do(
        self,
        before: tuple[Segment, ...],
        intent: Callable[[Earmark, SessionId], Future[Any]],
    ) -> None:
        here = self._window.desk.id
        if self._earmark is None or here is None:
            return
        self._steps.append((here, before))
        del self._steps[:-_MOST_STEPS]
        self._send(intent(self._earmark, here))

    def _send(self, future: Future[Any]) -> None:
        self._window.bridge.when_done(future, lambda _done: self._window.transcript.read_again())

    def _there(self) -> bool:
        return not self._window.parts.transcript.is_empty and self._view.current() is not None

    def _selected(self) -> tuple[Segment, ...]:
        """The passages at hand; none while there is no transcript."""
        if self._window.parts.transcript.is_empty:
            return ()
        return tuple(self._view.shown[n].segment for n in self._view.at_hand())

    def _segments(self, names: tuple[SegmentId, ...]) -> tuple[Segment, ...]:
        transcript = self._window.desk.session.transcript
        found = transcript.segments if transcript is not None else ()
        return tuple(one for one in found if one.id in names)

    def _menu(self, place: QPoint) -> None:
        """The menu for the passages selected."""
        if not self._there():
            return
        menu = QMenu(self._view)

        def add(text: str, do: Callable[[], object], on: bool = True) -> None:
            action = menu.addAction(text)
            action.setEnabled(on)
            action.triggered.connect(lambda _checked=False: do())

        found = self._selected()
        one = len(found) == 1
        add(_("Play from here"), self._view.hear)
        add(_("Make a note from this passage"), self.make_note)
        menu.addSeparator()
        add(_("Mend the words…"), self._view.edit, one)
        add(_("Name the speaker…"), self.ask_speaker)
        named = next((segment.speaker for segment in found if segment.speaker), "")
        add(_("Rename the speaker everywhere…"), self.ask_rename, bool(named))
        add(_("Undo the last change of the transcript"), self.undo, bool(self._steps))
        menu.addSeparator()
        add(_("Copy"), self._view.copy)
        add(_("Select all"), self._view.selectAll)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)
