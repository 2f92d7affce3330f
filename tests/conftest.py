"""What every test shares: private folders, no leaked processes, the sound server on request."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "rigs"))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell ignores it for what it starts in the background, and every child would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

import sound as sound_rig
import window as window_rig


@pytest.fixture(autouse=True)
def private_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    """No test reads or writes the person's own library, settings or sound server."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    for name in ("EARMARK_LIBRARY", "EARMARK_MODELS", "EARMARK_MODEL_HOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> Iterator[sound_rig.SoundServer]:
    """A private sound server for this test; its environment is set here too."""
    if not sound_rig.available():
        pytest.skip("no PulseAudio on this machine: `python3 dev.py test` installs it")
    with sound_rig.sound_server() as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def real_window(sound: sound_rig.SoundServer, tmp_path: Path):
    """Starts `earmark ARGS…` in a private screen with real sound; ends what it started.

    Call it as `real_window("--library", folder, size=(1360, 860))`.
    """
    if missing := window_rig.available():
        pytest.skip(f"no private screen, lacking {missing}: `python3 dev.py test` installs it")
    opened: list[window_rig.Window] = []

    def start(*args: object, **more: Any) -> window_rig.Window:
        command = [sys.executable, "-m", "earmark", *map(str, args)]
        window = window_rig.Window(command, sound.env, **more)
        opened.append(window)
        return window

    yield start
    for window in opened:
        window.close()
