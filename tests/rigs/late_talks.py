"""Made talks whose notes were typed late by a known lag: to measure where replay should start.

A talk goes through subjects; its sentences are made of each subject's terms, of words that every
subject shares, and of talk about nothing. A note takes some words of one sentence (or of two in a
row), shortened, paraphrased, mistyped, and is typed 2–80 s after that sentence began. Some notes
are about nothing that was said. Everything follows from the seed.
"""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from earmark.model import (
    Anchor,
    Frames,
    LineId,
    NoteLine,
    SampleRate,
    Segment,
    SegmentId,
    Session,
    SessionId,
    Take,
    TakeId,
    TakeState,
    Transcript,
    Word,
)

RATE = 16_000
_SUBJECTS = """
replication: primary replica failover quorum lag binlog promotion write read consistency snapshot
caching: cache eviction invalidation hit latency warm expiry memory proxy header browser stampede
deployment: container image rollout canary pipeline registry rollback cluster node scheduler
security: password token certificate phishing encryption audit breach firewall patch permission
glaciers: glacier meltwater moraine sediment ice core sample altitude season erosion valley fjord
bees: colony hive queen pollen drone forager mite winter honey swarm nectar waggle dance
budget: revenue forecast margin invoice payroll quarter deficit subsidy audit tax reserve supplier
painting: canvas pigment varnish fresco portrait restoration brush oil glaze underdrawing museum
hearing: cochlea eardrum frequency threshold loudness masking noise hair cell implant audiogram
railways: signal gauge timetable locomotive platform junction freight viaduct sleeper
grammar: verb clause tense noun suffix dialect vowel syllable accent phrase pronoun corpus
soil: nitrogen compost clay drainage earthworm root fungus acidity tillage cover crop humus
vaccines: antibody trial dose placebo immunity strain booster antigen outbreak efficacy cold chain
sailing: keel rudder mast tack jib harbour tide anchor gale chart compass hull
typography: serif kerning ligature glyph baseline weight font margin column hyphenation
voting: ballot district turnout recount poll candidate threshold coalition constituency tally clerk
"""
_SHARED_WORDS = """
question example people problem number system slide year team time result part point case
change cost work test reason difference model data plan figure group step value answer
"""
_SHARED = _SHARED_WORDS.split()
_LINKS = (
    "because the {a} depends on the {b} more than on the {c}",
    "so what we found is that every {a} needs its own {b}",
    "the first thing I would look at is the {a} and then maybe the {b}",
    "you cannot have a {a} without thinking about {b} and {c}",
    "and there the {a} went wrong before anybody had checked the {b}",
    "we measured the {a} again and the {b} was nearly twice as large",
    "most people believe the {a} comes first but it is really the {b}",
    "in that {c} the {a} had been replaced by a much cheaper {b}",
    "if the {a} is late then the {b} will have to wait for the {c}",
    "nobody wanted to pay for the {a} until the {b} failed",
    "which is why our {a} keeps the {b} away from the {c}",
    "let me show you the {a} that we took from the {b} last year",
)
_NOTHING = (
    "can everybody at the back hear me",
    "I will come back to that in a moment",
    "there was a question over there I think",
    "so let us go on to the next slide",
    "that is all I wanted to say about it",
    "sorry this is the wrong picture",
    "as I said before it is not that easy",
)
_ELSEWHERE = (
    "ask Miriam for her card", "lunch 12:30 upstairs", "buy train ticket home", "room is freezing",
    "call back the plumber", "coffee with Jonas after this", "charger left at hotel",
)  # fmt: skip
_OTHER_WORDS = (
    "stuff", "issue", "idea", "approach", "topic", "detail", "remark", "trick", "rule", "limit",
    "habit", "story",
)  # fmt: skip

Sentences = list[tuple[float, float, str, list[str]]]
"""Start and end in ms, the text, and the words in it that mean something."""


@dataclass(frozen=True)
class Late:
    """A note with what it is about. `truth` is None for one about nothing that was said."""

    line: NoteLine
    truth_ms: float | None
    lag_ms: float


@dataclass(frozen=True)
class Talk:
    session: Session
    notes: tuple[Late, ...]


