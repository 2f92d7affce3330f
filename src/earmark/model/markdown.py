"""Text as Markdown and back: what notes files and the Markdown that is shared agree on.

In a shared file the notes stand between two comments; what is outside (title, transcript) is for
readers only. Escapes and character references are those of CommonMark.
"""

from __future__ import annotations

import re
from html.entities import html5

from .marks import mark_with_markdown_sign
from .text import safe_line

BEGIN = "<!-- earmark: notes -->"
END = "<!-- earmark: end -->"
INDENT = "&emsp;"
"""One step of indent where spaces would make a code block of the line."""

_ESCAPED = re.compile(
    r"[\\`*\[\]|~$]"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|<(?=[A-Za-z/!?])"
    r"|&(?=#?[0-9A-Za-z]+;)"
    r"|#$|^[#+=>-]|^%(?=\s)"
)
_NUMBERED = re.compile(r"(\d{1,9})([.)])")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_READ = re.compile(
    r"\\(?P<plain>[!-/:-@\[-`{-~])"
    r"|&(?:#(?P<number>[0-9]{1,7})|#[xX](?P<hex>[0-9A-Fa-f]{1,6})|(?P<name>[A-Za-z][A-Za-z0-9]{1,31}));"
)


def escaped(text: str) -> str:
    """A line of text that Markdown shows as it is, wherever in a line it stands; on one line."""
    text = safe_line(text)
    lead = text[: len(text) - len(text.lstrip())]
    body = text[len(lead) :]
    tail = body[len(body.rstrip()) :]
    body = body[: len(body) - len(tail)]
    numbered = _NUMBERED.match(body)
    if numbered:
        body = f"{numbered[1]}\0{body[numbered.end() - 1 :]}"
    body = _ESCAPED.sub(lambda found: "\\" + found[0], body).replace("\0", "\\")
    if mark_with_markdown_sign(body[:1]):
        body = _reference(body[0]) + body[1:]
    body = _UNSEEN.sub(lambda found: _reference(found[0]), body)
    return "".join(map(_reference, lead)) + body + "".join(map(_reference, tail))


def unescaped(text: str) -> str:
    """What such text says. Never refuses; references to nothing become U+FFFD."""
    return safe_line(_READ.sub(_read, text))


def _reference(char: str) -> str:
    return f"&#{ord(char)};"


def _read(found: re.Match[str]) -> str:
    if found["plain"]:
        return found["plain"]
    if found["name"]:
        return html5.get(f"{found['name']};", found[0])
    code = int(found["number"]) if found["number"] else int(found["hex"], 16)
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "�"
