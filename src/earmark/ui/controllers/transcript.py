"""The transcript of the session on the page: shown, followed, mended, and made on request."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from earmark.app import news as n
from earmark.app import sessions as intents
from earmark.app.readiness import Readiness, missing_engine, missing_model, readiness
from earmark.model import Segment, Session, SessionId, Transcript, replay_start
from earmark.model.i18n import _
from earmark.model.latenotes import prepare
from earmark.model.passages import line_of, spoken

from ..transcript.state import Offer, PaneAction, source_words, work_of
from .transcription_jobs import TranscriptionJobs

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark
    from earmark.transcribe.engines import EngineInfo
    from earmark.transcribe.models import ModelInfo

    from ..window.main import MainWindow

_SHOW_MS = 80
_RELATE_MS = 90
_READ_MS = 300
_BUSY_AGAIN_S = 15.0
_BUSY = (n.TranscriptionPhase.LOADING, n.TranscriptionPhase.RUNNING)


class TranscriptController(QObject):
    """Keeps the pane in step with the session, the sound, the caret and the transcription.

    `known(Session)`: the session on the page has another transcript (or other refusals), and
    what `model.latenotes` needs of it is ready.
    """

    known = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.pane = window.parts.transcript
        self.view = window.parts.find.words = self.pane.view
        self._earmark: Earmark | None = None
        self.jobs = TranscriptionJobs(window.parts.strips)
        self._states: dict[SessionId, n.TranscriptionState] = {}
        self._ready: Readiness | None = None
        self._known: Session | None = None
        """The session as it was when what is asked of its transcript was last made ready."""
        self._known_at = 0.0
        self._asked = 0
        self._show = _timer(self, _SHOW_MS, self._show_now)
        self._relate = _timer(self, _RELATE_MS, self._relate_now)
        self._read = _timer(self, _READ_MS, self._read_now)
        window.bridge.news.connect(self._heard_news)
        window.desk.opened.connect(self._opened)
        window.desk.refreshed.connect(self._refreshed)
        window.playback.heard.connect(self.view.show_heard)
        window.choices.changed.connect(self._chosen)
        window.parts.editor.cursorPositionChanged.connect(self._relate.start)
        self.view.passage_changed.connect(self._light_line)
        self.view.word_clicked.connect(window.click_playback.click_exactly)
        self.view.play_cancelled.connect(window.click_playback.unclick)
        self.view.left.connect(window.parts.editor.setFocus)
        self.pane.follow_asked.connect(lambda: self.view.suspend(False))
        self.pane.offered.connect(self._offered)
        self.pane.cancelled.connect(self.cancel)
        self._chosen(window.choices.value)

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark
        self._refreshed(self._window.desk.session)
        self._chosen(self._window.choices.value)
        earmark.transcribing.resume()

    def detach(self) -> None:
        self._earmark = None
        self.view.field.keep()
        for timer in (self._show, self._relate, self._read):
            timer.stop()

    @property
    def session(self) -> Session:
        """The session on the page with its lines as they stand."""
        return dataclasses.replace(
            self._window.desk.session, lines=self._window.parts.editor.lines()
        )

    @property
    def state(self) -> n.TranscriptionState | None:
        """How the transcription of the session on the page goes."""
        here = self._window.desk.id
        return None if here is None else self._states.get(here)

    # --- what a person asks for ------------------------------------------------------------

    def transcribe(self) -> None:
        """Transcribes the session on the page."""
        here = self._window.desk.id
        if self._earmark is None or here is None:
            return
        if not self._can():
            return
        job = self._earmark.transcribing.transcribe(here)
        self.jobs.follow(job)
        self._window.bridge.when_done(job.future, None, self._refused)

    def transcribe_all(self) -> None:
        """Transcribes every session that is not yet."""
        if self._earmark is None or not self._can():
            return
        job = self._earmark.transcribing.transcribe_all()
        self.jobs.follow_all(job)
        self._window.bridge.when_done(job.future, None, self._refused)

    def cancel(self) -> None:
        """Ends the transcription of the session on the page; what was found stays."""
        here = self._window.desk.id
        if self._earmark is not None and here is not None:
            self._earmark.transcribing.cancel(here)

    def set_live(self, on: bool) -> None:
        """Transcribes recordings while they run, or no longer; the running one too."""
        self._window.choices.told(live_transcript=on)
        if self._earmark is not None:
            self._earmark.transcribing.set_live(on)
            if on:
                self._can()
        self._show_state()

    def go_to(self) -> None:
        """Puts the caret into the transcript, at what is lit."""
        if not self._window.choices.value.transcript_shown:
            self._window.choices.set(transcript_shown=True)
        if self.pane.is_empty:
            self.pane.empty.buttons[0].setFocus()
            return
        self.view.go_to_lit()
        self.view.setFocus()

    def look_again(self) -> None:
        """Looks which engine and models there are, off the GUI thread."""
        earmark = self._earmark
        if earmark is None:
            return
        when_done, models = self._window.bridge.when_done, earmark.speech_models

        def found(engines: tuple[EngineInfo, ...]) -> None:
            when_done(models.listing(), lambda there: self._found(engines, there))

        when_done(models.engines(), found)

    def _found(self, engines: tuple[EngineInfo, ...], models: tuple[ModelInfo, ...]) -> None:
        self._ready = readiness(self._window.choices.value, engines, models)
        self._show_state()

    # --- news ------------------------------------------------------------------------------

    @Slot(object)
    def _heard_news(self, news: object) -> None:
        here = self._window.desk.id
        if isinstance(news, n.TranscriptionState):
            self._states[news.session] = news
            if news.session == here:
                self._show_state()
                if news.phase not in _BUSY:
                    self.view.show_partial(None)
                    self._read.start()
        elif isinstance(news, n.TranscriptGrew) and news.session == here:
            self._grew(news.segments)
        elif isinstance(news, n.LivePartial) and news.session == here:
            self.pane.show_words()
            self.view.show_partial(news.anchor, news.text)
        elif isinstance(news, n.RecordingState):
            if self.pane.is_empty:
                self._show_state()
        elif isinstance(news, n.ModelsChanged):
            if self._ready is not None:
                self.look_again()
        elif isinstance(news, n.Changed):
            changes = news.changes
            mine = here in changes.sessions or not changes.sessions  # none: by another program
            running = self.state is not None and self.state.phase in _BUSY
            if changes.transcript and mine and not running:
                self._read.start()  # while it grows, what it grows by is told

    def _grew(self, segments: tuple[Segment, ...]) -> None:
        session = self._window.desk.session
        before = session.transcript or Transcript("", "", "")
        new = {segment.id for segment in segments}
        kept = tuple(one for one in before.segments if one.id not in new)
        order = {take.id: take.ordinal for take in session.takes}
        merged = sorted((*kept, *segments), key=lambda s: (order.get(s.take, 0), s.start))
        self._take(dataclasses.replace(before, segments=tuple(merged)), session)
        self.view.show_partial(None)
        if not before.model and self._earmark is not None:
            found = intents.session(self._earmark.library, session.id)
            self._window.bridge.when_done(found, self._named, lambda _gone: None)

    def _named(self, session: Session) -> None:
        """Whose words they are that grow here: told once, not with each passage."""
        here, stored = self._window.desk.session, session.transcript
        if session.id == here.id and here.transcript is not None and stored is not None:
            self._take(dataclasses.replace(stored, segments=here.transcript.segments), here)

    def _take(self, transcript: Transcript | None, session: Session) -> None:
        self._window.desk.spoken(transcript, session.late_refused)
        self._show.start()

    def read_again(self) -> None:
        """The person changed the transcript: it is read again, also while it grows."""
        self._read.stop()
        self._read_now()

    def _read_now(self) -> None:
        here = self._window.desk.id
        if self._earmark is not None and here is not None:
            found = intents.session(self._earmark.library, here)
            self._window.bridge.when_done(found, self._was_read, lambda _gone: None)

    def _was_read(self, session: Session) -> None:
        if session.id == self._window.desk.id:
            self._window.desk.spoken(session.transcript, session.late_refused)
            self._show_now()

    def _opened(self, session: Session) -> None:
        self.view.field.leave()
        self.view.show_partial(None)
        self.view.suspend(False)
        self._refreshed(session)

    def _refreshed(self, _session: Session) -> None:
        self._show_now()

    # --- showing ---------------------------------------------------------------------------

    def _show_now(self) -> None:
        self._show.stop()
        session = self._window.desk.session
        segments = session.transcript.segments if session.transcript is not None else ()
        self.view.show_passages(segments, session.timeline)
        self.view.relight()
        self._show_state()
        self._relate.start()
        if self._earmark is not None and segments:
            busy = self.state is not None and self.state.phase in _BUSY
            same = self._known is not None and self._known.id == session.id
            if busy and same and time.monotonic() - self._known_at < _BUSY_AGAIN_S:
                return  # the words grow: what is known of them may be some seconds old
            self._known_at = time.monotonic()
            self._asked = asked = self._asked + 1

            def prepared(_nothing: None) -> None:
                if asked == self._asked:
                    self._prepared(session)

            ready = self._earmark.executors.background.submit(prepare, session)
            self._window.bridge.when_done(ready, prepared)
        else:
            self._asked += 1
            self._prepared(session)

    def _prepared(self, session: Session) -> None:
        if session.id == self._window.desk.session.id:
            self._known = session
            self.known.emit(session)
            self._relate.start()

    def _show_state(self) -> None:
        session, state = self._window.desk.session, self.state
        self.pane.show_source(source_words(session.transcript, state))
        self.pane.show_work(work_of(state))
        self.view.tails = state is not None and state.live and state.phase in _BUSY
        if session.transcript is not None and session.transcript.segments:
            self.pane.show_words()
        else:
            self.pane.show_offer(self._offer(session, state))

    def _offer(self, session: Session, state: n.TranscriptionState | None) -> Offer:
        """What the empty pane says and offers."""
        if state is not None and state.phase in _BUSY:
            return Offer(_("The words appear here as they are found."))
        if state is not None and state.phase is n.TranscriptionPhase.DONE and not state.live:
            return Offer(
                _("No speech was found in this session."),
                deeds=((PaneAction.TRANSCRIBE, _("Transcribe again")),),
            )
        if self._ready is not None and not self._ready.has_engine:
            copy = (PaneAction.COPY_COMMAND, _("Copy the command"))
            return Offer(missing_engine(), self._ready.command, (copy,))
        if self._ready is not None and not self._ready.has_model:
            return Offer(missing_model(), deeds=((PaneAction.MODELS, _("Speech models…")),))
        if self._is_being_recorded(session):
            if self._window.choices.value.live_transcript:
                return Offer(_("The words appear here as they are found."))
            return Offer(
                _("What is said can be written here while it is recorded, a few seconds behind."),
                deeds=((PaneAction.LIVE, _("Transcribe while recording")),),
            )
        if not session.takes:
            return Offer(_("What is said in a recording can be written here."))
        return Offer(
            _("There is no transcript of this session yet. It is made on this computer alone."),
            deeds=((PaneAction.TRANSCRIBE, _("Transcribe")),),
        )

    def _is_being_recorded(self, session: Session) -> bool:
        state = None if self._earmark is None else self._earmark.recording.state
        return state is not None and state.live and state.session == session.id

    def _offered(self, deed: PaneAction) -> None:
        if deed is PaneAction.TRANSCRIBE:
            self.transcribe()
        elif deed is PaneAction.LIVE:
            self.set_live(True)
        elif deed is PaneAction.MODELS:
            self._window.actions_["speech_models"].trigger()
        elif deed is PaneAction.COPY_COMMAND and self._ready is not None:
            QApplication.clipboard().setText(self._ready.command)
            self._window.parts.strips.tell("copied", _("The command is copied."), passing=True)

    def _can(self) -> bool:
        """Whether there are engine and model; where not, the pane shows what to do."""
        if self._ready is None or self._ready.is_ready:
            return True
        self._window.choices.set(transcript_shown=True)
        self.look_again()
        if self._ready.has_engine:
            self._window.parts.strips.tell("transcript", missing_model(), passing=True)
        else:
            said = f"{missing_engine()} {self._ready.command}"
            self._window.parts.strips.tell("transcript", said, passing=True)
        return False

    def _refused(self, error: Exception) -> None:
        what, remedy = getattr(error, "what", str(error)), getattr(error, "remedy", "")
        if self.state is None or self.state.phase is not n.TranscriptionPhase.CANCELLED:
            self._window.parts.strips.tell("transcript", f"{what} {remedy}".strip(), serious=True)
        self.look_again()

    def _chosen(self, _settings: object) -> None:
        value = self._window.choices.value
        actions = self._window.actions_
        actions["transcript"].setChecked(value.transcript_shown)
        actions["live_transcript"].setChecked(value.live_transcript)
        self.view.set_following(value.follow)
        self._window.parts.show_transcript(value.transcript_shown)
        if value.transcript_shown and self._ready is None:
            self.look_again()

    # --- notes and passages ----------------------------------------------------------------

    def _relate_now(self) -> None:
        """Lights the passages of the note at hand, or the one passage that the person is in."""
        if not self._window.choices.value.transcript_shown:
            return
        if self.view.is_in_hand:
            number = self.view.current()
            at_hand = () if number is None else (self.view.shown[number].segment.id,)
            self.view.show_related(at_hand)
            return
        session, here = self._known, self._window.desk.session
        editor = self._window.parts.editor
        line = editor.line(editor.current_line())
        if (
            session is None
            or session.id != here.id
            or session.transcript is None
            or line is None
            or line.anchor is None
        ):
            self.view.show_related(())
            return
        session = dataclasses.replace(session, late_refused=here.late_refused)
        talk = spoken(session)
        late = None
        if self._window.choices.value.late_notes:
            late = replay_start(line, session)
        ends = [talk.timeline.to_ms(a) for a in (late or line.anchor, line.anchor)]
        numbers = [talk.number_at(ms) for ms in ends if ms is not None]
        found = [number for number in numbers if number is not None]
        between = talk.segments[min(found) : max(found) + 1] if found else ()
        self.view.show_related(tuple(one.id for one in between))

    def _light_line(self) -> None:
        """Lights the note of the passage with the caret, while the caret is among them."""
        editor = self._window.parts.editor
        number = self.view.current() if self.view.is_in_hand else None
        line = None
        if number is not None and number < len(self.view.shown):
            line = line_of(self.view.shown[number].segment, self.session)
        editor.set_related(None if line is None else line.id)
        self._relate.start()


def _timer(parent: QObject, ms: int, slot: object) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(ms)
    timer.timeout.connect(slot)
    return timer
