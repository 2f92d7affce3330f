"""The speech models in their folder: listed, fetched, added, removed, and checked before use.

The folder is shared by all libraries of a person: the platform's cache folder, or what the
environment variable EARMARK_MODELS names. A model stands there as `ggml-NAME.bin` beside
`ggml-NAME.bin.json`, which remembers the size and sum it was verified with.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from earmark.model import Busy, EarmarkError, NotFound, UnusableMedia, make_folder, sync_folder
from earmark.model.files import is_folder, is_there
from earmark.model.i18n import _

from .connection import check_base
from .download import download
from .known import KNOWN, KnownModel, known, known_by_sum
from .model_check import ModelFacts, check_model
from .model_copy import ADDED, clear_leftovers, copy_model
from .model_storage import Cancelled, DownloadCancelled, Progress, disk_error, never, sum_of
from .records import Record, forget, read_record, remember

__all__ = [
    "KNOWN",
    "DownloadCancelled",
    "KnownModel",
    "ModelFacts",
    "ModelInfo",
    "Models",
    "check_model",
    "known",
    "models_folder",
]

VARIABLE = "EARMARK_MODELS"
HOST_VARIABLE = "EARMARK_MODEL_HOST"
"""Another host for downloads, for tests: http on the loopback address only."""
_NAME = re.compile(r"\w[\w.+-]{0,79}")


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model of the table or the folder. `sha256` of an installed file is that of its content
    as it was verified, None where nobody has looked yet; `part`: bytes of a broken-off download.
    """

    name: str
    bytes: int | None
    sha256: str | None
    languages: tuple[str, ...]
    installed: bool
    path: Path | None
    good_for: str
    licence: str
    known: bool
    mib: int
    part: int = 0
    use: str = ""
    broken: str = ""
    """What is wrong with the installed file, as a sentence."""


def models_folder() -> Path:
    """Where models are kept."""
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("earmark", appauthor=False) / "models"


