"""Errors of the person's world: one sentence that says what is wrong, one that says what to do.

Anything else that is raised is a bug of ours and is reported, not shown as advice.
"""

from __future__ import annotations


class EarmarkError(Exception):
    """Something the person can mend. `str(error)` is `what` and `remedy` as one message."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


class NotFound(EarmarkError):
    """No such session, take, line, event or file; or a shortened id that fits several."""


class LibraryUnusable(EarmarkError):
    """The library folder cannot be used: read-only, full, vanished, newer, or locked."""


class LibraryNotConnected(LibraryUnusable):
    """A library was in the folder before, and nothing of it is there now: its disk is away."""


class LibraryDamaged(LibraryUnusable):
    """The database is damaged. What it holds can be rebuilt from the sessions' own files."""


class DiskFull(EarmarkError):
    """No space left where something had to be written. Everything already there is kept."""


class SoundUnavailable(EarmarkError):
    """No sound server, no input or no output."""


class UnusableMedia(EarmarkError):
    """A file that is no audio, is empty, or cannot be decoded at all; or no file (a pipe)."""


class Busy(EarmarkError):
    """The thing asked for is in use just now, e.g. a take that is still recording."""
