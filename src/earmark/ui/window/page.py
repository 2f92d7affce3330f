"""The page: the title edited in place, the details line, the summary, and the notes below."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDateTime, QEvent, QLocale, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDateTimeEdit, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from earmark.model.i18n import _, ngettext
from earmark.model.session import Session
from earmark.model.text import MAX_TITLE, safe_line, safe_title

from ..guard import guard
from ..plain import PlainLabel, plain_tip
from ..theme import current_theme, scaled

_MOMENT = "d MMMM yyyy, HH:mm"


def _qt(at: datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(round(at.timestamp() * 1000))


def default_title(at: datetime) -> str:
    """Date and time in the person's own form: what a session is called before it is named."""
    stamp = QLocale().toString(_qt(at), "ddd d MMM yyyy, HH:mm")
    return safe_title(stamp)


def duration_words(ms: int) -> str:
    """A length in words, rounded as in the list: "52 min", "1 h 12 min", "40 s"."""
    if ms < 60_000:
        return _("{n} s").format(n=max(1, round(ms / 1000)))
    hours, minutes = divmod(round(ms / 60_000), 60)
    if hours:
        return _("{h} h {m} min").format(h=hours, m=minutes)
    return _("{n} min").format(n=minutes)


def details_words(session: Session) -> str:
    """Event · date, time · place · duration · takes; parts without content are left out."""
    parts = [session.event.title if session.event else ""]
    parts.append(QLocale().toString(_qt(session.created_at), _MOMENT))
    parts.append(session.place)
    own = session.timeline.takes
    if session.timeline.duration_ms:
        parts.append(duration_words(session.timeline.duration_ms))
    if len(own) > 1:
        parts.append(ngettext("{n} take", "{n} takes", len(own)).format(n=len(own)))
    return " · ".join(p for p in parts if p)


class PlaceField(QLineEdit):
    """A line edited in place: no frame, plain text, Return or leaving it keeps the text."""

    kept = Signal(str)
    left = Signal()

    def __init__(self, name: str, placeholder: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._was = ""
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setFrame(False)
        self.setTextMargins(-2, 0, -2, 0)  # Qt keeps 2 px of its own at each side
        self.setStyleSheet(
            "QLineEdit { background: transparent; border: none; padding: 0; min-height: 0; }"
        )
        self.editingFinished.connect(self._keep)
        self.installEventFilter(self)

    def show_text(self, text: str) -> None:
        """Shows a stored text, unless the person is just changing it."""
        if self.hasFocus() and self.isModified():
            return
        self._was = text
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)

    @property
    def shown(self) -> str:
        """The text as it is painted: cut with “…” where it has no room, whole while edited."""
        if self.hasFocus():
            return self.text()
        return self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )

    @guard()
    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self.shown
        if shown == self.text():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().text().color())
        place = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.contentsRect(), place | Qt.TextFlag.TextSingleLine, shown)
        painter.end()

    @guard(False)
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(plain_tip(self.text()) if self.shown != self.text() else "")
        return super().event(event)

    @guard(False)
    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.setText(self._was)
                self.setModified(False)
                self.left.emit()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
                self._keep()
                self.left.emit()
                return True
        return False

    def _keep(self) -> None:
        text = safe_line(self.text())
        if self.isModified() and text != self._was:
            self._was = text
            self.setModified(False)
            self.kept.emit(text)


class DateField(QDateTimeEdit):
    """A day and a time in the person's own form. Return or leaving it keeps them, Esc does not."""

    kept = Signal(object)
    """A `datetime` with this place's zone."""
    left = Signal()

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._was = self.dateTime()
        self.setAccessibleName(name)
        self.setCalendarPopup(True)
        self.setLocale(QLocale())
        self.setDisplayFormat(_MOMENT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.editingFinished.connect(self._keep)

    def show_date(self, at: datetime) -> None:
        """Shows a stored date, unless the person is just changing it."""
        if not self.hasFocus() or self.dateTime() == self._was:
            self._was = _qt(at)
            self.setDateTime(self._was)

    @guard()
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setDateTime(self._was)
            self.left.emit()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()

    def _keep(self) -> None:
        if self.dateTime() != self._was:
            self._was = self.dateTime()
            moment = datetime.fromtimestamp(self._was.toMSecsSinceEpoch() / 1000)
            self.kept.emit(moment.astimezone())


class Page(QWidget):
    """The sheet of paper in the middle. The editor is given to it with `hold`."""

    renamed = Signal(str)
    place_kept = Signal(str)
    summary_kept = Signal(str)
    date_kept = Signal(object)
    left = Signal()
    """A field was left with Return or Esc: the caret belongs into the notes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = PlaceField(_("Title"), _("Title"), self)
        self.title.setMaxLength(MAX_TITLE * 24)
        font = scaled(self.font(), 1.75)
        font.setBold(True)
        self.title.setFont(font)
        self.details = PlainLabel("", self, role="muted")
        self.details.setWordWrap(True)
        self.place = PlaceField(_("Place"), _("Place"), self)
        self.summary = PlaceField(_("Summary"), _("One-line summary"), self)
        self.date: DateField | None = None
        """Made when it is first asked for."""
        self._created_at: datetime | None = None
        self.place.hide()
        self.summary.hide()
        for field, signal in (
            (self.title, self.renamed),
            (self.place, self.place_kept),
            (self.summary, self.summary_kept),
        ):
            field.kept.connect(signal)
            field.left.connect(self._done)
        head = QVBoxLayout()
        self._head = head
        head.setSpacing(4)
        for part in (self.title, self.details, self.place, self.summary):
            head.addWidget(part)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)

    def hold(self, editor: QWidget, left: int) -> None:
        """Puts the note editor, whose text begins at `left` pixels, below the heading."""
        self._head.setContentsMargins(left, 24, 40, 12)
        self._column.addWidget(editor, 1)

    def show_session(self, session: Session) -> None:
        """Shows the heading of a session."""
        self.title.show_text(session.title)
        self.details.setText(details_words(session))
        self.details.setAccessibleName(self.details.text())
        self._created_at = session.created_at
        if self.date is not None:
            self.date.show_date(session.created_at)
        self.place.show_text(session.place)
        self.summary.show_text(session.summary)
        self.summary.setVisible(bool(session.summary) or self.place.isVisible())

    def edit_title(self) -> None:
        self.title.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.title.selectAll()

    def edit_details(self) -> None:
        """Opens date, place and summary for editing."""
        if self.date is None:
            self.date = DateField(_("Date"), self)
            self.date.kept.connect(self.date_kept)
            self.date.left.connect(self._done)
            self._head.insertWidget(self._head.indexOf(self.place), self.date)
            self.setTabOrder(self.title, self.date)
            self.setTabOrder(self.date, self.place)
        if self._created_at is not None:
            self.date.show_date(self._created_at)
        self.date.show()
        self.place.show()
        self.summary.show()
        self.place.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.place.selectAll()

    @guard()
    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), current_theme().page)
        painter.end()

    def _done(self) -> None:
        if self.date is not None:
            self.date.hide()
        self.place.hide()
        self.summary.setVisible(bool(self.summary.text()))
        self.left.emit()
