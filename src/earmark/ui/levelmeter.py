"""How loud the microphone is, −60…0 dBFS: a bar that falls slowly, red where it clips."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from earmark.model.i18n import _

from .guard import guard
from .theme import current_theme

FLOOR_DB = -60.0
_FALL_DB = 3.0
_CLIP_DB = -0.2


def fraction(db: float) -> float:
    """A level in dBFS as 0…1 of the meter."""
    return min(1.0, max(0.0, 1 - db / FLOOR_DB))


class LevelMeter(QWidget):
    """Give it levels (≤ 10/s); it falls by at most 3 dB from one to the next."""

    def __init__(
        self, parent: QWidget | None = None, *, vertical: bool = False, role: str = "ok"
    ) -> None:
        super().__init__(parent)
        self._vertical = vertical
        self._role = role
        self._rms = self._peak = FLOOR_DB
        self._heard = False
        self.setAccessibleName(_("Microphone level"))
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(fixed if vertical else free, free if vertical else fixed)

    def set_level(self, rms_db: float, peak_db: float) -> None:
        """The level just measured, in dBFS."""
        self._rms = max(rms_db, self._rms - _FALL_DB, FLOOR_DB)
        self._peak = max(peak_db, self._peak - _FALL_DB, FLOOR_DB)
        heard = peak_db > FLOOR_DB
        if heard != self._heard:
            self._heard = heard
            words = _("The microphone hears something.") if heard else _("Silence.")
            self.setAccessibleDescription(words)
        self.update()

    def clear(self) -> None:
        """Nothing is measured."""
        self._rms = self._peak = FLOOR_DB
        self._heard = False
        self.update()

    @property
    def shown(self) -> float:
        """What the bar shows, 0…1."""
        return fraction(self._rms)

    @guard(QSize(120, 8))
    def sizeHint(self) -> QSize:
        return QSize(6, 56) if self._vertical else QSize(120, 8)

    @guard(QSize(8, 8))
    def minimumSizeHint(self) -> QSize:
        return QSize(6, 24) if self._vertical else QSize(40, 8)

    @guard(None)
    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect())
        radius = min(box.width(), box.height()) / 2
        painter.setBrush(theme.hairline)
        painter.drawRoundedRect(box, radius, radius)
        hot = self._peak >= _CLIP_DB
        painter.setBrush(theme.recording if hot else getattr(theme, self._role))
        painter.drawRoundedRect(self._part(box, 0.0, fraction(self._rms)), radius, radius)
        if self._peak > FLOOR_DB:
            at = fraction(self._peak)
            painter.drawRect(self._part(box, at - 0.015, at))
        painter.end()

    def _part(self, box: QRectF, start: float, end: float) -> QRectF:
        if self._vertical:
            h = box.height()
            return QRectF(0, h * (1 - end), box.width(), h * (end - start))
        return QRectF(box.width() * start, 0, box.width() * (end - start), box.height())
