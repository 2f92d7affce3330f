"""From an engine's tokens to passages in their places: words, windows, guards, prompts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.transcribe.engines import EngineFailed, Heard, HeardWord
from earmark.transcribe.hallucinations import believable, without_repeats
from earmark.transcribe.prompts import MOST_CHARACTERS, prompt_for, terms
from earmark.transcribe.spoken import check_language
from earmark.transcribe.utterances import Utterance
from earmark.transcribe.windows import Placed, Window, in_order
from earmark.transcribe.word_times import words_of

S = 16_000
ANYWHERE = st.integers(-50_000, 200_000)


def utterance(start: float, end: float, *runs: tuple[float, float]) -> Utterance:
    a, b = int(start * S), int(end * S)
    spans = runs or ((start + 0.2, end - 0.2),)
    inside = tuple((int(x * S), int(y * S)) for x, y in spans)
    return Utterance(a, b, np.zeros(b - a, np.float32), inside)


def heard(start: float, end: float, *words: tuple[str, float, float]) -> Heard:
    return Heard(start, end, tuple(HeardWord(w, a, b, 0.9) for w, a, b in words))


def placed(text: str, start: float = 0, end: float = 2, chance: float = 0.9) -> Placed:
    words = text.split()
    step = (end - start) * S / len(words)
    edges = [int(start * S + i * step) for i in range(len(words) + 1)]
    spans = list(pairwise(edges))
    timed = tuple((w, a, b, chance) for w, (a, b) in zip(words, spans, strict=True))
    return Placed(int(start * S), int(end * S), timed)


def test_tokens_become_words_at_the_spaces_and_characters_are_put_together():
    tokens = [
        (b" He", 0.0, 0.1, 0.9),
        (b"llo", 0.1, 0.3, 0.7),
        (b",", 0.3, 0.3, 0.2),
        (b" M\xc3", 0.4, 0.5, 1.0),
        (b"\xbcller", 0.5, 0.8, 0.8),
        (b" ", 0.8, 0.8, 0.5),
        (b" -", 0.8, 0.9, 0.5),
    ]
    words = words_of(tokens)
    assert [word.text for word in words] == ["Hello,", "Müller-"]
    assert (words[0].start, words[0].end) == (0.0, 0.3)
    assert words[1].probability == pytest.approx(0.9)
    assert words_of([]) == ()


def test_a_script_without_spaces_is_one_word():
    words = words_of([("今天".encode(), 0, 1, 0.9), ("天气".encode(), 1, 2, 0.9)])
    assert [word.text for word in words] == ["今天天气"]


def test_times_of_a_packed_window_come_back_to_their_utterances():
    window = Window((utterance(10, 12), utterance(20, 23)))
    (first,) = window.place(heard(0.3, 1.7, ("one", 0.3, 0.9), ("two", 0.9, 1.7)))
    (second,) = window.place(heard(2.5, 4.5, ("three", 2.5, 4.5)))
    assert (first.start, first.end) == (int(10.3 * S), int(11.7 * S))
    assert (second.start, second.end) == (int(20.5 * S), int(22.5 * S))


def test_a_passage_over_a_long_pause_is_cut_there():
    window = Window((utterance(10, 12), utterance(20, 23)))
    one, other = window.place(heard(0.3, 4.0, ("one", 0.3, 1.7), ("two", 2.4, 4.0)))
    assert (one.text, other.text) == ("one", "two")
    assert one.end <= 12 * S and other.start >= 20 * S
    near = Window((utterance(10, 12), utterance(12.6, 15)))
    assert len(near.place(heard(0.3, 4.0, ("one", 0.3, 1.7), ("two", 2.4, 4.0)))) == 1


def test_times_are_clamped_to_speech_and_dropped_outside_it():
    window = Window((utterance(0, 10, (1, 3), (6, 8)),))
    (kept,) = window.place(heard(0.0, 9.9, ("one", 0.0, 2.0), ("two", 7.0, 9.9)))
    assert kept.start == int(0.9 * S) and kept.end == int(8.1 * S)
    assert window.place(heard(3.4, 5.8, ("thanks", 3.4, 5.8))) == []
    (grazing,) = window.place(heard(2.95, 7.9, ("late", 6.5, 7.9)))
    assert grazing.start == int(5.9 * S), "an edge in the speech before is not meant"


@given(
    st.lists(
        st.tuples(ANYWHERE, ANYWHERE),
        min_size=1,
        max_size=40,
    ),
    st.integers(0, 100_000),
    st.integers(0, 100_000),
)
def test_word_times_are_orderly_whatever_the_engine_says(spans, start, length):
    end = start + len(spans) + length
    times = in_order(spans, [1 + i % 7 for i in range(len(spans))], start, end)
    at = start
    for a, b in times:
        assert at <= a < b <= end
        at = b
    assert len(times) == len(spans)


def test_good_word_times_stay_as_they_are():
    spans = [(1000, 5000), (6000, 9000), (9000, 16_000)]
    assert in_order(spans, [3, 3, 3], 1000, 16_000) == spans


@pytest.mark.parametrize(
    "text", ["[BLANK_AUDIO]", "(upbeat music)", "*coughs*", "♪ la la ♪", "...", "[Music] [Music]"]
)
def test_labels_are_not_words(text):
    assert not believable(placed(text), S)


def test_what_an_engine_doubts_itself_is_not_told():
    assert believable(placed("thank you very much"), S)
    assert not believable(placed("thank you very much", chance=0.1), S)
    assert not believable(placed("thank you", chance=0.4), S // 4)
    assert believable(placed("thank you", chance=0.4), 2 * S)
    assert not believable(placed(" ".join(["word"] * 40), 0, 1), S)


def test_an_engine_that_is_stuck_is_told_once():
    passages = [placed("Thank you for watching.", i, i + 1) for i in range(6)]
    kept, latest = without_repeats(passages)
    assert len(kept) == 2
    kept, _latest = without_repeats([placed("Thank you for watching", 9, 10)], latest)
    assert kept == []
    stuck, _latest = without_repeats([placed("and then it goes " + "on and on " * 20, 0, 20)])
    assert len(stuck[0].words) < 20
    assert stuck[0].end == stuck[0].words[-1][2]
    twice = placed("no no no this is very very good", 0, 4)
    assert without_repeats([twice])[0] == [twice]


def test_names_and_terms_are_found_and_common_words_are_not():
    assert terms("Ada Lovelace on the Analytical Engine") == ["Ada Lovelace", "Analytical Engine"]
    assert terms("The question is why") == []
    assert terms("uses PyTorch, K8s and eigenvectors") == ["PyTorch", "K8s", "eigenvectors"]
    assert terms("- Today: the FFT of C++ code") == ["FFT", "C++"]
    assert terms("") == [] and terms("42 3.14 a b") == []


def test_the_prompt_holds_what_was_typed_nearest_last():
    rate = 48_000
    lines = [
        (0, "Welcome by Karlheinz"),
        (100 * rate, "Fourier and Laplace"),
        (110 * rate, "what is it?"),
        (3000 * rate, "Kubernetes"),
    ]
    prompt = prompt_for(lines, 105 * rate, rate)
    assert prompt.endswith("Fourier.")
    assert "Laplace" in prompt
    assert prompt.index("Kubernetes") < prompt.index("Karlheinz") < prompt.index("Laplace")
    assert prompt_for([], 0, rate) == ""
    assert prompt_for([(0, "so this is it")], 0, rate) == ""


@given(st.lists(st.tuples(st.integers(0, 10**9), st.text(max_size=200)), max_size=40))
def test_a_prompt_is_short_whatever_was_typed(lines):
    assert len(prompt_for(lines, 10**6, 48_000)) <= MOST_CHARACTERS


def test_languages():
    known = {"en", "de", "fr"}
    assert check_language("auto", known=known, several=True) == "auto"
    assert check_language("", known=known, several=True) == "auto"
    assert check_language("de-AT", known=known, several=True) == "de"
    assert check_language("auto", known=known, several=False) == "en"
    assert check_language("EN_us", known=known, several=False) == "en"
    with pytest.raises(EngineFailed, match="does not know"):
        check_language("tlh", known=known, several=True)
    with pytest.raises(EngineFailed, match="English only"):
        check_language("de", known=known, several=False)
