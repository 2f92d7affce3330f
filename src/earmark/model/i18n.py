"""Every sentence a person reads goes through `_()`. Catalogues live in `earmark/locale`."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path


@cache
def _translations() -> gettext.NullTranslations:
    folder = Path(__file__).resolve().parents[1] / "locale"
    return gettext.translation("earmark", localedir=str(folder), fallback=True)


def _(sentence: str) -> str:
    """The sentence in the person's language. Format afterwards: never an f-string inside."""
    return _translations().gettext(sentence)


def ngettext(one: str, many: str, count: int) -> str:
    """The form of the sentence that fits `count`."""
    return _translations().ngettext(one, many, count)
