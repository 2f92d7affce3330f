"""A person at the real window with a transcript: hears a word, mends a passage, starts late."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from spoken_talks import RATE, SAID, line, make_library
from waiting import wait_until

from earmark.library import Library

pytestmark = [pytest.mark.window, pytest.mark.sound, pytest.mark.timeout(600)]


def test_hear_a_word_mend_a_passage_refuse_a_late_start(real_window, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("EARMARK_MODELS", str(tmp_path / "models"))
    folder = tmp_path / "library"
    session = make_library(folder)
    noise = np.random.default_rng(1).normal(0, 300, RATE * 1800).astype(np.int16)
    soundfile.write(folder / "sessions" / "none.flac", noise, RATE)
    chosen = {"asked_microphone": True, "transcript_shown": True}
    (folder / "settings.json").write_text(json.dumps(chosen))
    window = real_window("--library", folder, size=(1280, 800))
    window.find(lambda name: name.startswith("Cloud architecture")).click()
    transcript = window.find("Transcript", "text")
    wait_until(lambda: "relational" in transcript.text, what="the transcript")
    transcript.click_text("relational")
    window.find("Pause replay", "push button")
    window.key("ctrl+space")
    window.find("Play", "push button")
    window.key("F2")
    field = window.find("Words of the passage", "text")
    wait_until(lambda: field.has("focused"), what="the passage being edited")
    window.key("ctrl+a")
    window.type("Key value stores, he says, give up joins and consistency.")
    window.key("Return")
    wait_until(lambda: "he says" in transcript.text, what="the mended words")
    window.notes().click_text("Leave")
    window.find("Pause replay", "push button")
    window.find(lambda name: "its sentence" in name)
    window.key("ctrl+shift+d")
    window.find("This line starts at its own time.")
    library = Library.open(folder)  # beside the window's own
    try:
        wait_until(lambda: library.session(session).late_refused, what="the refusal stored")
        stored = library.session(session)
    finally:
        library.close()
    assert stored.transcript is not None
    texts = [one.text for one in stored.transcript.segments]
    assert texts[1] == "Key value stores, he says, give up joins and consistency."
    assert texts[0] == SAID[0][1]
    assert stored.late_refused == frozenset({line(5)})
