"""What a person typed helps the engine to spell what was said around that moment."""

from __future__ import annotations

from collections.abc import Iterable

from earmark.model import LineKind, NoteLine, Session, TakeId

MOST = 2000
"""Lines of one take that go along."""


def prompts(session: Session, take: TakeId) -> list[dict[str, object]]:
    """The session's lines that were typed in the take: `{"frame", "text"}`, in order of time."""
    found = lines_of(session.lines, take)
    found.sort(key=lambda line: line.anchor.frame if line.anchor else 0)
    return [prompt(line) for line in found[:MOST]]


def lines_of(lines: Iterable[NoteLine], take: TakeId) -> list[NoteLine]:
    """The lines that may prime the engine. Private ones do not: their words could come back in a
    transcript that is shared."""
    return [
        line
        for line in lines
        if line.anchor is not None
        and line.anchor.take == take
        and not line.private
        and line.kind is not LineKind.PICTURE
        and line.text.strip()
    ]


def prompt(line: NoteLine) -> dict[str, object]:
    assert line.anchor is not None
    return {"frame": line.anchor.frame, "text": line.text}
