"""The waveform as something to look at: what is shown, and when it is drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QRectF
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from earmark.model import Anchor, Bookmark, Frames, LineId, NoteLine, Take, TakeId, Timeline

from ..guard import guard
from ..theme import current_theme, fixed_font
from .columns import Columns, PeaksProvider
from .flags import Pin, pins_of
from .overlay import paint_edge, paint_ghost, paint_hover, paint_ranges
from .painting import FLAGS_PX, SIDE_PX, Scene, flags_picture, still_picture
from .view import View


class WaveformPicture(QWidget):
    """Shows takes, pins, playhead and the recording's edge. Times in; nothing is emitted here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.timeline = Timeline(())
        self.pins: tuple[Pin, ...] = ()
        self.view = View()
        self.playhead_ms: float | None = None
        self.selection: tuple[float, float] | None = None
        """Milliseconds of the timeline, ascending."""
        self._columns = Columns()
        self._lines: Sequence[NoteLine] = ()
        self._bookmarks: Sequence[Bookmark] = ()
        self._lit: LineId | None = None
        self._loop: tuple[float, float] | None = None
        self._recording: TakeId | None = None
        self._ghost: tuple[float, Pin] | None = None
        self._hover: int | None = None
        self._still: QPixmap | None = None
        self._played: QPixmap | None = None
        self._flags: QPixmap | None = None
        self.setMinimumSize(120, 64)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_peaks(self, provider: PeaksProvider | None) -> None:
        """Where the shape comes from. Give it again, or call `refresh_peaks`, when it changed."""
        self._columns.set_provider(provider)
        self._outdate()

    def refresh_peaks(self, take: TakeId | None = None) -> None:
        """The peaks of `take` reach further now (None: all of them may have changed)."""
        start = None if take is None else self.timeline.start_ms(take)
        found = None if take is None else self.timeline.take(take)
        if start is None or found is None:
            self._columns.forget()
        else:
            recent = 3_000 if take == self._recording else found.duration_ms
            self._columns.forget_end(start + max(0, found.duration_ms - recent))
        self._outdate()

    def set_takes(self, takes: Sequence[Take]) -> None:
        """The session's takes; those of other sessions in it are not shown.

        The running take is never shorter than it was known to be: the library lags behind.
        """
        running = self.timeline.take(self._recording) if self._recording else None
        self._take_timeline(
            Timeline(
                tuple(
                    replace(t, frames=max(t.frames, running.frames))
                    if running is not None and t.id == running.id
                    else t
                    for t in takes
                )
            )
        )
        self._set_pins()

    def grow(self, take: TakeId, frames: Frames) -> None:
        """The running take is that long now."""
        found = self.timeline.take(take)
        if found is not None and frames > found.frames:
            takes = self.timeline.takes
            grown = tuple(replace(t, frames=frames) if t.id == take else t for t in takes)
            self._take_timeline(Timeline(grown))
            if takes[-1].id != take:
                self._set_pins()

    def _take_timeline(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self._columns.set_timeline(timeline)
        self._lay_out()

    def set_lines(self, lines: Sequence[NoteLine]) -> None:
        """The lines whose anchors are shown as flags."""
        self._lines = lines
        self._set_pins()

    def set_bookmarks(self, bookmarks: Sequence[Bookmark]) -> None:
        self._bookmarks = bookmarks
        self._set_pins()

    def set_lit(self, line: LineId | None) -> None:
        """The line being heard: its flag takes the accent."""
        if line != self._lit:
            self._lit = line
            self._flags = None
            self.update()

    def set_loop(self, start: Anchor | None, end: Anchor | None) -> None:
        """The stretch being looped; None and None for none."""
        ends = [None if a is None else self.timeline.to_ms(a) for a in (start, end)]
        self._loop = None if ends[0] is None or ends[1] is None else (ends[0], ends[1])
        self.update()

    def set_recording(self, take: TakeId | None) -> None:
        """The take whose end is the red edge; None when nothing is recorded."""
        if take != self._recording:
            self._recording = take
            self._lay_out()
            self.update()

    def set_playhead(self, anchor: Anchor | None) -> None:
        """What is heard now; None where nothing was played."""
        before = self.playhead_ms
        self.playhead_ms = None if anchor is None else self.timeline.to_ms(anchor)
        if before == self.playhead_ms:
            return
        if self.playhead_ms is not None and before is not None:
            seen = self.view.start_ms <= before <= self.view.end_ms
            if seen and self.show_view(self.view.showing(self.playhead_ms)):
                return
            left, right = sorted((self.view.x(before), self.view.x(self.playhead_ms)))
            left, right = max(left, -4.0), min(right, self.view.width + 4)
            if left <= right:
                at = int(left + SIDE_PX) - 4
                self.update(at, 0, int(right - left) + 9, self.height())
        else:
            self.update()

    def set_selection(self, selection: tuple[float, float] | None) -> None:
        """The stretch picked by the person, in milliseconds of the timeline."""
        self.selection = None if selection is None else (min(selection), max(selection))
        self.update()

    def show_view(self, view: View) -> bool:
        """Shows another stretch; False where it is the one already shown."""
        if view == self.view:
            return False
        self.view = view
        self._outdate()
        return True

    def show_ghost(self, ghost: tuple[float, Pin] | None) -> None:
        """A pin in the hand, at `x` logical pixels."""
        self._ghost = ghost
        self.update()

    def show_hover(self, pin: int | None) -> None:
        """The pin under the pointer (an index of `pins`)."""
        if pin != self._hover:
            self._hover = pin
            self.update(0, 0, self.width(), int(FLAGS_PX))

    def _set_pins(self) -> None:
        self.pins = pins_of(self._lines, self._bookmarks, self.timeline)
        self._hover = None
        self._flags = None
        self.update()

    def _lay_out(self) -> None:
        before = self.view
        live = self._recording is not None and self.timeline.take(self._recording) is not None
        width = self.width() - 2 * SIDE_PX
        self.view = before.laid_out(width, self.timeline.duration_ms, live=live)
        scale = (before.width, before.start_ms, before.ms_per_px)
        if scale != (self.view.width, self.view.start_ms, self.view.ms_per_px):
            self._flags = None
        self._still = None
        self.update()

    def _outdate(self) -> None:
        self._still = None
        self._flags = None
        self.update()

    def _scene(self) -> Scene:
        return Scene(
            self.view,
            self.timeline,
            float(self.height()),
            self.devicePixelRatioF(),
            current_theme(),
            fixed_font(self.font(), 0.78),
            self.view.live,
        )

    @guard(None)
    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._lay_out()

    @guard(None)
    def changeEvent(self, event: QEvent) -> None:
        self._outdate()
        super().changeEvent(event)

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        scene = self._scene()
        if self._still is None or self._still.devicePixelRatio() != scene.ratio:
            self._still = still_picture(scene, self._columns, scene.theme.waveform)
            self._played = None
        if self._played is None and self.playhead_ms is not None:
            self._played = still_picture(scene, self._columns, scene.theme.accent)
        if self._flags is None or self._flags.devicePixelRatio() != scene.ratio:
            self._flags = flags_picture(scene, self.pins, self._lit)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(scene.theme.accent, 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.translate(SIDE_PX, 0)
        paint_ranges(painter, scene, self.selection, self._loop)
        painter.drawPixmap(0, 0, self._still)
        if self.playhead_ms is not None and self._played is not None:
            heard = max(0.0, scene.snapped(self.view.x(self.playhead_ms)))
            painter.save()
            painter.setClipRect(QRectF(0, scene.top, heard, scene.bottom - scene.top))
            painter.drawPixmap(0, 0, self._played)
            painter.restore()
            paint_edge(painter, scene, self.playhead_ms, scene.theme.accent)
        if self.view.live and self._recording is not None:
            take = self.timeline.take(self._recording)
            if take is not None:
                end = (self.timeline.start_ms(take.id) or 0) + take.duration_ms
                paint_edge(painter, scene, end, scene.theme.recording)
        painter.drawPixmap(0, 0, self._flags)
        if self._hover is not None and self._hover < len(self.pins):
            paint_hover(painter, scene, self.pins[self._hover])
        if self._ghost is not None:
            paint_ghost(painter, scene, *self._ghost)
        painter.end()
