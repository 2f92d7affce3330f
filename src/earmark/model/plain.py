"""Frozen values as plain JSON and back without loss, for a process of our own version.

A dataclass becomes the list of its fields in order, a tuple or set a list, an enum its name, a
time its ISO form, a path its text. The reader is told the type; nothing in the JSON names one.
"""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: object) -> Any:
    """The value as what JSON knows. Raises TypeError for what it cannot hold without loss."""
    if is_dataclass(value) and not isinstance(value, type):
        return [to_plain(getattr(value, name)) for name, _kind in _fields(type(value))]
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple):
        return [to_plain(each) for each in value]
    if isinstance(value, frozenset):
        return sorted(to_plain(each) for each in value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"no plain form of {type(value).__name__}")


def from_plain(kind: type[T], plain: object) -> T:
    """The value of type `kind` whose `to_plain` this is. Raises ValueError, TypeError otherwise."""
    made: T = _from(kind, plain)
    return made


def _from(kind: Any, plain: Any) -> Any:
    kind = getattr(kind, "__supertype__", kind)  # NewType
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        (inner,) = (each for each in get_args(kind) if each is not type(None))
        return None if plain is None else _from(inner, plain)
    if origin in (tuple, frozenset):
        return origin(_from(get_args(kind)[0], each) for each in plain)
    if hasattr(kind, "__dataclass_fields__"):
        known = _fields(kind)
        values = {name: _from(t, p) for (name, t), p in zip(known, plain, strict=True)}
        return kind(**values)
    if issubclass(kind, Enum):
        return kind[plain]
    if issubclass(kind, datetime):
        return datetime.fromisoformat(plain)
    if issubclass(kind, Path):
        return Path(plain)
    if not isinstance(plain, (int, float) if kind is float else kind):
        raise TypeError(f"{type(plain).__name__} where {kind.__name__} belongs")
    return plain


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((field.name, hints[field.name]) for field in fields(kind))
