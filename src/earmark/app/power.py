"""Whether the computer runs on its battery, as the kernel tells it."""

from __future__ import annotations

from pathlib import Path

SUPPLIES = Path("/sys/class/power_supply")


def on_battery(supplies: Path = SUPPLIES) -> bool:
    """True where a battery is being emptied and no mains is connected; else, or unknown, False.

    A mouse's or a phone's battery (scope Device) says nothing about the computer.
    """
    try:
        found = sorted(supplies.iterdir())
    except OSError:
        return False
    emptied = False
    for supply in found:
        kind = _read(supply / "type")
        if kind == "Battery" and _read(supply / "scope") != "Device":
            emptied = emptied or _read(supply / "status") == "Discharging"
        elif kind != "Battery" and _read(supply / "online") == "1":
            return False
    return emptied


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
