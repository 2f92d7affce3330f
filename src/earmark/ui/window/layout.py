"""The window's widgets and where they stand; who talks to whom is not decided here."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget

from ..actions import Actions
from ..alarms import AlarmStrips
from ..guard import guard
from ..notes import NoteEditor
from ..plain import Hairline
from ..sidebar import Sidebar
from ..theme import current_theme, scaled
from ..transcript import TranscriptPane
from ..transport import Transport
from .findbar import FindBar
from .header import Header
from .page import Page
from .sheet import Sheet
from .strips import Strips

SIDEBAR_PX = 238
TRANSCRIPT_PX = 330
_BESIDE_PX = 820
"""Narrower than this, notes and transcript do not stand side by side."""
NOTES_SCALE = 1.22
"""Notes are set larger than the controls: 15–16 px where those have 12–13."""


class Ground(QWidget):
    """A widget painted in the chrome colour."""

    @guard()
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), current_theme().chrome)
        painter.end()


class Reading(QSplitter):
    """The notes with the transcript at their right; where there is no room, below them."""

    def __init__(self, notes: QWidget, transcript: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._transcript = transcript
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(notes)
        self.addWidget(transcript)
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 0)
        transcript.hide()

    @guard()
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._turn(event.size())
        super().resizeEvent(event)

    def show_transcript(self, shown: bool) -> None:
        if shown == self._transcript.isHidden():
            self._transcript.setVisible(shown)
            self._share(self.size())

    def _turn(self, size: QSize) -> None:
        way = Qt.Orientation.Vertical if size.width() < _BESIDE_PX else Qt.Orientation.Horizontal
        if way is not self.orientation():
            self.setOrientation(way)
            self._share(size)

    def _share(self, size: QSize) -> None:
        if self.orientation() is Qt.Orientation.Horizontal:
            self.setSizes([size.width() - TRANSCRIPT_PX, TRANSCRIPT_PX])
        else:
            below = round(size.height() * 0.42)
            self.setSizes([size.height() - below, below])


class Layout:
    """Header over sidebar and page over transport; strips between header and page."""

    def __init__(self, window: QMainWindow, actions: Actions) -> None:
        self.ground = ground = Ground(window)
        self.header = Header(
            actions["new_session"],
            actions["record"],
            actions["pause_recording"],
            actions["off_record"],
            actions["share"],
            actions["transcript"],
            ground,
        )
        self.sidebar = Sidebar(ground)
        middle = QWidget(ground)
        self.strips = Strips(middle)
        self.alarms = AlarmStrips(middle)
        self.page = Page(middle)
        self.editor = NoteEditor(self.page)
        self.editor.setFont(scaled(self.editor.font(), NOTES_SCALE))
        self.page.hold(self.editor, self.editor.side_margins()[0])
        self.find = FindBar(self.editor, middle)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.alarms)
        column.addWidget(self.strips)
        column.addWidget(self.page, 1)
        column.addWidget(self.find)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, ground)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.transcript = TranscriptPane(ground)
        self.reading = Reading(middle, self.transcript)
        self.splitter.addWidget(self.sidebar)
        self.splitter.addWidget(self.reading)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([SIDEBAR_PX, 1360 - SIDEBAR_PX])
        self.transport = Transport(ground)
        self.waveform = self.transport.waveform
        whole = QVBoxLayout(ground)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(Hairline(ground))
        whole.addWidget(self.splitter, 1)
        whole.addWidget(self.transport)
        window.setCentralWidget(ground)
        self.sheet = Sheet(ground)

    def show_transcript(self, shown: bool) -> None:
        """The pane beside the notes, or away."""
        self.reading.show_transcript(shown)
        self.header.transcript.setChecked(shown)
