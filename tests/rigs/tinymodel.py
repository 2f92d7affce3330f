"""A tiny but genuine speech model, and speech it was never trained on, spoken on the spot.

The model knows 46 words. Voices and seeds are fixed; `espeak-ng` speaks.
"""

from __future__ import annotations

import functools
import io
import random
import shutil
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from tinyfile import frames, tiny_model

UNHEARD_VOICES = ("m5", "m8", "Michael", "robert")
RATE = 16_000
Q5_0 = 6
_KNOWN = """
zero one two three four five six seven eight nine red green blue yellow black white orange
purple cloud network audio server lecture page formula energy matrix vector theorem function
graph signal memory student teacher morning question answer open close start stop and is with
river
"""
WORDS = tuple(_KNOWN.split())
Sound = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Spoken:
    """A phrase at seconds `[start, end)` of a clip."""

    start: float
    end: float
    text: str


def can_speak() -> bool:
    return shutil.which("espeak-ng") is not None


def unpack(folder: Path) -> Path:
    """The model as an engine reads it (q5_0, 3 MB), in `folder`."""
    path = folder / "ggml-tiny-test.bin"
    if not path.exists():
        path.write_bytes(tiny_model())
    return path


def unpack_f16(folder: Path) -> Path:
    """The same model with 16-bit floats (8 MB), for engines that know no quantised ones."""
    data = tiny_model()
    header = bytearray(data[: frames(data)[0][0]])
    struct.pack_into("<i", header, 4 + 4 * 10, 1)
    parts = [bytes(header)]
    for at, inside, end in frames(data):
        frame, body = bytearray(data[at:inside]), data[inside:end]
        if struct.unpack_from("<i", frame, 8)[0] == Q5_0:
            struct.pack_into("<i", frame, 8, 1)
            body = _widened(body)
        parts += [bytes(frame), body]
    path = folder / "ggml-tiny-test-f16.bin"
    path.write_bytes(b"".join(parts))
    return path


def _widened(body: bytes) -> bytes:
    """Blocks of 32 five-bit numbers with a common scale, as 16-bit floats."""
    kind = np.dtype([("scale", "<f2"), ("fifth", "<u4"), ("four", "u1", 16)])
    blocks = np.frombuffer(body, kind)
    low = np.concatenate([blocks["four"] & 15, blocks["four"] >> 4], axis=1).astype(np.int32)
    high = blocks["fifth"][:, None] >> np.arange(32, dtype=np.uint32) & 1
    whole = low + 16 * high.astype(np.int32) - 16
    return (whole * blocks["scale"].astype(np.float32)[:, None]).astype("<f2").tobytes()


@functools.cache
def say(text: str, voice: str, speed: int, pitch: int) -> bytes:
    """The phrase as float32 at 16 kHz, cut to where it is heard, peak 0.7."""
    command = ["espeak-ng", "-v", f"en-us+{voice}", "-s", str(speed), "-p", str(pitch), "--stdout"]
    done = subprocess.run([*command, text], capture_output=True, check=True, timeout=60)
    sound, rate = soundfile.read(io.BytesIO(_whole(done.stdout)), dtype="float32")
    sound = resampled(sound, rate, RATE)
    level = np.sqrt(np.convolve(sound**2, np.ones(160) / 160, "same"))
    heard = np.flatnonzero(level > 0.004)
    sound = sound[heard[0] : heard[-1] + 1]
    return (sound / np.abs(sound).max() * 0.7).astype(np.float32).tobytes()


def _whole(wav: bytes) -> bytes:
    """espeak-ng cannot know the length when it writes the header."""
    return wav[:40] + (len(wav) - 44).to_bytes(4, "little") + wav[44:]


def resampled(sound: Sound, rate: int, to: int) -> Sound:
    """By Fourier's way: for short clips."""
    count = round(len(sound) * to / rate)
    spectrum = np.fft.rfft(sound)
    keep = np.zeros(count // 2 + 1, np.complex128)
    both = min(len(keep), len(spectrum))
    keep[:both] = spectrum[:both]
    return (np.fft.irfft(keep, count) * count / len(sound)).astype(np.float32)


def phrase(rng: random.Random, most: int = 6) -> tuple[str, Sound]:
    """A few of the words by one of the voices, as the seed has it."""
    count = rng.randint(2, most)
    text = " ".join(rng.sample(WORDS, count))
    voice = rng.choice(UNHEARD_VOICES)
    sound = say(text, voice, rng.randint(130, 175), rng.randint(35, 65))
    return text, np.frombuffer(sound, np.float32)


def clip(
    seed: int, seconds: float, gaps: tuple[float, float] = (0.7, 1.5)
) -> tuple[Sound, list[Spoken]]:
    """Phrases with pauses, in a quiet room, `seconds` long."""
    rng = random.Random(seed)
    sound = room(seconds, seed)
    spoken = []
    at = rng.uniform(0.2, 0.6)
    while True:
        text, said = phrase(rng)
        if at + len(said) / RATE > seconds - 0.2:
            break
        begin = int(at * RATE)
        sound[begin : begin + len(said)] += said
        spoken.append(Spoken(at, at + len(said) / RATE, text))
        at += len(said) / RATE + rng.uniform(*gaps)
    return sound, spoken


def room(seconds: float, seed: int, level_db: float = -62.0) -> Sound:
    """Noise as a quiet room has it: more of the low than of the high."""
    rng = np.random.default_rng(seed)
    white = rng.standard_normal(int(seconds * RATE)).astype(np.float32)
    brown = np.convolve(white, np.exp(-np.arange(24) / 6, dtype=np.float32), "same")
    return (brown / brown.std() * 10 ** (level_db / 20)).astype(np.float32)


def edits(said: Sequence[str], told: Sequence[str]) -> int:
    """Words wrong, missing or too many."""
    row = list(range(len(told) + 1))
    for i, one in enumerate(said, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(told, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (one != other))
    return row[-1]
