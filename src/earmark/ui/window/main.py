"""The main window: makes its parts and joins them. What each part does is in its own module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow

from earmark.app.settings import Settings
from earmark.model.session import SessionSummary

from ..actions import Actions, table
from ..bridge import Bridge
from ..controllers.session import SessionController
from ..guard import guard
from ..theme import current_theme
from .choices import Choices
from .early_input import EarlyInput
from .layout import Layout

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark
    from earmark.model.units import SessionId

    from .keys import KeyReference

SIZE = (1360, 860)
LEAST = (900, 560)
SETTLED_MS = 2000
"""Closing waits no longer for the library to take what was typed last."""
FIRST_KEYS_MS = 40
"""After the first paint keys that waited for it have the processor to themselves."""


class MainWindow(QMainWindow):
    """One window on one library. Usable before `attach` brings the services.

    It is made in two stages. The first holds what the first picture and typing need, and nothing
    else: every module and widget more is waited for by the person. The second, `_complete`, follows
    the first paint in small steps between the events, so that no key waits for it; whoever asks for
    more than typing meanwhile (`EarlyInput`, `attach`, `complete`) gets the rest of it at once.
    """

    painted = Signal()
    """Drawn once: typing works."""
    completed = Signal()
    """Everything else is there too."""
    theme_chosen = Signal(str)

    def __init__(self, bridge: Bridge, settings: Settings) -> None:
        super().__init__()
        self.setWindowTitle("Earmark")
        self.setMinimumSize(*LEAST)
        self.resize(self._fitting())
        self.setAcceptDrops(True)
        self.bridge = bridge
        self.actions_ = Actions(self, settings.chords)
        self.parts = parts = Layout(self, self.actions_, transcript=settings.transcript_shown)
        parts.sidebar.setVisible(settings.sidebar_shown)
        self.choices = Choices(settings, self)
        self.desk = SessionController(parts.page, parts.editor, bridge, self)
        self._painted = False
        self._earmark: Earmark | None = None
        self._keys: KeyReference | None = None
        if settings.window:
            self.restoreGeometry(QByteArray.fromBase64(settings.window.encode()))
        parts.editor.setFocus()
        self._rest: Iterator[None] | None = self._complete()
        self._early = EarlyInput(self.complete, (self.menuBar(), *parts.first()), self)

    def complete(self) -> None:
        """Makes what is still missing of the second stage, now."""
        while self._rest is not None:
            self._step()

    @Slot()
    def _step(self) -> None:
        """One step of the second stage."""
        if self._rest is not None and next(self._rest, self) is self:
            self._rest = None
            self._early.end()
            self.completed.emit()

    @Slot()
    def _step_on(self) -> None:
        self._step()
        if self._rest is not None:
            QTimer.singleShot(0, self._step_on)

    def _complete(self) -> Iterator[None]:
        """The second stage. A step is what may delay a key: some milliseconds."""
        parts, desk, bridge = self.parts, self.desk, self.bridge
        import earmark.app.news  # noqa: F401 - a step of its own

        yield
        yield from parts.complete()
        yield
        from .error_presenter import ErrorPresenter
        from .exit import ExitController

        self.errors = ErrorPresenter(parts.strips, self)
        self.exit = ExitController(parts.strips, self)
        self.exit.settle = self._settle
        bridge.trouble.connect(self.errors.trouble)
        bridge.bug.connect(self.errors.bug)
        yield
        from ..controllers.playback import PlaybackController
        from ..controllers.recording import RecordingController

        self.recording = RecordingController(desk, parts.header, parts.strips, bridge, self)
        self.playback = PlaybackController(desk, parts.editor, bridge, self)
        yield
        from ..controllers.bin import BinController
        from ..controllers.library import LibraryController
        from ..controllers.permanent_cut import PermanentCutController
        from .click_playback import ClickPlayback

        self.click_playback = ClickPlayback(self.playback)
        self.library = LibraryController(desk, parts.sheet, parts.strips, bridge, self)
        self.bin = BinController(parts.strips, bridge, self)
        self.permanent_cut = PermanentCutController(desk, parts.strips, bridge, self)
        yield
        from ..controllers.imports import ImportController
        from ..controllers.note_versions import NoteVersionsController
        from ..controllers.pictures import PictureController
        from ..controllers.share_imports import ShareImportController

        self.imports = ImportController(parts.strips, self)
        self.receiving = ShareImportController(self.imports, parts.strips, bridge, self)
        self.pictures = PictureController(desk, parts.editor, bridge, self)
        self.versions = NoteVersionsController(desk, parts.editor, parts.strips, bridge, self)
        yield
        from ..controllers.anchors import AnchorController
        from ..controllers.devices import DeviceController
        from .welcome import Welcome

        self.devices = DeviceController(bridge, self)
        self.anchors = AnchorController(parts.editor, lambda: parts.waveform.timeline, self)
        self.welcome = Welcome(self.choices, self.devices, parts.page)
        yield
        from ..controllers.models import ModelsController
        from ..controllers.sharing import ShareController

        self.sharing = ShareController(
            desk,
            parts.editor,
            parts.strips,
            self.choices,
            bridge,
            parts.ground,
            (parts.alarms, parts.strips),
            self,
        )
        self.models = ModelsController(self.choices, bridge, parts.ground, self)
        yield
        from ..controllers.inline_transcript import InlineTranscriptController
        from ..controllers.late_notes import LateNotes
        from ..controllers.transcript import TranscriptController
        from ..controllers.transcript_editing import TranscriptEditing

        yield
        self.transcript = TranscriptController(self)
        self.transcript_editing = TranscriptEditing(self)
        self.late_notes = LateNotes(self)
        self.inline_transcript = InlineTranscriptController(self)
        yield
        from .display import WindowDisplay
        from .event_dispatcher import EventDispatcher

        self.display = WindowDisplay(self)
        self.dispatcher = EventDispatcher(self)
        yield
        from .connections import join_actions, join_parts
        from .menus import ChordsFirst

        self.chords = ChordsFirst(self.actions_, self)
        join_actions(self)
        join_parts(self)

    def attach(self, earmark: Earmark) -> None:
        """The services are there: from now on everything is kept."""
        self.complete()
        self._earmark = earmark
        self.dispatcher.attach(earmark)
        self.exit.unsaved = earmark.library.outbox
        for desk in (
            self.choices,
            self.desk,
            self.recording,
            self.playback,
            self.click_playback,
            self.library,
            self.bin,
            self.versions,
            self.permanent_cut,
            self.imports,
            self.receiving,
            self.pictures,
            self.welcome,
            self.devices,
            self.sharing,
            self.models,
            self.transcript,
            self.transcript_editing,
            self.late_notes,
            self.inline_transcript,
            self.display,
        ):
            desk.attach(earmark)

    def detach(self) -> None:
        """The services are about to close: everything typed is handed over."""
        self.choices.keep_geometry(bytes(self.saveGeometry().toBase64().data()).decode())
        for desk in (
            self.display,
            self.inline_transcript,
            self.late_notes,
            self.transcript_editing,
            self.transcript,
            self.models,
            self.sharing,
            self.devices,
            self.welcome,
            self.pictures,
            self.receiving,
            self.imports,
            self.permanent_cut,
            self.bin,
            self.versions,
            self.library,
            self.click_playback,
            self.playback,
            self.recording,
            self.desk,
            self.choices,
        ):
            desk.detach()
        self.dispatcher.detach()
        self._earmark = None

    def services_failed(self) -> None:
        """The library cannot be used: said, and nothing pretends to be kept."""
        for name in ("record", "pause_recording", "import"):
            self.actions_[name].setEnabled(False)
        self.parts.header.record.setEnabled(False)
        self.welcome.leave()

    def show_list(self, summaries: tuple[SessionSummary, ...]) -> None:
        """The list for the first paint."""
        self.parts.sidebar.show_sessions(summaries, ())
        self.parts.sidebar.show_current(self.desk.id)

    def open_file(self, path: Path) -> None:
        """Opens a file given at the start, or by a second start."""
        self.receiving.take([path])

    def open_demo(self) -> None:
        """Brings the built-in talk in, and shows it."""
        self.welcome.answered()
        from .demo import demo_session

        if self._earmark is not None:
            self.bridge.when_done(demo_session(self._earmark), self._show_demo)

    def _show_demo(self, session: SessionId) -> None:
        if self._earmark is not None:
            shown = self._earmark.settings.value.transcript_shown
            self.choices.told(transcript_shown=shown)
        self.desk.open(session)

    def _settle(self, then: Callable[[], None]) -> None:
        """Calls `then` once what was typed is saved, or is known not to be."""
        if self._earmark is None:
            then()
            return
        self.desk.flush()
        QTimer.singleShot(SETTLED_MS, self, then)  # a disk may hang
        settled = self._earmark.library.outbox.settle()
        self.bridge.when_done(settled, lambda _nothing: then())

    def come_forward(self) -> None:
        """A second start asks for this window."""
        self.setWindowState(self.windowState() & ~self.windowState().WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def recolour(self) -> None:
        """After a change of theme."""
        self.complete()
        self.parts.header.refresh()
        self.parts.editor.set_theme(current_theme())
        self.parts.transcript.recolour()

    @guard()
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self._first_painted)

    @Slot()
    def _first_painted(self) -> None:
        self.painted.emit()
        QTimer.singleShot(FIRST_KEYS_MS, self._step_on)

    @guard()
    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.complete()
        self.exit.close_asked()

    @guard()
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        from ..controllers.imports import local_files

        if local_files(event.mimeData().urls()):
            event.acceptProposedAction()

    @guard()
    def dropEvent(self, event: QDropEvent) -> None:
        from ..controllers.imports import local_files

        files = local_files(event.mimeData().urls())
        event.acceptProposedAction()
        self.take_files(files)

    def take_files(self, files: list[Path]) -> None:
        """Dropped files: pictures go into the notes, everything else is imported."""
        from ..controllers.imports import is_picture

        self.complete()
        for path in files:
            if is_picture(path):
                self.pictures.add_file(path)
        self.receiving.take([path for path in files if not is_picture(path)])

    def off_record_selection(self) -> None:
        """Takes the stretch picked on the waveform off the record."""
        picked = self.parts.waveform.selection
        ends = [self.parts.waveform.timeline.to_anchor(ms) for ms in picked or ()]
        if len(ends) == 2 and ends[0] is not None and ends[1] is not None:
            self.recording.off_record_span(ends[0], ends[1])
            self.parts.waveform.clear_selection()
        else:
            self.recording.off_record_needs_selection()

    def show_keys(self) -> None:
        """The key reference, beside the notes."""
        if self._keys is None:
            from .keys import KeyReference

            self._keys = KeyReference(self.actions_, self)
            self._keys.chord_chosen.connect(self._rechord)
        self._keys.show()
        self._keys.raise_()
        self._keys.activateWindow()

    def _rechord(self, action: str, chord: str) -> None:
        default = next(spec.chord for spec in table() if spec.id == action)
        self.choices.set_chord(action, chord, default)
        self.actions_.use_chords(self.choices.value.chords)
        self.chords.look_again()
        if self._keys is not None:
            self._keys.fill()

    def _fitting(self) -> QSize:
        """The usual size, or what the screen has room for beside a frame."""
        screen = self.screen().availableSize() - QSize(8, 32)
        return QSize(*SIZE).boundedTo(screen).expandedTo(QSize(*LEAST))

    def later(self, slot: Callable[[], object]) -> None:
        """Calls `slot` once the event loop runs again."""
        QTimer.singleShot(0, slot)
