"""Recording with a live transcript while engines keep every core busy."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import figures
import numpy as np
import sound as sound_rig
import soundfile
import tinymodel
from figures import Figure, Skipped, earmark, show

TALK_S = 3600
"""Length of the talk the queue works on meanwhile: longer than the measuring takes."""


def live_beside_the_queue() -> Iterator[Figure]:
    """Frames lost, and key → painted, while the engine hears the recording and, as a second
    process, an hour of dense speech. LIVE_SECONDS (60) of it."""
    if importlib.util.find_spec("_pywhispercpp") is None:
        raise Skipped("no speech engine: pip install 'earmark[transcribe]'")
    seconds = float(os.environ.get("LIVE_SECONDS", "60"))
    library = Path(tempfile.mkdtemp(prefix="earmark-live-"))
    models = library / "models"
    models.mkdir()
    tinymodel.unpack(models)
    try:
        with sound_rig.sound_server() as server:
            server.exact_mic()
            server.pactl("set-default-source", "exact")
            server.env["EARMARK_MODELS"] = str(models)
            clip, rate = soundfile.read(
                Path(tinymodel.__file__).parents[1] / "data" / "tinywhisper" / "short.flac",
                dtype="float32",
            )
            talk = np.tile(clip, int(TALK_S * rate / len(clip)))
            soundfile.write(library / "talk.flac", talk, rate)
            earmark(server, library / "library", "import", library / "talk.flac")
            once = Path(__file__).with_name("live_once.py")
            done = subprocess.run(
                [sys.executable, once, library / "library", str(seconds)],
                env={**server.env, "QT_QPA_PLATFORM": "offscreen"},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                raise RuntimeError(done.stderr[-2000:])
            told = json.loads(done.stdout.splitlines()[-1])
            take = show(server, library / "library")["takes"][0]
            samples = figures.samples_of(library / "library", take)
    finally:
        shutil.rmtree(library, ignore_errors=True)
    lost, doubled = figures.lost_and_doubled(samples)
    yield Figure(
        f"frames lost, doubled in {len(samples) / 48_000:.0f} s with a live transcript,"
        " engines on every core",
        f"{lost}, {doubled} (gaps logged: {len(take['gaps'])})",
        "0, 0",
    )
    with_engines, alone = (statistics.median(told[name]) for name in ("p99", "p99_alone"))
    yield Figure(
        "key → painted meanwhile, in the process that feeds the engine",
        f"p99 {with_engines:.1f} ms (median of {len(told['p99'])} rounds, best"
        f" {min(told['p99']):.1f}), {alone:.1f} ms before and after without engines (best"
        f" {min(told['p99_alone']):.1f}); live behind ≤ {told['behind_s']:.1f} s; queue busy to"
        f" the end: {told['queue_busy_to_the_end']}",
        "≤ 16 ms p99",
    )
