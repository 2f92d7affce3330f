"""Late notes: where the sentence begins that a line was written about.

People write after they have heard. A line's words are compared with what was said up to 90 s
before its anchor; rare words weigh more. Where one sentence clearly stands out, replay may begin
with it. The anchor itself never changes.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass

from .notes import Anchor, NoteLine
from .passages import REACH_MS, Newest, Spoken, spoken
from .session import Session
from .transcript import Segment
from .units import Frames
from .wordforms import likeness, terms

_FEW = 60
"""In a talk of fewer sentences no word can be told to be common."""
_PAUSE_MS = 900.0
"""A silence that ends a sentence where the transcript has no full stop."""
_LONGEST_MS = 30_000.0
_AHEAD_MS = 1_500.0
"""The sentence being begun as the line is: nobody types before they hear."""
_LEAST_SHARE = 0.34
"""The part of the line's meaning, by weight, that the sentence must hold."""
_LEAST_WEIGHT = 0.6
"""What must be matched in all: about one rare word, or two common ones."""
_CLEAR = 1.1
"""How much better the best sentence must be than the next best elsewhere."""
_BESIDE = 1
"""Sentences so near to the best one are no rivals: one follows the other in replay."""
_ADDS = 0.6
"""What a sentence before must add for replay to begin with it."""
_RUN_MS = 4_000.0
_OLDEST = 0.6
"""What a match 90 s back is worth, beside one just now."""
_ENDS = ".!?…。！？؟।"
_CLOSERS = "\"'”’»)]"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What was said from one full stop (or pause) to the next. Times on the timeline."""

    start: Anchor
    start_ms: float
    end_ms: float
    terms: frozenset[str]


class Sentences:
    """All sentences of a talk by their start, and how rare each stem is in them."""

    def __init__(self, talk: Spoken) -> None:
        self.found: list[Sentence] = []
        self._split(talk)
        self.starts = [one.start_ms for one in self.found]
        self._counts: Counter[str] = Counter()
        for one in self.found:
            self._counts.update(one.terms)

    def weight(self, term: str) -> float:
        """1 for a word said once at most, down to 0.1 for one of every sentence."""
        count = max(_FEW, len(self.found))
        return max(0.1, 1 - math.log(max(1, self._counts[term])) / math.log(count))

    def _split(self, talk: Spoken) -> None:
        origins = {t.id: (talk.timeline.start_ms(t.id), t.sample_rate) for t in talk.timeline.takes}
        words: list[str] = []
        start: Anchor | None = None
        start_ms = end_ms = 0.0

        def end() -> None:
            nonlocal start
            if start is not None:
                known = frozenset(terms(" ".join(words)))
                self.found.append(Sentence(start, start_ms, end_ms, known))
            words.clear()
            start = None

        for segment in talk.segments:
            origin, rate = origins[segment.take]
            for text, begins, ends in _pieces(segment):
                ms = (origin or 0) + begins * 1000 / rate
                if start is not None and (
                    start.take != segment.take
                    or ms - end_ms > _PAUSE_MS
                    or ms - start_ms > _LONGEST_MS
                ):
                    end()
                if start is None:
                    start, start_ms = Anchor(segment.take, Frames(begins)), ms
                words.append(text)
                end_ms = (origin or 0) + ends * 1000 / rate
                if text.rstrip(_CLOSERS)[-1:] in _ENDS:
                    end()
        end()


def _pieces(segment: Segment) -> list[tuple[str, int, int]]:
    """The segment's words with their frames; its text whole where they are not the same words."""
    words = segment.words
    if words and (not segment.edited or " ".join(w.text for w in words) == segment.text):
        return [(word.text, word.start, word.end) for word in words if word.text]
    return [(segment.text, segment.start, segment.end)] if segment.text else []


def prepare(session: Session) -> None:
    """Makes ready what `replay_start` asks: 60 ms for three hours of talk; on any thread."""
    if session.transcript is not None:
        talk = spoken(session)
        _sentences.get(lambda: Sentences(talk), talk)


_sentences = Newest()
_starts = Newest(8)


def replay_start(line: NoteLine, session: Session) -> Anchor | None:
    """The beginning of the sentence the line is clearly about, at most 90 s before its anchor.

    None where nothing matches clearly, and where the person refused it for this line.
    """
    if line.anchor is None or line.id in session.late_refused or session.transcript is None:
        return None
    talk = spoken(session)
    sentences = _sentences.get(lambda: Sentences(talk), talk)
    known: dict[tuple[str, Anchor], Anchor | None] = _starts.get(dict, sentences)
    key = (line.text, line.anchor)
    if key not in known:
        known[key] = _matched(line, talk, sentences)
    return known[key]


def _matched(line: NoteLine, talk: Spoken, sentences: Sentences) -> Anchor | None:
    now = talk.timeline.to_ms(line.anchor) if line.anchor is not None else None
    noted = tuple(dict.fromkeys(terms(line.text)))
    if now is None or not noted:
        return None
    first = bisect_left(sentences.starts, now - REACH_MS)
    last = bisect_right(sentences.starts, now + _AHEAD_MS)
    weights = {term: sentences.weight(term) for term in noted}
    near = [_Match(one, weights, now) for one in sentences.found[first:last]]
    if not near:
        return None
    best = max(range(len(near)), key=lambda i: (near[i].score, i))
    begins, weight = _told_before(near, best, weights)
    others = (
        near[i].score for i in range(len(near)) if not begins - _BESIDE <= i <= best + _BESIDE
    )
    clear = near[best].score >= _CLEAR * max(others, default=0.0)
    enough = weight >= _LEAST_SHARE * sum(weights.values()) and weight >= _LEAST_WEIGHT
    return near[begins].sentence.start if clear and enough else None


class _Match:
    """How well a sentence fits: the likeness of each noted term, and their weight in all."""

    def __init__(self, sentence: Sentence, weights: dict[str, float], now: float) -> None:
        self.sentence = sentence
        self.likely: dict[str, float] = {}
        for term in weights:
            like = 1.0 if term in sentence.terms else _closest(term, sentence.terms)
            if like > 0:
                self.likely[term] = like
        self.weight = sum(weights[term] * like for term, like in self.likely.items())
        age = max(0.0, now - sentence.start_ms) / REACH_MS
        self.score = self.weight * (1 - (1 - _OLDEST) * age)


def _closest(term: str, said: frozenset[str]) -> float:
    first = term[0]
    return max((likeness(term, one) for one in said if one[0] == first), default=0.0)


def _told_before(near: list[_Match], best: int, weights: dict[str, float]) -> tuple[int, float]:
    """Where a line about several sentences in a row begins, and what they match together."""
    likely = dict(near[best].likely)
    begins = best
    while begins > 0:
        before = near[begins - 1]
        gap = near[begins].sentence.start_ms - before.sentence.end_ms
        new = {term: like for term, like in before.likely.items() if like > likely.get(term, 0.0)}
        if gap > _RUN_MS or sum(weights[t] * like for t, like in new.items()) < _ADDS:
            break
        likely |= new
        begins -= 1
    return begins, sum(weights[term] * like for term, like in likely.items())
