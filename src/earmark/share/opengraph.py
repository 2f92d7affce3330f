"""What other sites and messengers show of a link to a page: its title, a few words, its sound."""

from __future__ import annotations

from urllib.parse import quote

from earmark.model.i18n import _

from .content import ShareContent, SharedLine
from .cues import line_words
from .markup import joined_parts, text

_FIRST_LINES = 3
_MAX_DESCRIPTION = 300


def page_head(
    content: ShareContent,
    base_url: str,
    page: str,
    *,
    site: str = "",
    sound: str = "",
    sound_type: str = "",
) -> str:
    """The head of a session's page that will stand as `page` under `base_url`."""
    said = content.session.summary or joined_parts(map(line_words, first_lines(content)))
    title = content.title or _("Untitled")
    return open_graph(
        base_url, page, title, said, "article", site=site, sound=sound, sound_type=sound_type
    )


def first_lines(content: ShareContent) -> list[SharedLine]:
    """The first lines that say something; headings only where there is nothing else."""
    said = [line for line in content.lines if line_words(line)]
    plain = [line for line in said if not line.line.kind.is_heading]
    return (plain or said)[:_FIRST_LINES]


def open_graph(
    base_url: str,
    page: str,
    title: str,
    said: str,
    kind: str,
    *,
    site: str = "",
    sound: str = "",
    sound_type: str = "",
) -> str:
    """The description, and the Open Graph where the page's address is known. Names of files
    become addresses."""
    description = said[:_MAX_DESCRIPTION]
    named = f'<meta name="description" content="{text(description)}">\n' if description else ""
    if not base_url:
        return named
    values = {
        "og:type": kind,
        "og:title": title,
        "og:description": description,
        "og:url": base_url + quote(page),
        "og:site_name": site,
        "og:audio": base_url + quote(sound) if sound else "",
        "og:audio:type": sound_type if sound else "",
    }
    return named + "".join(
        f'<meta property="{name}" content="{text(value)}">\n'
        for name, value in values.items()
        if value
    )
