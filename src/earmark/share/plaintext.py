"""The notes as plain text that can be pasted anywhere: what “copy text” copies."""

from __future__ import annotations

from collections.abc import Iterator

from earmark.model import LineKind, format_time, safe_text

from .content import ShareContent, SharedLine


def notes_text(content: ShareContent) -> str:
    """Title, where and when, summary, and a line of text for each line, with its time."""
    return safe_text("\n".join(_lines(content))).rstrip("\n") + "\n"


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
