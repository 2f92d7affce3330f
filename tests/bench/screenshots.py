"""Makes the README's pictures from the real window and browser: `python3 dev.py screenshots`.

With names of pictures only those.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import sound as sound_rig
from chromium import Chromium
from waiting import wait_until
from window import Window

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
EARMARK = [sys.executable, "-m", "earmark"]


SPOKEN = (
    "# Paper that remembers",
    "- the pen writes down when you wrote",
    "tap a word, hear that moment",
    "! ask for the slides",
    "? who keeps the audio",
)


def _recorded(library: Path) -> float:
    """Seconds in the running take's journal."""
    return sum(path.stat().st_size for path in library.rglob("*.journal")) / 96_000


def _library(**settings: object) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="earmark-pictures-"))
    (folder / "settings.json").write_text(json.dumps({"asked_microphone": True, **settings}))
    return folder


def review(server: sound_rig.SoundServer) -> None:
    """After the talk: the demo, a clicked word playing."""
    library = _library(theme="light", transcript_shown=True)
    with Window([*EARMARK, "demo", "--library", str(library)], server.env) as window:
        notes = wait_until(lambda: (n := window.notes()) and len(n.text) > 200 and n, 120)
        lines = [line for line in notes.text.split("\n") if len(line) > 12]
        notes.click_text(lines[len(lines) // 2])
        window.find(lambda name: name.startswith("from "), "label")
        wait_until(lambda: any(window.find_all(lambda name: name.startswith("Pause"))))
        window.screenshot(PICTURES / "review.png")
    shutil.rmtree(library)


def recording(server: sound_rig.SoundServer) -> None:
    """In the talk: recording, in the dark."""
    library = _library(theme="dark")
    talk = server.play_to_mic(_talk_as_wav(server))
    with Window([*EARMARK, "--library", str(library)], server.env) as window:
        notes = window.notes()
        wait_until(lambda: notes.has("focused"))
        window.key("ctrl+r")
        window.find("Stop recording")
        for number, line in enumerate(SPOKEN):
            wait_until(lambda at=number * 4: _recorded(library) >= at, 120)
            window.type(("\n" if number else "") + line)
        window.find(lambda name: "speech heard" in name)
        window.screenshot(PICTURES / "recording.png")
        window.key("ctrl+r")
        wait_until(lambda: not list((library / "run" / "intents").glob("*.json")), 120)
    sound_rig.end(talk)
    shutil.rmtree(library)


def pencast(server: sound_rig.SoundServer) -> None:
    """The demo as one .html, opened in Chromium and touched, with no window at all."""
    library = _library()
    earmark = [*EARMARK, "--library", str(library)]
    with Window([*earmark, "demo"], server.env) as window:
        wait_until(lambda: len(window.notes().text) > 200, 120)
    told = subprocess.run([*earmark, "list", "--json"], capture_output=True, check=True)
    page = library / "talk.html"
    session = json.loads(told.stdout)[0]["id"]
    subprocess.run([*earmark, "export", session, "--to", str(page)], check=True)
    playing = "--autoplay-policy=no-user-gesture-required"
    with Chromium(library / "profile", playing) as browser:
        browser.size(1120, 860)
        browser.open(page.as_uri())
        browser.until("document.getElementById('audio').readyState >= 1")
        browser.click_on("[id='n=5'] .time")
        browser.until("document.querySelector('.saying .said')")
        browser.run("document.documentElement.style.scrollBehavior = 'auto', scrollTo(0, 0)")
        browser.ask("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)
        browser.until("scrollY === 0 && document.querySelectorAll('a.line:hover').length === 0")
        browser.picture(PICTURES / "pencast.png")
    shutil.rmtree(library)


def _talk_as_wav(server: sound_rig.SoundServer) -> Path:
    import soundfile

    data, rate = soundfile.read(ROOT / "assets" / "demo" / "talk.opus", dtype="int16")
    path = server.folder / "talk.wav"
    soundfile.write(path, data, rate)
    return path


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    wanted = [make for make in (review, recording, pencast) if make.__name__ in sys.argv[1:]]
    for make in wanted or (review, recording, pencast):
        with sound_rig.sound_server() as server:
            make(server)
        print("made", PICTURES / f"{make.__name__}.png")


if __name__ == "__main__":
    main()
