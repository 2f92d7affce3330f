"""Whether this computer can transcribe, and what is missing where it cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from earmark.model.i18n import _

from .settings import Settings

if TYPE_CHECKING:
    from earmark.transcribe.engines import EngineInfo
    from earmark.transcribe.models import ModelInfo


@dataclass(frozen=True, slots=True)
class Readiness:
    """What there is. Without an engine, `command` installs one."""

    has_engine: bool
    has_model: bool
    command: str = ""

    @property
    def is_ready(self) -> bool:
        return self.has_engine and self.has_model


def readiness(
    settings: Settings, engines: Sequence[EngineInfo], models: Sequence[ModelInfo]
) -> Readiness:
    """From what `SpeechModels` found: the engine of the settings, or any; any model."""
    from earmark.transcribe.engines import INSTALL, INSTALL_LEGACY

    wanted = settings.transcribe_engine
    has_engine = any(one.installed and wanted in (None, one.name) for one in engines)
    legacy = wanted is not None and bool(engines) and wanted != engines[0].name
    has_model = any(one.installed and not one.broken for one in models)
    return Readiness(has_engine, has_model, INSTALL_LEGACY if legacy else INSTALL)


def missing_engine() -> str:
    """Why nothing can be transcribed, where no engine is installed."""
    return _("No speech engine is installed. This command installs one:")


def missing_model() -> str:
    """Why nothing can be transcribed, where there is no model."""
    return _("There is no speech model on this computer yet: download one, or choose a file.")
