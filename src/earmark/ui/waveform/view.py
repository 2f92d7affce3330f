"""Which stretch of the timeline is in view, and where its moments lie on the screen. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

PITCH = 3
"""Logical pixels from one bar to the next."""
MOST_DETAIL_MS = 10.0
"""The least time one bar stands for: the bin of the peaks."""
_STEP = 1.25
_LEAST_LIVE_MS = 60_000.0


@dataclass(frozen=True, slots=True)
class View:
    """`start_ms` at the left edge, `ms_per_px` across `width` logical pixels.

    `fit` means: the whole timeline, also when it or the window changes its size.
    """

    width: float = 1.0
    duration_ms: float = 0.0
    start_ms: float = 0.0
    ms_per_px: float = 1.0
    fit: bool = True
    live: bool = False

    def x(self, ms: float) -> float:
        """Logical pixels from the left edge; outside the width where it is out of view."""
        return (ms - self.start_ms) / self.ms_per_px

    def ms(self, x: float) -> float:
        """The moment at `x`, clamped to the timeline."""
        return min(max(self.start_ms + x * self.ms_per_px, 0.0), self.duration_ms)

    @property
    def end_ms(self) -> float:
        return self.start_ms + self.width * self.ms_per_px

    @property
    def column_ms(self) -> float:
        return self.ms_per_px * PITCH

    def laid_out(self, width: float, duration_ms: float, *, live: bool) -> View:
        """This view for another width or duration. A live, fitted one grows in steps, so that
        a running recording does not move on the screen all the time."""
        view = replace(self, width=max(1.0, width), duration_ms=max(0.0, duration_ms), live=live)
        if view.fit:
            return replace(view, start_ms=0.0, ms_per_px=view._whole() / view.width)
        return view._clamped()

    def zoomed(self, factor: float, at_x: float) -> View:
        """Shows `factor` times more detail, the moment under `at_x` staying where it is."""
        least = MOST_DETAIL_MS / PITCH
        most = self._whole() / self.width
        scale = self.ms_per_px / factor
        if scale >= most:
            return replace(self, fit=True).laid_out(self.width, self.duration_ms, live=self.live)
        scale = max(scale, min(least, most))
        moment = self.start_ms + at_x * self.ms_per_px
        view = replace(self, fit=False, ms_per_px=scale, start_ms=moment - at_x * scale)
        return view._clamped()

    def scrolled(self, by_px: float) -> View:
        """Moved by that many pixels to the right along the timeline."""
        if self.fit:
            return self
        return replace(self, start_ms=self.start_ms + by_px * self.ms_per_px)._clamped()

    def showing(self, ms: float) -> View:
        """Turned like a page, if need be, so that `ms` is in view."""
        if self.fit or self.start_ms <= ms <= self.end_ms:
            return self
        return replace(self, start_ms=ms - 0.1 * self.width * self.ms_per_px)._clamped()

    def fitted(self) -> View:
        """The whole timeline."""
        return replace(self, fit=True).laid_out(self.width, self.duration_ms, live=self.live)

    def _whole(self) -> float:
        if not self.live:
            return max(self.duration_ms, 1000.0)
        span = _LEAST_LIVE_MS
        while span < self.duration_ms * 1.02:
            span *= _STEP
        return span

    def _clamped(self) -> View:
        span = self.width * self.ms_per_px
        start = min(self.start_ms, max(self._whole(), self.duration_ms) - span)
        return replace(self, start_ms=max(0.0, start))


def ruler_step(ms_per_px: float, least_px: float = 70.0) -> int:
    """Milliseconds between two times of the ruler: a round figure at least `least_px` apart."""
    seconds = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400)
    for step in seconds:
        if step * 1000 / ms_per_px >= least_px:
            return step * 1000
    return seconds[-1] * 1000
