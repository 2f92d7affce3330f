"""One model in the list: what it is, what is there of it, and the one thing to do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from earmark.model.i18n import _

from ..plain import ElidedLabel, Hairline, PlainLabel
from .words import fact_words, state_words

if TYPE_CHECKING:
    from earmark.transcribe.models import ModelInfo


class ModelRow(QWidget):
    """Asks by signals, each with the model's name."""

    download_asked = Signal(str)
    cancel_asked = Signal(str)
    remove_asked = Signal(str)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = name
        self._info: ModelInfo | None = None
        self._running = False
        title = PlainLabel(name, self)
        bold = title.font()
        bold.setBold(True)
        title.setFont(bold)
        self.state = ElidedLabel("", self, role="muted")
        self.facts = ElidedLabel("", self, role="muted")
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(150, 6)
        self.bar.setAccessibleName(_("Progress of {name}").format(name=name))
        self.act = QPushButton(self)
        self.act.clicked.connect(self._acted)
        self.remove = QPushButton(_("Remove"), self)
        self.remove.setProperty("look", "quiet")
        self.remove.setAccessibleName(_("Remove {name}").format(name=name))
        self.remove.clicked.connect(lambda _checked=False: self.remove_asked.emit(self.name))
        for button in (self.act, self.remove):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        first = QHBoxLayout()
        first.setSpacing(10)
        first.addWidget(title)
        first.addWidget(self.state, 1)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addLayout(first)
        words.addWidget(self.facts)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(words, 1)
        row.addWidget(self.bar)
        row.addWidget(self.remove)
        row.addWidget(self.act)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 6, 4, 0)
        whole.setSpacing(6)
        whole.addLayout(row)
        whole.addWidget(Hairline(self))
        self.show_running(None, running=False)

    def show_info(self, info: ModelInfo) -> None:
        """What is known of the model now."""
        self._info = info
        facts = fact_words(info)
        self.facts.setText(facts)
        self.facts.setVisible(bool(facts))
        self._refresh()

    def show_running(self, fraction: float | None, *, running: bool) -> None:
        """A download or a copy on its way; `fraction` None: not begun yet."""
        self._running = running
        self.bar.setVisible(running)
        self.bar.setValue(round(1000 * (fraction or 0)))
        self._refresh()
        if running:
            percent = round(100 * (fraction or 0))
            self.state.setText(
                _("{n} %").format(n=percent) if fraction is not None else _("waiting")
            )

    def buttons(self) -> list[QWidget]:
        """Those that are shown, in order."""
        return [one for one in (self.remove, self.act) if not one.isHidden()]

    def _refresh(self) -> None:
        info = self._info
        installed = info is not None and info.installed
        broken = info is not None and bool(info.broken)
        begun = info is not None and info.part > 0 and not installed
        self.state.set_role("ok" if installed else "recording_text" if broken else "muted")
        if not self._running:
            self.state.setText(state_words(info) if info is not None else "")
        discards = begun and not broken
        self.remove.setText(_("Discard") if discards else _("Remove"))
        self.remove.setAccessibleName(
            (_("Discard {name}") if discards else _("Remove {name}")).format(name=self.name)
        )
        self.remove.setVisible(not self._running and (installed or broken or begun))
        self.act.setVisible(self._running or not (installed or broken))
        if self._running:
            self.act.setText(_("Cancel"))
            self.act.setAccessibleName(_("Cancel {name}").format(name=self.name))
        else:
            self.act.setText(_("Go on") if begun else _("Download"))
            self.act.setAccessibleName(
                (_("Go on downloading {name}") if begun else _("Download {name}")).format(
                    name=self.name
                )
            )

    def _acted(self) -> None:
        (self.cancel_asked if self._running else self.download_asked).emit(self.name)
