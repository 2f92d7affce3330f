"""How far into a window the engine followed: the more it is given at once, the sooner it may lose
the thread, skip an utterance or stammer. What it lost is heard again from there on."""

from __future__ import annotations

from collections.abc import Sequence

from .engines import RATE
from .utterances import Utterance
from .windows import Placed, Window

LONG_ENOUGH = 3 * RATE // 2
"""Shorter voices may well be no words: a laugh, a cough, an “er”."""
FEWEST_LETTERS, MOST_LETTERS = 6.0, 25.0
"""In a second of voice, where slow and fast speech have some 9 and 20."""
SYLLABIC = 0x0E00
"""Signs from here on (Thai, Chinese, Japanese, Korean) stand for as much as three letters."""
LEAST_PROBABILITY = 0.6
LEAST_COVERED = 0.8
"""Of the voice, by passages."""


def followed(window: Window, placed: Sequence[Placed]) -> int:
    """How many of the window's utterances, from the first on, were heard without doubt.

    No passage reaches over that border.
    """
    count = 0
    while count < len(window.parts) and not _doubtful(window.parts[count], placed):
        count += 1
    while 0 < count < len(window.parts) and _crossed(window.parts[count].start, placed):
        count -= 1
    return count


def _doubtful(part: Utterance, placed: Sequence[Placed]) -> bool:
    voiced = sum(b - a for a, b in part.runs)
    if voiced < LONG_ENOUGH:
        return False
    middle = ((word, (word[1] + word[2]) / 2) for each in placed for word in each.words)
    words = [word for word, at in middle if part.start <= at < part.end]
    letters = sum(_letters(word[0]) for word in words)
    if not FEWEST_LETTERS <= letters * RATE / voiced <= MOST_LETTERS:
        return True
    covered = sum(
        max(0, min(b, each.end) - max(a, each.start)) for a, b in part.runs for each in placed
    )
    if covered < LEAST_COVERED * voiced:
        return True
    return sum(word[3] for word in words) / len(words) < LEAST_PROBABILITY


def _letters(text: str) -> int:
    return sum(3 if ord(char) >= SYLLABIC else 1 for char in text if char.isalnum())


def _crossed(border: int, placed: Sequence[Placed]) -> bool:
    return any(each.start < border < each.end for each in placed)
