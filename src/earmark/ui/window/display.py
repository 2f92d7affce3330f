"""What the window shows of the recording, the replay and the session: values in, widgets told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from earmark.app.news import Level, PeaksGrew, Proof, RecordingPhase, RecordingState, ReplayState
from earmark.app.settings import Settings
from earmark.model.notes import Anchor, NotesEdit
from earmark.model.session import Event, Session, SessionSummary
from earmark.model.takes import Timeline
from earmark.model.units import LineId

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

    from .main import MainWindow

FLAGS_AFTER_MS = 60
WORDS_AFTER_MS = 1_500
"""A flag's words (its tooltip) may lag behind the typing; its place may not."""


class WindowDisplay(QObject):
    """Keeps sidebar, waveform, transport, lit line and options in step with the values."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._parts = window.parts
        self._earmark: Earmark | None = None
        self._recording = RecordingState()
        self._replay = ReplayState()
        self._from_ms: float | None = None
        self._at: Anchor | None = None
        self._flagged: dict[LineId, tuple[Anchor | None, bool]] = {}
        self._flag = QTimer(self)
        self._flag.setSingleShot(True)
        self._flag.timeout.connect(self._reflag)
        window.desk.opened.connect(self._opened)
        window.desk.refreshed.connect(self._refreshed)
        window.playback.changed.connect(self._replaying)
        window.playback.heard.connect(self._heard)
        window.playback.evened.connect(self._told)
        window.recording.ticked.connect(self._ticked)
        window.library.listed.connect(self.show_list)
        window.choices.changed.connect(self.options)
        window.parts.editor.edited.connect(self._edited)
        self.options(window.choices.value)

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark
        self._parts.waveform.set_peaks(earmark.shapes)
        self._takes(self._window.desk.session)

    def detach(self) -> None:
        self._earmark = None
        self._parts.waveform.set_peaks(None)

    def show_list(self, summaries: tuple[SessionSummary, ...], events: tuple[Event, ...]) -> None:
        """The list, with the row of the page marked."""
        self._parts.sidebar.show_sessions(summaries, events)
        self._parts.sidebar.show_current(self._window.desk.id)

    def recording(self, state: RecordingState) -> None:
        """News of the recorder, after the header has them."""
        self._recording = state
        on = state.phase is not RecordingPhase.IDLE
        self._parts.sidebar.show_recording(state.session if on else None)
        self._parts.transport.show_recording(state.live, state.device)
        here = state.session == self._window.desk.id
        self._parts.waveform.set_recording(state.take if state.live and here else None)
        self._clicks()
        self._window.welcome.recording(state)

    def proof(self, proof: Proof) -> None:
        self._parts.transport.set_proof(proof)
        if proof.take is not None and self._here():
            self._parts.waveform.grow(proof.take, proof.stored_frames)

    def level(self, level: Level) -> None:
        """The microphone's level, also while it is only shown."""
        if self._recording.live:
            self._parts.transport.level.set_level(level.rms_db, level.peak_db)
        self._window.welcome.level(level)

    def grew(self, news: PeaksGrew) -> None:
        """The shape of the running take reaches further."""
        if self._earmark is None or not self._here():
            return
        self._window.bridge.when_done(
            self._earmark.shapes.refresh(news.take),
            lambda _nothing: self._parts.waveform.refresh_peaks(news.take),
        )

    def options(self, settings: Settings) -> None:
        """What the person set."""
        self._parts.transport.options.show_options(
            look_back_s=settings.look_back_s,
            skip_silence=settings.skip_silence,
            even_loudness=settings.even_loudness,
            click_plays=settings.click_plays,
            loop=self._replay.loop is not None,
        )
        actions = self._window.actions_
        for name in ("skip_silence", "even_loudness", "click_plays", "follow"):
            actions[name].setChecked(getattr(settings, name))
        actions["loop_line"].setChecked(self._replay.loop is not None)
        actions["sidebar"].setChecked(settings.sidebar_shown)
        for theme in ("system", "light", "dark", "contrast"):
            actions[f"theme_{theme}"].setChecked(settings.theme == theme)
        self._parts.sidebar.setVisible(settings.sidebar_shown)
        self._parts.editor.set_following(settings.follow)
        self._clicks()
        self._told()

    # --- inside ----------------------------------------------------------------------------

    def _here(self) -> bool:
        return self._recording.session == self._window.desk.id

    def _opened(self, session: Session) -> None:
        self._from_ms = None
        self._parts.waveform.zoom_fit()
        self._refreshed(session)
        self.recording(self._recording)

    def _refreshed(self, session: Session) -> None:
        self._takes(session)
        self._parts.waveform.set_bookmarks(session.bookmarks)
        self._reflag()
        self._parts.sidebar.show_current(session.id or None)
        self._time()

    def _takes(self, session: Session) -> None:
        waveform = self._parts.waveform
        waveform.set_takes(session.timeline.takes)
        if self._earmark is not None:
            self._window.bridge.when_done(
                self._earmark.shapes.show(session.timeline.takes),
                lambda _nothing: waveform.refresh_peaks(),
            )

    def _edited(self, edit: NotesEdit) -> None:
        """Flags follow anchors, not letters: most keys change none."""
        known = self._flagged
        moved = bool(edit.removed)
        for line in edit.changed:
            flag = (line.anchor, bool(line.marks))
            moved = moved or known.get(line.id) != flag
            known[line.id] = flag
        self._flag.start(FLAGS_AFTER_MS if moved else WORDS_AFTER_MS)

    def _reflag(self) -> None:
        lines = self._parts.editor.lines()
        self._flagged = {line.id: (line.anchor, bool(line.marks)) for line in lines}
        self._parts.waveform.set_lines(lines)

    def _replaying(self, state: ReplayState) -> None:
        began = state.playing and not self._replay.playing
        self._replay = state
        if began and self._earmark is not None:
            here = self._earmark.replay.heard()
            self._from_ms = None if here is None else self._ms(here)
        self._window.choices.told(
            skip_silence=state.skip_silence, even_loudness=state.even_loudness, speed=state.speed
        )
        self.options(self._window.choices.value)

    def _told(self) -> None:
        settings = self._window.choices.value
        self._parts.transport.show_replay(
            playing=self._replay.playing,
            speed=self._replay.speed,
            from_ms=self._from_ms,
            look_back_s=settings.look_back_s,
            late_s=self._window.playback.late_s,
            skip_silence=self._replay.skip_silence,
            even_loudness=self._replay.even_loudness,
            evened_db=self._window.playback.evened_db,
        )

    def _heard(self, anchor: Anchor | None) -> None:
        self._at = anchor
        self._parts.waveform.set_playhead(anchor)
        editor = self._parts.editor
        line = None if anchor is None else self._window.playback.lit_line(anchor)
        word = editor.word_at_anchor(line, anchor) if line is not None and anchor else None
        editor.set_playing(line, word)
        self._parts.waveform.set_lit(line)
        self._time()

    def _ticked(self, anchor: Anchor, ms: int) -> None:
        if not self._here():
            return
        self._parts.waveform.grow(anchor.take, anchor.frame)
        if not self._replay.playing:
            self._parts.transport.show_time(ms, None)

    def _time(self) -> None:
        timeline = self._timeline()
        if self._recording.live and self._here() and not self._replay.playing:
            return
        at = self._ms(self._at) if self._at is not None else 0
        paused = self._recording.phase is RecordingPhase.PAUSED and self._here()
        if paused and not self._replay.played:
            at = timeline.duration_ms
        self._parts.transport.show_time(at or 0, timeline.duration_ms or None)

    def _clicks(self) -> None:
        """While this session is recorded plain clicks only edit."""
        self._parts.editor.click_plays = self._window.choices.value.click_plays
        self._parts.editor.recording = self._recording.live and self._here()

    def _timeline(self) -> Timeline:
        return self._parts.waveform.timeline

    def _ms(self, anchor: Anchor) -> float | None:
        return self._timeline().to_ms(anchor)