class Models:
    """All models of one folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else models_folder()

    def listing(self) -> tuple[ModelInfo, ...]:
        """The known ones in the table's order, then the others of the folder by name."""
        found = dict(self._files())
        table = [self._info(row.name, found.pop(row.name, None)) for row in KNOWN]
        others = [self._info(name, path) for name, path in sorted(found.items())]
        return (*table, *others)

    def info(self, name: str) -> ModelInfo:
        """One model. Raises NotFound for a name nobody knows."""
        path = self._find(name)
        if path is None and known(name) is None:
            raise NotFound(
                _("There is no speech model “{name}”.").format(name=name[:80]),
                _("“earmark models list” names them."),
            )
        return self._info(name, path)

    def path(self, name: str) -> Path:
        """The file of an installed model, checked: an engine may load it.

        Raises NotFound where it is not installed, UnusableMedia where it is broken or changed.
        """
        info = self.info(name)
        if info.path is None:
            raise NotFound(
                _("The speech model “{name}” is not installed.").format(name=name),
                _("Download it with “earmark models get {name}”, or add its file.").format(
                    name=name
                ),
            )
        check_model(info.path)
        self._verified(info.path)
        return info.path

    def get(
        self,
        name: str,
        progress: Progress = lambda _fraction: None,
        cancelled: Cancelled = never,
        base_url: str | None = None,
    ) -> ModelInfo:
        """Downloads a known model, verifies and installs it; one that is there is left alone.

        Raises NotFound, DownloadCancelled, DiskFull, Busy, UnusableMedia, EarmarkError.
        """
        model = known(name)
        if model is None:
            raise NotFound(
                _("There is no speech model “{name}” to download.").format(name=name[:80]),
                _("“earmark models list” names them; “earmark models add” takes a file."),
            )
        base_url = base_url or os.environ.get(HOST_VARIABLE)
        base = check_base(base_url) if base_url else None
        if (path := self._find(name)) is not None:
            if self._verified(path).sha256 != model.sha256:
                raise _taken(name)
            return self._info(name, path)
        self._make_folder()
        part = self._part(name)
        download(model, part, base, progress, cancelled)
        try:
            facts = check_model(part)
        except UnusableMedia:
            part.unlink()
            raise
        return self._install(part, name, facts, model.sha256)

    def add(
        self,
        file: Path,
        progress: Progress = lambda _fraction: None,
        cancelled: Cancelled = never,
    ) -> ModelInfo:
        """Copies a file the person trusts into the folder, once it proved to be a whole model.

        `info.known` tells whether it is one of the table. Raises NotFound, UnusableMedia, Busy
        where another model has its name, DiskFull, EarmarkError.
        """
        check_model(file)
        name = _name_of(file)
        if _NAME.fullmatch(name) is None:
            raise EarmarkError(
                _("“{name}” cannot be a model's name.").format(name=name[:80]),
                _("Rename the file: letters, digits, “.”, “-” and “_” only."),
            )
        self._make_folder()
        clear_leftovers(self.folder)
        part = self._part(name, f".{os.getpid()}{ADDED}")
        try:
            sha256 = copy_model(file, part, progress, cancelled)
            facts = check_model(part)  # the copy, not what the source was a moment ago
            if (path := self._find(name)) is not None:
                if self._verified(path).sha256 != sha256:
                    raise _taken(name)
                return self._info(name, path)
            return self._install(part, name, facts, sha256)
        finally:
            part.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        """Deletes an installed model, and what a broken-off download left of it.

        Raises NotFound where there is nothing of it.
        """
        path = self._find(name)
        part = self._part(name) if _NAME.fullmatch(name) else None
        if path is None and (part is None or not is_there(part)):
            raise NotFound(
                _("The speech model “{name}” is not installed.").format(name=name[:80]),
                _("“earmark models list” names those that are."),
            )
        try:
            if path is not None:
                path.unlink()
                forget(path)
            if part is not None:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise EarmarkError(
                _("The model cannot be removed: {reason}.").format(reason=error.strerror),
                _("Look at the permissions of “{folder}”.").format(folder=self.folder),
            ) from error

    def _files(self) -> Iterator[tuple[str, Path]]:
        """Every model's file by its name; of two that share one, the usual form counts."""
        try:
            paths = sorted(self.folder.glob("*.bin")) if is_folder(self.folder) else []
        except OSError:
            return
        for path in sorted(paths, key=lambda one: one.name.startswith("ggml-")):
            if path.is_file() and _NAME.fullmatch(_name_of(path)):
                yield _name_of(path), path

    def _find(self, name: str) -> Path | None:
        return dict(self._files()).get(name)

    def _part(self, name: str, more: str = "") -> Path:
        return self.folder / f"ggml-{name}.bin{more or '.part'}"

    def _info(self, name: str, path: Path | None) -> ModelInfo:
        row = known(name)
        size = sha256 = None
        languages: tuple[str, ...] = ()
        broken = ""
        if path is not None:
            try:
                facts = check_model(path)
                size, languages = facts.bytes, facts.languages
            except EarmarkError as error:
                broken = error.what
            record = read_record(path)
            sha256 = None if record is None else record.sha256
            if sha256 is not None and not broken and (row is None or row.sha256 != sha256):
                row = known_by_sum(sha256)
        elif row is not None:
            size, sha256, languages = row.bytes, row.sha256, row.languages
        part = self._part(name)
        return ModelInfo(
            name,
            size,
            sha256,
            languages,
            path is not None and not broken,
            path,
            "" if row is None else row.good_for,
            "" if row is None else row.licence,
            row is not None,
            row.mib if row is not None else max(1, round((size or 0) / (1 << 20))),
            part.stat().st_size if is_there(part) else 0,
            "" if row is None else row.use,
            broken,
        )

    def _verified(self, path: Path) -> Record:
        """The file's record; made where there is none. Raises UnusableMedia if the file is no
        longer what it was, or bears the name of a known model and is not it."""
        record = read_record(path)
        try:
            if record is not None and record.fits(path):
                return record
            with path.open("rb") as file:
                sha256 = sum_of(file)
            row = known(_name_of(path))
            if record is not None and record.sha256 != sha256:
                wrong = True
            else:
                wrong = record is None and row is not None and row.sha256 != sha256
            if wrong:
                raise UnusableMedia(
                    _("The file of the speech model “{name}” was changed.").format(
                        name=_name_of(path)
                    ),
                    _("Remove it and download or add it again."),
                )
            return remember(path, sha256)
        except OSError as error:
            raise UnusableMedia(
                _("“{name}” cannot be read: {reason}.").format(
                    name=path.name, reason=error.strerror or error
                ),
                _("Look at its permissions and its disk."),
            ) from error

    def _install(self, part: Path, name: str, facts: ModelFacts, sha256: str) -> ModelInfo:
        """The verified part becomes the model: first its record, then its name."""
        path = self.folder / f"ggml-{name}.bin"
        try:
            part.replace(path)
            sync_folder(self.folder)
            remember(path, sha256)
        except OSError as error:
            raise disk_error(error) from error
        assert facts.bytes == path.stat().st_size
        return self._info(name, path)

    def _make_folder(self) -> None:
        try:
            make_folder(self.folder)
        except OSError as error:
            raise disk_error(error) from error


def _name_of(path: Path) -> str:
    return path.name.removesuffix(".bin").removeprefix("ggml-")


def _taken(name: str) -> Busy:
    return Busy(
        _("Another speech model is installed under the name “{name}”.").format(name=name),
        _("Remove it first: “earmark models remove {name}”; or rename the file.").format(name=name),
    )
