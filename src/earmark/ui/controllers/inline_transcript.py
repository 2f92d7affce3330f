"""Words under lines in the window: what was said in each line's time, kept up with both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from earmark.model import LineId, Session, spoken_under

from ..notes.textual import one_line

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

    from ..window.main import MainWindow

_AFTER_MS = 700
_MOST = 600
"""Characters: two rows show far fewer."""


class InlineTranscriptController(QObject):
    """Gathers the words off the GUI thread, and hands them to the editor."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._earmark: Earmark | None = None
        self._placing = -1
        self._on = False
        self._asked = 0
        self._turn = QTimer(self)
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._gather)
        window.transcript.known.connect(lambda _session: self._turn.start(0))
        window.parts.editor.edited.connect(self._edited)
        window.choices.changed.connect(self._chosen)
        self._chosen(window.choices.value)

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark
        self._turn.start(0)

    def detach(self) -> None:
        self._earmark = None
        self._turn.stop()

    def _chosen(self, _settings: object) -> None:
        on = self._window.choices.value.words_under_lines
        self._window.actions_["words_under_lines"].setChecked(on)
        if on != self._on:
            self._on = on
            self._turn.start(0)

    def _edited(self, _edit: object) -> None:
        """Letters change nothing here; a line that came, went or moved in time does."""
        if self._on and self._window.parts.editor.placing != self._placing:
            self._turn.start(_AFTER_MS)

    def _gather(self) -> None:
        self._asked += 1
        editor = self._window.parts.editor
        if not self._on or self._earmark is None or self._window.desk.session.transcript is None:
            editor.show_under({})
            return
        if editor.typist.is_typing():
            self._turn.start(_AFTER_MS)
            return
        session, asked = self._window.transcript.session, self._asked
        self._placing = editor.placing

        def gathered(words: dict[LineId, str]) -> None:
            if asked == self._asked and session.id == (self._window.desk.id or session.id):
                editor.show_under(words)

        found = self._earmark.executors.background.submit(words_under, session)
        self._window.bridge.when_done(found, gathered)


def words_under(session: Session) -> dict[LineId, str]:
    """By line, what was said in its time, as one line of text; lines without are left out."""
    found: dict[LineId, str] = {}
    for line in session.lines:
        text = ""
        for passage in spoken_under(line, session):
            text = f"{text} {passage.text}" if text else passage.text
            if len(text) > _MOST:
                break
        if text.strip():
            found[line.id] = one_line(text)[:_MOST]
    return found
