"""Links in plain text: http, https and mailto addresses, found where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINK = re.compile(r"\b(?:https?://|mailto:)[^\s<>\"“”]+", re.IGNORECASE)
_TRAILING = ".,;:!?'’…"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def links(text: str) -> Iterator[tuple[int, str]]:
    """Each link's offset and text. Closing punctuation of the sentence is not part of it."""
    if ":" not in text:
        return
    for match in _LINK.finditer(text):
        found = match[0]
        while found and (
            found[-1] in _TRAILING
            or (found[-1] in _PAIRS and found.count(found[-1]) > found.count(_PAIRS[found[-1]]))
        ):
            found = found[:-1]
        if not found.endswith(("//", ":")):
            yield match.start(), found


def link_at(text: str, offset: int) -> str | None:
    """The link that holds the character at `offset`."""
    for start, found in links(text):
        if start <= offset < start + len(found):
            return found
    return None
