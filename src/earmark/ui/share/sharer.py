"""Reads what is to be shared, shows what it comes to, and has it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from earmark.app.news import JobProgress
from earmark.app.sharing import Only, ShareForm, ShareRequest, Written
from earmark.model.changes import Changes
from earmark.model.errors import EarmarkError
from earmark.model.i18n import _
from earmark.model.units import EventId, LineId, SessionId
from earmark.share.output_file import TargetExists

from ..alarms import announce
from ..bridge import Bridge
from ..window.choices import Choices
from ..window.message_bar import MessageBar
from .choice import Choice, ShareOutlook
from .hints import ShareHints
from .preview_loader import PreviewLoader
from .progress import STRIP, ShareProgress
from .reveal import open_file, show_in_folder
from .sheet import ShareSheet, Stage
from .subject import Subject, event_subject, session_subject
from .target import first_folder, suggested_name
from .target_chooser import TargetChooser
from .words import contents_words, event_words, nowhere_words, size_words

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark
    from earmark.app.jobs import Job


class Sharer(QObject):
    """One sheet, one subject, one share at a time."""

    def __init__(
        self,
        earmark: Earmark,
        strips: MessageBar,
        choices: Choices,
        bridge: Bridge,
        sheet: ShareSheet,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._earmark = earmark
        self._strips = strips
        self._choices = choices
        self._bridge = bridge
        self.sheet = sheet
        self.making = ShareProgress(self.sheet, strips, bridge, self)
        self._looking = PreviewLoader(bridge, self._looked, self)
        self._offers = ShareHints(self.sheet)
        self._placing = TargetChooser(self.sheet, earmark.executors.background, bridge, self)
        self._subject: Subject | None = None
        self._asked = 0
        self._outlook = ShareOutlook()
        self._written: Written | None = None
        self._join()

    def _join(self) -> None:
        sheet = self.sheet
        sheet.chooser.changed.connect(self._changed)
        sheet.chooser.browse_asked.connect(self._placing.browse)
        self._placing.placed.connect(self._placed)
        self._placing.free_found.connect(self._share)
        sheet.share_asked.connect(self._share)
        sheet.cancel_asked.connect(self.making.cancel)
        sheet.reveal_asked.connect(self._reveal)
        sheet.open_asked.connect(self._open)
        sheet.copy_asked.connect(self._copy)
        sheet.again_asked.connect(self._again)
        self.making.made.connect(self._made)
        self.making.failed.connect(self._failed)
        self.making.cancelled.connect(self._again)
        self._offers.chosen.connect(self._take)
        self._offers.replace_asked.connect(lambda: self._share(replace_it=True))
        self._offers.beside_asked.connect(self._placing.beside)

    def close(self) -> None:
        """The services are about to close."""
        self._asked += 1
        self._looking.stop()
        self.sheet.hide()

    # --- what is shared --------------------------------------------------------------------

    def open_session(self, id: SessionId, lines: Sequence[LineId], *, lines_only: bool) -> None:  # noqa: A002
        """Reads the session as it is now and opens the sheet; `lines` can be chosen alone."""
        if self._still_making():
            return
        self._read(id, lines, lines_only=lines_only, fresh=True)

    def open_event(self, id: EventId) -> None:  # noqa: A002
        """Reads the event's list and opens the sheet."""
        if self._still_making():
            return
        self._asked += 1
        this, remembered = self._asked, self._choices.value.share_folder
        library = self._earmark.library

        def read() -> tuple[Subject | None, Path]:
            return event_subject(library, id), first_folder(remembered)

        def came(found: tuple[Subject | None, Path]) -> None:
            subject, folder = found
            if this == self._asked and subject is not None:
                self._show_event(subject, folder)

        self._bridge.when_done(self._earmark.executors.background.submit(read), came)

    def page_turned(self, id: SessionId) -> None:  # noqa: A002
        """Another session is on the page: the sheet does not stay in front of it."""
        subject = self._subject
        if subject is None or self.sheet.isHidden() or self.making.running:
            return
        if subject.session is not None and subject.session.id != id:
            self.sheet.leave()

    def heard(self, progress: JobProgress) -> bool:
        return self.making.heard(progress)

    def heard_of(self, changes: Changes) -> None:
        """Reads again what is shown in the sheet, where it changed."""
        subject = self._subject
        if subject is None or self.sheet.isHidden() or self.sheet.stage is not Stage.CHOOSE:
            return
        session = subject.session
        if session is not None and session.id in changes.sessions:
            self._read(session.id, subject.facts.chosen, lines_only=False, fresh=False)

    def _still_making(self) -> bool:
        """Shows what is being made, if anything is."""
        if self.making.running:
            self.sheet.open(self.sheet.title)
            self.making.shown()
            self.sheet.take_focus()
        return self.making.running

    def _read(
        self,
        id: SessionId,  # noqa: A002
        lines: Sequence[LineId],
        *,
        lines_only: bool,
        fresh: bool,
    ) -> None:
        self._asked += 1
        this, remembered = self._asked, self._choices.value.share_folder
        library = self._earmark.library

        def read() -> tuple[Subject, Path]:
            found = library.run(lambda lib: session_subject(lib, id, lines)).result()
            return found, first_folder(remembered)

        def came(found: tuple[Subject, Path]) -> None:
            if this == self._asked:
                self._show_session(*found, lines_only=lines_only, fresh=fresh)

        def saved(_nothing: None) -> None:
            self._bridge.when_done(self._earmark.executors.background.submit(read), came)

        self._bridge.when_done(self._earmark.notes.flush(), saved)

    def _show_session(
        self, subject: Subject, folder: Path, *, lines_only: bool, fresh: bool
    ) -> None:
        facts = subject.facts
        if lines_only and not facts.chosen:
            self._strips.tell(
                STRIP, _("An empty or a private line cannot be shared alone."), passing=True
            )
            return
        self._subject = subject
        choice = self._wanted()
        if fresh:
            choice = replace(choice, only=Only.LINE if lines_only else Only.EVERYTHING, audio=True)
        chooser = self.sheet.chooser
        chooser.show_choice(choice, facts)
        if fresh:
            self._suggest(folder)
            self._come(_("Share “{title}”").format(title=facts.title))
        self._look()

    def _show_event(self, subject: Subject, folder: Path) -> None:
        facts = subject.facts
        choice = self._wanted()
        self._subject = subject
        self.sheet.chooser.show_event(choice, facts)
        self._suggest(folder)
        self._come(_("Share the event “{title}”").format(title=facts.title))
        self._look()

    def _come(self, title: str) -> None:
        self._offers.forget()
        self._written = None
        self.sheet.show_inside("")
        self.sheet.show_size("")
        self.sheet.share.setEnabled(False)
        self.sheet.show_stage(Stage.CHOOSE)
        self.sheet.copy.setVisible(self._subject is not None and self._subject.event is None)
        self.sheet.open(title)
        self.sheet.take_focus()

    def _wanted(self) -> Choice:
        """What is chosen now, the form as it was used last."""
        choice = self.sheet.chooser.choice
        if self._subject is None or self.sheet.isHidden():
            known = [form for form in ShareForm if form.value == self._choices.value.share_form]
            choice = replace(choice, form=known[0] if known else ShareForm.HTML, transcript=True)
        return choice

    # --- what it would come to -------------------------------------------------------------

    @property
    def _look_back_ms(self) -> int:
        return round(self._choices.value.look_back_s * 1000)

    def _look(self) -> None:
        subject = self._subject
        choice = self.sheet.chooser.choice
        if subject is None:
            return
        if subject.session is not None:
            self._looking.look_at_session(
                self._earmark, subject.session, choice, self._look_back_ms
            )
        else:
            ids = [summary.id for summary in subject.sessions]
            self._looking.look_at_event(self._earmark, ids, choice, self._look_back_ms)

    def _changed(self) -> None:
        self._offers.forget()
        self._suggest(self.sheet.chooser.target.folder)
        self._look()

    def _take(self, choice: Choice) -> None:
        """A better choice was pressed."""
        if self._subject is None:
            return
        if self.sheet.stage is not Stage.CHOOSE:
            self.sheet.show_stage(Stage.CHOOSE)
        if self._subject.event is None:
            self.sheet.chooser.show_choice(choice, self._subject.facts)
        else:
            self.sheet.chooser.show_event(choice, self._subject.facts)
        self._changed()
        self.sheet.share.setFocus()

    def _looked(self, found: ShareOutlook) -> None:
        subject = self._subject
        if subject is None:
            return
        self._outlook = found
        choice = self.sheet.chooser.choice
        self.sheet.show_inside("" if found.refused else self._inside())
        self.sheet.show_size(
            ""
            if found.refused or found.bytes is None
            else _("About {size}").format(size=size_words(found.bytes))
        )
        can = self._offers.show_outlook(found, choice, subject.facts)
        self.sheet.share.setEnabled(can)
        self.sheet.copy.setEnabled(found.refused is None and found.lines > 0)
        self.sheet.place()

    def _inside(self) -> str:
        subject, found = self._subject, self._outlook
        if subject is None:
            return ""
        if subject.event is not None:
            return event_words(
                len(subject.sessions), found.lines, found.duration_ms, found.transcript
            )
        facts = subject.facts
        alone = self.sheet.chooser.choice.only is Only.LINE
        return contents_words(
            lines=found.lines,
            pictures=found.pictures,
            duration_ms=found.duration_ms,
            transcript=found.transcript,
            private=facts.chosen_private if alone else facts.private,
        )

    def _suggest(self, folder: Path) -> None:
        """A name from the title, unless the person gave one."""
        if self._subject is not None:
            named = suggested_name(self._subject.facts, self.sheet.chooser.choice)
            self._placing.suggest(folder, named)

    def _placed(self) -> None:
        self._offers.forget()
        self._look()
        self.sheet.share.setFocus()

    # --- making it -------------------------------------------------------------------------

    def _share(self, replace_it: bool = False) -> None:
        subject = self._subject
        if subject is None or self.making.running or not self.sheet.share.isEnabled():
            return
        choice, target = self.sheet.chooser.choice, self.sheet.chooser.target
        self._choices.set(share_form=choice.form.value, share_folder=str(target.folder))
        self._offers.forget()
        self.making.begin(self._begin(subject, choice, target.path, replace_it), target.path)
        self.sheet.show_stage(Stage.MAKING)

    def _begin(
        self, subject: Subject, choice: Choice, path: Path, replace_it: bool
    ) -> Job[Written]:
        sharing = self._earmark.sharing
        if subject.event is not None:
            return sharing.share_event(
                subject.event.id,
                path,
                choice.write(),
                options=choice.options(self._look_back_ms),
                replace=replace_it,
            )
        assert subject.session is not None
        options = choice.options(self._look_back_ms)
        request = ShareRequest(
            subject.session.id, path, choice.form, options, choice.write(), replace_it
        )
        return sharing.share(request)

    def _made(self, written: Written) -> None:
        self._written = written
        subject = self._subject
        if subject is None:
            return
        can_open = written.path.suffix in (".html", ".m4a", ".opus", ".epub", ".md", "")
        self.sheet.show_done(written.path, written.bytes, self._inside(), can_open=can_open)
        self.sheet.copy.setVisible(subject.event is None)
        self._offers.show_made(written, self.sheet.chooser.choice, subject.facts)
        announce(self.sheet, _("“{name}” is ready.").format(name=written.path.name))

    def _failed(self, error: EarmarkError) -> None:
        self.sheet.show_stage(Stage.CHOOSE)
        if isinstance(error, TargetExists):
            self._offers.ask_existing(self.sheet.chooser.target)
        else:
            self._offers.show_trouble(error)
        self.sheet.place()

    def _again(self) -> None:
        """Back to the choices."""
        self._offers.forget()
        self.sheet.show_stage(Stage.CHOOSE)
        subject = self._subject
        self.sheet.copy.setVisible(subject is not None and subject.event is None)
        self._look()

    # --- and then --------------------------------------------------------------------------

    def _reveal(self) -> None:
        if self._written is not None:
            path = self._written.path
            show_in_folder(path, self, lambda: self._offers.told(nowhere_words(path)))

    def _open(self) -> None:
        if self._written is not None:
            path = self._written.path
            index = path / "index.html"
            if not open_file(index if self._subject and self._subject.event else path):
                self._offers.told(nowhere_words(path))

    def _copy(self) -> None:
        """The notes as text, into the clipboard."""
        subject = self._subject
        if subject is None or subject.session is None:
            return
        session = subject.session
        options = self.sheet.chooser.choice.options(self._look_back_ms)
        sharing = self._earmark.sharing

        def came(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self._offers.told(_("The notes are copied as text."), good=True)

        self._bridge.when_done(
            self._earmark.executors.background.submit(sharing.text, session, options),
            came,
            self._offers.show_trouble,
        )
