"""What the sheet says about a choice, and the better one it offers: too big, refused, missing,
already there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from earmark.app.sharing import MAIL_LIMIT_BYTES, Only, Written
from earmark.model.errors import EarmarkError
from earmark.model.i18n import _, ngettext
from earmark.model.text import safe_line

from .choice import Choice, Facts, ShareOutlook
from .notice import Offer
from .sheet import ShareSheet
from .target import Target
from .words import size_words

_NAMED = 2
"""So many missing files are named; the rest is counted."""


class ShareHints(QObject):
    """`chosen(Choice)`: the better choice was taken. A question stays until it is answered or
    something else is chosen."""

    chosen = Signal(object)
    replace_asked = Signal()
    beside_asked = Signal()

    def __init__(self, sheet: ShareSheet) -> None:
        super().__init__(sheet)
        self._sheet = sheet
        self._question = False

    def forget(self) -> None:
        """The choice changed: what was asked or said about the old one goes."""
        self._question = False
        self._sheet.notice.clear()

    def show_outlook(self, found: ShareOutlook, choice: Choice, facts: Facts) -> bool:
        """Says what is in the way or better. Whether it can be shared."""
        notes = (_("Share the notes alone"), self._offer(replace(choice, audio=False)))
        notice = self._sheet.notice
        if found.refused is not None:
            self._question = False
            notice.say(str(found.refused), [notes] if found.notes_help else [])
            return False
        if found.missing:
            self._question = False
            notice.say(_missing(found.missing), [notes] if choice.spec.notes else [])
            return False
        if not found.lines and not found.duration_ms:
            self._question = False
            notice.say(_("There is nothing in it: no line that may leave, and no sound."))
            return False
        if self._question:
            return True
        too_big = found.bytes is not None and found.bytes > MAIL_LIMIT_BYTES
        if too_big and found.bytes is not None:
            self._say_too_big(found.bytes, choice, facts, sure=False)
        else:
            notice.clear()
        return True

    def show_made(self, written: Written, choice: Choice, facts: Facts) -> None:
        """Says it where the finished file is too big for mail."""
        if written.bytes > MAIL_LIMIT_BYTES:
            self._say_too_big(written.bytes, choice, facts, sure=True)
        else:
            self._sheet.notice.clear()

    def ask_existing(self, target: Target) -> None:
        """Something of that name is there: it is replaced or kept only on the person's word."""
        self._question = True
        name = safe_line(target.path.name)
        self._sheet.notice.say(
            _("“{name}” is there already.").format(name=name),
            [
                (_("Keep both"), self.beside_asked.emit),
                (_("Replace it"), self.replace_asked.emit),
            ],
        )
        if self._sheet.isVisible():
            self._sheet.notice.buttons[0].setFocus()

    def show_trouble(self, error: EarmarkError) -> None:
        """Why it could not be shared."""
        self._question = True
        self._sheet.notice.say(str(error))
        self._sheet.place()

    def told(self, sentence: str, *, good: bool = False) -> None:
        """Something was done."""
        self._question = True
        self._sheet.notice.say(sentence, good=good)
        self._sheet.place()

    def _say_too_big(self, size: int, choice: Choice, facts: Facts, *, sure: bool) -> None:
        words = _("{size}: most mail services take no more than {limit}.").format(
            size=size_words(size) if sure else _("About {size}").format(size=size_words(size)),
            limit=size_words(MAIL_LIMIT_BYTES),
        )
        offers: list[Offer] = []
        if choice.spec.encodes and not choice.smaller and choice.audio:
            offers.append((_("Make it smaller"), self._offer(replace(choice, smaller=True))))
        if facts.marked and choice.only is Only.EVERYTHING:
            offers.append((_("Marked lines only"), self._offer(replace(choice, only=Only.MARKED))))
        if not offers and choice.audio and choice.spec.notes and facts.lines:
            offers.append((_("Share the notes alone"), self._offer(replace(choice, audio=False))))
        self._sheet.notice.say(words, offers)

    def _offer(self, choice: Choice) -> Callable[[], object]:
        return lambda: self.chosen.emit(choice)


def _missing(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"“{safe_line(name)}”" for name in names[:_NAMED])
    more = len(names) - _NAMED
    if more > 0:
        shown += ngettext(" and {n} more", " and {n} more", more).format(n=more)
    return ngettext(
        "The sound file {names} is not in the library’s folder any more.",
        "The sound files {names} are not in the library’s folder any more.",
        len(names),
    ).format(names=shown)
