"""Sizes, contents and waiting in words."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QLocale

from earmark.model.i18n import _, ngettext
from earmark.model.text import format_time, safe_line

_SURE_AFTER = 0.02
_SURE_AFTER_S = 1.0


def size_words(size: int) -> str:
    """A file's size as people read it: "640 kB", "4.2 MB"."""
    if size < 1_000_000:
        return _("{n} kB").format(n=max(1, round(size / 1000)))
    if size < 1_000_000_000:
        return _("{n} MB").format(n=QLocale().toString(size / 1e6, "f", 1))
    return _("{n} GB").format(n=QLocale().toString(size / 1e9, "f", 2))


def contents_words(
    *, lines: int, pictures: int, duration_ms: int, transcript: bool, private: int = 0
) -> str:
    """What is inside, in one line; parts that are not there are left out."""
    counted = ngettext("{n} line", "{n} lines", lines).format(n=lines)
    parts = [counted if lines else _("no notes")]
    if pictures:
        parts.append(ngettext("{n} picture", "{n} pictures", pictures).format(n=pictures))
    if duration_ms:
        parts.append(_("{time} of sound").format(time=format_time(duration_ms)))
    else:
        parts.append(_("no sound"))
    if transcript:
        parts.append(_("transcript"))
    words = " · ".join(parts)
    if private:
        stays = ngettext(
            "{n} private line stays here.", "{n} private lines stay here.", private
        ).format(n=private)
        words = f"{words}. {stays}"
    return words


def event_words(sessions: int, lines: int, duration_ms: int, transcript: bool = False) -> str:
    """What a report of an event holds."""
    parts = [ngettext("{n} session", "{n} sessions", sessions).format(n=sessions)]
    parts.append(ngettext("{n} line", "{n} lines", lines).format(n=lines))
    if duration_ms:
        parts.append(_("{time} of sound").format(time=format_time(duration_ms)))
    if transcript:
        parts.append(_("transcript"))
    return " · ".join(parts)


def nowhere_words(path: Path) -> str:
    """The desktop cannot show a file: then at least where it is."""
    return _("Nothing here opens it. It is {path}.").format(path=safe_line(str(path)))


def wait_words(seconds: float) -> str:
    """How long it still takes: "a few seconds left", "about 2 min left"."""
    if seconds < 8:
        return _("A few seconds left")
    if seconds < 55:
        tens = max(10, round(seconds / 10) * 10)
        return _("About {n} s left").format(n=tens)
    minutes = max(1, round(seconds / 60))
    return _("About {n} min left").format(n=minutes)


class TimeLeftWords:
    """Guesses the rest of a job from how fast its fraction grew so far."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = now()
        self._first: tuple[float, float] | None = None

    def seconds(self, fraction: float | None) -> float | None:
        """Seconds left, or None while nobody can tell."""
        if fraction is None or fraction <= 0:
            return None
        at = self._now()
        if self._first is None:
            self._first = (at, fraction)
            return None
        since, was = self._first
        grown, took = fraction - was, at - since
        if grown < _SURE_AFTER or took < _SURE_AFTER_S:
            return None
        return max(0.0, (1 - fraction) * took / grown)
