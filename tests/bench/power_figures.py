"""What a power cut costs: a copy of a live ext4 image is what had reached the disk."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import sound as sound_rig
from capture_figures import Recording
from figures import Figure, Skipped, earmark, index_of, percentile, samples_of, show

CUTS = 20


@contextlib.contextmanager
def mounted(image: Path, at: Path) -> Iterator[None]:
    at.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-o", "loop", str(image), str(at)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Skipped(f"mounting is not allowed here ({done.stderr.strip()})")
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)


def _copy(image: Path, to: Path) -> None:
    subprocess.run(["cp", "--sparse=always", str(image), str(to)], check=True)


def lost_at_power_cut() -> Iterator[Figure]:
    """20 cuts at random moments, every fourth while Stop is under way."""
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        raise Skipped("needs root and mkfs.ext4")
    folder = Path(tempfile.mkdtemp(prefix="earmark-power-"))
    dice = random.Random(11)
    lost: list[float] = []
    notes_lost = neither = 0
    try:
        image, copy = folder / "disk.img", folder / "copy.img"
        with image.open("wb") as file:
            file.truncate(400 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
        with sound_rig.sound_server() as server, mounted(image, folder / "disk"):
            mic = server.exact_mic()
            server.pactl("set-default-source", "exact")
            for cut in range(CUTS):
                library = folder / "disk" / f"library{cut}"
                recording = Recording(server, library, mic)
                recording.wait_stored(dice.uniform(2, 6))
                if cut % 4 == 3:
                    recording.stop()
                    time.sleep(dice.uniform(0, 0.6))  # the moment of the cut is the experiment
                acknowledged = recording.acknowledged()
                at = min(mic.index_at(time.monotonic()), recording.stopped_index or float("inf"))
                _copy(image, copy)
                recording.end()
                with mounted(copy, folder / "after"):
                    after = folder / "after" / f"library{cut}"
                    earmark(server, after, "recover")
                    found = show(server, after)
                    takes = [take for take in found["takes"] if take["file"]]
                    if not takes:
                        neither += 1
                        continue
                    samples = samples_of(after, takes[-1])
                    lost.append((at - index_of(samples, 0) - len(samples)) / 48000)
                    kept = {line["id"] for line in found["lines"]}
                    notes_lost += len(acknowledged - kept)
                shutil.rmtree(library)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    yield Figure(
        f"audio lost at a power cut, {CUTS} random moments, {CUTS // 4} during Stop",
        f"median {percentile(lost, 0.5):.2f}, max {max(lost):.2f} s",
        "≤ 2 s",
    )
    yield Figure("cuts that left neither journal nor file", str(neither), "0")
    yield Figure("acknowledged notes lost", str(notes_lost), "0")
