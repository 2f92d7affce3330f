"""The `.earmark` bundle: a zip anyone can open, and Earmark takes in again without loss.

Its layout stands in docs/bundle-format.md, its form in schema/earmark.pencast-1.json.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace as replace_fields
from pathlib import Path
from threading import Event
from typing import Any

from earmark.model import PictureId, TakeId

from .content import ShareContent, SharedTake
from .cut_takes import has_frames, write_cut
from .form import pencast_form
from .layout import FORM, MARKER, MARKER_TEXT, MAX_PICTURE, PAGE, PICTURE_SUFFIXES
from .options import WriteOptions, Written
from .output_file import Progress, go_on, part_of, writing
from .pencast import write_pencast
from .pictures import clean_picture
from .sound import refuse_missing

_CHUNK = 1 << 20
_PAGE_PART = 0.7
"""The share of the work that the page is."""
_LARGE = 1 << 30
_YEARS = (1980, 2107)


def write_bundle(
    content: ShareContent,
    library: Path,
    target: Path,
    options: WriteOptions | None = None,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes the bundle of `content` to `target`, whole or not at all.

    A take of which nothing is cut goes byte for byte, with the file it was imported from; any
    other is encoded anew without what was cut. Raises TargetExists, NotFound, UnusableMedia,
    EarmarkError naming missing sound files, DiskFull, ShareCancelled.
    """
    with writing(target, replace=replace) as part, ExitStack() as stack:
        refuse_missing(content.audio_plan, library)
        beside = part.with_suffix(".parts")  # the worker's asker sweeps that name too
        beside.mkdir()
        stack.callback(shutil.rmtree, beside, ignore_errors=True)
        page = beside / "page.html"
        with zipfile.ZipFile(part, "w") as zipped:
            out = _Zip(zipped, content, cancelled)
            out.put(MARKER, MARKER_TEXT)
            sounds = list(_sounds(content, library))
            names = _Names(sounds)
            out.put(FORM, _form(content, sounds, names), pack=True)
            for picture, suffix, data in _pictures(content, library):
                out.put(f"pictures/{picture}.{suffix}", data)
            rest = (1 - _PAGE_PART) / max(1, len(sounds))
            for number, take in enumerate(sounds):
                go_on(cancelled)
                source = library / take.file
                if not take.whole:
                    source = beside / "cut.flac"
                    pieces = [p for p in content.audio_plan if p.take == take.id]
                    channels = next(t.channels for t in content.session.takes if t.id == take.id)
                    telling = part_of(progress, number * rest, rest)
                    write_cut(pieces, library, source, channels, telling, cancelled)
                out.put_file(names.file(take), source)
                if (original := names.original(take)) and original != names.file(take):
                    out.put_file(original, library / str(take.original))
                peaks = names.peaks(take)
                if peaks and (library / str(take.peaks)).is_file():
                    out.put_file(peaks, library / str(take.peaks), pack=True)
            write_pencast(
                content,
                library,
                page,
                replace_fields(options or WriteOptions(), base_url=""),  # it stands in a zip
                replace=True,
                progress=part_of(progress, 1 - _PAGE_PART, _PAGE_PART * 0.95),
                cancelled=cancelled,
            )
            out.put_file(PAGE, page, pack=True)
        go_on(cancelled)
    if progress is not None:
        progress(1.0)
    return Written(target, target.stat().st_size)


class _Names:
    """The members that hold each take's files, by the take's number in the share."""

    def __init__(self, takes: list[SharedTake]) -> None:
        self._numbers = {take.id: n for n, take in enumerate(takes, start=1)}

    def file(self, take: SharedTake) -> str:
        ending = _ending(take.file) if take.whole else "flac"
        return f"audio/take-{self._numbers[take.id]}.{ending}"

    def original(self, take: SharedTake) -> str | None:
        """The imported file, where it may leave; the take's own member where it is the take."""
        if not take.whole or take.original is None:
            return None
        if take.original == take.file:
            return self.file(take)
        return f"audio/original-{self._numbers[take.id]}.{_ending(take.original)}"

    def peaks(self, take: SharedTake) -> str | None:
        if not take.whole or take.peaks is None:
            return None
        return f"peaks/take-{self._numbers[take.id]}.peaks"


def _ending(file: str) -> str:
    letters = "".join(c for c in Path(file).suffix.lower() if c.isascii() and c.isalnum())
    return letters[:8] or "audio"


def _sounds(content: ShareContent, library: Path) -> Iterator[SharedTake]:
    """The takes that have sound here. A file that is not as long as its take is not whole: the
    notes count frames, so it is encoded anew at the right length."""
    planned: dict[TakeId, int] = {}
    for piece in content.audio_plan:
        planned[piece.take] = planned.get(piece.take, 0) + piece.frames
    for take in content.takes:
        if take.id in planned:
            as_long = take.whole and has_frames(library / take.file, planned[take.id])
            yield replace_fields(take, whole=as_long)


def _form(content: ShareContent, takes: list[SharedTake], names: _Names) -> bytes:
    form = pencast_form(content, {"type": "audio/*"} if content.has_audio else None)
    if content.has_audio:
        by_id = {take.id: take for take in takes}
        entries = [entry for entry in form["audio"]["takes"] if entry["take"] in by_id]
        form["audio"]["takes"] = entries
        for entry in entries:
            take = by_id[TakeId(entry["take"])]
            entry["file"] = names.file(take)
            if original := names.original(take):
                entry["original"] = original
    return json.dumps(form, indent=1, allow_nan=False).encode("ascii") + b"\n"


def _pictures(content: ShareContent, library: Path) -> Iterator[tuple[PictureId, str, bytes]]:
    """Ending and cleaned bytes of each picture; those that cannot be shown are left out."""
    for picture in content.pictures:
        path = library / picture.file
        if not path.is_file() or path.stat().st_size > MAX_PICTURE:
            continue
        cleaned = clean_picture(path.read_bytes())
        if cleaned is not None:
            mime, data = cleaned
            yield picture.id, PICTURE_SUFFIXES[mime], data


class _Zip:
    """Adds members that say nothing of machine, person or the time of writing."""

    def __init__(
        self, zipped: zipfile.ZipFile, content: ShareContent, cancelled: Event | None
    ) -> None:
        self._zipped = zipped
        self._cancelled = cancelled
        at = content.date
        year = min(max(at.year, _YEARS[0]), _YEARS[1])
        self._date = (year, at.month, at.day, at.hour, at.minute, at.second)

    def put(self, name: str, data: bytes, *, pack: bool = False) -> None:
        with self._open(name, len(data), pack) as out:
            out.write(data)

    def put_file(self, name: str, source: Path, *, pack: bool = False) -> None:
        with source.open("rb") as file, self._open(name, source.stat().st_size, pack) as out:
            while chunk := file.read(_CHUNK):
                go_on(self._cancelled)
                out.write(chunk)

    def _open(self, name: str, size: int, pack: bool) -> Any:
        info = zipfile.ZipInfo(name, self._date)
        info.create_system = 3
        info.external_attr = 0o100644 << 16
        info.compress_type = zipfile.ZIP_DEFLATED if pack else zipfile.ZIP_STORED
        return self._zipped.open(info, "w", force_zip64=size > _LARGE)