def make_talk(seed: int, minutes: float = 20, every_s: float = 40, takes: int = 1) -> Talk:
    """A talk of `minutes` in `takes` takes, with a note about every `every_s` seconds."""
    dice = random.Random(seed)
    subjects = [line.split(": ") for line in _SUBJECTS.strip().splitlines()]
    dice.shuffle(subjects)
    whole_ms = minutes * 60_000
    take_ms = whole_ms / takes
    sentences: Sentences = []
    at, number = 800.0, -1
    left = 0
    while at < whole_ms - 12_000:
        if left == 0:
            number, left = number + 1, dice.randint(8, 30)
            own = subjects[number % len(subjects)][1].split()
        left -= 1
        text, content = _sentence(dice, own)
        count = len(text.split())
        long_ms = count * dice.uniform(290, 430)
        border = (int(at // take_ms) + 1) * take_ms
        if at + long_ms > border - 200:
            at = border + 200
            continue
        sentences.append((at, at + long_ms, text, content))
        at += long_ms + min(6_000, dice.expovariate(1 / 500))
    made_takes = tuple(
        Take(
            TakeId(f"take{n}"), n + 1, SampleRate(RATE), 1, Frames(round(take_ms * RATE / 1000)),
            datetime(2026, 3, 1, 9, n, tzinfo=UTC), TakeState.COMPLETE,
        )
        for n in range(takes)
    )  # fmt: skip

    def anchor(ms: float) -> Anchor:
        n = min(takes - 1, int(ms // take_ms))
        return Anchor(TakeId(f"take{n}"), Frames(round((ms - n * take_ms) * RATE / 1000)))

    told = _segments(dice, sentences, anchor)
    session = Session(
        SessionId(f"talk{seed}"), f"Talk {seed}", datetime(2026, 3, 1, 9, tzinfo=UTC), "",
        takes=made_takes, transcript=Transcript("made", "made", "en", told),
    )  # fmt: skip
    notes = tuple(_notes(dice, sentences, whole_ms, every_s, anchor))
    lines = tuple(note.line for note in notes)
    return Talk(dataclasses.replace(session, lines=lines), notes)


def _sentence(dice: random.Random, own: list[str]) -> tuple[str, list[str]]:
    if dice.random() < 0.22:
        return dice.choice(_NOTHING).capitalize() + ".", []
    words = [*dice.sample(own, 2), dice.choice([dice.choice(own), dice.choice(_SHARED)])]
    text = dice.choice(_LINKS).format(a=words[0], b=words[1], c=words[2])
    content = words if words[2] in text.split() else words[:2]
    if dice.random() < 0.4:
        extra = dice.choice(_SHARED)
        text += f" in the {extra}"
        content = [*content, extra]
    return text.capitalize() + dice.choice("....?"), content


def _segments(
    dice: random.Random, sentences: Sentences, anchor: Callable[[float], Anchor]
) -> tuple[Segment, ...]:
    """As an engine tells them: a segment holds one to two sentences, some words are misheard."""
    found: list[Segment] = []
    words: list[Word] = []
    start = None
    for place, (begin, end, text, _content) in enumerate(sentences):
        parts = text.split()
        each = (end - begin) / len(parts)
        here = anchor(begin)
        if start is None or start.take != here.take:
            if words and start is not None:
                found.append(_segment(len(found), start, words))
            start, words = here, []
        for n, part in enumerate(parts):
            said = dice.choice(_OTHER_WORDS) if dice.random() < 0.04 else part
            one, two = anchor(begin + n * each), anchor(begin + (n + 1) * each - 20)
            words.append(Word(said, one.frame, two.frame, 0.9))
        if dice.random() < 0.7 or place == len(sentences) - 1:
            found.append(_segment(len(found), start, words))
            start, words = None, []
    return tuple(found)


def _segment(number: int, start: Anchor, words: list[Word]) -> Segment:
    return Segment(
        SegmentId(f"s{number}"), start.take, start.frame, words[-1].end,
        " ".join(word.text for word in words), tuple(words),
    )  # fmt: skip


def _notes(
    dice: random.Random,
    sentences: Sentences,
    whole_ms: float,
    every_s: float,
    anchor: Callable[[float], Anchor],
) -> Iterator[Late]:
    at = 20_000.0
    number = 0
    while at < whole_ms - 90_000:
        at += dice.uniform(0.4, 1.6) * every_s * 1000
        lag = min(80_000.0, max(2_000.0, math.exp(dice.gauss(math.log(13_000), 0.85))))
        about = [i for i, one in enumerate(sentences) if one[3] and abs(one[0] - at) < 15_000]
        number += 1
        name = LineId(f"n{number}")
        if not about or dice.random() < 0.12:
            text = dice.choice(_ELSEWHERE)
            yield Late(NoteLine(name, text, anchor=anchor(min(at + lag, whole_ms - 1))), None, lag)
            continue
        place = dice.choice(about)
        words = list(sentences[place][3])
        if dice.random() < 0.2 and place + 1 < len(sentences):
            words += sentences[place + 1][3]
        truth = sentences[place][0]
        text = _written(dice, words)
        yield Late(NoteLine(name, text, anchor=anchor(min(truth + lag, whole_ms - 1))), truth, lag)


def _written(dice: random.Random, words: list[str]) -> str:
    """What somebody in a hurry writes of these words."""
    kept = [word for word in words if dice.random() < 0.82] or words[:1]
    written = []
    for word in kept:
        chance = dice.random()
        if chance < 0.10:
            word = dice.choice(_OTHER_WORDS)
        elif chance < 0.22 and len(word) > 4:
            at = dice.randrange(1, len(word) - 2)
            word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        elif chance < 0.32 and len(word) > 6:
            word = word[: dice.randint(4, 5)]
        elif chance < 0.5:
            word += dice.choice(["s", "ed", "ing", "s"])
        written.append(word)
    if dice.random() < 0.35:
        written.insert(0, dice.choice(["check", "why", "important:", "no", "see", "again"]))
    if dice.random() < 0.35:
        dice.shuffle(written)
    return dice.choice([" ", " ", ", ", " → "]).join(written)
