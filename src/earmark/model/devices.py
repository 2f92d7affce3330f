"""Sound devices by the names people and sound servers know."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Device:
    """An input or output. `name` chooses it, `label` is shown."""

    name: str
    label: str
    default: bool = False
