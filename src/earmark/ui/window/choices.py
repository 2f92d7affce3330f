"""The person's settings as the window uses them: kept off the GUI thread, shown at once."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from earmark.app.settings import Settings

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark


class Choices(QObject):
    """`value` is what the window shows; changes made before the services are there are kept
    with the first ones after."""

    changed = Signal(object)

    def __init__(self, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self.value = settings
        self._earmark: Earmark | None = None
        self._waiting: dict[str, Any] = {}

    def attach(self, earmark: Earmark) -> None:
        """Takes the settings as they are on disk, and what was chosen meanwhile."""
        self._earmark = earmark
        waiting, self._waiting = self._waiting, {}
        self.value = dataclasses.replace(earmark.settings.value, **waiting)
        self.changed.emit(self.value)
        if waiting:
            self._save(waiting)

    def detach(self) -> None:
        self._earmark = None

    def set(self, **fields: Any) -> None:
        """Changes fields: in the window at once, on disk soon."""
        self.value = dataclasses.replace(self.value, **fields)
        self.changed.emit(self.value)
        if self._earmark is None:
            self._waiting.update(fields)
        else:
            self._save(fields)

    def told(self, **fields: Any) -> None:
        """Fields that a service has changed and saved itself."""
        value = dataclasses.replace(self.value, **fields)
        if value != self.value:
            self.value = value
            self.changed.emit(value)

    def reread(self) -> None:
        """Settings of an earlier run came back after the window took them as they were on disk."""
        if self._earmark is not None:
            self.told(**dataclasses.asdict(self._earmark.settings.value))

    def set_chord(self, action: str, chord: str, default: str) -> None:
        """The person's own chord for an action; the default one is not kept."""
        chords = {k: v for k, v in self.value.chords.items() if k != action}
        if chord != default:
            chords[action] = chord
        self.set(chords=chords)

    def keep_geometry(self, geometry: str) -> None:
        """Where the window stood, for the next start."""
        self.set(window=geometry)

    def _save(self, fields: dict[str, Any]) -> None:
        if self._earmark is not None:
            self._earmark.settings.change(**fields)
