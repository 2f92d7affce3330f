"""Which model for what, which language, and when transcribing may run."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from earmark.app.settings import Settings
from earmark.model.i18n import _

from ..comboname import name_combos
from ..fields import ComboField
from ..plain import PlainLabel
from ..ticks import TickBox
from .words import language_name


class OptionCombo(ComboField):
    """A choice that is called by what it is for and what is chosen."""


class ModelOptions(QWidget):
    """Tells a change as the settings' fields: `changed({"live_model": "base"})`."""

    changed = Signal(dict)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        name_combos(OptionCombo)
        self.after = self._combo(_("Model after the talk"), "transcribe_model")
        self.live = self._combo(_("Model while recording"), "live_model")
        self.language = self._combo(_("Spoken language"), "transcribe_language")
        self.battery = self._box(_("Transcribe on battery"), "transcribe_on_battery")
        self.beside = self._box(
            _("Transcribe other talks while recording"), "transcribe_while_recording"
        )
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        for column, (words, combo) in enumerate(
            (
                (_("After the talk"), self.after),
                (_("While recording"), self.live),
                (_("Language"), self.language),
            )
        ):
            label = PlainLabel(words, self, role="muted")
            label.setBuddy(combo)
            grid.addWidget(label, 0, column)
            grid.addWidget(combo, 1, column)
            grid.setColumnStretch(column, 1)
        grid.addWidget(self.battery, 2, 0)
        grid.addWidget(self.beside, 2, 1, 1, 2)

    def parts(self) -> list[QWidget]:
        """Where Tab stops."""
        return [self.after, self.live, self.language, self.battery, self.beside]

    def show_languages(self, codes: Iterable[str]) -> None:
        """The languages to choose from, by their names."""
        chosen = self.language.currentData()
        self.language.blockSignals(True)
        self.language.clear()
        self.language.addItem(_("As heard"), "auto")
        for name, code in sorted((language_name(code), code) for code in codes):
            self.language.addItem(name, code)
        self.language.blockSignals(False)
        self._choose(self.language, chosen)

    def show_models(self, names: Iterable[str]) -> None:
        """The installed models."""
        for combo, words in (
            (self.after, _("The best installed")),
            (self.live, _("The fastest good one")),
        ):
            chosen = combo.currentData()
            combo.blockSignals(True)
            combo.clear()
            combo.addItem(words, None)
            for name in names:
                combo.addItem(name, name)
            combo.blockSignals(False)
            self._choose(combo, chosen)

    def show_settings(self, settings: Settings) -> None:
        """What is set; a model that is not installed is shown as such."""
        self._choose(self.after, settings.transcribe_model)
        self._choose(self.live, settings.live_model)
        self._choose(self.language, settings.transcribe_language)
        for box, on in (
            (self.battery, settings.transcribe_on_battery),
            (self.beside, settings.transcribe_while_recording),
        ):
            box.setChecked(on)

    def _choose(self, combo: ComboField, value: str | None) -> None:
        combo.blockSignals(True)
        at = combo.findData(value) if value is not None else 0
        if at < 0 and value is not None:
            missing = value if combo is self.language else _("{name} (not installed)")
            combo.addItem(missing.format(name=value), value)
            at = combo.count() - 1
        combo.setCurrentIndex(at)
        combo.blockSignals(False)

    def _combo(self, name: str, field: str) -> ComboField:
        combo = OptionCombo(self)
        combo.setAccessibleName(name)
        combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        combo.setMinimumContentsLength(14)
        combo.setSizeAdjustPolicy(
            OptionCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        combo.activated.connect(lambda _at: self.changed.emit({field: combo.currentData()}))
        return combo

    def _box(self, words: str, field: str) -> TickBox:
        box = TickBox(words, self)
        box.setAccessibleName(words)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.clicked.connect(lambda on: self.changed.emit({field: on}))
        return box
