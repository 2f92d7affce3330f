"""From an engine's tokens to words."""

from __future__ import annotations

from collections.abc import Iterable

from .engines import HeardWord

Token = tuple[bytes, float, float, float]
"""Text as UTF-8 (possibly a part of a character), start and end in seconds, probability."""


def words_of(tokens: Iterable[Token]) -> tuple[HeardWord, ...]:
    """Tokens joined into words at the spaces; a word's probability is that of its tokens' mean.

    Scripts that put no spaces between words come as one word. Punctuation stays with the word
    before it.
    """
    groups: list[list[Token]] = []
    for token in tokens:
        if token[0][:1] in b" \n\t" or not groups:
            groups.append([token])
        else:
            groups[-1].append(token)
    words: list[HeardWord] = []
    for group in groups:
        text = " ".join(b"".join(token[0] for token in group).decode("utf-8", "replace").split())
        if not text:
            continue
        start = min(token[1] for token in group)
        end = max(token[2] for token in group)
        chance = _mean([token[3] for token in group])
        if words and not any(char.isalnum() for char in text):
            last = words[-1]
            words[-1] = HeardWord(last.text + text, last.start, last.end, last.probability)
            continue
        words += [HeardWord(part, start, end, chance) for part in text.split(" ")]
    return tuple(words)


def _mean(chances: list[float]) -> float:
    return min(1.0, max(0.0, sum(chances) / len(chances)))
