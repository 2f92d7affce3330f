"""Which languages a model can hear."""

from __future__ import annotations

from collections.abc import Collection

from earmark.model.i18n import _

from .engines import AUTO, EngineFailed


def check_language(wanted: str, *, known: Collection[str], several: bool) -> str:
    """The code to give to the engine for what the person asked for.

    `several`: the model hears more than English. Raises EngineFailed with a sentence.
    """
    code = wanted.strip().lower().replace("_", "-").split("-")[0] or AUTO
    if not several:
        if code in (AUTO, "en"):
            return "en"
        raise EngineFailed(
            _("This speech model hears English only, not “{language}”.").format(language=wanted),
            _("Choose a model for all languages, or English."),
        )
    if code != AUTO and code not in known:
        raise EngineFailed(
            _("The speech engine does not know the language “{language}”.").format(language=wanted),
            _("Give a two-letter code such as en, de or fr, or auto."),
        )
    return code
