"""Notes files: Markdown lines, each with an optional time, read into lines of notes.

Of a file that Share made, what stands between its two comments counts (`earmark.model.markdown`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from earmark.model import (
    MAX_INDENT,
    EarmarkError,
    LineId,
    LineKind,
    Mark,
    NoteLine,
    Timeline,
    TimeRun,
    new_id,
    parse_time,
    safe_text,
    without_private_sign,
)
from earmark.model.markdown import BEGIN, END, INDENT, unescaped
from earmark.model.marks import mark_with_markdown_sign

_INDENT = re.compile(r"(?:\t| {1,2})*")
_HEADING = re.compile(r"(#{1,3})(?:[ \t]+|$)")
_CHECK = re.compile(r"[-*][ \t]+\[([ xX])\](?:[ \t]+|$)")
_BULLET = re.compile(r"[-*](?:[ \t]+|$)")
_TIME = re.compile(r"\[(?P<shown>[0-9:.]+)\](?:\((?P<link>(?:[^()]|\([^()]*\))*)\))?[ \t]*")
_NESTED = re.compile(r"(?:[-*][ \t]+(?=[-*](?:[ \t]|$)))+")
"""Lists that begin inside another on one line, as CommonMark has them."""
_DEEPER = re.compile(f"(?:{INDENT})+")
_EMPTY = "&nbsp;"
_PICTURE = re.compile(r"!\[((?:[^\[\]\\]|\\.)*)\]\([^()\s]*\)")
_HEADINGS = (LineKind.HEADING1, LineKind.HEADING2, LineKind.HEADING3)


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of a notes file; `ms` is its time on the session's timeline, or None."""

    text: str
    kind: LineKind
    indent: int
    checked: bool
    ms: float | None
    marks: tuple[Mark, ...] = ()
    private: bool = False


def parse_notes(text: str) -> tuple[FileLine, ...]:
    """The lines of a notes file. Never refuses: what has no known form is a plain line."""
    lines = _notes(safe_text(text).lstrip("\ufeff").splitlines())
    return tuple(_parse(line) for line in lines if line.strip())


def _notes(lines: list[str]) -> list[str]:
    stripped = [line.strip() for line in lines]
    if BEGIN not in stripped:
        return lines
    begin = stripped.index(BEGIN) + 1
    end = stripped.index(END, begin) if END in stripped[begin:] else len(lines)
    return lines[begin:end]


def note_lines(lines: tuple[FileLine, ...], timeline: Timeline) -> tuple[NoteLine, ...]:
    """The same as lines of a session, anchored on its timeline. Times past its end: its end."""
    made = []
    for line in lines:
        anchor = None if line.ms is None else timeline.to_anchor(line.ms)
        made.append(
            NoteLine(
                id=LineId(new_id()),
                text=line.text,
                kind=line.kind,
                indent=line.indent,
                checked=line.checked,
                marks=line.marks,
                private=line.private,
                anchor=anchor,
                runs=(TimeRun(0, anchor),) if line.text else (),
            )
        )
    return tuple(made)


def _parse(line: str) -> FileLine:
    blank = _INDENT.match(line)
    lead = blank.group() if blank else ""
    indent = lead.count("\t") + lead.count(" ") // 2
    rest = line[len(lead) :].strip()
    if nested := _NESTED.match(rest):
        indent += len(nested[0].split())
        rest = rest[nested.end() :]
    kind, checked = LineKind.PLAIN, False
    if found := _HEADING.match(rest):
        kind = _HEADINGS[len(found[1]) - 1]
    elif found := _CHECK.match(rest):
        kind, checked = LineKind.CHECK, found[1] in "xX"
    elif found := _BULLET.match(rest):
        kind = LineKind.BULLET
    if found:
        rest = rest[found.end() :]
    if deeper := _DEEPER.match(rest):
        indent += deeper.end() // len(INDENT)
        rest = rest[deeper.end() :]
    ms, rest = _time(rest)
    marks, rest = _marks(rest)
    rest, private = without_private_sign(rest)
    return FileLine(_text(rest), kind, min(indent, MAX_INDENT), checked, ms, marks, private)


def _text(rest: str) -> str:
    """What the rest of a line says; of a picture, its description."""
    if rest == _EMPTY:
        return ""
    picture = _PICTURE.fullmatch(rest)
    return unescaped(picture[1] if picture else rest)


def _marks(text: str) -> tuple[tuple[Mark, ...], str]:
    """The signs at the beginning, each once and followed by a blank or nothing, and the rest."""
    marks: list[Mark] = []
    while (mark := mark_with_markdown_sign(text[:1])) and mark not in marks:
        if text[1:2] not in ("", " "):
            break
        marks.append(mark)
        text = text[1:].lstrip()
    return tuple(marks), text


def _time(text: str) -> tuple[float | None, str]:
    """The time at the beginning and what follows it; of a link, its `t` counts."""
    found = _TIME.match(text)
    if not found:
        return None, text
    shown, link = found["shown"], found["link"] or ""
    for candidate in (*_link_times(link), shown):
        try:
            return parse_time(candidate), text[found.end() :]
        except EarmarkError:
            continue
    return None, text


def _link_times(link: str) -> list[str]:
    """The `t` of a media fragment, `…#t=12.5`, also among others or with an end after a comma."""
    fields = link.partition("#")[2].split("&")
    return [field[2:].partition(",")[0] for field in fields if field.startswith("t=")][:1]
