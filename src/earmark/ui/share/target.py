"""Where a share goes: a folder, a safe name from the title, the form's ending."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from earmark.app.sharing import Only
from earmark.model.i18n import _
from earmark.model.text import file_name

from .choice import Choice, Facts


@dataclass(frozen=True, slots=True)
class Target:
    """`name` is without the ending; it may be anything a person typed."""

    folder: Path
    name: str
    suffix: str = ".html"

    @property
    def path(self) -> Path:
        return self.folder / f"{file_name(self.name)}{self.suffix}"

    def given(self, path: Path) -> Target:
        """The place a file dialog named; an ending it carries already is not doubled."""
        name = path.name
        if self.suffix and name.lower().endswith(self.suffix):
            name = name[: -len(self.suffix)]
        return replace(self, folder=path.parent, name=name)

    def beside(self) -> Target:
        """The first name of the kind "NAME 2" that is free. Looks at the disk."""
        number = 2
        while (free := replace(self, name=f"{file_name(self.name)} {number}")).path.exists():
            number += 1
        return free


def suggested_name(facts: Facts, choice: Choice) -> str:
    """A name from the title, and from what is left out of it."""
    if choice.only is Only.LINE and facts.chosen_text.strip():
        words = " ".join(facts.chosen_text.split())
        return file_name(f"{facts.title[:60]} – {words[:60]}")
    if choice.only is Only.MARKED:
        return file_name(_("{title} – marked lines").format(title=facts.title))
    return file_name(facts.title)


def first_folder(remembered: str) -> Path:
    """The folder used last, else the person's documents, else home. Looks at the disk."""
    where = QStandardPaths.StandardLocation
    offered = [remembered] if remembered else []
    places = (where.DocumentsLocation, where.DownloadLocation)
    offered += [QStandardPaths.writableLocation(place) for place in places]
    for one in offered:
        if one and Path(one).is_dir():
            return Path(one)
    return Path.home()


def short_path(folder: Path) -> str:
    """The folder as people write it, home as `~`."""
    home = Path.home()
    if folder == home:
        return "~"
    if folder.is_relative_to(home):
        return f"~/{folder.relative_to(home).as_posix()}"
    return str(folder)
