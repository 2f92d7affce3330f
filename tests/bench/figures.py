"""What every figure needs: its form, statistics, busy cores, and the program's own command line."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sound as sound_rig
import soundfile


class Skipped(Exception):
    """This machine cannot measure it; the message says why."""


@dataclass(frozen=True)
class Figure:
    what: str
    value: str
    bar: str

    def __str__(self) -> str:
        return f"{self.what}: {self.value}   (bar: {self.bar})"


def percentile(values: Sequence[float], share: float) -> float:
    """The value at or above which `1 - share` of them lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values: Sequence[float], unit: str) -> str:
    """Median, p95, p99 and maximum of some readings."""
    median, p95, p99 = (percentile(values, share) for share in (0.5, 0.95, 0.99))
    text = f"median {median:.1f}, p95 {p95:.1f}, p99 {p99:.1f}, max {max(values):.1f} {unit}"
    return f"{text}, n={len(values)}"


@contextlib.contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Keeps `count` cores busy."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            sound_rig.end(loop)


def earmark(server: sound_rig.SoundServer, library: Path, *args: object) -> str:
    """Runs the command line on a library and returns what it printed."""
    command = [sys.executable, "-m", "earmark", *map(str, args), "--library", str(library)]
    done = subprocess.run(command, env=server.env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"earmark {args}: {done.stderr.strip()}")
    return done.stdout


def show(server: sound_rig.SoundServer, library: Path, session: str | None = None) -> Any:
    """A session (the newest when none is named) in the command line's JSON form."""
    if session is None:
        session = json.loads(earmark(server, library, "list", "--json"))[0]["id"]
    return json.loads(earmark(server, library, "show", session, "--json"))


def samples_of(library: Path, take: dict[str, Any]) -> np.ndarray[Any, np.dtype[np.int16]]:
    data, _ = soundfile.read(library / take["file"], dtype="int16")
    return data


def coded(count: int, start: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    """What the exact microphone says from index `start` on."""
    index = np.arange(start, start + count, dtype=np.int64)
    return np.where(index & 1023 == 0, -(1 + (index >> 15)), index & 0x7FFF).astype(np.int16)


def index_of(samples: np.ndarray[Any, np.dtype[np.int16]], at: int) -> int:
    """The exact microphone's index at frame `at` of a recording."""
    import array

    part = array.array("h", samples[at : at + 4096].tobytes())
    found = sound_rig.coded_index(part, 0)
    if found is None:
        raise AssertionError(f"no coded sound at frame {at}")
    return found


def lost_and_doubled(samples: np.ndarray[Any, np.dtype[np.int16]]) -> tuple[int, int]:
    """Frames missing from, and frames twice in, a recording of the exact microphone."""
    lost = doubled = 0
    at, count = 0, len(samples)
    expected = index_of(samples, 0)
    while at < count:
        good = samples[at:] == coded(count - at, expected)
        if good.all():
            break
        at += int(np.argmin(good))
        expected += int(np.argmin(good))
        if at + 3072 > count:
            break
        found = index_of(samples, at)
        lost += max(0, found - expected)
        doubled += max(0, expected - found)
        expected = found
        if found == expected and samples[at] != coded(1, found)[0]:
            at, expected = at + 1, expected + 1
    return lost, doubled
