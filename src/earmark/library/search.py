"""Finding words in everything the library holds, newest session first or best first.

The index names candidates; what is shown decides. Each candidate's text, as a person sees it (a
passage without what is off the record), is matched once more by an index in memory that knows
nothing else: a hidden word neither finds its passage nor keeps it from being found.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, select, text

from earmark.model import Anchor, Frames, LineId, SessionId, Take, TakeId, Timeline
from earmark.model.search import Filter, FilterKey, HitKind, Query, SearchHit

from . import rows, spoken
from .search_index import TOKENIZER
from .store import Store
from .tables import BookmarkRow, LineRow, SegmentRow, TakeRow

_RANKED = 20_000
"""So many of the newest hits are ranked: over a common word of a large library all of them take
seconds."""
_CHUNK = 200
_LATER_TAKE = 2**48
"""Frames: more than any take has."""
_SNIPPET = 18
"""Words."""
_ORDER = {kind: place for place, kind in enumerate(HitKind)}
_BY_FILTER = {
    FilterKey.TAG: HitKind.NOTE,
    FilterKey.MARK: HitKind.NOTE,
    FilterKey.SPEAKER: HitKind.TRANSCRIPT,
}


class _Candidate(NamedTuple):
    session: str
    title: str
    kind: HitKind
    part: str


class _Shown(NamedTuple):
    """A candidate as a person sees it."""

    order: float
    text: str
    line: LineId | None = None
    anchor: Anchor | None = None


class Search(Store):
    def search(
        self,
        query: Query,
        kinds: Iterable[HitKind] = HitKind,
        *,
        best: bool = False,
        limit: int = 100,
    ) -> tuple[SearchHit, ...]:
        """What fits the query, outside the bin: the newest session first and in it from its
        beginning, or the best first. Private lines are found, what is off the record is not."""
        found: list[SearchHit] = []
        wanted = _wanted(query, frozenset(kinds))
        if limit < 1 or not wanted:
            return ()
        with self.reading() as connection, closing(_Lens(query)) as lens:
            candidates = _candidates(connection, query, wanted, best=best)
            # Read whole before anything else is asked: one connection, one question at a time.
            for session, some in groupby(candidates, key=lambda one: one.session):
                for hit in _hits(connection, lens, session, list(some), best=best):
                    found.append(hit)
                    if len(found) == limit:
                        return tuple(found)
        return tuple(found)


def _wanted(query: Query, kinds: frozenset[HitKind]) -> frozenset[HitKind]:
    """The kinds that can fit: a mark is a line's, a speaker a passage's. Without words, a session
    by its title stands for all that is in it."""
    asked = [one for one in query.filters if not one.negated]
    for one in asked:
        if one.key in _BY_FILTER:
            kinds &= {_BY_FILTER[one.key]}
    if not query.phrases:
        if not asked:
            return frozenset()
        if not any(one.key in _BY_FILTER for one in asked):
            kinds &= {HitKind.TITLE}
    return kinds


def expression(query: Query) -> str:
    """The phrases in FTS5's language, every one quoted, so that no text is read as syntax."""
    quoted = [_quoted(phrase) for phrase in query.phrases]
    if quoted and query.beginning:
        quoted[-1] += " *"
    return " ".join(quoted)


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', '""') + '"'


# --- candidates, by the index ---------------------------------------------------------------------


def _candidates(
    connection: Connection, query: Query, kinds: frozenset[HitKind], *, best: bool
) -> Sequence[_Candidate]:
    """All that the index and the filters let through, in their order."""
    values: dict[str, Any] = {}
    words = expression(query)
    if words:
        values["words"] = words
        of_words = "search_words JOIN search_entries AS e ON e.id = search_words.rowid"
        match = "search_words MATCH :words"
        rank = "bm25(search_words)" if best else "0"
        if best:
            values["ranked"] = _RANKED - 1
            match += (
                " AND search_words.rowid >= coalesce((SELECT rowid FROM search_words"
                " WHERE search_words MATCH :words ORDER BY rowid DESC LIMIT 1 OFFSET :ranked), 0)"
            )
    else:
        of_words, match, rank = "search_entries AS e", "1", "0"
    named = ", ".join(f"'{kind}'" for kind in sorted(kinds))
    conditions = [_condition(one, number, values) for number, one in enumerate(query.filters)]
    where = " AND ".join(["s.binned_at IS NULL", *conditions])
    order = "f.rank, " if best else ""
    # An event stands for each of its sessions.
    sql = f"""
        WITH f AS MATERIALIZED (
            SELECT e.session_id, e.kind, e.part, {rank} AS rank FROM {of_words}
            WHERE {match} AND e.kind IN ({named})
        ), hits AS (
            SELECT session_id, kind, part, rank FROM f WHERE kind <> 'event'
            UNION ALL
            SELECT o.id, f.kind, f.part, f.rank FROM f JOIN sessions AS o ON o.event_id = f.part
            WHERE f.kind = 'event'
        )
        SELECT s.id, s.title, f.kind, f.part FROM hits AS f
        JOIN sessions AS s ON s.id = f.session_id
        WHERE {where} ORDER BY {order}s.created_us DESC, s.id DESC
    """  # noqa: S608
    return [
        _Candidate(session, title, HitKind(kind), part)
        for session, title, kind, part in connection.execute(text(sql), values)
    ]


