"""The index of every word in the library: SQLite's FTS5, in step with the rows at every commit.

Triggers on the rows' tables note what comes and goes in `search_changes`, whoever writes the row;
`Store.changing` takes that into the index before it commits. (A trigger may not write to the index
itself: with `trusted_schema=OFF` SQLite forbids it.) `search_words` holds no text of its own
(`content=''`): what is found is read from its row, and what is cut for good has one place less to
be in. `search_entries` gives each row a number that stays when the database is packed (SQLite's
own row numbers do not).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from earmark.model.search import HitKind

TOKENIZER = "unicode61 remove_diacritics 2"
_WORDS = (
    "CREATE VIRTUAL TABLE search_words USING fts5"
    f"(text, content='', tokenize='{TOKENIZER}', prefix='2 3')"
)


@dataclass(frozen=True, slots=True)
class _Source:
    """A column whose text is searched; `session` and `part` are its row's, or a constant."""

    kind: HitKind
    table: str
    column: str
    session: str
    part: str


_SOURCES = (
    _Source(HitKind.EVENT, "events", "title", "''", "{row}.id"),
    _Source(HitKind.TITLE, "sessions", "title", "{row}.id", "''"),
    _Source(HitKind.SUMMARY, "sessions", "summary", "{row}.id", "''"),
    _Source(HitKind.NOTE, "lines", "text", "{row}.session_id", "{row}.id"),
    _Source(HitKind.BOOKMARK, "bookmarks", "label", "{row}.session_id", "{row}.id"),
    _Source(HitKind.TRANSCRIPT, "segments", "text", "{row}.session_id", "{row}.id"),
    _Source(HitKind.SPEAKER, "segments", "speaker", "{row}.session_id", "{row}.speaker"),
)


def make_words(connection: Connection) -> None:
    """The index itself, empty."""
    connection.exec_driver_sql(_WORDS)


def make_triggers(connection: Connection) -> None:
    """What keeps the index in step, as far as it is not there: a table that a migration rebuilds
    loses its triggers."""
    for source in _SOURCES:
        for statement in _triggers(source):
            connection.exec_driver_sql(statement)


def fill(connection: Connection) -> None:
    """Takes everything in that is in the tables, into an empty index."""
    for source in _SOURCES:
        session, part = (place.format(row="r") for place in (source.session, source.part))
        connection.exec_driver_sql(
            "INSERT INTO search_entries (session_id, kind, part)"  # noqa: S608
            f" SELECT DISTINCT {session}, '{source.kind}', {part} FROM {source.table} AS r"
            f" WHERE r.{source.column} <> ''"
        )
        if source.kind is HitKind.SPEAKER:
            text, join = "e.part", ""
        else:
            text = f"r.{source.column}"
            join = f" JOIN {source.table} AS r ON {session} = e.session_id AND {part} = e.part"
        connection.exec_driver_sql(
            "INSERT INTO search_words (rowid, text)"  # noqa: S608
            f" SELECT e.id, {text} FROM search_entries AS e{join} WHERE e.kind = '{source.kind}'"
        )


def catch_up(connection: Connection) -> None:
    """Takes what changed into the index, in its order: a number may be given anew."""
    changes = connection.exec_driver_sql(
        "SELECT entry, removed, added FROM search_changes ORDER BY id"
    ).all()
    if not changes:
        return
    for entry, removed, added in changes:
        if removed is not None:
            connection.exec_driver_sql(
                "INSERT INTO search_words (search_words, rowid, text) VALUES ('delete', ?, ?)",
                (entry, removed),
            )
        else:
            connection.exec_driver_sql(
                "INSERT INTO search_words (rowid, text) VALUES (?, ?)", (entry, added)
            )
    connection.exec_driver_sql("DELETE FROM search_changes")


def forget_deleted(connection: Connection) -> None:
    """Writes the index anew without the words of deleted rows: until then it only strikes them
    out, and they stand on its pages."""
    catch_up(connection)
    connection.exec_driver_sql("INSERT INTO search_words (search_words) VALUES ('optimize')")


def _triggers(source: _Source) -> Iterator[str]:
    enter, leave = _enter(source), _leave(source)
    name = f"search_{source.kind}"
    column = source.column
    for when, body in (
        ("insert", f"INSERT ON {source.table} WHEN new.{column} <> '' BEGIN {enter}"),
        ("delete", f"DELETE ON {source.table} WHEN old.{column} <> '' BEGIN {leave}"),
        (
            "update",
            f"UPDATE OF {column} ON {source.table} WHEN old.{column} <> new.{column}"
            f" BEGIN {leave} {enter}",
        ),
    ):
        yield f"CREATE TRIGGER IF NOT EXISTS {name}_{when} AFTER {body} END"


def _enter(source: _Source) -> str:
    """The new row's text goes in, where there is any and it is not there (a speaker's name is
    once for all that they say in a session)."""
    session, part = (place.format(row="new") for place in (source.session, source.part))
    entry = f"session_id = {session} AND kind = '{source.kind}' AND part = {part}"
    text = f"new.{source.column}"
    missing = f"{text} <> '' AND NOT EXISTS (SELECT 1 FROM search_entries WHERE {entry})"  # noqa: S608
    return (
        "INSERT INTO search_changes (entry, added)"  # noqa: S608
        f" SELECT (SELECT coalesce(max(id), 0) + 1 FROM search_entries), {text} WHERE {missing};"
        " INSERT INTO search_entries (session_id, kind, part)"
        f" SELECT {session}, '{source.kind}', {part} WHERE {missing};"
    )


def _leave(source: _Source) -> str:
    """The old row's text goes out: a speaker's name where nobody is called so any more."""
    session, part = (place.format(row="old") for place in (source.session, source.part))
    entry = f"session_id = {session} AND kind = '{source.kind}' AND part = {part}"
    if source.kind is HitKind.SPEAKER:
        entry += (
            " AND NOT EXISTS (SELECT 1 FROM segments"
            " WHERE session_id = old.session_id AND speaker = old.speaker)"
        )
    return (
        "INSERT INTO search_changes (entry, removed)"  # noqa: S608
        f" SELECT id, old.{source.column} FROM search_entries WHERE {entry};"
        f" DELETE FROM search_entries WHERE {entry};"
    )
