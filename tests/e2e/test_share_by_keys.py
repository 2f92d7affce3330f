"""The demo is shared with nothing but keys, opened by a browser, and comes back into a library."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from chromium import Chromium, chromium_path
from waiting import wait_until

pytestmark = [pytest.mark.window, pytest.mark.sound, pytest.mark.timeout(900)]


def tell(folder: Path, *command: str) -> Any:
    """What the command line says about the library."""
    done = subprocess.run(
        [sys.executable, "-m", "earmark", "--library", str(folder), *command, "--json"],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return json.loads(done.stdout)


def only_session(folder: Path) -> Any:
    (row,) = tell(folder, "list")
    return tell(folder, "show", row["id"])


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


def library_that_shares_to(folder: Path, shared: Path) -> Path:
    folder.mkdir()
    settings = {"asked_microphone": True, "share_folder": str(shared)}
    (folder / "settings.json").write_text(json.dumps(settings))
    return folder


def share_the_demo(window: Any, shared: Path) -> Path:
    wait_until(lambda: len(window.notes().text) > 200, 120, "the demo's notes")
    window.key("ctrl+e")
    window.find(lambda name: name.startswith("About "))
    wait_until(lambda: window.find("Everything", "radio button").has("focused"))
    window.key("enter")
    window.find("Show in folder", "push button", 300)
    window.key("esc")
    wait_until(lambda: window.notes().has("focused"), what="the caret back in the notes")
    (made,) = shared.glob("*.html")
    return made


def lines_of(session: Any) -> list[Any]:
    return [
        (line["kind"], line["text"], line["marks"], line["anchor"] and line["anchor"]["ms"])
        for line in session["lines"]
    ]


def test_the_demo_is_shared_opened_and_brought_back(real_window, tmp_path: Path, shared: Path):
    if chromium_path() is None:
        pytest.skip("no Chromium on this machine")
    library = library_that_shares_to(tmp_path / "library", shared)
    window = real_window("demo", "--library", library)
    made = share_the_demo(window, shared)
    assert list(shared.iterdir()) == [made]
    with Chromium(tmp_path / "profile", "--autoplay-policy=no-user-gesture-required") as browser:
        browser.open(made.as_uri())
        browser.until("document.getElementById('audio').duration > 100")
        browser.click_on('[id="n=5"] .text')
        browser.until("!document.getElementById('audio').paused")
        assert browser.console == []
    window.close_window()
    assert window.program.wait(120) == 0
    other = library_that_shares_to(tmp_path / "other", shared)
    second = real_window("--library", other, made)
    said = second.find(lambda name: " was shared: " in name)
    assert "01:57" in said.name and "19 lines" in said.name
    assert tell(other, "list") == []
    second.key("F7")
    wait_until(lambda: second.find("Import", "push button").has("focused"))
    second.key("space")
    wait_until(lambda: tell(other, "list"), 120, "the session")
    wait_until(lambda: len(second.notes().text) > 200, 120, "its notes on the page")
    assert lines_of(only_session(other)) == lines_of(only_session(library))


def test_a_second_start_hands_a_share_over_to_the_window(real_window, tmp_path: Path, shared: Path):
    library = library_that_shares_to(tmp_path / "library", shared)
    window = real_window("demo", "--library", library)
    made = share_the_demo(window, shared)
    second = subprocess.run(
        [sys.executable, "-m", "earmark", "--library", str(library), str(made)],
        env=window.env, timeout=120, check=False,
    )  # fmt: skip
    assert second.returncode == 0
    window.find(lambda name: "It is in your library already" in name)
    window.find("Skip", "push button").click()
    wait_until(lambda: not window.find_all("Skip", "push button"), what="no question any more")
    assert len(tell(library, "list")) == 1
