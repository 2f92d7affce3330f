"""The window's widgets and where they stand; who talks to whom is not decided here."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget

from ..actions import Actions
from ..guard import guard
from ..notes import NoteEditor
from ..plain import Hairline
from ..sidebar import Sidebar
from ..theme import current_theme, scaled
from .header import Header
from .menus import make_menus
from .page import Page

SIDEBAR_PX = 238
TRANSCRIPT_PX = 330
_BESIDE_PX = 820
"""Narrower than this, notes and transcript do not stand side by side."""
TRANSPORT_PX = 148
"""So much room is kept for the bar at the bottom, which comes after the first paint."""
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

    def hold(self, transcript: QWidget) -> None:
        """Puts the transcript where its room was kept."""
        transcript.setVisible(not self._transcript.isHidden())
        self.replaceWidget(1, transcript)
        self._transcript.deleteLater()
        self._transcript = transcript

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
    """Header over sidebar and page over transport; strips between header and page.

    Made in two steps: here what the first picture and typing need, by `complete` the rest, which
    takes the room kept for it.
    """

    def __init__(self, window: QMainWindow, actions: Actions, *, transcript: bool) -> None:
        self.menus = make_menus(window.menuBar())
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
        self._middle = middle = QWidget(ground)
        self.page = Page(middle)
        self.editor = NoteEditor(self.page)
        self.editor.setFont(scaled(self.editor.font(), NOTES_SCALE))
        self.page.hold(self.editor, self.editor.side_margins()[0])
        self._column = column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.page, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, ground)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.reading = Reading(middle, QWidget(ground))
        self.reading.show_transcript(transcript)
        self.splitter.addWidget(self.sidebar)
        self.splitter.addWidget(self.reading)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([SIDEBAR_PX, 1360 - SIDEBAR_PX])
        self._bottom = QWidget(ground)
        self._bottom.setFixedHeight(TRANSPORT_PX)
        self._whole = whole = QVBoxLayout(ground)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(Hairline(ground))
        whole.addWidget(self.splitter, 1)
        whole.addWidget(self._bottom)
        window.setCentralWidget(ground)

    def first(self) -> tuple[QWidget, ...]:
        """What a person can press or type into before `complete`."""
        page, listed = self.page, self.sidebar.list
        fields = (page.title, page.place, page.summary)
        return (
            *(self.editor, self.editor.viewport(), listed, listed.viewport(), *fields),
            *self.header.buttons,
        )

    def complete(self) -> Iterator[None]:
        """The parts that come after the first paint, a step each."""
        from .findbar import FindBar

        self.find = FindBar(self.editor, self._middle)
        self._column.addWidget(self.find)
        yield
        from ..transcript import TranscriptPane

        yield
        self.transcript = TranscriptPane(self.ground)
        self.reading.hold(self.transcript)
        yield
        from ..waveform import Waveform  # noqa: F401 - a step of its own

        yield
        from ..transport import Transport

        yield
        self.transport = Transport(self.ground)
        self.waveform = self.transport.waveform
        self._whole.replaceWidget(self._bottom, self.transport)
        self._bottom.hide()
        self._bottom.deleteLater()
        yield
        from ..alarms import AlarmStrips
        from .message_bar import MessageBar

        self.strips = MessageBar(self._middle)
        self.alarms = AlarmStrips(self._middle)
        self._column.insertWidget(0, self.alarms)
        self._column.insertWidget(1, self.strips)
        yield
        from .quick_picker import QuickPicker

        self.sheet = QuickPicker(self.ground)

    def show_transcript(self, shown: bool) -> None:
        """The pane beside the notes, or away."""
        self.reading.show_transcript(shown)
        self.header.transcript.setChecked(shown)
