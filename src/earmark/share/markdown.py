"""Markdown with links into the sound beside it; its notes can be imported again (`--notes`).

`talk.md` comes with the sound `talk.m4a` and pictures in `talk-pictures/`. Outside the notes stand
title, place and date, summary, bookmarks and transcript, for readers alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from urllib.parse import quote

from earmark.model import LineKind, format_time
from earmark.model.i18n import _
from earmark.model.markdown import BEGIN, END, INDENT, escaped

from .audiofile import encode_tagged
from .content import ShareContent, SharedLine
from .markup import joined_parts, seconds
from .options import WriteOptions, Written
from .output_file import Progress, go_on
from .output_files import file_bytes, writing_files
from .pictures import shown_pictures
from .sound import refuse_missing

_LISTS = (LineKind.BULLET, LineKind.CHECK)
_HEADINGS = {LineKind.HEADING1: "# ", LineKind.HEADING2: "## ", LineKind.HEADING3: "### "}


def write_markdown(
    content: ShareContent,
    library: Path,
    target: Path,
    options: WriteOptions | None = None,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes `target` with sound and pictures beside it, all or none. The sound has chapters.

    Raises TargetExists naming what is there, NotFound or EarmarkError for missing sound,
    UnusableMedia, DiskFull, ShareCancelled.
    """
    options = options or WriteOptions()
    sound = f"{target.stem}.{options.form.suffix}" if content.has_audio else ""
    if sound == target.name:  # Markdown under a sound file's name
        sound = f"{sound}.{options.form.suffix}"
    folder = f"{target.stem}-pictures"
    cleaned = {
        picture: (f"{folder}/picture-{ordinal}.{kind}", data)
        for picture, ordinal, kind, data in shown_pictures(content, library)
    }
    companions = [name for name, _data in cleaned.values()] + ([sound] if sound else [])
    with writing_files(target, companions, replace=replace) as room:
        refuse_missing(content.audio_plan, library)
        if cleaned:
            (room / folder).mkdir()
        for name, data in cleaned.values():
            (room / name).write_bytes(data)
        if sound:
            encode_tagged(
                content,
                library,
                room / sound,
                options,
                chapters=True,
                progress=progress,
                cancelled=cancelled,
            )
        pictures = {picture: name for picture, (name, _data) in cleaned.items()}
        text = markdown_text(content, sound, pictures)
        (room / target.name).write_text(text, "utf-8", newline="\n")
        go_on(cancelled)
    if replace:
        _remove_earlier(target.parent / folder, {name for name, _data in cleaned.values()})
    if progress is not None:
        progress(1.0)
    return Written(target, file_bytes([target, *(target.parent / name for name in companions)]))


def _remove_earlier(folder: Path, kept: set[str]) -> None:
    """Pictures of the share that was replaced, which are not in this one: they may not leave."""
    for file in folder.glob("picture-*.*"):
        ours = re.fullmatch(r"picture-\d+\.(png|jpg|gif|webp)", file.name)
        if ours and f"{folder.name}/{file.name}" not in kept:
            file.unlink()


def markdown_text(
    content: ShareContent, sound: str = "", pictures: dict[str, str] | None = None
) -> str:
    """The whole file. `sound` and `pictures` (by id) are named relative to it; with no sound the
    times stand without links."""
    shown = pictures or {}
    parts = [
        f"# {escaped(content.title) or _('Untitled')}",
        escaped(joined_parts((content.event, f"{content.date:%Y-%m-%d}", content.session.place))),
        *(escaped(line) for line in content.session.summary.splitlines() if line.strip()),
        f"[{_('Sound')}]({_address(sound)})" if sound else "",
        BEGIN,
        "\n".join(_notes(content, sound, shown)),
        END,
        *_bookmarks(content, sound),
        *_transcript(content, sound),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _notes(content: ShareContent, sound: str, pictures: dict[str, str]) -> Iterator[str]:
    """The lines; blank lines around all that is no list, as Markdown would join them."""
    depth, before = 0, False
    for number, line in enumerate(content.lines):
        note = line.line
        listed = note.kind in _LISTS
        if number and not (listed and before):
            yield ""
        open_at = min(depth, note.indent)
        start = "  " * open_at
        words = _joined((_time(line.ms, sound), _marks(line), _words(line, pictures)))
        words = words or ("" if note.kind.is_heading else "&nbsp;")
        if listed:
            box = ("[x]" if note.checked else "[ ]") if note.kind is LineKind.CHECK else ""
            yield start + _joined(("- " * (note.indent - open_at) + "-", box, words))
            depth = note.indent + 1
        else:
            more = INDENT * (note.indent - open_at)
            yield f"{start}{_HEADINGS.get(note.kind, '')}{more}{words}".rstrip()
            depth = open_at
        before = listed


def _words(line: SharedLine, pictures: dict[str, str]) -> str:
    note = line.line
    if note.kind is not LineKind.PICTURE:
        return escaped(note.text)
    words = escaped(note.text or _("Picture"))
    file = pictures.get(note.picture) if note.picture else None
    return f"![{words}]({_address(file)})" if file else words


def _marks(line: SharedLine) -> str:
    return " ".join(mark.spec.markdown_sign for mark in line.line.marks)


def _bookmarks(content: ShareContent, sound: str) -> Iterator[str]:
    if content.bookmarks:
        yield f"## {_('Bookmarks')}"
        yield "\n".join(
            f"- {_time(mark.ms, sound)} {escaped(mark.bookmark.label) or _('Bookmark')}"
            for mark in content.bookmarks
        )


def _transcript(content: ShareContent, sound: str) -> Iterator[str]:
    if content.segments:
        yield f"## {_('Transcript')}"
    for passage in content.segments:
        speaker = escaped(passage.segment.speaker.strip())
        who = f"**{speaker}:**" if speaker else ""
        yield _joined((_time(passage.ms, sound), who, escaped(passage.segment.text)))


def _time(ms: int | None, sound: str) -> str:
    """“[12:34](talk.m4a#t=754.5)”; without sound the exact time alone."""
    if ms is None:
        return ""
    shown = format_time(ms)
    if sound:
        return f"[{shown}]({_address(sound)}#t={seconds(ms)})"
    return f"[{shown}.{ms % 1000:03}]" if ms % 1000 else f"[{shown}]"


def _address(file: str) -> str:
    return quote(file)


def _joined(parts: tuple[str, ...]) -> str:
    """The parts that are there, a space between them."""
    return " ".join(part for part in parts if part)
