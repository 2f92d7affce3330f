"""Notes and transcript as plain text: what “copy text” copies, and the form of that name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

from earmark.model import LineKind, format_time, safe_line, safe_text
from earmark.model.i18n import _

from .content import ShareContent, SharedLine
from .options import WriteOptions, Written
from .output_file import Progress, go_on, writing


def notes_text(content: ShareContent) -> str:
    """Title, where and when, summary, and a line of text for each line, with its time."""
    return safe_text("\n".join(_lines(content))).rstrip("\n") + "\n"


def transcript_text(content: ShareContent) -> str:
    """A line for each passage, with its time and, where it is known, who speaks; empty without
    a transcript."""
    width = len(format_time(content.duration_ms))
    return "".join(
        f"{format_time(one.ms):>{width}}  "
        + (f"{safe_line(one.segment.speaker)}: " if one.segment.speaker else "")
        + safe_line(one.segment.text)
        + "\n"
        for one in content.segments
    )


def write_text(
    content: ShareContent,
    library: Path,  # noqa: ARG001 - every writer has one shape
    target: Path,
    options: WriteOptions | None = None,  # noqa: ARG001
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes `target`: the notes, below them the transcript."""
    text = notes_text(content)
    if spoken := transcript_text(content):
        text += "\n" + _("Transcript") + "\n\n" + spoken
    with writing(target, replace=replace) as part:
        part.write_text(text, "utf-8", newline="\n")
        go_on(cancelled)
    if progress is not None:
        progress(1.0)
    return Written(target, target.stat().st_size)


def _lines(content: ShareContent) -> Iterator[str]:
    session = content.session
    yield content.title
    yield " · ".join(
        part for part in (content.event, f"{content.date:%Y-%m-%d %H:%M}", session.place) if part
    )
    if session.summary:
        yield session.summary
    yield ""
    width = len(format_time(content.duration_ms))
    for line in content.lines:
        if line.line.kind.is_heading and line.ordinal > 1:
            yield ""
        yield _line(line, width)
    if content.bookmarks:
        yield ""
        for mark in content.bookmarks:
            yield f"{format_time(mark.ms):>{width}}  ⚐ {mark.bookmark.label}".rstrip()


def _line(line: SharedLine, width: int) -> str:
    note = line.line
    time = "" if line.ms is None else format_time(line.ms)
    sign = {LineKind.BULLET: "• ", LineKind.CHECK: "☑ " if note.checked else "☐ "}.get(
        note.kind, ""
    )
    marks = "".join(f" {mark.spec.sign}" for mark in note.marks)
    return f"{time:>{width}}  {'  ' * note.indent}{sign}{note.text}{marks}".rstrip()
