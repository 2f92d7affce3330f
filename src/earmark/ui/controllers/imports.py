"""Existing recordings come in by menu or by dropping files; progress and cancel in a strip."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from earmark.app.news import JobProgress, TrackTaken
from earmark.model.i18n import _
from earmark.model.text import safe_line
from earmark.model.units import EventId, SessionId

from ..window.message_bar import MessageBar

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark
    from earmark.app.jobs import Job
    from earmark.model.session import Session

_SOUND = (
    "wav flac ogg oga opus mp3 m4a m4b aac mp4 webm mka mkv "
    "mov 3gp amr wma avi ts mts m2ts flv mpg vob asf wmv mxf "
    "aif aiff aifc caf w64 au snd mp1 mp2 ac3 eac3 dts spx "
    "gsm dss voc qcp ra rm wv ape tta tak mpc dsf"
)
SOUND = tuple(_SOUND.split())
_OFFERED_TRACKS = 3
TRANSCRIPTS = (".srt", ".vtt")
"""Files that go with the recording of their name, where both come together."""
SHARES = ("earmark", "html", "htm")
PICTURES = ("png", "jpg", "jpeg", "gif", "webp", "bmp")


def local_files(urls: list[QUrl]) -> list[Path]:
    """The files of this computer among dropped addresses."""
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]


def is_picture(path: Path) -> bool:
    return path.suffix.lower().lstrip(".") in PICTURES


class ImportController(QObject):
    """Starts imports and shows each as a strip. `imported(SessionId)` when one is in;
    `chosen(list[Path])`: the files chosen in the dialog, shares among them perhaps."""

    imported = Signal(str)
    chosen = Signal(object)

    def __init__(self, strips: MessageBar, window: QWidget) -> None:
        super().__init__(window)
        self._strips = strips
        self._window = window
        self._earmark: Earmark | None = None
        self._waiting: list[Path] = []
        self._jobs: dict[str, Job[Session]] = {}
        self._dialog: QFileDialog | None = None

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark
        waiting, self._waiting = self._waiting, []
        self.import_files(waiting)

    def detach(self) -> None:
        self._earmark = None

    def ask(self) -> None:
        """Shows the choice of files, beside the window; recording and typing go on."""
        dialog = QFileDialog(self._window, _("Import recordings and shares"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        sound, shares = _patterns(SOUND), _patterns(SHARES)
        words = _patterns(tuple(ending.lstrip(".") for ending in TRANSCRIPTS))
        dialog.setNameFilters(
            [
                f"{_('Sound, video and shares')} ({sound} {words} {shares})",
                f"{_('Shares')} ({shares})",
                f"{_('All files')} (*)",
            ]
        )
        dialog.setModal(False)
        dialog.filesSelected.connect(self._selected)
        dialog.finished.connect(dialog.deleteLater)
        self._dialog = dialog
        dialog.show()

    def import_files(self, paths: list[Path], event: EventId | None = None) -> None:
        """Begins to import; each recording becomes a session, with a transcript of its name."""
        if self._earmark is None:  # still opening: they come in as soon as there is a library
            self._waiting += paths
            return
        words = {p.with_suffix(""): p for p in paths if p.suffix.lower() in TRANSCRIPTS}
        beside = {p: words.get(p.with_suffix("")) for p in paths if p not in words.values()}
        alone = [p for p in words.values() if p not in beside.values()]
        for path in (*beside, *alone):
            job = self._earmark.imports.import_file(path, event=event, transcript=beside.get(path))
            self.follow(job, path.name)

    def follow(self, job: Job[Session], name: str) -> None:
        """Shows an import until it is in."""
        self._jobs[job.id] = job
        # the outcome comes as news; asking the future keeps its error from being forgotten
        job.future.add_done_callback(_seen)
        self._show(JobProgress(job.id, safe_line(name)))

    def heard(self, progress: JobProgress) -> None:
        """News of a job."""
        if not progress.done:
            self._show(progress)
            return
        job = self._jobs.pop(progress.job, None)
        key = f"job:{progress.job}"
        if progress.cancelled or (progress.failed and job is None):  # what failed is told anyway
            self._strips.clear(key)
        elif progress.failed:
            said = f"{progress.failed} {progress.remedy}".strip()
            name = safe_line(progress.label)
            named = said if not name or name in said else f"{name}: {said}"
            self._strips.tell(key, named, serious=True)
        else:
            self._strips.clear(key)
            if progress.session is not None and job is not None:
                self.imported.emit(SessionId(progress.session))

    def track_taken(self, taken: TrackTaken) -> None:
        """A file had several sound tracks: says which came in and offers the others instead."""
        key = f"track:{taken.session.id}"

        def instead(track: int) -> None:
            self._strips.clear(key)
            if self._earmark is None:
                return
            event = taken.session.event.id if taken.session.event else None
            job = self._earmark.imports.import_file(
                taken.path, event=event, track=track, instead_of=taken.session
            )
            self.follow(job, taken.path.name)

        offers = [
            (
                _("Take {track} instead").format(track=track.words),
                functools.partial(instead, track.number),
            )
            for track in taken.others[:_OFFERED_TRACKS]
        ]
        button, press = offers[0]
        self._strips.tell(key, taken.sentence, button=button, press=press, more=offers[1:])

    def _show(self, progress: JobProgress) -> None:
        job = self._jobs.get(progress.job)
        self._strips.tell(
            f"job:{progress.job}",
            self._words(progress),
            part=progress.fraction if progress.fraction is not None else 0.0,
            button=_("Cancel") if job is not None else "",
            press=job.cancel if job is not None else None,
        )

    def _words(self, progress: JobProgress) -> str:
        label = safe_line(progress.label)
        if progress.job in self._jobs:
            return _("Importing {name}…").format(name=label)
        return label

    def _selected(self, names: list[str]) -> None:
        self.chosen.emit([Path(name) for name in names])


def _patterns(endings: tuple[str, ...]) -> str:
    return " ".join(f"*.{ending} *.{ending.upper()}" for ending in endings)


def _seen(future: object) -> None:
    """The job's news tell what became of it."""
