"""Late notes in the window: which lines start at their sentence, shown and refused."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from earmark.app import transcripts as intents
from earmark.model import Anchor, LineId, NoteLine, NotesEdit, Session, replay_start
from earmark.model.i18n import _

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

    from ..window.main import MainWindow

_PART = 40
"""Lines looked at in one turn of the event loop: about 4 ms."""
_AFTER_MS = 500
_LEAST_S = 1.0
"""A line that starts hardly earlier than its anchor needs no mark."""


class LateNotes(QObject):
    """Looks at the lines bit by bit, never while somebody types, and marks the margin."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._editor = window.parts.editor
        self._earmark: Earmark | None = None
        self._session: Session | None = None
        self._queue: list[LineId] = []
        self._found: dict[LineId, float] = {}
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._look)
        self._window.transcript.known.connect(self._known)
        self._window.choices.changed.connect(self._chosen)
        self._editor.edited.connect(self._edited)
        self._editor.late_refused.connect(self.refuse)
        self._editor.cursorPositionChanged.connect(self._caret)
        self._on = window.choices.value.late_notes
        self._chosen(window.choices.value)

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark

    def detach(self) -> None:
        self._earmark = None
        self._turn.stop()

    # --- what a person asks for ------------------------------------------------------------

    def refuse_current(self) -> None:
        """The line with the caret starts at its own time, or at its sentence again."""
        line = self._editor.current_line()
        self.refuse(line, line not in self._window.desk.session.late_refused)

    def refuse(self, line: str, refused: bool) -> None:
        """Remembers it for the line."""
        here = self._window.desk.id
        if self._earmark is None or here is None:
            return
        self._editor.flush()
        name = LineId(line)
        before = self._window.desk.session
        now = before.late_refused | {name} if refused else before.late_refused - {name}
        self._window.desk.spoken(before.transcript, frozenset(now))
        self._look_at([name])
        done = intents.refuse_late(self._earmark.library, here, name, refused)
        self._window.bridge.when_done(done)
        said = _("This line starts at its own time.")
        if not refused:
            said = _("This line starts at the sentence it is about, where that is found.")
        self._window.parts.strips.tell("late", said, passing=True)
        self._caret()

    # --- inside ----------------------------------------------------------------------------

    def _known(self, session: Session) -> None:
        """Another session, or another transcript of it: every line is looked at again."""
        if self._session is None or session.id != self._session.id:
            self._found = {}
            self._show()
        self._session = session
        self._again()

    def _again(self) -> None:
        self._queue = [line.id for line in self._editor.known_lines()]
        self._turn.start(_AFTER_MS if self._found else 0)
        self._caret()

    def _edited(self, edit: NotesEdit) -> None:
        if self._window.desk.session.transcript is None:
            return
        known = set(self._queue)
        self._queue += [line.id for line in edit.changed if line.id not in known]
        self._turn.start(_AFTER_MS)

    def _chosen(self, _settings: object) -> None:
        value = self._window.choices.value
        self._window.actions_["late_notes"].setChecked(value.late_notes)
        if value.late_notes != self._on:
            self._on = value.late_notes
            self._again()

    def _look(self) -> None:
        if self._editor.typist.is_typing():
            self._turn.start(_AFTER_MS)
            return
        part, self._queue = self._queue[:_PART], self._queue[_PART:]
        self._look_at(part)
        if self._queue:
            self._turn.start(0)

    def _look_at(self, names: list[LineId]) -> None:
        here = self._window.desk.session
        if self._session is None or self._session.id != here.id:
            return
        session = dataclasses.replace(self._session, late_refused=here.late_refused)
        before = dict(self._found)
        for name in names:
            line = self._editor.line(name)
            seconds = None if line is None or not self._on else earlier(line, session)
            if seconds is None or seconds < _LEAST_S:
                self._found.pop(name, None)
            else:
                self._found[name] = seconds
        if self._found != before or names:
            self._show()

    def _show(self) -> None:
        self._editor.set_late(self._found, self._window.desk.session.late_refused)

    def _caret(self) -> None:
        action = self._window.actions_["late_refuse"]
        refused = self._editor.current_line() in self._window.desk.session.late_refused
        if action.isChecked() != refused:
            action.setChecked(refused)


def earlier(line: NoteLine, session: Session, start: Anchor | None = None) -> float | None:
    """By how many seconds the line starts before its anchor; None where it does not."""
    start = start or replay_start(line, session)
    if start is None or line.anchor is None:
        return None
    begins, own = session.timeline.to_ms(start), session.timeline.to_ms(line.anchor)
    return None if begins is None or own is None else max(0.0, (own - begins) / 1000)
