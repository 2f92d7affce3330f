"""Values of a stranger's JSON object, asked for by name and kind. Raises Unsound for any other."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from earmark.model import safe_text

from .layout import ID
from .refusals import MalformedShare

E = TypeVar("E", bound=StrEnum)
_ID = re.compile(ID, re.ASCII)
_NAME = re.compile(r"[a-z]+/[A-Za-z0-9._-]{1,100}", re.ASCII)
_YEARS = range(1970, 2200)
MAX_FRAMES = 1 << 40
_NEEDED: Any = object()


class Fields:
    """A JSON object. A default stands for a missing member and for null."""

    def __init__(self, form: Any) -> None:
        if not isinstance(form, dict):
            raise MalformedShare("not an object where one should be")
        self._form = form

    def _value(self, key: str, default: Any) -> Any:
        value = self._form.get(key)
        if value is None and default is _NEEDED:
            raise MalformedShare(f"{key}: missing")
        return value

    def has(self, key: str) -> bool:
        return self._form.get(key) is not None

    def text(self, key: str, most: int, default: str = _NEEDED) -> str:
        """Text made safe, at most so many characters."""
        value = self._value(key, default)
        if value is None:
            return default
        if not isinstance(value, str) or len(value) > most:
            raise MalformedShare(f"{key}: no text, or too much")
        return safe_text(value)

    def id(self, key: str, default: Any = _NEEDED) -> Any:
        """An id, or the default."""
        value = self._value(key, default)
        return default if value is None else _checked_id(value)

    def ids(self, key: str) -> list[str]:
        values = self._value(key, [])
        if values is None:
            return []
        if not isinstance(values, list):
            raise MalformedShare(f"{key}: no list")
        return [_checked_id(value) for value in values]

    def name(self, key: str) -> str | None:
        """The name of another member of the bundle, or None."""
        value = self._value(key, None)
        if value is not None and not (isinstance(value, str) and _NAME.fullmatch(value)):
            raise MalformedShare(f"{key}: no name of a member")
        return value

    def count(self, key: str, most: int, default: int = _NEEDED) -> int:
        """A whole number from 0 to `most`."""
        value = self._value(key, default)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise MalformedShare(f"{key}: no count")
        return value

    def frames(self, key: str) -> int:
        return self.count(key, MAX_FRAMES)

    def share(self, key: str, default: float) -> float:
        """A number from 0 to 1."""
        value = self._value(key, default)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise MalformedShare(f"{key}: no share")
        return float(value)

    def truth(self, key: str) -> bool:
        value = self._value(key, False)
        if value is not None and not isinstance(value, bool):
            raise MalformedShare(f"{key}: neither true nor false")
        return bool(value)

    def choice(self, key: str, kind: type[E], default: E = _NEEDED) -> E:
        value = self._value(key, default)
        if value is None:
            return default
        return _member(kind, value)

    def choices(self, key: str, kind: type[E]) -> tuple[E, ...]:
        values = self._value(key, [])
        if values is None:
            return ()
        if not isinstance(values, list):
            raise MalformedShare(f"{key}: no list")
        return tuple(dict.fromkeys(_member(kind, value) for value in values))

    def list(self, key: str, most: int) -> list[Fields]:
        """The objects of a list; none where it is missing."""
        values = self._value(key, [])
        if values is None:
            return []
        if not isinstance(values, list) or len(values) > most:
            raise MalformedShare(f"{key}: no list, or too long")
        return [Fields(value) for value in values]

    def object(self, key: str) -> Fields | None:
        value = self._form.get(key)
        return None if value is None else Fields(value)


def moment(text: str) -> datetime:
    """ISO 8601 with its zone, in a year that calendars and file names can bear."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedShare("no moment in time") from error
    if found.tzinfo is None or found.year not in _YEARS:
        raise MalformedShare("a moment without its zone, or out of all time")
    return found


def _checked_id(value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise MalformedShare("an id that is none")
    return value


def _member(kind: type[E], value: Any) -> E:
    try:
        return kind(value)
    except (ValueError, TypeError) as error:
        raise MalformedShare(f"no {kind.__name__}") from error
