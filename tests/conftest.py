"""What every test shares: private folders, no leaked processes, the sound server on request."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

sys.path.insert(0, str(Path(__file__).parent / "rigs"))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell ignores it for what it starts in the background, and every child would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

import disk as disk_rig
import sound as sound_rig
import window as window_rig

for profile, examples in (("everyday", 40), ("nightly", 800)):
    # no test may depend on speed, neither of what it tries nor of making up what to try
    slowly = (hypothesis.HealthCheck.too_slow,)
    hypothesis.settings.register_profile(
        profile, max_examples=examples, deadline=None, suppress_health_check=slowly
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--nightly",
        action="store_true",
        help="also the long sweeps, and many examples of everything made at random",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("hypothesis_profile", None):
        hypothesis.settings.load_profile("nightly" if config.option.nightly else "everyday")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the sweeps to the nightly run, unless they are asked for by name or marker, and
    says what is to run beside what where several workers do.

    What makes sound runs in one worker, one after another and first: each has a server of its
    own, but two of them on two cores would tear each other's sound. It is mostly waiting, so the
    other workers have the cores. Then what is slow, so that nothing long begins at the end.
    """
    asked = config.option.nightly or "nightly" in config.option.markexpr
    if not asked and not any("::" in argument for argument in config.args):
        left = [item for item in items if item.get_closest_marker("nightly")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
    if hasattr(config, "workerinput"):
        for item in items:
            if _sounds(item):
                item.add_marker(pytest.mark.xdist_group("sound"))
        items.sort(key=lambda item: (not _sounds(item), item.get_closest_marker("slow") is None))


def _sounds(item: pytest.Item) -> bool:
    return item.get_closest_marker("sound") is not None or "sound" in getattr(
        item, "fixturenames", ()
    )


@pytest.fixture(autouse=True)
def private_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    """No test reads or writes the person's own library, settings or sound server."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    for name in ("EARMARK_LIBRARY", "EARMARK_MODELS", "EARMARK_MODEL_HOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def sound(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[sound_rig.SoundServer]:
    """A private sound server for this test; its environment is set here too.

    PulseAudio, or another kind given by `pytest.mark.parametrize("sound", …, indirect=True)`.
    """
    kind = getattr(request, "param", sound_rig.SoundServer)
    if not kind.available():
        pytest.skip(f"no {kind.name} on this machine: `python3 dev.py test` installs it")
    with sound_rig.sound_server(kind) as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[disk_rig.Disk]:
    """A disk that can fill up, go away or turn read-only; skips where none can be mounted."""
    if missing := disk_rig.available():
        pytest.skip(f"no disk of its own can be mounted here: {missing}")
    with disk_rig.disk(tmp_path) as made:
        yield made


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
