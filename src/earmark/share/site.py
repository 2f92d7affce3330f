"""An event as a static site: a report of the day, and a page for each session with its pencast.

All files lie side by side, so that the folder works from disk and on any host. `MARKER` names the
files that we made: only a folder that holds nothing else is ever replaced.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from earmark.model import EarmarkError
from earmark.model.i18n import _

from .content import ShareContent
from .options import WriteOptions, Written
from .output_file import Progress, go_on, part_of
from .output_files import file_bytes, writing_folder
from .pencast import encode_heard, page_html
from .report import Entry, index_html, surroundings
from .sound import refuse_missing

MARKER = "earmark-report.json"
SCHEMA = "earmark.report/1"
INDEX = "index.html"
_NAME_LENGTH = 48
_MARKER_BYTES = 1 << 20


def write_site(
    event: str,
    contents: Sequence[ShareContent],
    library: Path,
    target: Path,
    options: WriteOptions | None = None,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes the report of `event` to the folder `target`, whole or not at all.

    `contents`: its sessions in the order of the day. With `replace` a report that is there gives
    way; any other folder, and one with other files in it, never does.
    Raises TargetExists, what encoding raises, EarmarkError without sessions, ShareCancelled.
    """
    options = options or WriteOptions()
    if not contents:
        raise EarmarkError(
            _("There are no sessions in this event."), _("Move some into it, then share it.")
        )
    for content in contents:
        with about(content.title):
            refuse_missing(content.audio_plan, library)
    entries = [
        Entry(content, f"{name}.html", f"{name}.{options.form.suffix}" if content.has_audio else "")
        for content, name in zip(contents, page_names(contents), strict=True)
    ]
    ours = frozenset(our_files(target))
    with writing_folder(target, ours.__contains__, replace=replace) as folder:
        whole, done = sum(_work(content) for content in contents), 0
        for entry in entries:
            go_on(cancelled)
            share = part_of(progress, done / whole, _work(entry.content) / whole)
            done += _work(entry.content)
            with about(entry.content.title):
                _write_page(event, entry, library, folder, options, share, cancelled)
        index = index_html(event, entries, options.base_url)
        (folder / INDEX).write_text(index, "utf-8", newline="\n")
        files = sorted({INDEX, MARKER, *(f for e in entries for f in (e.page, e.sound) if f)})
        marker = json.dumps({"schema": SCHEMA, "files": files}, indent=1)
        (folder / MARKER).write_text(marker + "\n", "utf-8", newline="\n")
    if progress is not None:
        progress(1.0)
    return Written(target, file_bytes([target]))


def our_files(folder: Path) -> tuple[str, ...]:
    """The files of a report in `folder` that we made, as its marker names them; none without."""
    try:
        with (folder / MARKER).open("rb") as file:
            marker = json.loads(file.read(_MARKER_BYTES))
    except (OSError, ValueError):
        return ()
    if not isinstance(marker, dict) or marker.get("schema") != SCHEMA:
        return ()
    files = marker.get("files")
    return tuple(name for name in files if isinstance(name, str)) if isinstance(files, list) else ()


def page_names(contents: Sequence[ShareContent]) -> list[str]:
    """A name for each session's files that every host and address takes: `01-intro-and-talks`."""
    width = max(2, len(str(len(contents))))
    names = []
    for number, content in enumerate(contents, start=1):
        plain = unicodedata.normalize("NFKD", content.title).encode("ascii", "ignore").decode()
        words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:_NAME_LENGTH].strip("-")
        names.append(f"{number:0{width}}-{words}" if words else f"{number:0{width}}")
    return names


def _write_page(
    event: str,
    entry: Entry,
    library: Path,
    folder: Path,
    options: WriteOptions,
    progress: Progress | None,
    cancelled: Event | None,
) -> None:
    levels = ""
    if entry.sound:
        sound = folder / entry.sound
        levels = encode_heard(entry.content, library, sound, options, progress, cancelled)
    site = surroundings(event, entry, options)
    page = page_html(entry.content, library, options.form, levels, 0, site)
    tail = "</body>\n</html>\n"
    (folder / entry.page).write_text(page + tail, "utf-8", newline="\n")


@contextmanager
def about(title: str) -> Iterator[None]:
    """Says of an error which session it is about."""
    try:
        yield
    except EarmarkError as error:
        raise type(error)(f"“{title}”: {error.what}", error.remedy) from error


def _work(content: ShareContent) -> int:
    """How much there is to do for it, in milliseconds of sound."""
    return content.duration_ms + 1_000
