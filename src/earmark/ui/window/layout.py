"""The window's widgets and where they stand; who talks to whom is not decided here."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QVBoxLayout, QWidget

from ..actions import Actions
from ..alarms import AlarmStrips
from ..guard import guard
from ..notes import NoteEditor
from ..plain import Hairline
from ..sidebar import Sidebar
from ..theme import current_theme, scaled
from ..transport import Transport
from .findbar import FindBar
from .header import Header
from .page import Page
from .sheet import Sheet
from .strips import Strips

SIDEBAR_PX = 238
NOTES_SCALE = 1.22
"""Notes are set larger than the controls: 15–16 px where those have 12–13."""


class Ground(QWidget):
    """A widget painted in the chrome colour."""

    @guard()
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), current_theme().chrome)
        painter.end()


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
        self.splitter.addWidget(self.sidebar)
        self.splitter.addWidget(middle)
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
