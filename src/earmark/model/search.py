"""What a person looks for, read from what they typed, and what was found.

Reading raises for nothing: whatever is no filter is a word to look for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from .notes import Anchor
from .text import safe_line
from .units import LineId, Milliseconds, SessionId

_MAX_TERMS = 32
_MAX_CHARACTERS = 1000
_TERM = re.compile(
    r'(-?)(?:(tag|mark|event|speaker|before|after):)?(?:"([^"]*)(?:"|$)|(\S+))', re.IGNORECASE
)
_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


class HitKind(StrEnum):
    """What of a session a hit is in, by the word that `search --json` gives it."""

    TITLE = "title"
    EVENT = "event"
    SUMMARY = "summary"
    NOTE = "note"
    BOOKMARK = "bookmark"
    TRANSCRIPT = "transcript"
    SPEAKER = "speaker"


class SearchScope(StrEnum):
    """Where to look, by the words of `search --in`."""

    NOTES = "notes"
    TRANSCRIPT = "transcript"
    TITLES = "titles"

    @property
    def kinds(self) -> frozenset[HitKind]:
        match self:
            case SearchScope.NOTES:
                return frozenset({HitKind.NOTE, HitKind.BOOKMARK})
            case SearchScope.TRANSCRIPT:
                return frozenset({HitKind.TRANSCRIPT, HitKind.SPEAKER})
        return frozenset({HitKind.TITLE, HitKind.EVENT, HitKind.SUMMARY})


class FilterKey(StrEnum):
    TAG = "tag"
    MARK = "mark"
    EVENT = "event"
    SPEAKER = "speaker"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Filter:
    """`key:value`; with a `-` before it, what does not fit."""

    key: FilterKey
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """`phrases` must all be there (a word is a phrase of one), `without` none of them.

    `beginning`: the last phrase is a word that may go on, because it is still being typed.
    """

    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    beginning: bool = False


def parse_query(text: str) -> Query:
    """The query that the text stands for. Never raises."""
    phrases: list[str] = []
    without: list[str] = []
    filters: list[Filter] = []
    beginning = False
    terms = list(_TERM.finditer(safe_line(text)[:_MAX_CHARACTERS]))[:_MAX_TERMS]
    for number, term in enumerate(terms):
        minus, key, quoted, word = term.groups()
        value = (word if quoted is None else quoted).strip()
        if key is not None and _fits(FilterKey(key.lower()), value):
            filters.append(Filter(FilterKey(key.lower()), value, bool(minus)))
            continue
        if key is not None:
            value = f"{key}:{value}"
        if not value:
            continue
        (without if minus else phrases).append(value)
        if not minus:
            beginning = number == len(terms) - 1 and quoted is None
    return Query(tuple(phrases), tuple(without), tuple(filters), beginning)


def _fits(key: FilterKey, value: str) -> bool:
    """Whether the value fits the key: a day is `2026`, `2026-03` or `2026-03-04`."""
    if key in (FilterKey.BEFORE, FilterKey.AFTER):
        return _DAY.fullmatch(value) is not None
    return bool(value)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One place that was found. `snippet`: its words with some around them, on one line.

    `anchor` is where it can be heard, `session_ms` that moment on the session's timeline; both
    None where it has no moment, the latter also for a moment of another session's recording.
    """

    session: SessionId
    title: str
    kind: HitKind
    snippet: str
    line: LineId | None = None
    anchor: Anchor | None = None
    session_ms: Milliseconds | None = None
