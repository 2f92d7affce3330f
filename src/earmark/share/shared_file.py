"""Reading a share back: a `.earmark` bundle or a pencast .html that anyone may have sent.

Nothing in it is believed. Its form is checked value by value (`restoring`), its bytes are limited
as they are read (`archive`, `pagefile`), and they are written under names of our own; whether they
are sound, a worker finds out. One fault, and the whole file is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import BinaryIO

from earmark.model import EarmarkError, Milliseconds, Picture, PictureId, Session, TakeId
from earmark.model.files import FILE_MODE
from earmark.model.given import open_given

from . import archive, pagefile
from .jsonstream import JsonStream, ascii_json
from .layout import FORM, MARKER, MARKER_TEXT, MAX_FORM, MAX_PICTURE, PICTURE_SUFFIXES
from .output_file import go_on
from .pictures import clean_picture
from .refusals import MalformedShare, NoShare, refusing
from .session_reader import Restored, read_form

BUNDLE, HTML = "bundle", "html"
MAX_SOUND = 8 << 30
"""Bytes of the one stream in an .html."""
_HEAD = 4096
OnBytes = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class TakeSound:
    """A bundle's sound of one take: names of members. `original` is the imported file, if any."""

    take: TakeId
    member: str
    original: str | None


@dataclass(frozen=True, slots=True)
class PictureBytes:
    """Where a picture lies (a member's name or a place in the page), and its file's ending."""

    id: PictureId
    where: str | pagefile.Stretch
    suffix: str


