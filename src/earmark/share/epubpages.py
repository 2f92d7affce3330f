"""The pages of the EPUB: notes and transcript as XHTML, when each is spoken, what is inside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from itertools import pairwise
from uuid import NAMESPACE_URL, uuid5

from earmark.model import LineKind, format_time
from earmark.model.i18n import _

from .content import ShareContent, SharedLine
from .cues import line_words
from .markup import headed, joined_parts, seen, text

NOTES, TRANSCRIPT, SOUND = "notes", "transcript", "sound.mp3"
_SHORTEST_MS = 5
"""A clip may not be empty."""
STYLE = """\
body { margin: 1em; line-height: 1.5; }
ul { padding-left: 1.2em; list-style: none; }
p { margin: 0.3em 0; }
img { max-width: 100%; }
.time { font-size: 0.8em; opacity: 0.75; margin-right: 0.6em; }
.spoken { background: #ffe08a; color: #111; }
"""
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Clip:
    """The sound `[start_ms, end_ms)` that belongs to the element `element` of its page."""

    element: str
    start_ms: int
    end_ms: int


def book_language(content: ShareContent) -> str:
    """The transcript's language where it is known; else the one that says so."""
    transcript = content.session.transcript
    known = transcript is not None and re.fullmatch(r"[a-z]{2,3}", transcript.language)
    return transcript.language if transcript and known else "und"


def book_title(content: ShareContent) -> str:
    return seen(content.title) or _("Untitled")


def note_clips(content: ShareContent) -> tuple[Clip, ...]:
    """Lines with a time in the order of the page, each up to the next later line. Before the first
    one the title is spoken. Of neighbours with one time all but the last are as short as can be.
    """
    timed = [(line.ms, line) for line in content.lines if line.ms is not None]
    clips: list[Clip] = []
    if timed and min(ms for ms, _line in timed) >= _SHORTEST_MS:
        clips.append(_clip("n0", 0, min(ms for ms, _line in timed), content))
    for (ms, line), (after, _after) in pairwise([*timed, (-1, None)]):
        if line is not None:
            end = ms if after == ms else line.end_ms or ms
            clips.append(_clip(f"n{line.ordinal}", ms, end, content))
    return tuple(clips)


def transcript_clips(content: ShareContent) -> tuple[Clip, ...]:
    """The passages of the transcript."""
    return tuple(
        _clip(f"s{number}", passage.ms, passage.end_ms, content)
        for number, passage in enumerate(content.segments, start=1)
    )


def _clip(element: str, start_ms: int, end_ms: int, content: ShareContent) -> Clip:
    """The clip inside the sound, as short as may be but not empty."""
    start = max(0, min(start_ms, content.duration_ms - _SHORTEST_MS))
    return Clip(element, start, max(min(end_ms, content.duration_ms), start + _SHORTEST_MS))


def notes_page(content: ShareContent, pictures: Mapping[str, str]) -> str:
    """The notes; `pictures` are file names by id."""
    where = joined_parts((content.event, f"{content.date:%Y-%m-%d}", content.session.place))
    body = [f'<h1 id="n0" dir="auto">{text(book_title(content))}</h1>', _paragraph(where)]
    body += [_paragraph(line) for line in content.session.summary.splitlines() if line.strip()]
    for part in headed(content.lines):
        if isinstance(part, list):
            body += _list(part, pictures)
            continue
        tag, line = part
        body.append(f'<{tag} id="n{line.ordinal}">{_row(line)}</{tag}>')
    if content.bookmarks:
        marks = (
            f"<li>{_time(m.ms)}{text(seen(m.bookmark.label) or _('Bookmark'))}</li>"
            for m in content.bookmarks
        )
        body.append(f"<h2>{text(_('Bookmarks'))}</h2><ul>{''.join(marks)}</ul>")
    return page(book_title(content), "\n".join(body), book_language(content))


def transcript_page(content: ShareContent) -> str:
    """The transcript, a paragraph a passage."""
    body = [f"<h1>{text(_('Transcript'))}</h1>"]
    for number, passage in enumerate(content.segments, start=1):
        who = seen(passage.segment.speaker)
        said = f"<b>{text(who)}:</b> " if who else ""
        words = text(passage.segment.text)
        body.append(f'<p id="s{number}" dir="auto">{_time(passage.ms)}{said}{words}</p>')
    return page(_("Transcript"), "\n".join(body), book_language(content))


def contents_page(content: ShareContent, transcript: bool) -> str:
    """The table of contents: the title, its headings, the transcript."""
    rows = [(f"{NOTES}.xhtml#n0", book_title(content))]
    rows += [
        (f"{NOTES}.xhtml#n{line.ordinal}", line_words(line))
        for line in content.lines
        if line.line.kind.is_heading and line_words(line)
    ]
    if transcript:
        rows.append((f"{TRANSCRIPT}.xhtml", _("Transcript")))
    links = "\n".join(f'<li><a href="{href}">{text(words)}</a></li>' for href, words in rows)
    body = f'<nav epub:type="toc"><h1>{text(_("Contents"))}</h1>\n<ol>\n{links}\n</ol></nav>'
    return page(_("Contents"), body, book_language(content))


def page(title: str, body: str, language: str) -> str:
    """An XHTML page around `body`."""
    return (
        f"{_HEAD}<!DOCTYPE html>\n"
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
        f' lang="{language}" xml:lang="{language}">\n<head><title>{text(title)}</title>'
        '<link rel="stylesheet" type="text/css" href="style.css"/></head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def overlay(name: str, clips: Iterable[Clip]) -> str:
    """The media overlay of the page `name`."""
    pars = "\n".join(
        f'<par id="p{number}"><text src="{name}.xhtml#{clip.element}"/>'
        f'<audio src="{SOUND}" clipBegin="{_clock(clip.start_ms)}"'
        f' clipEnd="{_clock(clip.end_ms)}"/></par>'
        for number, clip in enumerate(clips, start=1)
    )
    return (
        f'{_HEAD}<smil xmlns="http://www.w3.org/ns/SMIL" version="3.0">\n'
        f"<body>\n{pars}\n</body>\n</smil>\n"
    )


def package(
    content: ShareContent, overlays: Mapping[str, Iterable[Clip]], pictures: Mapping[str, str]
) -> str:
    """The package document. `overlays` are the clips by page, `pictures` media types by name."""
    lasts = {name: sum(c.end_ms - c.start_ms for c in clips) for name, clips in overlays.items()}
    pages = [NOTES, *([TRANSCRIPT] if content.segments else [])]
    items = [
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
    ]
    items.append('<item id="style" href="style.css" media-type="text/css"/>')
    for name in pages:
        spoken = f' media-overlay="{name}-overlay"' if name in lasts else ""
        kind = "application/xhtml+xml"
        items.append(f'<item id="{name}" href="{name}.xhtml" media-type="{kind}"{spoken}/>')
    for name in lasts:
        kind = "application/smil+xml"
        items.append(f'<item id="{name}-overlay" href="{name}.smil" media-type="{kind}"/>')
    if lasts:
        items.append(f'<item id="sound" href="{SOUND}" media-type="audio/mpeg"/>')
    for number, (name, kind) in enumerate(pictures.items(), start=1):
        items.append(f'<item id="picture{number}" href="{name}" media-type="{kind}"/>')
    spine = "".join(f'<itemref idref="{name}"/>' for name in pages)
    return (
        f'{_HEAD}<package xmlns="http://www.idpf.org/2007/opf" version="3.0"'
        ' unique-identifier="book">\n<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        + "\n".join(_metadata(content, lasts))
        + "\n</metadata>\n<manifest>\n"
        + "\n".join(items)
        + f"\n</manifest>\n<spine>{spine}</spine>\n</package>\n"
    )


def _metadata(content: ShareContent, lasts: Mapping[str, int]) -> Iterator[str]:
    name = uuid5(NAMESPACE_URL, f"earmark:session:{content.session.id}")
    yield f'<dc:identifier id="book">urn:uuid:{name}</dc:identifier>'
    yield f"<dc:title>{text(book_title(content))}</dc:title>"
    yield f"<dc:language>{book_language(content)}</dc:language>"
    yield f"<dc:date>{content.date:%Y-%m-%d}</dc:date>"
    if about := seen(content.session.summary):
        yield f"<dc:description>{text(about)}</dc:description>"
    changed = content.date.astimezone(UTC)
    yield f'<meta property="dcterms:modified">{changed:%Y-%m-%dT%H:%M:%SZ}</meta>'
    if event := seen(content.event):
        yield f'<meta property="belongs-to-collection" id="event">{text(event)}</meta>'
    yield '<meta property="schema:accessMode">textual</meta>'
    yield '<meta property="schema:accessModeSufficient">textual</meta>'
    yield '<meta property="schema:accessibilityFeature">tableOfContents</meta>'
    yield '<meta property="schema:accessibilityHazard">none</meta>'
    if lasts:
        yield '<meta property="schema:accessMode">auditory</meta>'
        yield '<meta property="schema:accessibilityFeature">synchronizedAudioText</meta>'
        yield '<meta property="media:active-class">spoken</meta>'
        yield f'<meta property="media:duration">{_clock(sum(lasts.values()))}</meta>'
    for page_name, ms in lasts.items():
        refined = f'refines="#{page_name}-overlay"'
        yield f'<meta property="media:duration" {refined}>{_clock(ms)}</meta>'


def _list(lines: list[SharedLine], pictures: Mapping[str, str]) -> list[str]:
    """Nested lists after the lines' indents; a line deeper by several is nested once."""
    made: list[str] = []
    open_at: list[int] = []
    for line in lines:
        while len(open_at) > 1 and line.line.indent < open_at[-1]:
            open_at.pop()
            made.append("</li></ul>")
        if not open_at or line.line.indent > open_at[-1]:
            open_at.append(line.line.indent)
            made.append("<ul>")
        else:
            made.append("</li>")
        made.append(f'<li><p id="n{line.ordinal}">{_row(line)}</p>{_picture(line, pictures)}')
    made += ["</li></ul>"] * len(open_at)
    return made


def _row(line: SharedLine) -> str:
    note = line.line
    box = ("☑ " if note.checked else "☐ ") if note.kind is LineKind.CHECK else ""
    marks = "".join(f"{mark.spec.sign} " for mark in note.marks)
    return f'{_time(line.ms)}{box}{marks}<span dir="auto">{text(line_words(line))}</span>'


def _picture(line: SharedLine, pictures: Mapping[str, str]) -> str:
    file = pictures.get(line.line.picture) if line.line.picture else None
    return f'<img src="{file}" alt="{text(line_words(line))}"/>' if file else ""


def _time(ms: int | None) -> str:
    return "" if ms is None else f'<span class="time">{format_time(ms)}</span> '


def _paragraph(words: str) -> str:
    return f'<p dir="auto">{text(words)}</p>'


def _clock(ms: int) -> str:
    return f"{ms / 1000:.3f}s"
