"""The pages of an event's site as HTML: the report, and what a session's page has as one of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import Template

from earmark.model.i18n import _, ngettext

from .content import ShareContent, SharedLine
from .cues import line_words
from .markup import joined_parts, text
from .opengraph import first_lines, open_graph, page_head
from .options import WriteOptions
from .page import page_file, policy
from .pencast import Site, day_words

_SHORT_LINE = 140
_ADDRESS = "ADDRESS/"
"""Stands where the site's address belongs until it is known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A session of the site: its page, and its sound file (empty without sound)."""

    content: ShareContent
    page: str
    sound: str


def index_html(event: str, entries: Sequence[Entry], base_url: str) -> str:
    """The report: what the day was, and a card for each session."""
    style = page_file("style.css") + page_file("site.css")
    script = page_file("embed.js")
    title = event or _("Untitled")
    kicker, where = _kicker(entries), _where(entries)
    return Template(page_file("site.html")).substitute(
        lang=_("en"),
        policy=policy(script, style),
        style=style,
        script=script,
        head=open_graph(base_url, "", title, joined_parts((kicker, where)), "website"),
        title=text(title),
        kicker=text(kicker),
        where=text(where),
        lead=text(_lead(entries)),
        cards="".join(_card(entry) for entry in entries),
        below=_embed(base_url, "index.html", title),
    )


def surroundings(event: str, entry: Entry, options: WriteOptions) -> Site:
    """What the page of a session has besides its notes."""
    content = entry.content
    title = content.title or _("Untitled")
    head = page_head(
        content, options.base_url, entry.page, site=event, sound=entry.sound,
        sound_type=options.form.mime,
    )  # fmt: skip
    back = text(event or _("All sessions"))
    up = f'<p class="up"><a href="index.html" dir="auto">← {back}</a></p>\n'
    return Site(
        sound=entry.sound,
        head=head,
        above=up,
        below=_embed(options.base_url, entry.page, title),
        style=page_file("site.css"),
        script=page_file("embed.js"),
    )


def length_words(ms: int) -> str:
    """“38 min”, “2 h 11 min”, below a minute “40 s”."""
    if ms < 60_000:
        return _("{seconds} s").format(seconds=ms // 1000)
    minutes = round(ms / 60_000)
    if minutes < 60:
        return _("{minutes} min").format(minutes=minutes)
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)


def _kicker(entries: Sequence[Entry]) -> str:
    """“A day with sound · 4 sessions · 2 h 11 min”."""
    days = len({entry.content.date.date() for entry in entries})
    total = sum(entry.content.duration_ms for entry in entries if entry.sound)
    sound = ngettext("A day with sound", "{count} days with sound", days).format(count=days)
    silent = ngettext("A day in notes", "{count} days in notes", days).format(count=days)
    sessions = ngettext("{count} session", "{count} sessions", len(entries))
    return joined_parts(
        (
            sound if total else silent,
            sessions.format(count=len(entries)),
            length_words(total) if total else "",
        )
    )


def _where(entries: Sequence[Entry]) -> str:
    """“11 June 2009 – 12 June 2009 · Institut Telecom, Paris”."""
    days = sorted({entry.content.date.date() for entry in entries})
    dates = day_words(days[0])
    if len(days) > 1:
        dates = _("{first} – {last}").format(first=dates, last=day_words(days[-1]))
    places = dict.fromkeys(entry.content.session.place for entry in entries)
    return joined_parts((dates, *places))


def _lead(entries: Sequence[Entry]) -> str:
    if any(entry.sound for entry in entries):
        return _("Touch a session to read its notes, touch a note to hear the room.")
    return _("Touch a session to read its notes.")


def _card(entry: Entry) -> str:
    content = entry.content
    title = text(content.title or _("Untitled"))
    notes = sum(1 for line in content.lines if line.line.text)
    counted = ngettext("{count} note", "{count} notes", notes).format(count=notes)
    if not notes:
        counted = _("transcript") if content.segments else _("no notes")
    about = joined_parts((length_words(content.duration_ms) if entry.sound else "", counted))
    summary = content.session.summary
    lines = "".join(_card_line(entry, line) for line in first_lines(content))
    return (
        f'<li class="card">\n<a class="go" href="{entry.page}" aria-hidden="true" tabindex="-1">'
        '<svg viewBox="0 0 24 24"><path d="M7 4v16l13-8z"/></svg></a>\n'
        f'<div><h2 dir="auto"><a href="{entry.page}">{title}</a></h2>\n'
        f'<p class="where">{text(about)}</p>\n'
        + (f'<p dir="auto">{text(summary)}</p>\n' if summary else "")
        + (f"<ul>{lines}</ul>\n" if lines else "")
        + "</div></li>\n"
    )


def _card_line(entry: Entry, line: SharedLine) -> str:
    words = line_words(line)
    if len(words) > _SHORT_LINE:
        words = words[: _SHORT_LINE - 1].rstrip() + "…"
    signs = "".join(
        f' <span class="mark" aria-hidden="true">{mark.spec.sign}</span>'
        for mark in line.line.marks
    )
    return f'<li dir="auto"><a href="{entry.page}#n={line.ordinal}">{text(words)}{signs}</a></li>\n'


def _embed(base_url: str, page: str, title: str) -> str:
    """The line of HTML that shows this page inside another one, to be copied."""
    address = f"{base_url or _ADDRESS}{page}"
    line = (
        f'<iframe src="{text(address)}" title="{text(title)}" width="100%" height="640" '
        'style="border:0" allow="autoplay" loading="lazy"></iframe>'
    )
    hint = ""
    if not base_url:
        said = _("{address} is the place on the web where this folder stands.")
        said = said.format(address=_ADDRESS.rstrip("/"))
        hint = f'<p class="address-hint">{text(said)}</p>\n'
    later = "" if base_url else f' data-address="{_ADDRESS}"'
    label, copy = _("Show this inside another page"), _("Copy this line into the other page:")
    return (
        f'<details class="embed-this"><summary>{text(label)}</summary>\n'
        f"<p>{text(copy)}</p>\n{hint}"
        f'<code tabindex="0"{later}>{text(line)}</code></details>\n'
    )
