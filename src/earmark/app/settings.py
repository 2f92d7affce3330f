"""The person's settings: one frozen value, saved atomically as `settings.json` in the library."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.model import write_atomically

if TYPE_CHECKING:
    from earmark.library import Library

FILE = "settings.json"
Save = Callable[[Mapping[str, Any], Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a person can set. Unknown keys of a newer version are kept on saving."""

    input: str | None = None
    """The microphone's source name; None: the system's default."""
    output: str | None = None
    """The output's sink name; None: the system's default."""
    codec: str = "flac"
    """The kept form of a take: flac or opus."""
    channels: int = 1
    look_back_s: float = 3.0
    speed: float = 1.0
    skip_silence: bool = False
    even_loudness: bool = True
    click_plays: bool = True
    follow: bool = True
    theme: str = "system"
    """system, light, dark or contrast."""
    asked_microphone: bool = False
    """Whether the first run's one question was answered."""
    sidebar_shown: bool = True
    event: str | None = None
    """The event the list is narrowed to, and new sessions go to."""
    window: str = ""
    """The window's geometry, as the window wrote it (base64)."""
    window_state: str = ""
    transcribe_engine: str | None = None
    """pywhispercpp or whisper-cpp-python; None: the first that is installed."""
    transcribe_model: str | None = None
    """The speech model for after the talk, by its name; None: the best one that is installed."""
    live_model: str | None = None
    """The speech model for while recording; None: the fastest good one that is installed."""
    transcribe_language: str = "auto"
    """A language's two or three letters, or auto: the model listens which it is."""
    live_transcript: bool = False
    """Whether recordings are transcribed while they run."""
    transcribe_on_battery: bool = True
    transcribe_while_recording: bool = False
    """Whether talks that wait are transcribed while another one is recorded."""
    late_notes: bool = True
    """Whether a line plays from the sentence it is about, where its transcript says which."""
    transcript_shown: bool = False
    words_under_lines: bool = False
    """Whether the notes show, under each line, what was said in its time."""
    share_form: str = "html"
    """The form shared last."""
    share_folder: str = ""
    """Where the last share went; empty: not yet anywhere."""
    chords: dict[str, str] = field(default_factory=dict)
    """Action name → chord, where it differs from the default."""


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "input": lambda v: v is None or isinstance(v, str),
    "output": lambda v: v is None or isinstance(v, str),
    "event": lambda v: v is None or isinstance(v, str),
    "codec": lambda v: v in ("flac", "opus"),
    "channels": lambda v: v in (1, 2),
    "look_back_s": lambda v: _is_number(v) and 0 <= v <= 60,
    "speed": lambda v: _is_number(v) and 0.5 <= v <= 3,
    "theme": lambda v: v in ("system", "light", "dark", "contrast"),
    "transcribe_engine": lambda v: v in (None, "pywhispercpp", "whisper-cpp-python"),
    "transcribe_model": lambda v: v is None or isinstance(v, str),
    "live_model": lambda v: v is None or isinstance(v, str),
    "transcribe_language": lambda v: isinstance(v, str) and (v == "auto" or _is_language(v)),
    "window": lambda v: isinstance(v, str),
    "window_state": lambda v: isinstance(v, str),
    "share_form": lambda v: isinstance(v, str),
    "share_folder": lambda v: isinstance(v, str),
    "chords": lambda v: (
        isinstance(v, dict) and all(isinstance(x, str) for pair in v.items() for x in pair)
    ),
}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_language(value: str) -> bool:
    return 2 <= len(value) <= 3 and value.isascii() and value.isalpha() and value.islower()


def _usable(name: str, value: object) -> bool:
    return _CHECKS.get(name, lambda v: isinstance(v, bool))(value)


class SettingsStore:
    """Holds the current settings; a broken or missing file means the defaults."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._rest: dict[str, Any] = {}
        self._save: Save | None = None
        self._value = self._read()

    @property
    def value(self) -> Settings:
        return self._value

    def change(self, **changes: Any) -> Settings:
        """Changes fields, and has them saved. Raises ValueError for a bad value."""
        names = {f.name for f in dataclasses.fields(Settings)}
        for name, value in changes.items():
            if name not in names or not _usable(name, value):
                raise ValueError(f"not a setting: {name}={value!r}")
        with self._lock:
            was, self._value = self._value, dataclasses.replace(self._value, **changes)
            before = {n: getattr(was, n) for n, v in changes.items() if getattr(was, n) != v}
            if before and self._save is None:
                self._put()
        if before and self._save is not None:
            self._save({name: changes[name] for name in before}, before)
        return self._value

    def save_by(self, save: Save) -> None:
        """From now on `save(fields, before)` is told what changed, and what it was before; it calls
        `write` in its time, elsewhere: a GUI never waits for a disk."""
        self._save = save

    def write(
        self, library: Library, fields: Mapping[str, Any], before: Mapping[str, Any] | None
    ) -> None:
        """Writes the settings beside the open library. Raises EarmarkError.

        With `before` these are fields of an earlier run: each is taken where it still is as it was.
        """
        with self._lock:
            if before is not None:
                now = {f.name: getattr(self._value, f.name) for f in dataclasses.fields(Settings)}
                still = {
                    name: value
                    for name, value in fields.items()
                    if name in now
                    and _usable(name, value)
                    and (name not in before or now[name] == before[name])
                }
                self._value = dataclasses.replace(self._value, **still)
            with library.beside_database():
                self._put()

    def _put(self) -> None:
        data = {**self._rest, **dataclasses.asdict(self._value)}
        text = json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True)
        write_atomically(self._path, text.encode())

    def _read(self) -> Settings:
        try:
            data = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return Settings()
        if not isinstance(data, dict):
            return Settings()
        names = {f.name for f in dataclasses.fields(Settings)}
        self._rest = {k: v for k, v in data.items() if k not in names}
        known = {k: v for k, v in data.items() if k in names and _usable(k, v)}
        return Settings(**known)
