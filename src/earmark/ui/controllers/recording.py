"""Recording from the window: one key to start and stop, and what the header says meanwhile."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from earmark.app import offrecord
from earmark.app.bookmarks import drop_bookmark, place_bookmark, remove_bookmark
from earmark.app.news import RecordingPhase, RecordingState, TakeBegan
from earmark.model.i18n import _
from earmark.model.notes import Anchor, Bookmark, EarlyAnchor
from earmark.model.session import Session
from earmark.model.takes import Span
from earmark.model.units import RECORDING_RATE, BookmarkId, Frames, SessionId, TakeId

from ..bridge import Bridge
from ..window.header import Header, Offer
from ..window.message_bar import MessageBar
from .session import SessionController

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

TICK_MS = 100
_OFF = "off-record"


class RecordingController(QObject):
    """Starts, pauses, stops; drops bookmarks and stretches off the record.

    `ticked(Anchor, ms)`: while recording, the frame now and its place on the timeline.
    `changed(RecordingState)`: after the header was brought up to date.
    `awaited()`: Record was pressed before the services were there.
    """

    ticked = Signal(object, int)
    changed = Signal(object)
    awaited = Signal()

    def __init__(
        self,
        desk: SessionController,
        header: Header,
        strips: MessageBar,
        bridge: Bridge,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._header = header
        self._strips = strips
        self._bridge = bridge
        self._earmark: Earmark | None = None
        self._wanted = False
        self._undo: offrecord.Before | None = None
        self._made: tuple[SessionId, str] | None = None
        """The session (and its title) that Record made for a take which has not begun yet."""
        self._early: list[tuple[SessionId, Bookmark, EarlyAnchor]] = []
        self.state = RecordingState()
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)
        desk.opened.connect(self._shown)
        desk.refreshed.connect(self._shown)

    def attach(self, earmark: Earmark) -> None:
        """The services are there; a Record pressed before counts from now."""
        self._earmark = earmark
        if self._wanted:
            self._wanted = False
            self.toggle()

    def detach(self) -> None:
        self._earmark = None
        self._clock.stop()

    @property
    def busy(self) -> bool:
        """Something is being recorded, or is paused."""
        return self.state.phase is not RecordingPhase.IDLE

    def toggle(self) -> None:
        """Record, or stop."""
        if self._earmark is None:
            self._wanted = not self._wanted
            self._header.show_offer(Offer.STARTING if self._wanted else Offer.RECORD)
            self.awaited.emit()
            return
        if self.busy:
            self.stop()
            return
        session = self._desk.session
        event = session.event.id if session.event else None
        known = self._desk.id
        id, _take = self._earmark.recording.start(  # noqa: A001
            known, title=session.title, event=event
        )
        self._made = None if known else (id, session.title)
        self._desk.made(id)

    def stop(self) -> None:
        """Ends the recording; everything is kept."""
        if self._earmark is not None and self.state.phase is not RecordingPhase.STOPPING:
            self._earmark.recording.stop()

    def pause_or_resume(self) -> None:
        if self._earmark is None:
            return
        if self.state.phase is RecordingPhase.PAUSED:
            self._earmark.recording.resume()
        else:
            self._earmark.recording.pause()

    def heard(self, state: RecordingState) -> None:
        """News of the recorder."""
        self.state = state
        if state.live:
            self._clock.start()
        else:
            self._clock.stop()
        self._offer()
        self._place_early()
        if state.phase is RecordingPhase.IDLE and self._made is not None:
            made, self._made = self._made, None
            self._desk.never_recorded(*made)
        self.changed.emit(state)

    def began(self, _news: TakeBegan) -> None:
        """The first frame of a take is stored."""
        self._made = None

    # --- moments ---------------------------------------------------------------------------

    def bookmark(self) -> None:
        """Marks the moment that typing would point to."""
        anchor = self._desk.now()
        session = self._desk.id
        if self._earmark is None or session is None or anchor is None:
            self._strips.tell(
                "bookmark",
                _("A bookmark needs a moment: record or play something first."),
                passing=True,
            )
            return
        bookmark, stored = drop_bookmark(self._earmark.library, session, anchor)
        self._bridge.when_done(stored)
        if isinstance(anchor, EarlyAnchor):
            self._early.append((session, bookmark, anchor))

    def remove_bookmark(self, bookmark: str) -> None:
        session = self._desk.id
        if self._earmark is not None and session is not None:
            self._bridge.when_done(
                remove_bookmark(self._earmark.library, session, BookmarkId(bookmark))
            )

    def off_record(self) -> None:
        """Takes the last 30 s off the record: of the recording, else of what is heard."""
        if self._earmark is None:
            return
        now = self._earmark.recording.anchor_for_typing() or self._desk.now()
        if now is None:
            self._strips.tell(
                _OFF, _("Nothing is recorded or played that could go off the record."), passing=True
            )
            return
        self.off_record_span(self._before(now, 30), now)

    def off_record_span(self, start: Anchor, end: Anchor) -> None:
        """Takes what lies between two moments of the session off the record, over takes too."""
        if self._earmark is None:
            return
        timeline = self._desk.session.timeline
        stretches = timeline.stretches(start, end)
        if not stretches and start.take == end.take:  # its row is not on the page yet
            stretches = ((start.take, Span(start.frame, Frames(end.frame - start.frame))),)
        if not stretches:
            self.off_record_needs_selection()
            return
        seconds = round(sum(span.frames / self._rate(take) for take, span in stretches))
        dropped = offrecord.drop(self._earmark.library, stretches)

        def done(before: offrecord.Before) -> None:
            self._undo = before
            self._strips.tell(
                _OFF,
                _("{n} s are off the record.").format(n=seconds),
                button=_("Undo"),
                press=self.off_record_undo,
            )

        self._bridge.when_done(dropped, done)

    def off_record_needs_selection(self) -> None:
        self._strips.tell(
            _OFF, _("Select a stretch first: Shift+drag on the waveform."), passing=True
        )

    def off_record_undo(self) -> None:
        """Puts back what went off the record last."""
        undo, self._undo = self._undo, None
        self._strips.clear(_OFF)
        if self._earmark is not None and undo is not None:
            self._bridge.when_done(offrecord.undo(self._earmark.library, undo))

    # --- inside ----------------------------------------------------------------------------

    def _before(self, now: Anchor, seconds: int) -> Anchor:
        """The moment so long before `now`, over takes too; a running take's length is unknown."""
        rate = self._rate(now.take)
        frame = now.frame - seconds * rate
        began = self._desk.session.timeline.start_ms(now.take)
        if frame < 0 and began is not None:
            earlier = self._desk.session.timeline.to_anchor(began + frame * 1000 / rate)
            if earlier is not None:
                return earlier
        return Anchor(now.take, Frames(max(0, frame)))

    def _rate(self, take: TakeId) -> int:
        found = next((t for t in self._desk.session.takes if t.id == take), None)
        return found.sample_rate if found else RECORDING_RATE

    def _place_early(self) -> None:
        """Bookmarks dropped before the first frame was told of come to their exact moment."""
        waiting, self._early = self._early, []
        for session, bookmark, early in waiting:
            anchor = early if self._earmark is None else self._earmark.recording.exact(early)
            if isinstance(anchor, EarlyAnchor):
                self._early.append((session, bookmark, early))
            elif anchor is not None and self._earmark is not None:
                self._bridge.when_done(
                    place_bookmark(self._earmark.library, session, bookmark, anchor)
                )

    def _shown(self, _session: Session) -> None:
        self._offer()

    def _offer(self) -> None:
        phase = self.state.phase
        sounds = any(take.session is None for take in self._desk.session.takes)
        idle = Offer.CONTINUE if sounds else Offer.RECORD
        self._header.show_offer(
            {
                RecordingPhase.IDLE: idle,
                RecordingPhase.ARMED: Offer.STARTING,
                RecordingPhase.RECORDING: Offer.RECORDING,
                RecordingPhase.PAUSED: Offer.PAUSED,
                RecordingPhase.STOPPING: Offer.STOPPING,
            }[phase]
        )
        self._tick()

    def _tick(self) -> None:
        if self._earmark is None or self.state.phase is not RecordingPhase.RECORDING:
            return
        anchor = self._earmark.recording.anchor_at_time(time.monotonic_ns())
        if anchor is None:
            return
        placed = self._desk.session.timeline.to_ms(anchor)
        ms = anchor.frame * 1000 // RECORDING_RATE if placed is None else int(placed)
        self._header.show_elapsed(ms)
        if self._early:
            self._place_early()
        self.ticked.emit(anchor, ms)
