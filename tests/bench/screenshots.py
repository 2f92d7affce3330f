"""Makes the README's pictures from the real window: `python3 dev.py screenshots`."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

import sound as sound_rig
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
    library = _library(theme="light")
    with Window([*EARMARK, "demo", "--library", str(library)], server.env) as window:
        notes = wait_until(lambda: (n := window.notes()) and len(n.text) > 200 and n, 120)
        lines = [line for line in notes.text.split("\n") if len(line) > 12]
        notes.click_text(lines[len(lines) // 2])
        window.find(lambda name: "look-back" in name)
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


def _talk_as_wav(server: sound_rig.SoundServer) -> Path:
    import soundfile

    data, rate = soundfile.read(ROOT / "assets" / "demo" / "talk.opus", dtype="int16")
    path = server.folder / "talk.wav"
    soundfile.write(path, data, rate)
    return path


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sound_rig.sound_server() as server:
        review(server)
        recording(server)
    print("made", ", ".join(sorted(p.name for p in PICTURES.glob("*.png"))))


if __name__ == "__main__":
    main()
