"""News of the services, each handed to the parts of the window it concerns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Slot

from earmark.app import news as n
from earmark.model.i18n import _

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

    from .main import MainWindow


class EventDispatcher(QObject):
    """Listens to the bridge while the services are there."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._end: Callable[[], None] | None = None
        self._desks: dict[type, Callable[[Any], object]] = {
            n.RecordingState: self._recording,
            n.TakeBegan: window.recording.began,
            n.Alarm: window.parts.alarms.show_alarm,
            n.Told: self._told,
            n.TrackTaken: window.imports.track_taken,
            n.Changed: self._changed,
            n.FocusAsked: self._focus,
            n.DeviceSwitched: lambda _news: window.devices.refresh(),
            n.DevicesChanged: lambda _news: window.devices.refresh(),
            n.ModelsChanged: lambda _news: window.models.refresh(),
            n.JobProgress: self._job,
            n.NotesSaved: window.desk.saved,
            n.Unsaved: lambda _news: window.exit.saving(),
            n.ReplayState: self._replay,
            n.Heard: window.playback.told_heard,
            n.Proof: window.display.proof,
            n.Level: window.display.level,
            n.PeaksGrew: window.display.grew,
        }
        window.bridge.news.connect(self.take)

    def attach(self, earmark: Earmark) -> None:
        self._end = earmark.events.subscribe(self._window.bridge.receive)
        self._recording(earmark.recording.state)

    def detach(self) -> None:
        """The recorder's news still come, until the services are closed."""

    def close(self) -> None:
        if self._end is not None:
            self._end()
            self._end = None

    @Slot(object)
    def take(self, news: object) -> None:
        """One piece of news, on the GUI thread."""
        desk = self._desks.get(type(news))
        if desk is not None:
            desk(news)

    def _recording(self, state: n.RecordingState) -> None:
        window = self._window
        idle = state.phase is n.RecordingPhase.IDLE
        self._go_to_recording(state)
        window.recording.heard(state)
        window.library.recording(None if idle else state.session)
        window.exit.recording(not idle)
        window.display.recording(state)

    def _go_to_recording(self, state: n.RecordingState) -> None:
        """A recording that outlived its window is taken up again: its session comes on the page,
        unless the person has begun another."""
        window = self._window
        if not state.live or state.session in (None, window.desk.id) or window.recording.busy:
            return
        there = state.session
        window.parts.strips.tell(
            "went-on",
            _("The recording went on while the window was away. Nothing of it is lost."),
            passing=True,
        )
        if window.desk.id is None and there is not None:
            window.desk.open(there)

    def _told(self, told: n.Told) -> None:
        strips = self._window.parts.strips
        key = f"told:{told.about or told.kind}"
        if told.about == n.DISK and strips.said(key) is not None:
            return
        strips.tell(
            key,
            f"{told.sentence} {told.remedy}".strip(),
            serious=told.kind == "error",
            passing=told.kind == "info",
        )

    def _replay(self, state: n.ReplayState) -> None:
        self._window.playback.told(state)
        if state.playing:
            self._window.parts.strips.clear("told:replay")

    def _job(self, progress: n.JobProgress) -> None:
        window = self._window
        desks = (window.sharing, window.models, window.transcript.jobs, window.permanent_cut)
        if not any(desk.heard(progress) for desk in desks):
            window.imports.heard(progress)

    def _changed(self, changed: n.Changed) -> None:
        self._window.desk.heard_of(changed.changes)
        self._window.library.heard_of(changed.changes)
        self._window.sharing.heard_of(changed.changes)

    def _focus(self, asked: n.FocusAsked) -> None:
        self._window.come_forward()
        if asked.file is not None:
            self._window.open_file(Path(asked.file))
