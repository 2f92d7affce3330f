"""The seam to the speech engine's process, and which engine and model are taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from earmark.model import EarmarkError, NotFound, UnusableMedia
from earmark.model.i18n import _

from .settings import Settings

if TYPE_CHECKING:
    from earmark.transcribe.models import ModelInfo, Models

EngineEvent = dict[str, Any]
AUTO = "auto"
DIED = "died"
_BEST = ("large-v3-turbo", "large-v3", "medium", "small", "base", "tiny")
_LIVE = ("base", "tiny", "small", "medium", "large-v3-turbo", "large-v3")


class EngineLink(Protocol):
    """One engine's process, as docs/design.md says under Transcription."""

    def send(self, do: str, **fields: object) -> bool:
        """Writes one command; never blocks. False when it can no longer be written to."""

    def pcm(self, data: bytes) -> bool:
        """Sends recorded sound (s16le) for the take begun last; False when it was not taken."""

    def next(self, timeout: float) -> EngineEvent | None:
        """The next event, awaited so many seconds; `{"ev": "died"}` once it is gone."""

    def cancel(self) -> None:
        """Ends it at once: within a second it is gone, and its memory with it."""

    def close(self) -> None:
        """Asks it to end, and waits until it has."""


SpawnEngine = Callable[[], EngineLink]


@dataclass(frozen=True, slots=True)
class Choice:
    """Who transcribes: `path` is the model's file, checked."""

    engine: str
    model: str
    path: Path
    language: str


def choose(
    settings: Settings,
    models: Models,
    *,
    engine: str | None = None,
    model: str | None = None,
    language: str | None = None,
    live: bool = False,
) -> Choice:
    """What is asked for, else set, else installed. Raises NotFound with what to do about it."""
    from earmark.transcribe.engines import choose as choose_engine

    name = choose_engine(engine or settings.transcribe_engine)
    spoken = (language or settings.transcribe_language).lower()
    wanted = model or (settings.live_model if live else settings.transcribe_model)
    info = models.info(wanted) if wanted else _installed(models, spoken, live)
    path = models.path(info.name)
    if spoken != AUTO and info.languages and spoken not in info.languages:
        raise EarmarkError(
            _("The speech model “{model}” does not know the language “{language}”.").format(
                model=info.name, language=spoken
            ),
            _("“earmark models list” shows the languages of each model; “auto” listens."),
        )
    return Choice(name, info.name, path, spoken)


def _installed(models: Models, language: str, live: bool) -> ModelInfo:
    listed = models.listing()
    there = [info for info in listed if info.installed]
    if not there:
        broken = next((info for info in listed if info.broken), None)
        raise no_model() if broken is None else _only_broken(broken)
    fit = [info for info in there if language == AUTO or language in info.languages]
    order = _LIVE if live else _BEST

    def rank(info: ModelInfo) -> tuple[int, bool]:
        family = info.name.split("-q")[0].split(".")[0]
        return (order.index(family) if family in order else len(order), ".en" in info.name)

    return min(fit or there, key=rank)


def _only_broken(info: ModelInfo) -> UnusableMedia:
    return UnusableMedia(
        info.broken,
        _("Remove it with “earmark models remove {name}”, then get or add it again.").format(
            name=info.name
        ),
    )


def no_model() -> NotFound:
    return NotFound(
        _("There is no speech model on this computer yet."),
        _("Download one with “earmark models get base”, or add a file: “earmark models add FILE”."),
    )
