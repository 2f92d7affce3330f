"""Every sentence a person reads goes through `_()`. Catalogues live in `earmark/locale`.

Without any catalogue nothing of gettext is asked: its search by locale costs the start 6 ms.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

FOLDER = Path(__file__).resolve().parents[1] / "locale"


@cache
def _catalogue() -> NullTranslations | None:
    if not FOLDER.is_dir():
        return None
    from gettext import translation

    return translation("earmark", localedir=str(FOLDER), fallback=True)


def _(sentence: str) -> str:
    """The sentence in the person's language. Format afterwards: never an f-string inside."""
    catalogue = _catalogue()
    return sentence if catalogue is None else catalogue.gettext(sentence)


def ngettext(one: str, many: str, count: int) -> str:
    """The form of the sentence that fits `count`."""
    catalogue = _catalogue()
    if catalogue is None:
        return one if count == 1 else many
    return catalogue.ngettext(one, many, count)
