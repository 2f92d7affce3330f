"""What the notes tell the engine: the names and terms typed near the moment it listens to."""

from __future__ import annotations

import re
from collections.abc import Sequence

NEAR_SECONDS = 300
MOST_TERMS = 40
MOST_CHARACTERS = 300
"""About half of what a model takes as its prompt; beyond that it forgets the beginning itself."""
LONG_WORD = 9
_WORD = re.compile(r"[^\W_](?:[\w'’.&/+#-]*[\w+#])?")
_SENTENCE_END = re.compile(r"[.!?:;]\s*$")
_COMMON_WORDS = """
a about after again all also an and any are as at be because been before being but by can could
did do does done each either else even every example few first for from get good had has have he
hence her here his how however i if in into is it its just last later less like line main many
maybe may me more most much must my need never new next no none not note notes now of off often
ok on once one only or other our out over own part please point question questions really same
see she should since slide so some soon still such take talk than that the their them then there
therefore these they thing things think this those though three through to today todo too two
under until up upon us use used uses using very via was way we well were what when where whether
which while who why will with within without would yes yet you your answer ask check remember
idea important introduction intro summary conclusion outline agenda chapter section part topic
homework exam lecture meeting session break monday tuesday wednesday thursday friday saturday
sunday der die das und ein eine ist nicht mit von für auf
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def prompt_for(lines: Sequence[tuple[int, str]], frame: int, rate: int) -> str:
    """The engine's prompt for sound at `frame`: names and terms, the nearest last.

    `lines` are (frame of the take, text as typed); `frame` and theirs at `rate`. Empty when
    nothing fits. The nearest stand last because engines cut a prompt at its beginning.
    """
    found: dict[str, tuple[int, str]] = {}
    capitals = _capitals_inside(lines)
    for at, text in sorted(lines, key=lambda line: abs(line[0] - frame)):
        if abs(at - frame) > NEAR_SECONDS * rate and len(found) >= MOST_TERMS // 2:
            break
        for term in terms(text, capitals):
            found.setdefault(term.casefold(), (abs(at - frame), term))
    chosen: list[str] = []
    length = 0
    for _distance, term in list(found.values())[:MOST_TERMS]:
        if length + len(term) + 2 > MOST_CHARACTERS:
            break
        chosen.append(term)
        length += len(term) + 2
    return ", ".join(reversed(chosen)) + "." if chosen else ""


def terms(text: str, capitals: frozenset[str] = frozenset()) -> list[str]:
    """Names and terms of one line, in its order; neighbouring capitalised words are one name.

    `capitals` are words known to be names although they stand at a sentence's beginning.
    """
    found: list[str] = []
    joined = False
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        between = text[end : match.start()]
        first = not text[: match.start()].strip(" \t-*•>#[](){}\"'“”0123456789.") or bool(
            _SENTENCE_END.search(between)
        )
        kind = _kind(word, first, capitals)
        if kind == "name" and joined and between == " ":
            found[-1] += " " + word
        elif kind:
            found.append(word)
        joined = kind == "name"
        end = match.end()
    return found


def _kind(word: str, first: bool, capitals: frozenset[str]) -> str:
    """ "name", "term" or "" of one word; `first` in its sentence."""
    plain = word.casefold()
    if plain in _COMMON or len(word) < 2 or word.isdigit():
        return ""
    letters = [char for char in word if char.isalpha()]
    if not letters:
        return ""
    if any(char.isupper() for char in word[1:]) or (
        any(char.isdigit() for char in word) and len(letters) > 1
    ):
        return "name"
    if word[0].isupper() and (not first or plain in capitals or len(word) >= 3):
        return "name"
    return "term" if len(word) >= LONG_WORD else ""


def _capitals_inside(lines: Sequence[tuple[int, str]]) -> frozenset[str]:
    """Words written with a capital although no sentence begins there."""
    found = set()
    for _at, text in lines:
        for match in list(_WORD.finditer(text))[1:]:
            before = text[: match.start()]
            if match.group()[0].isupper() and not _SENTENCE_END.search(before):
                found.add(match.group().casefold())
    return frozenset(found)
