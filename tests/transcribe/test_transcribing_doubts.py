"""An engine that loses the thread in a full window: what it lost is heard anew, once."""

from __future__ import annotations

import importlib.util
import random
from itertools import pairwise

import numpy as np
import pytest
import tinymodel
import transcribing
from tinymodel import RATE, Spoken

from earmark.transcribe.client import Engine
from earmark.transcribe.engines import Heard, HeardWord
from earmark.transcribe.lost_thread import followed
from earmark.transcribe.utterances import Utterance
from earmark.transcribe.windows import FULL, Placed, Window, fullest
from earmark.transcribe.work import TakeWork

speaking = pytest.mark.skipif(
    not tinymodel.can_speak(), reason="no espeak-ng: `python3 dev.py test` installs it"
)


def utterance(start: float, end: float) -> Utterance:
    a, b = int(start * RATE), int(end * RATE)
    return Utterance(a, b, np.zeros(b - a, np.float32), ((a + 3200, b - 3200),))


def passage(start: float, end: float, *words: str, chance: float = 0.9) -> Placed:
    edges = np.linspace(start * RATE, end * RATE, len(words) + 1).astype(int)
    timed = tuple(
        (w, int(a), int(b), chance) for w, (a, b) in zip(words, pairwise(edges), strict=True)
    )
    return Placed(int(start * RATE), int(end * RATE), timed)


WINDOW = Window((utterance(0, 4), utterance(6, 10), utterance(12, 16)))
FIRST = passage(0.2, 3.8, "theorem", "formula", "question", "and", "answer", "open")
SECOND = passage(6.2, 9.8, "lecture", "white", "three", "six", "server", "page", "matrix")
THIRD = passage(12.2, 15.8, "student", "teacher", "network", "morning", "with", "audio")


@pytest.mark.parametrize(
    ("heard", "count"),
    [
        ((FIRST, SECOND, THIRD), 3),
        ((FIRST, SECOND), 2),
        ((FIRST, THIRD), 1),
        ((SECOND, THIRD), 0),
        ((), 0),
        ((FIRST, passage(6.2, 7, "lecture"), THIRD), 1),
        ((FIRST, passage(6.2, 9.8, *["matrix"] * 30), THIRD), 1),
        ((FIRST, passage(6.2, 9.8, "lecture", "white", "three", "server", chance=0.4)), 1),
        ((FIRST, passage(6.2, 8.2, "lecture", "white", "three", "six", "server"), THIRD), 1),
        ((passage(0.2, 9.8, *["theorem"] * 14),), 2),
        ((FIRST, passage(6.2, 12.6, *["theorem"] * 9)), 1),
        ((passage(0.2, 3.8, "今天我们来谈谈云的结构吧"), SECOND, THIRD), 3),
    ],
)
def test_how_far_an_engine_followed(heard, count):
    assert followed(WINDOW, heard) == count


def test_a_short_voice_need_not_be_a_word():
    assert followed(Window((utterance(0, 1.8), utterance(6, 10))), [SECOND]) == 2


def test_a_model_with_room_for_less_text_gets_shorter_windows():
    assert fullest(448) == FULL == fullest(10_000)
    assert fullest(224) == FULL // 2


class LosesTheThread:
    """Hears a word every half second, each another one, in the first seconds of what it gets."""

    name, language = "fake", "en"

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.lengths: list[float] = []

    def settle(self, language: str) -> None: ...

    def transcribe(self, samples, **_more) -> list[Heard]:
        length = len(samples) / RATE
        self.lengths.append(length)
        rng = random.Random(len(samples))
        times = np.arange(0, min(length, self.seconds) - 0.5, 0.5)
        words = [
            HeardWord("".join(rng.choices("abcdefghij", k=8)), at, at + 0.5, 0.9) for at in times
        ]
        return [Heard(word.start, word.end, (word,)) for word in words]


def talk(utterances: int) -> tuple[np.ndarray, list[Spoken]]:
    """Utterances of 3 to 7 s by voices of which the model knows none, with pauses."""
    rng = random.Random(utterances)
    sounds, spoken, at = [tinymodel.room(0.5, 1)], [], 0.5
    while len(spoken) < utterances:
        text = " ".join(rng.sample(tinymodel.WORDS, rng.randint(5, 10)))
        voice = rng.choice(tinymodel.UNHEARD_VOICES)
        said = np.frombuffer(tinymodel.say(text, voice, 150, 50), np.float32)
        if not 3 <= len(said) / RATE <= 7:
            continue
        pause = tinymodel.room(rng.uniform(1.2, 2.5), len(spoken))
        sounds += [said, pause]
        spoken.append(Spoken(at, at + len(said) / RATE, text))
        at += (len(said) + len(pause)) / RATE
    return np.concatenate(sounds), spoken


def work_through(engine: LosesTheThread, sound: np.ndarray) -> list[transcribing.Message]:
    told: list[transcribing.Message] = []
    work = TakeWork(engine, told.append, "take", RATE, 0)
    work.feed(sound)
    work.finish(len(sound))
    segments = transcribing.passages(told)
    transcribing.check_form(segments, len(sound))
    return told


@speaking
@pytest.mark.parametrize("seconds", [6.0, 11.0, 30.0])
def test_every_utterance_is_told_once_where_the_engine_loses_the_thread(seconds):
    sound, spoken = talk(8)
    engine = LosesTheThread(seconds)
    told = work_through(engine, sound)
    segments = transcribing.passages(told)
    for one in spoken:
        inside = [
            s for s in segments if s["start"] < one.end * RATE and s["end"] > one.start * RATE
        ]
        covered = sum(s["end"] - s["start"] for s in inside) / RATE
        assert covered > 0.7 * (one.end - one.start), one
    done = [message["done"] for message in told]
    assert done == sorted(done)
    if seconds == 30.0:
        assert len(engine.lengths) <= 3, "nothing is heard twice without a doubt"


@speaking
def test_sound_in_which_no_words_are_costs_two_more_looks_at_most():
    sound, _spoken = talk(5)
    engine = LosesTheThread(0.0)
    assert transcribing.passages(work_through(engine, sound)) == []
    assert len(engine.lengths) <= 3
    assert sum(engine.lengths) <= 2.5 * engine.lengths[0]


@speaking
@pytest.mark.skipif(
    importlib.util.find_spec("_pywhispercpp") is None,
    reason="no speech engine: `python3 dev.py test` installs it",
)
def test_a_talk_of_many_utterances_has_the_words_of_each(tmp_path):
    sound, spoken = talk(12)
    file = transcribing.write(tmp_path / "talk.flac", sound, 48_000)
    with Engine() as engine:
        engine.load(tinymodel.unpack(tmp_path), threads=1)
        segments = transcribing.passages(transcribing.run(engine, "take", 48_000, file))
    wrong, total = transcribing.word_error(spoken, segments)
    assert wrong / total < 0.15
    off = transcribing.time_errors(spoken, segments, 48_000)
    assert np.median(off) <= 0.3
