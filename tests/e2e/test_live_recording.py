"""A real recording transcribed while it runs, through the real engine."""

from __future__ import annotations

import importlib.util
from array import array
from pathlib import Path

import numpy as np
import pytest
import sound as sound_rig
import soundfile
import tinymodel
from waiting import wait_until

from earmark.app import Earmark
from earmark.app.news import LivePartial, TranscriptGrew, TranscriptionPhase, TranscriptionState
from earmark.model import SessionId, TakeState

DATA = Path(tinymodel.__file__).parents[1] / "data" / "tinywhisper"
SAID = ["lecture", "white", "three", "six", "server", "page", "matrix"]

pytestmark = [
    pytest.mark.sound,
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("_pywhispercpp") is None,
        reason="no speech engine here: pip install 'earmark[transcribe]'",
    ),
]


@pytest.fixture
def earmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    models = tmp_path / "models"
    models.mkdir()
    tinymodel.unpack(models)
    monkeypatch.setenv("EARMARK_MODELS", str(models))
    opened = Earmark(tmp_path / "library")
    opened.library.opened.result()
    opened.transcribing.set_live(True)
    yield opened
    opened.close()


def texts(earmark: Earmark, session: SessionId) -> list[str]:
    transcript = earmark.library.run(lambda lib: lib.session(session)).result().transcript
    return " ".join(s.text for s in transcript.segments).split() if transcript else []


def recorded(earmark: Earmark) -> int:
    now = earmark.recording.now()
    return 0 if now is None else now.frame


def test_words_are_there_before_stop_and_no_frame_is_lost(
    sound: sound_rig.SoundServer, earmark: Earmark, tmp_path: Path
) -> None:
    clip, rate = soundfile.read(DATA / "short.flac", dtype="float32")
    soundfile.write(tmp_path / "said.wav", np.tile(clip, 3), rate, subtype="PCM_16")
    news: list[object] = []
    earmark.events.subscribe(news.append)
    session, take = earmark.recording.start(title="Live")
    wait_until(lambda: recorded(earmark) > 0)
    player = sound.play_to_mic(tmp_path / "said.wav")
    try:
        wait_until(lambda: len(texts(earmark, session)) >= 5, 120, "words while recording")
        assert earmark.recording.state.live
        player.wait(120)
    finally:
        sound_rig.end(player)
    earmark.recording.stop()

    def done() -> bool:
        states = [n for n in news if isinstance(n, TranscriptionState) and n.live]
        return bool(states) and states[-1].phase is TranscriptionPhase.DONE

    wait_until(done, 120, "the end of the live transcript")
    whole = wait_until(
        lambda: next(
            (
                s
                for s in [earmark.library.run(lambda lib: lib.session(session)).result()]
                if s.takes[0].state is TakeState.COMPLETE
            ),
            None,
        ),
        120,
    )
    (kept,) = whole.takes
    assert kept.gaps == ()
    samples, _rate = soundfile.read(earmark.folder / kept.file, dtype="int16")
    assert len(samples) == kept.frames
    told = [word.lower().strip(".,") for word in texts(earmark, session)]
    assert tinymodel.edits(SAID * 3, told) <= len(SAID), told
    loud = np.abs(samples.astype(np.int32)) > 1000
    for segment in whole.transcript.segments:
        assert loud[segment.start : segment.end].any(), "words stand where something was said"
    assert not any(isinstance(n, LivePartial) and n.take != take for n in news)
    assert [n.take for n in news if isinstance(n, TranscriptGrew)]


def test_every_frame_of_the_exact_microphone_is_kept_beside_the_engine(
    sound: sound_rig.SoundServer, earmark: Earmark
) -> None:
    sound.exact_mic()
    sound.pactl("set-default-source", "exact")
    session, _take = earmark.recording.start(title="Exact")
    wait_until(lambda: recorded(earmark) > 15 * 48_000, 120)
    earmark.recording.stop()
    (kept,) = wait_until(
        lambda: [
            t
            for t in earmark.library.run(lambda lib: lib.session(session)).result().takes
            if t.state is TakeState.COMPLETE
        ],
        120,
    )
    samples, _rate = soundfile.read(earmark.folder / kept.file, dtype="int16")
    index = np.arange(len(samples), dtype=np.int64)
    first = sound_rig.coded_index(array("h", samples[:4096].tobytes()), 0)
    index += first
    expected = np.where(index & 1023 == 0, -(1 + (index >> 15)), index & 0x7FFF)
    assert (samples == expected).all()
    assert kept.gaps == ()
