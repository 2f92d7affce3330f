"""Where the sound lies in a WAV or AIFF file. Trusts the file's length, never a header alone."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

_MAX_CHUNKS = 10_000
_PCM, _EXTENSIBLE = 1, 0xFFFE
_UNKNOWN = (0, 0xFFFFFFFF)
"""Data sizes left by writers that were killed, or that write to a pipe."""


class Sound(NamedTuple):
    """The sound of a WAV file: where it begins, how many bytes are there and how many should be.

    `declared` is None where the writer never came to write it. `pcm16`: little-endian 16-bit PCM.
    """

    offset: int
    size: int
    declared: int | None
    rate: int
    channels: int
    pcm16: bool


def wav_sound(path: Path) -> Sound | None:
    """The sound of a RIFF/WAVE file; None for anything else, RF64 included."""
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        form = None
        for name, start, size in _chunks(file, 12, length, "<4sI"):
            if name == b"fmt ":
                form = _form(file, start, size)
            elif name == b"data" and form is not None:
                rate, channels, pcm16 = form
                declared = None if size in _UNKNOWN else size
                there = length - start
                sound = there if declared is None else min(size, there)
                return Sound(start, sound, declared, rate, channels, pcm16)
    return None


def aiff_is_cut(path: Path) -> bool:
    """Whether an AIFF file ends before its sound chunk does."""
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        head = file.read(12)
        if head[:4] != b"FORM" or head[8:] not in (b"AIFF", b"AIFC"):
            return False
        return any(
            name == b"SSND" and start + size > length
            for name, start, size in _chunks(file, 12, length, ">4sI")
        )


def _chunks(file: BinaryIO, at: int, length: int, form: str) -> list[tuple[bytes, int, int]]:
    found: list[tuple[bytes, int, int]] = []
    while at + 8 <= length and len(found) < _MAX_CHUNKS:
        file.seek(at)
        name, size = struct.unpack(form, file.read(8))
        found.append((name, at + 8, size))
        at += 8 + size + size % 2
    return found


def _form(file: BinaryIO, start: int, size: int) -> tuple[int, int, bool] | None:
    file.seek(start)
    raw = file.read(min(size, 40))
    if len(raw) < 16:
        return None
    tag, channels, rate, _bytes, _align, bits = struct.unpack("<HHIIHH", raw[:16])
    if tag == _EXTENSIBLE and len(raw) >= 26:
        tag = struct.unpack("<H", raw[24:26])[0]
    if not rate or not channels:
        return None
    return rate, channels, tag == _PCM and bits == 16
