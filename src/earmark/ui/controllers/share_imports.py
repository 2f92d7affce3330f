"""What others shared comes in: first it is said what is in it, then the person decides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QDateTime, QLocale, QObject

from earmark.model.errors import EarmarkError
from earmark.model.i18n import _, ngettext
from earmark.model.text import format_time, safe_line, safe_title

from ..alarms import announce
from ..bridge import Bridge
from ..share.words import size_words
from ..window.message_bar import MessageBar
from .imports import ImportController

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark
    from earmark.app.shareimports import SharePreview
    from earmark.model.session import SessionSummary

OnConflict = Literal["keep", "replace", "skip"]
_TITLE_CHARS = 120


class ShareImportController(QObject):
    """Tells shares from recordings: those are imported at once, of a share a strip says what it
    holds and asks. Nothing of a stranger's file is in the library before that."""

    def __init__(
        self, imports: ImportController, strips: MessageBar, bridge: Bridge, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._imports = imports
        self._strips = strips
        self._bridge = bridge
        self._earmark: Earmark | None = None
        self._waiting: list[Path] = []
        imports.chosen.connect(self.take)

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark
        waiting, self._waiting = self._waiting, []
        self.take(waiting)

    def detach(self) -> None:
        self._earmark = None

    def take(self, paths: list[Path]) -> None:
        """Files that were opened, chosen or dropped."""
        earmark = self._earmark
        if earmark is None:
            self._waiting += paths
            return
        if not paths:
            return

        def sort() -> tuple[list[Path], list[tuple[Path, int]]]:
            shares = [path for path in paths if path.is_file() and earmark.imports.is_share(path)]
            rest = [path for path in paths if path not in shares]
            return rest, [(path, path.stat().st_size) for path in shares]

        self._bridge.when_done(earmark.executors.background.submit(sort), self._sorted)

    def _sorted(self, found: tuple[list[Path], list[tuple[Path, int]]]) -> None:
        rest, shares = found
        self._imports.import_files(rest)
        for path, size in shares:
            self._look(path, size)

    def _look(self, path: Path, size: int) -> None:
        if self._earmark is None:
            return
        key, name = _key(path), safe_line(path.name)
        self._strips.tell(key, _("Looking into “{name}”…").format(name=name))

        def seen(preview: SharePreview) -> None:
            self._ask(path, size, preview)

        def refused(error: EarmarkError) -> None:
            said = str(error)
            self._strips.tell(key, said if name in said else f"{name}: {said}", serious=True)

        self._bridge.when_done(self._earmark.imports.look(path), seen, refused)

    def _ask(self, path: Path, size: int, preview: SharePreview) -> None:
        key = _key(path)
        words = preview_words(preview, size)
        if preview.conflict is None:
            self._strips.tell(
                key,
                words,
                button=_("Import"),
                press=lambda: self._bring(path, "keep"),
                more=[(_("Not now"), lambda: self._strips.clear(key))],
            )
        else:
            words = f"{words} {_there(preview, preview.conflict)}"
            self._strips.tell(
                key,
                words,
                button=_("Keep both"),
                press=lambda: self._bring(path, "keep"),
                more=[
                    (_("Replace it (to the bin)"), lambda: self._bring(path, "replace")),
                    (_("Skip"), lambda: self._strips.clear(key)),
                ],
            )
        announce(self._strips, words)

    def _bring(self, path: Path, on_conflict: OnConflict) -> None:
        self._strips.clear(_key(path))
        if self._earmark is not None:
            self._imports.follow(
                self._earmark.imports.import_share(path, on_conflict=on_conflict), path.name
            )


def preview_words(preview: SharePreview, size: int) -> str:
    """What a share holds, in one sentence."""
    at = QDateTime.fromMSecsSinceEpoch(round(preview.created_at.timestamp() * 1000))
    parts = [
        _short(preview.event),
        QLocale().toString(at, "d MMMM yyyy, HH:mm"),
        _short(preview.place),
        format_time(preview.duration_ms) if preview.duration_ms else _("no sound"),
        _lines(preview.lines),
    ]
    if preview.pictures:
        pictures = preview.pictures
        parts.append(ngettext("{n} picture", "{n} pictures", pictures).format(n=pictures))
    if preview.has_transcript:
        parts.append(_("transcript"))
    parts.append(size_words(size))
    what = " · ".join(part for part in parts if part)
    return _("“{title}” was shared: {what}.").format(title=_short(preview.title), what=what)


def _there(preview: SharePreview, conflict: SessionSummary) -> str:
    """That the session is there already, under its name there where it is another."""
    lines = _lines(conflict.lines)
    if safe_title(conflict.title) == safe_title(preview.title):
        return _("It is in your library already, with {lines}.").format(lines=lines)
    return _("It is in your library already: “{title}”, {lines}.").format(
        title=_short(conflict.title), lines=lines
    )


def _lines(count: int) -> str:
    return ngettext("{n} line", "{n} lines", count).format(n=count)


def _short(text: str) -> str:
    kept = safe_title(text)
    return kept if len(kept) <= _TITLE_CHARS else kept[: _TITLE_CHARS - 1] + "…"


def _key(path: Path) -> str:
    return f"share-in:{path}"