def _condition(one: Filter, number: int, values: dict[str, Any]) -> str:
    """The filter in SQL. Tags are looked for in the text itself, afterwards."""
    name = f"filter{number}"
    values[name] = one.value
    entries = (
        "SELECT n.part FROM search_words JOIN search_entries AS n ON n.id = search_words.rowid"  # noqa: S608
        f" WHERE search_words MATCH :{name} AND n.kind = "
    )
    match one.key:
        case FilterKey.BEFORE:
            # A session's own day, as it is shown: its moment is stored with its zone.
            condition = f"s.created_at < :{name}"
        case FilterKey.AFTER:
            condition = f"s.created_at >= :{name}"
        case FilterKey.MARK:
            values[name] = f'"{one.value.casefold()}"'
            condition = (
                "EXISTS (SELECT 1 FROM lines AS l WHERE l.session_id = f.session_id"  # noqa: S608
                f" AND l.id = f.part AND instr(l.marks, :{name}) > 0)"
            )
        case FilterKey.EVENT:
            values[name] = f"{_quoted(one.value)} *"
            condition = f"coalesce(s.event_id, '') IN ({entries}'event')"
        case FilterKey.SPEAKER:
            values[name] = f"{_quoted(one.value)} *"
            condition = (
                "EXISTS (SELECT 1 FROM segments AS g WHERE g.session_id = f.session_id"  # noqa: S608
                f" AND g.id = f.part AND g.speaker IN ({entries}'speaker'))"
            )
        case FilterKey.TAG:
            del values[name]
            return "1"
    return f"NOT {condition}" if one.negated else condition


# --- hits, by what is shown -----------------------------------------------------------------------


class _Lens:
    """Matches shown texts by an index in memory, with the same rules as the library's."""

    def __init__(self, query: Query) -> None:
        self._words = expression(query)
        self._without = " OR ".join(map(_quoted, query.without))
        self._tags = [
            (_folded(one.value.lstrip("#")), one.negated)
            for one in query.filters
            if one.key is FilterKey.TAG
        ]
        self._memory = sqlite3.connect(":memory:", isolation_level=None)
        self._memory.execute(f"CREATE VIRTUAL TABLE t USING fts5(text, tokenize='{TOKENIZER}')")

    def close(self) -> None:
        self._memory.close()

    def snippets(self, texts: Sequence[str]) -> dict[int, str]:
        """The texts that fit, by their place, each cut to what is around the words."""
        memory = self._memory
        memory.execute("DELETE FROM t")
        memory.executemany("INSERT INTO t (rowid, text) VALUES (?, ?)", enumerate(texts))
        refused: set[int] = set()
        if self._without:
            sql = "SELECT rowid FROM t WHERE t MATCH ?"
            refused = {place for (place,) in memory.execute(sql, (self._without,))}
        if self._words:
            sql = "SELECT rowid, snippet(t, 0, '', '', '…', ?) FROM t WHERE t MATCH ?"
            found = memory.execute(sql, (_SNIPPET, self._words)).fetchall()
        else:
            found = [(place, _cut(whole)) for place, whole in enumerate(texts)]
        return {
            place: snippet
            for place, snippet in found
            if place not in refused and self._tagged(texts[place])
        }

    def _tagged(self, whole: str) -> bool:
        if not self._tags:
            return True
        folded = _folded(whole)
        return all(
            (re.search(rf"(?<!\w)#{re.escape(tag)}(?![\w-])", folded) is None) == negated
            for tag, negated in self._tags
        )


