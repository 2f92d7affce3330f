"""Text from people as HTML that can do nothing, and the notes as nested, readable HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape

from earmark.model import LineKind, Mark, format_time, safe_line, safe_text
from earmark.model.i18n import _

from .content import ShareContent, SharedLine

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufdd0-\ufdef\ufffe\uffff]"
)
"""Controls, and what turns the direction of text around it: `dir="auto"` does that, inside."""
_HEADINGS = {LineKind.HEADING1: 1, LineKind.HEADING2: 2, LineKind.HEADING3: 3}
PictureSource = Callable[[str], str | None]
"""The `data:` address of a picture by its id, or None where it cannot be shown."""


def text(value: str) -> str:
    """As text of an element or a quoted attribute."""
    return escape(_UNSEEN.sub(" ", safe_text(value)), quote=True)


def seen(value: str) -> str:
    """As one line of plain text, without controls and what turns the direction of text."""
    return _UNSEEN.sub(" ", safe_line(value)).replace("\t", " ").strip()


def seconds(ms: int) -> str:
    """Milliseconds as the exact seconds of a `#t=` link, without needless digits."""
    whole, rest = divmod(ms, 1000)
    return f"{whole}.{rest:03}".rstrip("0").rstrip(".") if rest else str(whole)


class Outline:
    """Headings as elements below the page's `h1`: none is more than one deeper than the last.

    A person may begin with a small heading; who moves by headings must not miss a level.
    """

    def __init__(self) -> None:
        self._last = 1

    def tag(self, kind: LineKind) -> str | None:
        """The element of the next line; None where it is no heading."""
        level = _HEADINGS.get(kind)
        if level is None:
            return None
        self._last = min(level + 1, self._last + 1)
        return f"h{self._last}"


def headed(
    lines: Iterable[SharedLine],
) -> Iterator[tuple[str, SharedLine] | list[SharedLine]]:
    """Each heading with its element, and the lines between them, which may be none."""
    block: list[SharedLine] = []
    outline = Outline()
    for line in lines:
        tag = outline.tag(line.line.kind)
        if tag is None:
            block.append(line)
            continue
        yield block
        block = []
        yield tag, line
    yield block


def notes_html(content: ShareContent, picture: PictureSource) -> Iterator[str]:
    """The lines: headings as headings, everything between them as nested lists."""
    for part in headed(content.lines):
        if isinstance(part, list):
            yield from _list(part, picture)
            continue
        tag, line = part
        look = f"row look{_HEADINGS[line.line.kind]}"
        yield f'<{tag} class="{look}" id="n={line.ordinal}">{_row(line)}</{tag}>\n'


def bookmarks_html(content: ShareContent) -> Iterator[str]:
    """The bookmarks as a list of links; nothing where there are none."""
    if not content.bookmarks:
        return
    yield f'<section class="bookmarks"><h2>{text(_("Bookmarks"))}</h2>\n<ul role="list">\n'
    for mark in content.bookmarks:
        label = mark.bookmark.label or _("Bookmark")
        yield (
            f'<li class="row"><a class="line bookmark" href="#t={seconds(mark.ms)}"'
            f' data-ms="{mark.ms}" draggable="false">{_time(mark.ms)}'
            f'<span class="text" dir="auto">{text(label)}</span></a></li>\n'
        )
    yield "</ul></section>\n"


def _list(lines: list[SharedLine], picture: PictureSource) -> Iterator[str]:
    """Nested `ul`s after the lines' indents. A line deeper by several is nested once."""
    open_at: list[int] = []
    for line in lines:
        indent = line.line.indent
        while len(open_at) > 1 and indent < open_at[-1]:
            open_at.pop()
            yield "</li></ul>"
        if not open_at or indent > open_at[-1]:
            open_at.append(indent)
            yield '<ul role="list">\n'
        else:
            yield "</li>\n"
        yield f'<li class="row" id="n={line.ordinal}">{_row(line)}{_picture(line, picture)}'
    yield "</li></ul>" * len(open_at) + ("\n" if lines else "")


def _row(line: SharedLine) -> str:
    """One line: a link to its moment; without a moment, the text alone."""
    note = line.line
    inside = "".join(
        (
            _time(line.ms),
            _box(line),
            f'<span class="text" dir="auto">{"".join(_words(line))}</span>',
            _marks(note.marks),
        )
    )
    classes = f"line {note.kind.value} d{min(max(note.indent, 0), 6)}"
    if line.ms is None:
        return f'<span class="{classes}">{inside}</span>'
    return (
        f'<a class="{classes}" href="#n={line.ordinal}" data-ms="{line.ms}" draggable="false">'
        f"{inside}</a>"
    )


def _words(line: SharedLine) -> Iterator[str]:
    """The text, each stretch with a time of its own marked with it."""
    if line.line.kind is LineKind.PICTURE:
        yield text(line.line.text) or text(_("Picture"))
        return
    for run in line.runs:
        if run.ms is None:
            yield text(run.text)
        else:
            yield f'<span data-w="{run.ms}">{text(run.text)}</span>'
    if not line.runs:
        yield text(line.line.text)


def _time(ms: int | None) -> str:
    if ms is None:
        return '<span class="time"></span>'
    stamp = format_time(ms)
    return f'<time class="time" datetime="PT{seconds(ms)}S">{stamp}</time>'


def _box(line: SharedLine) -> str:
    if line.line.kind is not LineKind.CHECK:
        return ""
    done = line.line.checked
    name = _("Done:") if done else _("Not done:")
    return (
        f'<span class="box" aria-hidden="true">{"☑" if done else "☐"}</span>'
        f'<span class="unseen">{text(name)} </span>'
    )


def _marks(marks: Iterable[Mark]) -> str:
    shown = "".join(_mark(mark) for mark in marks)
    return f'<span class="marks">{shown}</span>' if shown else ""


def _mark(mark: Mark) -> str:
    name = mark.spec.meaning
    return (
        f'<span class="mark" aria-hidden="true" title="{text(name)}">{mark.spec.sign}</span>'
        f'<span class="unseen"> ({text(name)})</span>'
    )


def _picture(line: SharedLine, picture: PictureSource) -> str:
    shown = line.line.picture
    source = picture(shown) if shown else None
    if source is None or shown is None:
        return ""
    return (
        f'<img class="picture" data-picture="{text(shown)}" alt="{text(line.line.text)}"'
        f' src="{source}">'
    )


def joined_parts(parts: Iterable[str]) -> str:
    """The parts that say something, with a dot between them."""
    return " · ".join(part for part in parts if part)
