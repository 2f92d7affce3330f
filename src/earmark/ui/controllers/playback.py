"""Replay from the window: clicks become sound, sound becomes the lit line and the playhead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from earmark.app.news import Heard, RecordingState, ReplayState
from earmark.model.notes import Anchor, NoteLine
from earmark.model.session import Session
from earmark.model.units import LineId

from ..bridge import Bridge
from .session import SessionController

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

    from ..notes import NoteEditor

FRAME_MS = 33
SPEED_STEP = 0.1
JUMP_MS = 5_000


class PlaybackController(QObject):
    """Plays what is asked for. `heard(Anchor | None)` ~30/s while playing, and after each seek.

    `evened()`: `evened_db`, what evening the loudness adds just now, is another whole number.
    """

    heard = Signal(object)
    evened = Signal()
    changed = Signal(object)

    def __init__(
        self, desk: SessionController, editor: NoteEditor, bridge: Bridge, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._editor = editor
        self._bridge = bridge
        self._earmark: Earmark | None = None
        self.state = ReplayState()
        self._early_speed: float | None = None
        self.evened_db: int | None = None
        self._asked: NoteLine | None = None
        self.late_s: float | None = None
        """How much earlier than its line the last replay began, where that was its sentence."""
        self._frames = QTimer(self)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._follow)
        desk.opened.connect(self._load)
        desk.refreshed.connect(self._refreshed)

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark
        speed, self._early_speed = self._early_speed, None
        if speed is not None:
            earmark.replay.set_speed(speed)
        self.told(earmark.replay.state)
        # One begun while the services were loading may not be in the library yet: nothing to play.
        if self._desk.session.takes:
            self._load(self._desk.session)

    def detach(self) -> None:
        self._earmark = None
        self._frames.stop()

    # --- what a person asks for ------------------------------------------------------------

    def seek(self, anchor: Anchor) -> None:
        """Moves there, playing or not."""
        self._asked, self.late_s = None, None
        if self._earmark is not None:
            self._earmark.replay.seek(anchor)

    def play_from(self, anchor: Anchor) -> None:
        """Plays from just there."""
        self._asked, self.late_s = None, None
        if self._earmark is not None:
            self._earmark.replay.play(anchor)

    def play_word(self, anchor: Anchor, *, in_line: bool = False) -> None:
        """Plays from the word's time minus look-back.

        `in_line`: the word stands in the line with the caret; where that line starts at its
        sentence and the word was written in one go with it, the word does too.
        """
        self._asked, self.late_s = None, None
        if self._earmark is None:
            return
        line = self._editor.line(self._editor.current_line()) if in_line else None
        if line is None or all(run.anchor != anchor for run in line.runs):
            line = None
        start = self._earmark.replay.play_word(anchor, line)
        if line is not None and start is not None:
            self._late(line, start)

    def play_line(self, id: str) -> None:  # noqa: A002
        """Plays the line from its anchor minus look-back."""
        line = self._editor.line(LineId(id))
        if self._earmark is not None and line is not None:
            self._asked, self.late_s = line, None
            start = self._earmark.replay.play_line(line)
            if start is not None:
                self._late(line, start)

    def play_caret_line(self) -> None:
        """Plays the line with the caret, as it stands."""
        self._editor.flush()
        self.play_line(self._editor.current_line())

    def play_neighbour(self, step: int) -> None:
        """Plays the previous (−1) or next (+1) line in time, counted from the lit one."""
        if self._earmark is None:
            return
        replay = self._earmark.replay
        at = replay.heard() if replay.state.played else None
        base = self._editor.line_at_anchor(at) if at else self._editor.current_line()
        if at and self._asked and self._asked.anchor and self._before(at, self._asked.anchor):
            base = self._asked.id  # its look-back is still being heard
        found = self._editor.next_line(base, at, step)
        if found is not None:
            self.play_line(found)

    def _late(self, line: NoteLine, start: Anchor) -> None:
        """Replay begins with the sentence the line is about: that line is what is heard."""
        places = [self._editor.timeline.to_ms(a) for a in (start, line.anchor) if a is not None]
        if len(places) == 2 and None not in places:
            self._asked = line
            self.late_s = max(0.0, (places[1] - places[0]) / 1000)  # type: ignore[operator]

    def lit_line(self, anchor: Anchor) -> LineId | None:
        """The line to light at a moment: the one asked for also while its sentence is heard."""
        asked = self._asked
        begins = None if asked is None or self.late_s is None else asked.anchor
        if asked is not None and begins is not None and self._before(anchor, begins):
            return asked.id
        return self._editor.line_at_anchor(anchor)

    def _before(self, one: Anchor, other: Anchor) -> bool:
        places = [self._editor.timeline.to_ms(anchor) for anchor in (one, other)]
        return None not in places and places[0] < places[1]  # type: ignore[operator]

    def toggle(self) -> None:
        if self._earmark is not None:
            self._earmark.replay.toggle()

    def jump(self, ms: int) -> None:
        if self._earmark is not None:
            self._earmark.replay.jump(ms)

    def faster(self, step: float = SPEED_STEP) -> None:
        self.set_speed((self._early_speed or self.state.speed) + step)

    def set_speed(self, speed: float) -> None:
        """A speed chosen while the services are still loading counts once they are there."""
        if self._earmark is not None:
            self._earmark.replay.set_speed(speed)
        else:
            self._early_speed = speed

    def loop(self, on: bool) -> None:
        """Repeats the line with the caret, or ends that."""
        if self._earmark is None:
            return
        self._editor.flush()
        line = self._editor.line(self._editor.current_line()) if on else None
        self._earmark.replay.set_loop(line)

    def skip_silence(self, on: bool) -> None:
        if self._earmark is not None:
            self._earmark.replay.set_skip_silence(on)

    def even_loudness(self, on: bool) -> None:
        if self._earmark is not None:
            self._earmark.replay.set_even_loudness(on)

    def go_live(self, recording: RecordingState) -> None:
        """Catches up with the running recording: from what is heard, at 1.5× until there."""
        if self._earmark is None or not recording.live:
            return
        here = self._earmark.replay.heard() or self._earmark.recording.now()
        if here is not None:
            self._earmark.replay.catch_up(here)

    # --- news ------------------------------------------------------------------------------

    def told(self, state: ReplayState) -> None:
        """News of the replayer."""
        self.state = state
        if state.playing:
            self._frames.start()
        else:
            self._frames.stop()
        self._follow()
        self.changed.emit(state)

    def told_heard(self, heard: Heard) -> None:
        """A position while paused; while playing the timer asks by itself."""
        self._even(round(heard.gain_db))
        if not self.state.playing:
            self._show(heard.anchor)

    def _even(self, evened_db: int | None) -> None:
        if evened_db != self.evened_db:
            self.evened_db = evened_db
            self.evened.emit()

    def _follow(self) -> None:
        if self._earmark is not None:
            self._show(self._earmark.replay.heard() if self.state.played else None)

    def _show(self, anchor: Anchor | None) -> None:
        if self.state.session == self._desk.id:
            self.heard.emit(anchor)

    def _load(self, session: Session) -> None:
        if self._earmark is not None:
            self.heard.emit(None)
            self._even(None)
            self._bridge.when_done(self._earmark.replay.load(session.id or None))

    def _refreshed(self, session: Session) -> None:
        if self.state.session != session.id:
            self._load(session)
