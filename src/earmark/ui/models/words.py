"""What the page says of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale

from earmark.model.i18n import _, ngettext

if TYPE_CHECKING:
    from earmark.transcribe.engines import EngineInfo
    from earmark.transcribe.models import ModelInfo


def size_words(mib: int) -> str:
    """A size in the unit people read it in."""
    if mib >= 1000:
        return _("{n} GiB").format(n=f"{mib / 1024:.1f}")
    return _("{n} MiB").format(n=mib)


def language_words(languages: tuple[str, ...]) -> str:
    """One language by its name, several by their count."""
    if len(languages) == 1:
        return language_name(languages[0])
    return ngettext("{n} language", "{n} languages", len(languages)).format(n=len(languages))


def language_name(code: str) -> str:
    """The language's name in itself; the code where Qt does not know it."""
    if code == "en":
        return _("English")
    locale = QLocale(code)
    name = locale.nativeLanguageName()
    if locale.language() is QLocale.Language.C or not name:
        return code
    return name[:1].upper() + name[1:]


def fact_words(info: ModelInfo) -> str:
    """Size, languages, use and licence on one line."""
    parts = [size_words(info.mib)] if info.mib else []
    if info.languages:
        parts.append(language_words(info.languages))
    if info.known:
        parts += [info.good_for, _("{name} licence").format(name=info.licence)]
    elif not info.broken:
        parts.append(_("your own file: not one of the known models"))
    return " · ".join(parts)


def state_words(info: ModelInfo) -> str:
    """What is there of it."""
    if info.broken:
        return info.broken
    if info.installed:
        return _("installed")
    if info.part:
        return _("{n} of it came so far").format(n=size_words(max(1, info.part >> 20)))
    return ""


def engine_words(engines: tuple[EngineInfo, ...]) -> str:
    """Which engine does the work, or what to do about there being none."""
    there = [engine.name for engine in engines if engine.installed]
    if there:
        return _("Engine: {name}.").format(name=there[0])
    return next((engine.why_not for engine in engines if engine.why_not), "")
