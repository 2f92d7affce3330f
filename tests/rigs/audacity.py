"""Audacity itself, on a private screen: its import of labels, seen by its export of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from waiting import wait_until

PROGRAMS = ("audacity", "Xvfb", "openbox", "xdotool")
_SETTINGS = """\
PrefsVersion=1.1.1r1
WantAssociateFiles=0
[Locale]
Language=en
[Version]
Major=3
Minor=2
Micro=4
[Update]
UpdateNoticeShown=1
DefaultUpdatesChecking=0
[GUI]
ShowSplashScreen=0
[NewKeys]
ImportLabels=F7
ExportLabels=F8
[Directories]
TempDir={temp}
"""


def missing() -> list[str]:
    """Programs that this needs and that are not there."""
    return [program for program in PROGRAMS if not shutil.which(program)]


def labels_through_audacity(home: Path, labels: str) -> str:
    """Imports the text as a file of labels into Audacity and gives back what it exports then."""
    (home / ".audacity-data").mkdir(parents=True)
    (home / "temp").mkdir()
    settings = home / ".audacity-data" / "audacity.cfg"
    settings.write_text(_SETTINGS.format(temp=home / "temp"))
    (home / "in.txt").write_text(labels, "utf-8", newline="\n")
    came = home / "out.txt"
    started: list[subprocess.Popen[bytes]] = []
    reading, writing = os.pipe()
    try:
        screen = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1200x900x24", "-noreset"]
        started.append(
            subprocess.Popen(
                [*screen, "-nolisten", "tcp"], pass_fds=(writing,), stderr=subprocess.DEVNULL
            )
        )
        os.close(writing)
        with os.fdopen(reading) as pipe:
            display = pipe.readline().strip()
        env = {**os.environ, "HOME": str(home), "DISPLAY": f":{display}"}
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            env.pop(variable, None)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": env}
        started.append(subprocess.Popen(["openbox"], **quiet))
        started.append(subprocess.Popen(["audacity"], cwd=home, **quiet))
        wait_until(lambda: _shown(env, "^Audacity$"), 120)
        _dialog(env, "F7", "in.txt")
        _dialog(env, "F8", "out.txt")
        wait_until(lambda: came.is_file() and came.stat().st_size, 60)
        return came.read_text("utf-8")
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def _dialog(env: dict[str, str], key: str, name: str) -> None:
    """Opens the file dialog of this key and names the file in it."""
    window = _shown(env, "^Audacity")[0]

    _do(env, "windowactivate", "--sync", window, "key", key)
    dialog = wait_until(lambda: _shown(env, "abels"), 60)[0]
    _do(env, "windowactivate", "--sync", dialog, "key", "ctrl+a")
    _do(env, "type", "--delay", "250", f"{env['HOME']}/{name}")  # it completes what is typed
    _do(env, "key", "Return")
    wait_until(lambda: not _shown(env, "abels"), 60)


def _shown(env: dict[str, str], name: str) -> list[str]:
    done = _do(env, "search", "--onlyvisible", "--name", name)
    return done.stdout.split()


def _do(env: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["xdotool", *command], env=env, capture_output=True, text=True, check=False
    )
