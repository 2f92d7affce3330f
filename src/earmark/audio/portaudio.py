"""PortAudio's devices by name: for systems on which no sound server runs."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

from earmark.model.devices import Device

Direction = Literal["input", "output"]


def library() -> Any:
    """`sounddevice`, loaded at first use; None where PortAudio itself is not installed."""
    try:
        import sounddevice
    except OSError:
        return None
    return sounddevice


def _named(direction: Direction) -> list[tuple[int, Device]]:
    """Each device with its index. One and the same name twice is told apart by the host API."""
    portaudio = library()
    if portaudio is None:
        return []
    try:
        found = list(portaudio.query_devices())
        apis = [str(api["name"]) for api in portaudio.query_hostapis()]
        default = portaudio.default.device[0 if direction == "input" else 1]
    except portaudio.PortAudioError:
        return []
    usable = [(i, info) for i, info in enumerate(found) if info[f"max_{direction}_channels"] > 0]
    if usable and all(index != default for index, _info in usable):
        default = usable[0][0]
    times = Counter(str(info["name"]) for _index, info in usable)
    named: list[tuple[int, Device]] = []
    for index, info in usable:
        name = str(info["name"])
        if times[name] > 1:
            name = f"{name}, {apis[info['hostapi']]}"
        named.append((index, Device(name, name, index == default)))
    return named


def devices(direction: Direction) -> tuple[Device, ...]:
    """Those that can be opened; the default is marked."""
    return tuple(device for _index, device in _named(direction))


def find(direction: Direction, name: str | None) -> tuple[int, str] | None:
    """PortAudio's index and the name of a device (None: the default one)."""
    for index, device in _named(direction):
        if device.default if name is None else device.name == name:
            return index, device.name
    return None


def look_again() -> bool:
    """PortAudio lists devices once, at its start: begins anew to see what came later. Not while
    a stream is open. Whether that went well.
    """
    portaudio = library()
    if portaudio is None:
        return False
    try:
        portaudio._terminate()
        portaudio._initialize()
    except portaudio.PortAudioError:
        return False
    return True
