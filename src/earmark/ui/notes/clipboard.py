"""Lines on the clipboard and in drags: with their ids, marks and moments, between sessions too."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QByteArray, QMimeData
from PySide6.QtGui import QTextBlock

from earmark.model import (
    MAX_INDENT,
    Anchor,
    Frames,
    LineId,
    LineKind,
    Mark,
    NoteLine,
    PictureId,
    TakeId,
    TimeRun,
    anchor_at,
    tidy_runs,
)

from .block_edits import first_timed
from .document import read_line
from .page import NotesPage
from .textual import lines_of, to_points

MIME = "application/x-earmark-lines+json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line, or part of one. `is_whole`: from the line's start to its end."""

    line: NoteLine
    is_whole: bool


def excerpts(page: NotesPage) -> list[Excerpt]:
    """The selection, line by line."""
    cursor = page.textCursor()
    document = page.document()
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    block, last = document.findBlock(start), document.findBlock(end)
    found: list[Excerpt] = []
    while True:
        head = max(0, start - block.position())
        tail = min(block.length() - 1, end - block.position())
        whole = head == 0 and tail == block.length() - 1
        found.append(Excerpt(_part(page, block, head, tail), whole))
        if block == last:
            return found
        block = block.next()


def _part(page: NotesPage, block: QTextBlock, head: int, tail: int) -> NoteLine:
    line = read_line(block, page.stamps)
    if line.picture is not None or (head == 0 and tail == block.length() - 1):
        return line
    raw = block.text()
    start, end = to_points(raw, head), to_points(raw, tail)
    text = line.text[start:end]
    runs = [TimeRun(0, anchor_at(line, start))]
    runs += [TimeRun(r.offset - start, r.anchor) for r in line.runs if start < r.offset < end]
    anchor = line.anchor
    if head:
        anchor = page.stamps.anchor(first_timed(block, head)) or anchor
    return replace(line, text=text, runs=tidy_runs(text, tuple(runs)), anchor=anchor)


def mime_of(found: list[Excerpt]) -> QMimeData:
    """The excerpts for ourselves, and their text for everyone else."""
    made = QMimeData()
    data = {"v": _VERSION, "lines": [_to_json(excerpt) for excerpt in found]}
    made.setData(MIME, QByteArray(json.dumps(data).encode()))
    made.setText("\n".join(excerpt.line.text for excerpt in found))
    return made


def read_mime(data: QMimeData) -> list[Excerpt]:
    """Our own excerpts out of the data; empty where they are not ours or not readable."""
    try:
        found = json.loads(bytes(data.data(MIME).data()))
        if found["v"] != _VERSION:
            return []
        return [_from_json(entry) for entry in found["lines"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def outside(text: str, moment: Anchor | None) -> list[Excerpt]:
    """Text from elsewhere: it takes the moment of pasting."""
    lines = (NoteLine(LineId(""), t, anchor=moment, runs=_whole(t, moment)) for t in lines_of(text))
    return [Excerpt(line, is_whole=False) for line in lines]


def _whole(text: str, moment: Anchor | None) -> tuple[TimeRun, ...]:
    return (TimeRun(0, moment),) if text else ()


def _to_json(excerpt: Excerpt) -> dict[str, Any]:
    line = excerpt.line
    return {
        "whole": excerpt.is_whole,
        "id": line.id,
        "text": line.text,
        "kind": line.kind.value,
        "indent": line.indent,
        "checked": line.checked,
        "marks": [mark.value for mark in line.marks],
        "private": line.private,
        "anchor": _anchor_to_json(line.anchor),
        "runs": [[run.offset, _anchor_to_json(run.anchor)] for run in line.runs],
        "picture": line.picture,
    }


def _from_json(entry: dict[str, Any]) -> Excerpt:
    text = str(entry["text"])
    runs = tuple(TimeRun(int(at), _anchor_from_json(moment)) for at, moment in entry["runs"])
    picture = entry["picture"]
    line = NoteLine(
        id=LineId(str(entry["id"])),
        text=text,
        kind=LineKind(entry["kind"]),
        indent=min(MAX_INDENT, max(0, int(entry["indent"]))),
        checked=bool(entry["checked"]),
        marks=tuple(Mark(mark) for mark in entry["marks"]),
        private=bool(entry["private"]),
        anchor=_anchor_from_json(entry["anchor"]),
        runs=tidy_runs(text, runs),
        picture=PictureId(str(picture)) if picture else None,
    )
    return Excerpt(line, bool(entry["whole"]))


def _anchor_to_json(anchor: Anchor | None) -> list[object] | None:
    return None if anchor is None else [anchor.take, anchor.frame]


def _anchor_from_json(found: list[Any] | None) -> Anchor | None:
    return None if found is None else Anchor(TakeId(str(found[0])), Frames(int(found[1])))
