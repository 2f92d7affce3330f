"""The first page of the sheet: what to share, with what in it, as what, and where to."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from earmark.app.sharing import Only, ShareForm
from earmark.model.i18n import _, ngettext
from earmark.model.units import LineId

from ..plain import ElidedLabel, PlainLabel, plain_tip
from ..ticks import OneOf, TickBox
from .choice import Choice, Facts
from .formfield import FormField
from .target import Target, short_path

_LINE_CHARS = 48


class Chooser(QWidget):
    """Shows a `Choice` of what `Facts` allow; `changed()` after every change of the person's.

    For an event only the places that make sense for it are shown.
    """

    changed = Signal()
    browse_asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._facts = Facts("", 0, 0, 0, has_transcript=False, has_sound=False)
        self._chosen: tuple[LineId, ...] = ()
        self._event = False
        self.target = Target(Path(), "")
        self.everything = OneOf(_("Everything"), self)
        self.marked = OneOf(_("Marked lines only"), self)
        self.line = OneOf(_("This line"), self)
        self._only = QButtonGroup(self)
        for button in (self.everything, self.marked, self.line):
            self._only.addButton(button)
        self.sound = TickBox(_("Sound"), self)
        self.transcript = TickBox(_("Transcript"), self)
        self.form = FormField(self)
        self._sentence = PlainLabel("", self, role="muted")
        self._sentence.setWordWrap(True)
        self.smaller = TickBox(_("Smaller (Opus)"), self)
        self.smaller.setToolTip(_("About a third of the size; old phones may not play it."))
        self.even = TickBox(_("Even the loudness"), self)
        self.even.setToolTip(_("Quiet voices become as loud as the rest."))
        self.name = QLineEdit(self)
        self._suffix = PlainLabel("", self, role="muted")
        self._folder = ElidedLabel("", self, role="muted", mode=Qt.TextElideMode.ElideMiddle)
        self.browse = QPushButton(_("Choose…"), self)
        self.address = QLineEdit(self)
        self._name_parts()
        self._lay_out()
        self._join()
        self.tab_order()

    def _name_parts(self) -> None:
        for part in (self.sound, self.transcript, self.smaller, self.even, self.everything):
            part.setAccessibleName(part.text())
        self.name.setAccessibleName(_("File name"))
        self.browse.setAccessibleName(_("Choose where the file goes"))
        self.address.setAccessibleName(_("Web address of the report"))
        self.address.setPlaceholderText("https://…")
        self.address.setToolTip(_("Where the report will stand, for previews in other sites."))

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(9)
        grid.setColumnStretch(1, 1)
        self._what = self._row(grid, 0, _("What"), self.everything, self.marked, self.line)
        self._with = self._row(grid, 1, _("With"), self.sound, self.transcript)
        form = QVBoxLayout()
        form.setSpacing(5)
        form.addWidget(self.form)
        form.addWidget(self._sentence)
        self._as = self._label(_("As"), self.form)
        grid.addWidget(self._as, 2, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(form, 2, 1)
        self._how = self._row(grid, 3, _("How"), self.smaller, self.even)
        place = QHBoxLayout()
        place.setSpacing(6)
        place.addWidget(self.name, 1)
        place.addWidget(self._suffix)
        place.addWidget(self.browse)
        self._file = self._label(_("File"), self.name)
        grid.addWidget(self._file, 4, 0)
        grid.addLayout(place, 4, 1)
        grid.addWidget(self._folder, 5, 1)
        self._web = self._label(_("On the web"), self.address)
        grid.addWidget(self._web, 6, 0)
        grid.addWidget(self.address, 6, 1)
        self.setLayout(grid)

    def _label(self, text: str, buddy: QWidget) -> PlainLabel:
        label = PlainLabel(text, self, role="muted")
        label.setBuddy(buddy)
        label.setMinimumHeight(28)
        return label

    def _row(self, grid: QGridLayout, at: int, text: str, *parts: QWidget) -> PlainLabel:
        label = self._label(text, parts[0])
        row = QHBoxLayout()
        row.setSpacing(16)
        for part in parts:
            part.setMinimumHeight(28)
            row.addWidget(part)
        row.addStretch(1)
        grid.addWidget(label, at, 0)
        grid.addLayout(row, at, 1)
        return label

    def _join(self) -> None:
        for button in (self.everything, self.marked, self.line):
            button.clicked.connect(self._told)
        for box in (self.sound, self.transcript, self.smaller, self.even):
            box.clicked.connect(self._told)
        self.form.chosen.connect(self._told)
        self.name.textEdited.connect(self._named)
        self.address.textEdited.connect(self._told)
        self.browse.clicked.connect(lambda _checked=False: self.browse_asked.emit())

    def tab_order(self) -> None:
        """From top to bottom, as it is read."""
        parts = self.parts()
        for before, after in pairwise(parts):
            QWidget.setTabOrder(before, after)

    def parts(self) -> list[QWidget]:
        return [
            self.everything,
            self.marked,
            self.line,
            self.sound,
            self.transcript,
            self.form,
            self.smaller,
            self.even,
            self.name,
            self.browse,
            self.address,
        ]

    # --- in and out ------------------------------------------------------------------------

    @property
    def choice(self) -> Choice:
        """What is chosen now."""
        only = Only.EVERYTHING
        if not self._event:
            only = Only.MARKED if self.marked.isChecked() else only
            only = Only.LINE if self.line.isChecked() else only
        spec = self.form.form.spec
        return Choice(
            only=only,
            chosen=self._chosen,
            form=self.form.form,
            audio=spec.sound and (self.sound.isChecked() or not spec.notes),
            transcript=self.transcript.isChecked(),
            smaller=self.smaller.isChecked(),
            even_loudness=self.even.isChecked(),
            base_url=self._address() if self._event else "",
        )

    def _address(self) -> str:
        """The web address, as that of a folder."""
        given = self.address.text().strip()
        return f"{given}/" if given and not given.endswith("/") else given

    def show_choice(self, choice: Choice, facts: Facts) -> None:
        """Shows a choice, as far as the session allows it."""
        self._event = False
        self._chosen = facts.chosen
        marked = _("Marked lines only")
        if facts.marked:
            marked = ngettext("The {n} marked line", "The {n} marked lines", facts.marked).format(
                n=facts.marked
            )
        self.marked.setText(marked)
        self.marked.setAccessibleName(marked)
        self.marked.setEnabled(facts.marked > 0)
        self.marked.setToolTip("" if facts.marked else _("No line carries a mark yet."))
        self._name_chosen(facts)
        only = choice.only
        if (only is Only.MARKED and not facts.marked) or (only is Only.LINE and not facts.chosen):
            only = Only.EVERYTHING
        with QSignalBlocker(self):
            self.everything.setChecked(only is Only.EVERYTHING)
            self.marked.setChecked(only is Only.MARKED)
            self.line.setChecked(only is Only.LINE)
            self.sound.setChecked(choice.audio and facts.has_sound)
            self.transcript.setChecked(choice.transcript)
            self.smaller.setChecked(choice.smaller)
            self.even.setChecked(choice.even_loudness)
            for form in ShareForm:
                self.form.allow(form, facts.has_sound or form.spec.notes)
            wanted = choice.form if self.form.allowed(choice.form) else ShareForm.HTML
            self.form.show_form(wanted)
        self._facts = facts
        self._fit()

    def _name_chosen(self, facts: Facts) -> None:
        """ "This line", or how many are selected."""
        count = len(facts.chosen)
        words = _("This line")
        if count > 1:
            words = ngettext("The {n} selected line", "The {n} selected lines", count).format(
                n=count
            )
        quoted = " ".join(facts.chosen_text.split())[:_LINE_CHARS]
        named = _("{lines}: {text}").format(lines=words, text=quoted) if quoted else words
        self.line.setText(words)
        self.line.setEnabled(count > 0)
        self.line.setToolTip(plain_tip(facts.chosen_text[:200]))
        self.line.setAccessibleName(named)

    def show_event(self, choice: Choice, facts: Facts) -> None:
        """An event becomes a folder of pages: only with what, how and where are chosen."""
        self._event = True
        self._facts = facts
        self.transcript.setChecked(choice.transcript)
        self.everything.setChecked(True)
        self.form.show_form(ShareForm.HTML)
        self.sound.setChecked(True)
        self.smaller.setChecked(choice.smaller)
        self.even.setChecked(choice.even_loudness)
        self._fit()

    def show_target(self, target: Target) -> None:
        """Where the file would go."""
        self.target = target
        if self.name.text() != target.name:
            self.name.setText(target.name)
        self._suffix.setText(target.suffix)
        self._suffix.setVisible(bool(target.suffix))
        self._folder.setText(_("in {folder}").format(folder=short_path(target.folder)))

    def _fit(self) -> None:
        """Shows the controls that mean something for what is chosen."""
        choice = self.choice
        spec = choice.spec
        own = not self._event
        _show(own, self._what, self.everything, self.marked, self.line, self._as, self.form)
        sound = own and self._facts.has_sound and spec.sound
        words = self._facts.has_transcript and spec.transcript
        self.sound.setVisible(sound and spec.notes)
        self.transcript.setVisible(words)
        self._with.setVisible((sound and spec.notes) or words)
        how = not own or (
            self._facts.has_sound and spec.encodes and (choice.audio or not spec.notes)
        )
        _show(how, self._how, self.smaller, self.even)
        self._sentence.setText(
            spec.sentence
            if own
            else _("A folder of web pages like a report of the day; open index.html in it.")
        )
        self.form.setToolTip(spec.sentence)
        self.form.setAccessibleDescription(spec.sentence)
        folder = not own or not spec.suffix()
        self._file.setText(_("Folder") if folder else _("File"))
        self.name.setAccessibleName(_("Folder name") if folder else _("File name"))
        _show(not own, self._web, self.address)
        suffix = "" if folder else spec.suffix(choice.audio_form)
        self.show_target(Target(self.target.folder, self.target.name, suffix))

    def _named(self, text: str) -> None:
        self.target = Target(self.target.folder, text, self.target.suffix)

    def _told(self, *_ignored: object) -> None:
        self._fit()
        self.changed.emit()


def _show(on: bool, *parts: QWidget) -> None:
    for part in parts:
        part.setVisible(on)