def _folded(whole: str) -> str:
    plain = unicodedata.normalize("NFD", whole.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _cut(whole: str) -> str:
    words = whole.split()
    return whole if len(words) <= _SNIPPET else " ".join(words[:_SNIPPET]) + "…"


def _hits(
    connection: Connection,
    lens: _Lens,
    session: str,
    candidates: list[_Candidate],
    *,
    best: bool,
) -> Iterator[SearchHit]:
    """A session's candidates that fit as they are shown. A few at a time where the best come
    first; else all of them, to be put in order."""
    own = [
        rows.take_from(take, shown_in=SessionId(session))
        for take in connection.execute(
            select(TakeRow.__table__)
            .where(TakeRow.session_id == session)
            .order_by(TakeRow.ordinal, TakeRow.started_at, TakeRow.id)
        )
    ]
    timeline = Timeline(tuple(own))
    found: list[tuple[_Candidate, _Shown]] = []
    for start in range(0, len(candidates), _CHUNK):
        some = candidates[start : start + _CHUNK]
        found += _shown(connection, session, own, some)
    if not best:
        found.sort(key=lambda one: (_ORDER[one[0].kind], one[1].order))
    for start in range(0, len(found), _CHUNK):
        chunk = found[start : start + _CHUNK]
        snippets = lens.snippets([shown.text for _one, shown in chunk])
        for place in sorted(snippets):
            one, shown = chunk[place]
            yield SearchHit(
                SessionId(session),
                one.title,
                one.kind,
                snippets[place],
                shown.line,
                shown.anchor,
                timeline.to_ms(shown.anchor) if shown.anchor else None,
            )


def _shown(
    connection: Connection, session: str, takes: Sequence[Take], some: Sequence[_Candidate]
) -> Iterator[tuple[_Candidate, _Shown]]:
    """The candidates with what is to be seen of them; none for what is not shown."""
    places = {take.id: number * _LATER_TAKE for number, take in enumerate(takes)}
    parts: dict[HitKind, list[str]] = {}
    for one in some:
        parts.setdefault(one.kind, []).append(one.part)
    found: dict[tuple[HitKind, str], _Shown] = {}
    for row in connection.execute(
        select(LineRow.__table__).where(
            LineRow.session_id == session, LineRow.id.in_(parts.get(HitKind.NOTE, ()))
        )
    ):
        line = rows.line_from(row)
        found[HitKind.NOTE, row.id] = _Shown(row.position, line.text, line.id, line.anchor)
    for row in connection.execute(
        select(BookmarkRow.__table__).where(
            BookmarkRow.session_id == session,
            BookmarkRow.id.in_(parts.get(HitKind.BOOKMARK, ())),
        )
    ):
        anchor = Anchor(TakeId(row.take), Frames(row.frame))
        order = places.get(anchor.take, 0) + row.frame
        found[HitKind.BOOKMARK, row.id] = _Shown(order, row.label, anchor=anchor)
    if HitKind.TRANSCRIPT in parts:
        where = SegmentRow.id.in_(parts[HitKind.TRANSCRIPT])
        passages = spoken.shown_segments(connection, session, takes, where)
        for passage in passages:
            anchor = Anchor(passage.take, passage.start)
            order = places[passage.take] + passage.start
            found[HitKind.TRANSCRIPT, passage.id] = _Shown(order, passage.text, anchor=anchor)
    for name in parts.get(HitKind.SPEAKER, ()):
        passages = spoken.shown_segments(connection, session, takes, SegmentRow.speaker == name)
        if passages:  # from the first that is on record
            anchor = Anchor(passages[0].take, passages[0].start)
            found[HitKind.SPEAKER, name] = _Shown(0, name, anchor=anchor)
    for kind, sql in (
        (HitKind.TITLE, "SELECT '', title FROM sessions WHERE id = :session"),
        (HitKind.SUMMARY, "SELECT '', summary FROM sessions WHERE id = :session"),
        (
            HitKind.EVENT,
            "SELECT e.id, e.title FROM sessions AS s JOIN events AS e ON e.id = s.event_id"
            " WHERE s.id = :session",
        ),
    ):
        if kind in parts:
            for part, whole in connection.execute(text(sql), {"session": session}):
                found[kind, part] = _Shown(0, whole)
    for one in some:
        if (one.kind, one.part) in found:
            yield one, found[one.kind, one.part]
