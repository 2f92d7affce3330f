"""EPUB 3 with Media Overlays: a book that reads along, for readers with or without sight.

The sound inside is MP3 at a constant rate: every reader that knows overlays plays it. The file is
the same for the same share, byte for byte.
"""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from threading import Event

from .audio import encode_as, mp3_coding
from .content import ShareContent
from .epubpages import (
    NOTES,
    SOUND,
    STYLE,
    TRANSCRIPT,
    Clip,
    contents_page,
    note_clips,
    notes_page,
    overlay,
    package,
    transcript_clips,
    transcript_page,
)
from .options import WriteOptions, Written
from .output_file import Progress, go_on, writing
from .pictures import shown_pictures
from .sound import refuse_missing

_CONTAINER = """\
<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles>
<rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>
"""
_KINDS = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_ENCODING = 0.95
"""The share of the work that encoding is."""


def write_epub(
    content: ShareContent,
    library: Path,
    target: Path,
    options: WriteOptions | None = None,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes the book to `target`; of `options` only `even_loudness` counts.

    Raises TargetExists, NotFound or EarmarkError for missing sound, UnusableMedia, DiskFull,
    ShareCancelled.
    """
    options = options or WriteOptions()
    overlays = {}
    if content.has_audio:
        found = {NOTES: note_clips(content), TRANSCRIPT: transcript_clips(content)}
        overlays = {name: clips for name, clips in found.items() if clips}
    with writing(target, replace=replace) as part:
        refuse_missing(content.audio_plan, library)
        sound = part.with_suffix(".sound")
        try:
            if overlays:
                encode_as(
                    mp3_coding(content.audio_plan),
                    content.audio_plan,
                    library,
                    sound,
                    even_loudness=options.even_loudness,
                    progress=None if progress is None else lambda at: progress(at * _ENCODING),
                    cancelled=cancelled,
                )
            go_on(cancelled)
            with zipfile.ZipFile(part, "w") as book:
                _add(book, "mimetype", b"application/epub+zip", zipfile.ZIP_STORED)
                _add(book, "META-INF/container.xml", _CONTAINER.encode())
                _add_pages(book, content, library, overlays)
                if overlays:
                    _add_file(book, f"EPUB/{SOUND}", sound)
            go_on(cancelled)
        finally:
            sound.unlink(missing_ok=True)
    if progress is not None:
        progress(1.0)
    return Written(target, target.stat().st_size)


def _add_pages(
    book: zipfile.ZipFile,
    content: ShareContent,
    library: Path,
    overlays: dict[str, tuple[Clip, ...]],
) -> None:
    names, kinds = {}, {}
    for picture, ordinal, ending, data in shown_pictures(content, library):
        names[picture] = f"picture-{ordinal}.{ending}"
        kinds[names[picture]] = _KINDS[ending]
        _add(book, f"EPUB/{names[picture]}", data, zipfile.ZIP_STORED)
    pages = {
        "package.opf": package(content, overlays, kinds),
        "nav.xhtml": contents_page(content, bool(content.segments)),
        f"{NOTES}.xhtml": notes_page(content, names),
        "style.css": STYLE,
    }
    if content.segments:
        pages[f"{TRANSCRIPT}.xhtml"] = transcript_page(content)
    for name, clips in overlays.items():
        pages[f"{name}.smil"] = overlay(name, clips)
    for name, words in pages.items():
        _add(book, f"EPUB/{name}", words.encode("utf-8"))


def _entry(name: str, how: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.compress_type = how
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _add(book: zipfile.ZipFile, name: str, data: bytes, how: int = zipfile.ZIP_DEFLATED) -> None:
    book.writestr(_entry(name, how), data)


def _add_file(book: zipfile.ZipFile, name: str, file: Path) -> None:
    entry = _entry(name, zipfile.ZIP_STORED)
    entry.file_size = file.stat().st_size
    with file.open("rb") as source, book.open(entry, "w") as inside:
        shutil.copyfileobj(source, inside, 1 << 20)
