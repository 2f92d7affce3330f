"""When a recording was made, by what its file says; by the file's own time where it says nothing.

The recording's own date comes before the moment of encoding, which a converter may have written.
A date that is no more than a day, month or year takes the rest from the next source that agrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

_TAGS = (
    "com.apple.quicktime.creationdate",
    "date_recorded",
    "recorded_date",
    "date",
    "creation_time",
    "year",
)
"""From the recording's own to what may be the encoder's; names as FFmpeg gives them."""
_DATE = re.compile(
    r"(?P<year>\d{4})(?:[-:/. ](?P<month>\d{1,2})(?:[-:/. ](?P<day>\d{1,2}))?)?"
    r"(?:[T ]+(?P<time>\d{1,2}[:.-]\d{2}(?:[:.-]\d{2}(?:\.\d+)?)?)\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d))?")
_CLOCK = re.compile(r"\d{1,2}[:.-]\d{2}[:.-]\d{2}")
_FIRST_YEAR = 1877
"""Nothing was recorded before."""
_UNSET = frozenset(((1904, 1, 1), (1970, 1, 1), (1980, 1, 1), (1601, 1, 1)))
"""The days where the counting of programs and cameras without a clock begins."""


class _Said(NamedTuple):
    """A moment, and the first one that is no longer in it where it is a day, month or year."""

    at: datetime
    end: datetime


def recorded_at(tags: Iterable[Mapping[str, str]], modified: datetime, now: datetime) -> datetime:
    """With a zone: the tag's own, else this place's as it was then. Never after `now`."""
    said = [*_said(tags), _Said(modified, modified)]
    said = [one for one in said if _is_possible(one, now)] or [_Said(now, now)]
    first = said[0]
    within = [one for one in said[1:] if first.at <= one.at and one.end <= first.end]
    # what is said more exactly within what is said first
    for one in within:
        if one.end - one.at < first.end - first.at:
            first = one
    return first.at


def _said(tags: Iterable[Mapping[str, str]]) -> list[_Said]:
    merged: dict[str, str] = {}
    for each in tags:
        for name, value in each.items():
            merged.setdefault(name.casefold(), value.strip())
    clock = merged.get("creation_time", "")
    if _CLOCK.fullmatch(clock):  # a broadcast WAV's time, beside its date
        merged["date"] = f"{merged.get('date', '')} {clock}"
    found = (_moment(merged[name]) for name in _TAGS if name in merged)
    return [one for one in found if one is not None]


def _moment(text: str) -> _Said | None:
    if found := _COMPACT.fullmatch(text):
        year, month, day, *clock = found.groups()
        text = f"{year}-{month}-{day}" + (f" {':'.join(clock)}" if clock[0] else "")
    match = _DATE.match(text)
    if match is None:
        return None
    year, month, day = (int(match[name] or 0) for name in ("year", "month", "day"))
    try:
        start = datetime(year, month or 1, day or 1)
        if not day or not match["time"]:
            return _Said(start.astimezone(), _after(start, month, day).astimezone())
        hour, minute, *second = re.split(r"[:.-]", match["time"], maxsplit=2)
        seconds = float(second[0].replace("-", ".") if second else 0)
        at = start + timedelta(hours=int(hour), minutes=int(minute), seconds=seconds)
        zone = (match["zone"] or "").replace("Z", "+00:00")
        if zone in ("", "+00:00"):  # UTC is how machines write, nobody's own zone
            at = datetime.fromisoformat(f"{at.isoformat()}{zone}").astimezone()
        else:
            at = datetime.fromisoformat(f"{at.isoformat()}{zone}")
    except (ValueError, OverflowError, OSError):
        return None
    return _Said(at, at)


def _after(start: datetime, month: int, day: int) -> datetime:
    if day:
        return start + timedelta(days=1)
    if month:
        return (start + timedelta(days=31)).replace(day=1)
    return start.replace(year=start.year + 1)


def _is_possible(said: _Said, now: datetime) -> bool:
    at = said.at
    unset = said.at == said.end and (at.year, at.month, at.day) in _UNSET
    return at.year >= _FIRST_YEAR and at <= now and not unset
