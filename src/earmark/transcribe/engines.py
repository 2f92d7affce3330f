"""The engines: what each must do, which are installed, which one is taken."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from earmark.model.errors import EarmarkError, NotFound
from earmark.model.i18n import _

Samples = npt.NDArray[np.float32]
"""Mono, 16,000 per second, full scale 1."""
RATE = 16_000
AUTO = "auto"
INSTALL = 'pip install "earmark[transcribe]"'
INSTALL_LEGACY = 'CMAKE_POLICY_VERSION_MINIMUM=3.5 pip install "earmark[transcribe-legacy]"'


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word; seconds from the beginning of the samples, as rough as the engine gives them."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A passage as the engine heard it, in seconds from the beginning of the samples."""

    start: float
    end: float
    words: tuple[HeardWord, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """An engine and whether it can be used; `why_not` is a sentence for people, or empty."""

    name: str
    installed: bool
    why_not: str


class EngineFailed(EarmarkError):
    """The engine cannot use this model or language, or broke down."""


class Transcriber(Protocol):
    """One engine with one model in it. Lives in the child process only, used by one thread."""

    name: str

    def load(self, model: Path, *, threads: int, language: str) -> None:
        """`model` was checked before; `language` is a code or "auto". Raises EngineFailed."""

    @property
    def language(self) -> str:
        """The language in use: the one asked for, or found in what was heard last; else "auto"."""

    def settle(self, language: str) -> None:
        """From now on every window is taken to be in `language`, which costs half as much."""

    def transcribe(
        self,
        samples: Samples,
        *,
        prompt: str = "",
        quick: bool = False,
        on_heard: Callable[[Heard], None] | None = None,
    ) -> list[Heard]:
        """What is said in at most 30 s. `quick`: a rough first look, without the words' times.

        `on_heard` gets each passage as soon as it is known. Raises EngineFailed, MemoryError.
        """

    def close(self) -> None:
        """Gives the memory back, where the engine can."""


_PACKAGES = {"pywhispercpp": "_pywhispercpp", "whisper-cpp-python": "whisper_cpp_python"}
DEFAULT = "pywhispercpp"


def engines() -> tuple[EngineInfo, ...]:
    """All engines Earmark can work with, the preferred one first. Imports none of them."""
    found = []
    for name, package in _PACKAGES.items():
        there = _is_there(package)
        command = INSTALL if name == DEFAULT else INSTALL_LEGACY
        missing = _("It is not installed; this installs it: {command}").format(command=command)
        found.append(EngineInfo(name, there, "" if there else missing))
    return tuple(found)


def _is_there(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):  # something keeps it from being imported at all
        return False


def choose(name: str | None = None) -> str:
    """The engine of that name, or the first that is installed. Raises NotFound with the command."""
    known = {engine.name: engine for engine in engines()}
    if name and name not in known:
        raise NotFound(
            _("There is no speech engine named “{name}”.").format(name=name),
            _("There are: {names}.").format(names=", ".join(known)),
        )
    wanted = [known[name]] if name else list(known.values())
    for engine in wanted:
        if engine.installed:
            return engine.name
    if name:
        what = _("The speech engine {name} is not installed.").format(name=name)
    else:
        what = _("No speech engine is installed.")
    command = INSTALL_LEGACY if name and name != DEFAULT else INSTALL
    raise NotFound(what, _("This installs it: {command}").format(command=command))


def open_engine(name: str) -> Transcriber:
    """The engine of that name, imported here and nowhere else. Raises NotFound, EngineFailed."""
    choose(name)
    try:
        importlib.import_module(_PACKAGES[name])
    except Exception as error:
        # it was built for another Python or system, or a library it needs is missing
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        command = (INSTALL if name == DEFAULT else INSTALL_LEGACY).replace(
            "pip install", "pip install --force-reinstall"
        )
        raise EngineFailed(
            _("The speech engine {name} is installed, but does not load: {reason}.").format(
                name=name, reason=reason.rstrip(".")
            ),
            _("This installs it anew: {command}").format(command=command),
        ) from error
    if name == DEFAULT:
        from .pywhisper import PyWhisper

        return PyWhisper()
    from .legacy import WhisperCppPython

    return WhisperCppPython()
