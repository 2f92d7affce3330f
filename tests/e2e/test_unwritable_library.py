"""The library's disk fails while a person types in the real window: nothing typed is lost.

Each way out with another way to fail; every pair of them runs without a window in
`tests/app/test_app_outbox.py` and `tests/ui/test_window_unsaved.py`.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from disk import Disk
from waiting import wait_until

pytestmark = [pytest.mark.window, pytest.mark.sound, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True)
def one_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window and the command line know of the same second place."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def open_window(real_window, tmp_path: Path, disk: Disk):
    return lambda: real_window(
        "--library", disk.library, extra_env={"XDG_STATE_HOME": str(tmp_path / "state")}
    )


def tell(folder: Path, *command: str) -> Any:
    """What the command line says about the library."""
    done = subprocess.run(
        [sys.executable, "-m", "earmark", "--library", str(folder), *command, "--json"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout)


def lines(folder: Path) -> list[str]:
    (row,) = tell(folder, "list")
    return [line["text"] for line in tell(folder, "show", row["id"])["lines"]]


def type_and_fail(window: Any, disk: Disk, way: str) -> None:
    """A line is saved, then the disk fails, then another line is typed."""
    wait_until(lambda: window.notes().has("focused"), what="the caret in the notes")
    window.type("saved\n")
    wait_until(lambda: [one["lines"] for one in tell(disk.library, "list")] == [2], what="saved")
    disk.fail(way)
    window.type("typed too late")
    wait_until(lambda: "typed too late" in window.notes().text)


def test_closing_asks_once_and_what_was_typed_comes_back(open_window, disk: Disk):
    window = open_window()
    type_and_fail(window, disk, "read-only")
    window.close_window()
    window.find(lambda name: name.startswith("Your last changes cannot be saved"))
    assert window.program.poll() is None
    window.close_window()
    assert window.program.wait(120) == 0
    assert "Traceback" not in window.log()
    disk.mend()
    window.start_program()
    window.find(lambda name: name.startswith("What could not be saved the last time is back"))
    assert lines(disk.library) == ["saved", "typed too late"]


def test_sigterm_keeps_it_and_leaves_nothing_where_the_disk_was(open_window, disk: Disk):
    window = open_window()
    type_and_fail(window, disk, "detached")
    window.program.send_signal(signal.SIGTERM)
    assert window.program.wait(120) == 0
    assert disk.left_at_its_place() == []
    done = subprocess.run(
        [sys.executable, "-m", "earmark", "--library", str(disk.library), "list"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert "is not connected" in done.stderr
    window.start_program()
    window.find(lambda name: "is not connected" in name)
    window.type("into nothing")
    wait_until(lambda: "into nothing" in window.notes().text)
    window.program.send_signal(signal.SIGTERM)
    window.program.wait(120)
    assert disk.left_at_its_place() == []
    disk.mend()
    tell(disk.library, "list")  # brings back what both windows kept
    texts = [
        [line["text"] for line in tell(disk.library, "show", row["id"])["lines"]]
        for row in tell(disk.library, "list")
    ]
    assert sorted(texts) == [["into nothing"], ["saved", "typed too late"]]


def test_killed_it_comes_back_too(open_window, disk: Disk, tmp_path: Path):
    window = open_window()
    type_and_fail(window, disk, "full")
    kept = tmp_path / "state" / "earmark" / "unsaved"
    wait_until(
        lambda: any("typed too late" in path.read_text() for path in kept.glob("*/*.json")),
        what="the second place",
    )
    window.program.kill()
    window.program.wait(120)
    disk.mend()
    assert lines(disk.library) == ["saved", "typed too late"]
