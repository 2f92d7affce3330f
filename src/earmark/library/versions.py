"""Earlier versions of a session's notes: when one is kept, how it is packed, which ones stay.

A version is kept in the transaction of the edit that follows it, so that no crash comes between:
a lost text always stands in a version, however soon after the cut the window is closed.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Connection, delete, insert, select

from earmark.model import NoteLine, SessionId, new_id

from . import rows
from .tables import LineRow, NoteVersionRow

EVERY = timedelta(minutes=5)
"""While notes are edited, a version is kept this often."""
LOSS = 40
"""Characters: an edit that removes as many keeps what was there, however new the last version."""
LITTLE_BY_LITTLE = 200
"""Characters: the same where they go in many small edits, as under a held Backspace."""
LEAST = 40
"""Characters: shorter notes are no version, unless they are removed."""
_MOST_BYTES = 64 << 20
_AGES = (
    (timedelta(hours=1), timedelta(0)),
    (timedelta(days=1), timedelta(minutes=30)),
    (timedelta(days=30), timedelta(days=1)),
    (timedelta.max, timedelta(days=7)),
)
"""Up to this age, one version stays in each such time: the one with the most text."""


def lost(before: Mapping[str, str], after: Mapping[str, str]) -> int:
    """How many characters of the lines before are in none of the lines after.

    By words too: a line that was split, joined or moved has lost nothing.
    """
    by_line = sum(_replaced(text, after.get(line, "")) for line, text in before.items())
    if not by_line:
        return 0
    gone = _words(before.values()) - _words(after.values())
    return min(by_line, sum(len(word) * times for word, times in gone.items()))


def keep(connection: Connection, session: SessionId, now: datetime, *, due: bool) -> bool:
    """Keeps the session's lines as they are in the database; unless it is `due`, because text is
    about to go, only some minutes after the last time. Says whether it did."""
    newest = connection.scalar(
        select(NoteVersionRow.saved_at)
        .where(NoteVersionRow.session_id == session)
        .order_by(NoteVersionRow.saved_at.desc())
        .limit(1)
    )
    if not due and newest is not None and _age(newest, now) < EVERY:
        return False
    found = _lines(connection, session)
    characters = sum(len(line["text"]) for line in found)
    if not due and characters < LEAST:
        return False
    connection.execute(
        insert(NoteVersionRow).values(
            session_id=session,
            id=new_id(),
            saved_at=now.isoformat(),
            line_count=sum(1 for line in found if line["text"].strip() or line["picture"]),
            characters=characters,
            lines=_packed(found),
        )
    )
    _thin(connection, session, now)
    return True


def _lines(connection: Connection, session: SessionId) -> list[dict[str, Any]]:
    """The rows as SQLite has them, `marks` and `runs` as text. Read past SQLAlchemy: it would
    parse what is written as it was, a second for 5,000 lines on a busy machine."""
    names = [
        column.name
        for column in LineRow.__table__.columns
        if column.name not in ("session_id", "position")
    ]
    cursor = connection.connection.cursor()
    try:
        cursor.execute(
            f"SELECT {', '.join(names)} FROM lines WHERE session_id = ? ORDER BY position, id",  # noqa: S608
            (session,),
        )
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    finally:
        cursor.close()


def unpacked(packed: str) -> tuple[NoteLine, ...]:
    """The lines of a version. Raises ValueError where it does not read as such."""
    try:
        reader = zlib.decompressobj()
        raw = reader.decompress(base64.b64decode(packed, validate=True), _MOST_BYTES)
        return tuple(_line(one) for one in json.loads(raw))
    except (TypeError, AttributeError, LookupError, zlib.error, RecursionError) as error:
        raise ValueError("not a version of notes") from error


def _line(row: dict[str, Any]) -> NoteLine:
    values = {
        **row,
        "marks": json.loads(row["marks"]),
        "runs": json.loads(row["runs"]),
        "checked": bool(row["checked"]),
        "private": bool(row["private"]),
    }
    return rows.line_from(cast(Any, SimpleNamespace(**values)))


def _packed(lines: list[dict[str, Any]]) -> str:
    # Line by line: one call for 5,000 of them would keep the interpreter from a key for 30 ms.
    form = ",".join([json.dumps(line, ensure_ascii=False) for line in lines])
    return base64.b64encode(zlib.compress(f"[{form}]".encode())).decode()


def _thin(connection: Connection, session: SessionId, now: datetime) -> None:
    """Lets go of those that stand close together, the more the older they are."""
    best: dict[tuple[int, int], tuple[int, str]] = {}
    gone: list[str] = []
    for row in connection.execute(
        select(NoteVersionRow.id, NoteVersionRow.saved_at, NoteVersionRow.characters).where(
            NoteVersionRow.session_id == session
        )
    ):
        age = _age(row.saved_at, now)
        number = next(i for i, (up_to, _each) in enumerate(_AGES) if age <= up_to)
        each = _AGES[number][1]
        if not each:
            continue
        slot = number, int(datetime.fromisoformat(row.saved_at).timestamp() // each.total_seconds())
        this = row.characters, row.id
        if slot in best:
            gone.append(min(best[slot], this)[1])
            this = max(best[slot], this)
        best[slot] = this
    for one in gone:
        connection.execute(
            delete(NoteVersionRow).where(
                NoteVersionRow.session_id == session, NoteVersionRow.id == one
            )
        )


def _age(moment: str, now: datetime) -> timedelta:
    try:
        return max(timedelta(0), now - datetime.fromisoformat(moment).astimezone(UTC))
    except ValueError:
        return timedelta.max


def _replaced(before: str, after: str) -> int:
    """Characters of `before` between the beginning and the end that both have."""
    most = min(len(before), len(after))
    head = next((i for i in range(most) if before[i] != after[i]), most)
    rest = most - head
    tail = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    return len(before) - head - tail


def _words(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in text.split())
