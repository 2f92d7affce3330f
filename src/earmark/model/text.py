"""Text from people made safe, never refused; times and file names derived from it."""

from __future__ import annotations

import re
import unicodedata

from .errors import EarmarkError
from .i18n import _

MAX_TITLE = 500
_NAME_BYTES = 80


def safe_text(text: str) -> str:
    """NUL and lone surrogates become U+FFFD; everything else stays as it is."""
    if "\x00" in text:
        text = text.replace("\x00", "�")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = re.sub("[\ud800-\udfff]", "�", text)
    return text


def safe_line(text: str) -> str:
    """Text for one line: `safe_text`, and any line break becomes a space."""
    return " ".join(safe_text(text).splitlines()) if text else ""


def safe_title(text: str) -> str:
    """A title: one line, without outer blanks, at most 500 characters."""
    return safe_line(text).strip()[:MAX_TITLE].rstrip()


def file_name(title: str) -> str:
    """A readable, safe file-name part for a title: never empty, no separators, no controls."""
    kept = "".join(
        " " if c in '/\\:*?"<>|' or unicodedata.category(c)[0] in "CZ" else c
        for c in unicodedata.normalize("NFC", safe_title(title))
    )
    kept = re.sub(r" +", " ", kept).strip(" .")
    raw = kept.encode("utf-8")[:_NAME_BYTES]
    return raw.decode("utf-8", "ignore").strip(" .") or "untitled"


def format_time(ms: int) -> str:
    """`mm:ss`, or `h:mm:ss` from one hour on, rounded down as clocks show it."""
    seconds = max(0, int(ms)) // 1000
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


_TIME = re.compile(
    r"(?:(?:(?P<h>\d{1,6}):)?(?P<m>\d{1,6}):)?(?P<s>\d{1,9})(?P<f>\.\d{1,9})?", re.ASCII
)


def parse_time(text: str) -> float:
    """`s`, `m:ss` or `h:mm:ss`, each with an optional fraction, as milliseconds.

    Raises EarmarkError for anything else.
    """
    found = _TIME.fullmatch(text.strip())
    if found:
        hours, minutes, seconds = (int(found[k] or 0) for k in "hms")
        in_range = (found["m"] is None or seconds < 60) and (found["h"] is None or minutes < 60)
        if in_range:
            whole = (hours * 60 + minutes) * 60 + seconds
            return whole * 1000 + float(found["f"] or 0) * 1000
    raise EarmarkError(
        _("“{text}” is not a time.").format(text=safe_line(text)[:40]),
        _("Write seconds, m:ss or h:mm:ss, for example 12:34 or 1:02:03.5."),
    )
