"""The marks of a line: one table, from which every window, page and file takes what it shows.

A new mark is a member of `Mark` and a row of `_table` here, and its word in the published schema
(`share/schema/earmark.pencast-1.json`), which a test holds against this table.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from .i18n import _


class Mark(StrEnum):
    """A mark by the word that stands for it in the library, in shares and on the command line."""

    STAR = "star"
    QUESTION = "question"
    TODO = "todo"

    @property
    def spec(self) -> MarkSpec:
        """How it is shown, typed and said."""
        return _table()[self]


@dataclass(frozen=True, slots=True)
class MarkSpec:
    """One mark. `prefix`: what is typed before a line's text to set it (empty: nothing is).

    `sign` stands beside the line everywhere but in Markdown: there `markdown_sign` does, which no
    sentence begins with by chance. `name` is said inside a sentence, `title` stands in menus,
    `meaning` tells a reader of a share what the mark is for. `chord` is the action's shortcut.
    """

    sign: str
    markdown_sign: str
    prefix: str
    chord: str
    name: str
    title: str
    meaning: str


@cache
def _table() -> dict[Mark, MarkSpec]:
    """Made at the first use: the words are those of the language chosen by then."""
    row = MarkSpec
    return {
        Mark.STAR: row("★", "★", "!", "Ctrl+6", _("star"), _("Star"), _("important")),
        Mark.QUESTION: row("?", "❓", "?", "Ctrl+7", _("question"), _("Question"), _("question")),
        Mark.TODO: row("⚑", "⚑", "", "Ctrl+8", _("to do"), _("To do"), _("to do")),
    }


def mark_names(marks: Iterable[Mark]) -> str:
    """The marks in words, e.g. “star, to do”; empty for none."""
    return ", ".join(mark.spec.name for mark in marks)


def mark_with_prefix(prefix: str) -> Mark | None:
    """The mark that is set by typing `prefix` before a line's text."""
    return next((mark for mark in Mark if prefix and mark.spec.prefix == prefix), None)


def mark_with_markdown_sign(sign: str) -> Mark | None:
    """The mark that `sign` stands for in Markdown."""
    return next((mark for mark in Mark if sign and mark.spec.markdown_sign == sign), None)
