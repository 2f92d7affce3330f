"""What an engine says although nobody said it: told apart by how it looks.

Whisper models fill silence and noise with phrases they know, and may get stuck on one. The first
guard is that silence never reaches them; these are the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .engines import RATE
from .windows import Placed

LEAST_PROBABILITY = 0.2
"""Of a passage's words, on average."""
UNSURE_PROBABILITY = 0.5
SHORT = RATE // 2
"""So little voice with an unsure engine was no word."""
MOST_WORDS_PER_SECOND = 12.0
MOST_TOLD_AGAIN = 2
"""A passage word for word like the ones before it is kept so often in a row."""
MOST_PHRASES_AGAIN = 3
_LABEL = re.compile(r"^[\s\W]*([\[(*♪♫].*[\])*♪♫])?[\s\W]*$", re.DOTALL)


def believable(placed: Placed, voiced: int) -> bool:
    """Whether a passage may be told. `voiced`: samples of voice inside it."""
    if _LABEL.match(placed.text):
        return False
    chance = placed.probability
    if chance < LEAST_PROBABILITY or (voiced < SHORT and chance < UNSURE_PROBABILITY):
        return False
    seconds = max(placed.end - placed.start, RATE // 10) / RATE
    return len(placed.words) / seconds <= MOST_WORDS_PER_SECOND or len(placed.words) < 3


def without_repeats(
    passages: Sequence[Placed], before: Sequence[str] = ()
) -> tuple[list[Placed], list[str]]:
    """Stuck passages left out; also the latest texts, to be given as `before` the next time."""
    latest = list(before)
    kept = []
    for placed in passages:
        placed = _unstuck(placed)
        text = _plain(placed.text)
        latest = [*latest[-MOST_TOLD_AGAIN:], text]
        stuck = len(latest) > MOST_TOLD_AGAIN and len(set(latest)) == 1
        if not stuck or len(placed.words) < 2:
            kept.append(placed)
    return kept, latest[-MOST_TOLD_AGAIN:]


def _unstuck(placed: Placed) -> Placed:
    """A phrase said again and again within one passage is kept as often as people do that."""
    words = [_plain(word[0]) for word in placed.words]
    kept: list[int] = list(range(len(words)))
    for size in range(1, 9):
        at = 0
        while at + size <= len(kept):
            phrase = [words[k] for k in kept[at : at + size]]
            times = 1
            while [words[k] for k in kept[at + times * size : at + (times + 1) * size]] == phrase:
                times += 1
            most = MOST_PHRASES_AGAIN if size > 1 else MOST_PHRASES_AGAIN + 3
            if times > most:
                del kept[at + MOST_PHRASES_AGAIN * size : at + times * size]
            at += 1
    if len(kept) == len(words):
        return placed
    chosen = tuple(placed.words[k] for k in kept)
    return Placed(placed.start, chosen[-1][2], chosen)


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()