@dataclass(frozen=True, slots=True)
class CopiedOut:
    """What `SharedFile.copy_out` wrote: files by take (bundle), or one stream (html)."""

    sounds: dict[TakeId, Path]
    originals: dict[TakeId, Path]
    stream: Path | None
    pictures: dict[PictureId, Path]


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A share, looked at and sound as far as its form goes.

    `session` has no files and no event id (`session.event.title` is what the share says); a
    picture whose bytes are not in the share is not in it either. `bytes` is how much there is to
    copy. `start_ms`: where each take that has sound begins in an .html's stream.
    """

    path: Path
    kind: str
    session: Session
    look_back_ms: int
    only: str
    takes: tuple[TakeSound, ...]
    stream: tuple[pagefile.Stretch, ...]
    start_ms: dict[TakeId, Milliseconds]
    pictures: tuple[PictureBytes, ...]
    bytes: int

    def copy_out(
        self, folder: Path, on_bytes: OnBytes | None = None, cancelled: Event | None = None
    ) -> CopiedOut:
        """Writes sound and pictures into the empty `folder`, under names of our own.

        Every other member is read to its end and checked too. Raises Refused, ShareCancelled,
        OSError; what was written by then stays for the caller to remove.
        """
        with refusing(self.path), self.path.open("rb") as file:
            out = _Out(folder, on_bytes, cancelled)
            return self._from_zip(file, out) if self.kind == BUNDLE else self._from_page(file, out)

    def _from_zip(self, file: BinaryIO, out: _Out) -> CopiedOut:
        zipped = archive.Archive(file)
        sounds: dict[TakeId, Path] = {}
        originals: dict[TakeId, Path] = {}
        wanted: set[str] = set()
        for number, take in enumerate(self.takes):
            for name, into in ((take.member, sounds), (take.original, originals)):
                if name is None or name in wanted:
                    continue
                wanted.add(name)
                suffix = name.rpartition(".")[2]
                into[take.take] = out.write(f"{len(wanted)}-{number}.{suffix}", zipped.chunks(name))
        pictures = {}
        for picture in self.pictures:
            assert isinstance(picture.where, str)
            wanted.add(picture.where)
            pictures[picture.id] = out.picture(picture, zipped.chunks(picture.where))
        for name in zipped.members.keys() - wanted:
            for _piece in zipped.chunks(name):
                go_on(out.cancelled)
        return CopiedOut(sounds, originals, None, pictures)

    def _from_page(self, file: BinaryIO, out: _Out) -> CopiedOut:
        stream = None
        if self.stream:
            pieces = (data for where in self.stream for data in pagefile.decoded(file, where))
            stream = out.write("stream", pieces)
        pictures = {}
        for picture in self.pictures:
            assert isinstance(picture.where, pagefile.Stretch)
            pictures[picture.id] = out.picture(picture, pagefile.decoded(file, picture.where))
        return CopiedOut({}, {}, stream, pictures)


class _Out:
    """Writes what is copied, counts it, and can be told to stop."""

    def __init__(self, folder: Path, on_bytes: OnBytes | None, cancelled: Event | None) -> None:
        self._folder = folder
        self._on_bytes = on_bytes
        self.cancelled = cancelled

    def write(self, name: str, pieces: Iterable[bytes]) -> Path:
        path = self._folder / name
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        with os.fdopen(fd, "wb") as out:
            for piece in pieces:
                go_on(self.cancelled)
                out.write(piece)
                if self._on_bytes is not None:
                    self._on_bytes(len(piece))
            out.flush()
            os.fsync(out.fileno())
        return path

    def picture(self, picture: PictureBytes, pieces: Iterable[bytes]) -> Path:
        data = bytearray()
        for piece in pieces:
            data += piece
            if len(data) > MAX_PICTURE:
                raise MalformedShare("a picture that is too large")
        cleaned = clean_picture(bytes(data))
        if cleaned is None or PICTURE_SUFFIXES[cleaned[0]] != picture.suffix:
            raise MalformedShare("a picture that is none")
        return self.write(f"picture-{picture.id}.{picture.suffix}", [cleaned[1]])


def is_share(path: Path) -> bool:
    """Whether the file looks like a bundle or a page, whatever its name; never raises.

    A name ending in `.earmark` or `.html` is enough too: its reader says what is wrong with it.
    """
    try:
        with open_given(path) as file:
            head = file.read(_HEAD)
    except (EarmarkError, OSError, ValueError):
        return False
    if path.suffix.lower() in (".earmark", ".html", ".htm"):
        return True
    return head.startswith((b"PK\3\4", b"PK\5\6")) or _is_page(head)


def _is_page(head: bytes) -> bool:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return text.startswith((b"<!doctype html", b"<html"))


def read_share(path: Path) -> SharedFile:
    """Looks into the share and checks its form; no sound or picture is read yet.

    Raises Refused (or EarmarkError for a newer one) with one sentence, NotFound.
    """
    with refusing(path), open_given(path) as file:
        head = file.read(_HEAD)
        if head.startswith(b"PK"):
            return _bundle(path, file)
        if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
            raise NoShare("neither a zip nor a page")
        return _page(path, file)


def _bundle(path: Path, file: BinaryIO) -> SharedFile:
    zipped = archive.Archive(file)
    if MARKER in zipped.members and zipped.whole(MARKER) != MARKER_TEXT:
        raise MalformedShare("another kind of zip")
    if FORM not in zipped.members:
        raise NoShare("a zip without notes")
    form = read_form(JsonStream(ascii_json(zipped.chunks(FORM))))
    takes = []
    used: set[str] = set()
    for take, names in form.sounds.items():
        if names.file is None:
            continue
        for name in {names.file, names.original} - {None}:
            if name not in zipped.members or not str(name).startswith("audio/") or name in used:
                raise MalformedShare("sound that is not in the bundle")
            used.add(str(name))
        takes.append(TakeSound(take, names.file, names.original))
    lying = {
        name.removeprefix("pictures/"): name
        for name in zipped.members
        if name.startswith("pictures/")
    }
    pictures = tuple(
        PictureBytes(PictureId(stem), name, suffix)
        for file_name, name in sorted(lying.items())
        for stem, _dot, suffix in [file_name.rpartition(".")]
    )
    total = sum(zipped.members[name].size for name in used)
    total += sum(zipped.members[str(picture.where)].size for picture in pictures)
    return _shared(path, BUNDLE, form, tuple(takes), (), pictures, total)


def _page(path: Path, file: BinaryIO) -> SharedFile:
    parts = pagefile.page_parts(file)
    assert parts.form is not None
    if parts.form.end - parts.form.start > MAX_FORM:
        raise MalformedShare("a form without end")
    form = read_form(JsonStream(ascii_json(pagefile.raw(file, parts.form))))
    total = sum(piece.end - piece.start for piece in parts.sound) // 4 * 3
    if total > MAX_SOUND:
        raise MalformedShare("sound without end")
    if bool(parts.sound) != bool(form.sound_type):
        raise MalformedShare("a page whose sound is missing")
    pictures = tuple(
        PictureBytes(PictureId(id_), found.where, PICTURE_SUFFIXES[found.mime])
        for id_, found in parts.pictures.items()
    )
    return _shared(path, HTML, form, (), tuple(parts.sound), pictures, total)


def _shared(
    path: Path,
    kind: str,
    form: Restored,
    takes: tuple[TakeSound, ...],
    stream: tuple[pagefile.Stretch, ...],
    pictures: tuple[PictureBytes, ...],
    total: int,
) -> SharedFile:
    session = form.session
    known = {picture.id for picture in session.pictures}
    if len({picture.id.lower() for picture in pictures}) != len(pictures):
        raise MalformedShare("a picture twice")
    if any(picture.id not in known for picture in pictures):
        raise MalformedShare("a picture that no line shows")
    timeline = session.timeline
    starts = {take: timeline.start_ms(take) for take in form.sounds}
    return SharedFile(
        path,
        kind,
        _with_pictures(session, {picture.id: picture.suffix for picture in pictures}),
        form.look_back_ms,
        form.only,
        takes,
        stream,
        {take: start for take, start in starts.items() if start is not None},
        pictures,
        total,
    )


def _with_pictures(session: Session, suffixes: dict[PictureId, str]) -> Session:
    """The session with the pictures that came along, and lines that show no others."""
    pictures = tuple(
        Picture(p.id, f"{p.id}.{suffixes[p.id]}", p.alt)
        for p in session.pictures
        if p.id in suffixes
    )
    lines = tuple(
        replace(line, picture=None)
        if line.picture is not None and line.picture not in suffixes
        else line
        for line in session.lines
    )
    return replace(session, pictures=pictures, lines=lines)
