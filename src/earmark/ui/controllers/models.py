"""What happens on the speech models' page: a download or removal only when it was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from earmark.app.news import JobProgress
from earmark.app.settings import Settings
from earmark.app.speechmodels import spoken_languages
from earmark.model.errors import EarmarkError
from earmark.model.i18n import _
from earmark.model.text import safe_line

from ..bridge import Bridge

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark
    from earmark.app.jobs import Job
    from earmark.transcribe.engines import EngineInfo
    from earmark.transcribe.models import ModelInfo

    from ..models.sheet import ModelsSheet
    from ..window.choices import Choices


class ModelsController(QObject):
    """Makes the sheet at the first opening."""

    def __init__(self, choices: Choices, bridge: Bridge, ground: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._choices = choices
        self._bridge = bridge
        self._ground = ground
        self._window = parent
        self._earmark: Earmark | None = None
        self._jobs: dict[str, Job[ModelInfo]] = {}
        self._sheet: ModelsSheet | None = None
        self._dialog: QFileDialog | None = None
        self._languages_shown = False
        choices.changed.connect(self._settings)

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark
        if self._sheet is not None and self._sheet.isVisible():
            self.refresh()

    def detach(self) -> None:
        self._earmark = None

    @property
    def sheet(self) -> ModelsSheet:
        """The page itself."""
        if self._sheet is None:
            from ..models.sheet import ModelsSheet

            sheet = self._sheet = ModelsSheet(self._ground)
            sheet.download_asked.connect(self.download)
            sheet.cancel_asked.connect(self._cancel)
            sheet.remove_asked.connect(self._ask_remove)
            sheet.add_asked.connect(self.ask_file)
            sheet.options.changed.connect(self._chosen)
        return self._sheet

    def open(self) -> None:
        """Shows the page."""
        sheet = self.sheet
        self._intro("")
        if not self._languages_shown:
            self._languages_shown = True
            sheet.options.show_languages(spoken_languages())
        sheet.options.show_settings(self._choices.value)
        sheet.open()
        self.refresh()

    def refresh(self) -> None:
        """Looks again at what is installed."""
        if self._earmark is None or self._sheet is None:
            return
        service = self._earmark.speech_models
        self._bridge.when_done(service.listing(), self._listed)
        self._bridge.when_done(service.engines(), self._engines)

    def download(self, name: str) -> None:
        """Begins, or goes on with, a download the person pressed for."""
        if self._earmark is not None:
            self._watch(name, self._earmark.speech_models.get(name))

    def ask_file(self) -> None:
        """Shows the choice of a model's file, beside the window."""
        dialog = QFileDialog(self._window, _("Add a speech model"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([f"{_('Speech models')} (*.bin)", f"{_('All files')} (*)"])
        dialog.setModal(False)
        dialog.fileSelected.connect(lambda name: self.add(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        self._dialog = dialog
        dialog.show()

    def add(self, path: Path) -> None:
        """Adds the file the person chose."""
        if self._earmark is not None:
            self._watch(path.name, self._earmark.speech_models.add(path))

    def heard(self, progress: JobProgress) -> bool:
        """News of a job; whether it is one of these."""
        job = self._jobs.get(progress.job)
        if job is None:
            return False
        name = job.label
        row = self.sheet.rows.get(name)
        if progress.done:
            del self._jobs[progress.job]
            if row is not None:
                row.show_running(None, running=False)
            else:
                self.sheet.strips.clear(f"job:{name}")
            self.refresh()
        elif row is not None:
            row.show_running(progress.fraction, running=True)
        else:
            self._show_adding(name, progress.fraction)
        return True

    def _watch(self, name: str, job: Job[ModelInfo]) -> None:
        if job.id in self._jobs:
            return
        self._jobs[job.id] = job
        told = self.sheet.strips.keys()
        for key in told:
            if key.startswith("failed:"):
                self.sheet.strips.clear(key)
        row = self.sheet.rows.get(name)
        if row is not None:
            row.show_running(None, running=True)
        else:
            self._show_adding(name, None)
        self._bridge.when_done(
            job.future, self._came, lambda error: self._failed(name, error, job.cancelled.is_set())
        )

    def _show_adding(self, name: str, fraction: float | None) -> None:
        self.sheet.strips.tell(
            f"job:{name}",
            _("Adding {name}…").format(name=safe_line(name)),
            part=fraction or 0.0,
            button=_("Cancel"),
            press=lambda: self._cancel(name),
        )

    def _came(self, info: ModelInfo) -> None:
        if info.known:
            words = _("“{name}” is installed and verified.")
        else:
            words = _(
                "“{name}” is installed. It is none of the known models: only you vouch for it."
            )
        self.sheet.strips.tell(
            f"came:{info.name}", words.format(name=info.name), passing=info.known
        )

    def _failed(self, name: str, error: EarmarkError, cancelled: bool) -> None:
        if not cancelled:
            said = str(error)
            named = said if name in said else f"{safe_line(name)}: {said}"
            self.sheet.strips.tell(f"failed:{name}", named, serious=True)

    def _cancel(self, name: str) -> None:
        for job in self._jobs.values():
            if job.label == name:
                job.cancel()

    def _ask_remove(self, name: str) -> None:
        self.sheet.strips.tell(
            "remove",
            _("“{name}” would be deleted from this computer.").format(name=name),
            serious=True,
            passing=True,
            button=_("Delete {name}").format(name=name),
            press=lambda: self._remove(name),
        )

    def _remove(self, name: str) -> None:
        self.sheet.strips.clear("remove")
        if self._earmark is not None:
            gone = self._earmark.speech_models.remove(name)
            self._bridge.when_done(
                gone,
                lambda _nothing: self.refresh(),
                lambda error: self._failed(name, error, cancelled=False),
            )

    def _listed(self, listing: tuple[ModelInfo, ...]) -> None:
        self.sheet.show_models(listing)
        self.sheet.options.show_settings(self._choices.value)
        for job in self._jobs.values():
            row = self.sheet.rows.get(job.label)
            if row is not None and not row.bar.isVisibleTo(row):
                row.show_running(None, running=True)

    def _engines(self, engines: tuple[EngineInfo, ...]) -> None:
        from ..models.words import engine_words

        self._intro(engine_words(engines))

    def _intro(self, engine: str) -> None:
        words = _("They turn speech into text on this computer; no sound ever leaves it.")
        self.sheet.intro.setText(f"{words} {engine}".strip())

    def _settings(self, settings: Settings) -> None:
        if self._sheet is not None:
            self._sheet.options.show_settings(settings)

    def _chosen(self, fields: dict[str, Any]) -> None:
        self._choices.set(**fields)
