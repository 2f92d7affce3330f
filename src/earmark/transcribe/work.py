"""One take: sound in, passages out, each told once and for good."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from .engines import AUTO, RATE, Samples, Transcriber
from .hallucinations import believable, without_repeats
from .lost_thread import followed
from .prompts import prompt_for
from .resampler import frame_at, sample_at
from .utterances import Utterance, UtteranceDetector
from .windows import FAR, FULL, Placed, Window, in_order

Tell = Callable[[dict[str, Any]], None]

SETTLE = 5 * RATE
"""After so much voice a language that was found is kept for the take."""
SILENCE_TOLD = 30 * RATE
LEAST_PARTIAL = RATE
PARTIAL_EVERY = 2 * RATE
LEAST_WORD = RATE // 100


class TakeWork:
    """Give it samples in order with `feed`; it tells `segments` and `partial` messages.

    `rate` is the take's, `start` the frame from which on nothing was told yet, `first_sample` the
    place of the first sample fed. `full`: samples a window is filled up to.
    """

    def __init__(
        self,
        engine: Transcriber,
        tell: Tell,
        take: str,
        rate: int,
        first_sample: int,
        start: int = 0,
        language: str = AUTO,
        prompts: Iterable[tuple[int, str]] = (),
        full: int = FULL,
    ) -> None:
        self._engine, self._tell = engine, tell
        self._take, self._rate, self._full = take, rate, full
        self._prompts = list(prompts)
        self._ear = UtteranceDetector(first_sample, sample_at(start, rate))
        self._pending: Window | None = None
        self._told = sample_at(start, rate)
        self._start_frame = start
        self._last_end = 0
        self._latest: list[str] = []
        self._partial_cost = 0.0
        self._partial_at = 0
        self._settle = language == AUTO
        engine.settle(language)

    @property
    def frame(self) -> int:
        """How far the sound was looked at."""
        return max(self._start_frame, frame_at(self._ear.heard, self._rate))

    def prompt(self, frame: int, text: str) -> None:
        """A line was typed, or typed anew, at `frame`."""
        self._prompts.append((frame, text))

    def feed(self, samples: Samples) -> None:
        for utterance in self._ear.push(samples):
            self._join(utterance)
        if self._pending and self._ear.quiet_until - self._pending.end > FAR:
            self.flush()
        if not self._pending and self._ear.quiet_until - self._told >= SILENCE_TOLD:
            self._say([], self._ear.quiet_until)

    def flush(self) -> None:
        """Lets the engine hear what waits, although the window is not full."""
        if self._pending:
            window, self._pending = self._pending, None
            self._hear(window)

    def finish(self, frames: int) -> None:
        """The take is over, after `frames` of it."""
        for utterance in self._ear.finish():
            self._join(utterance)
        self.flush()
        self._say([], None, frames)

    def partial(self) -> None:
        """A rough look at what is being said just now; costs little, is told at most rarely."""
        opened = self._ear.open_sound()
        if opened is None or len(opened[1]) < LEAST_PARTIAL:
            return
        begin, sound = opened
        grown = begin + len(sound) - max(self._partial_at, begin)
        if self._partial_at > begin and grown < max(PARTIAL_EVERY, 2 * self._partial_cost * RATE):
            return
        before = time.monotonic()
        heard = self._engine.transcribe(sound, prompt=self._prompt(begin), quick=True)
        self._partial_cost = time.monotonic() - before
        self._partial_at = begin + len(sound)
        text = " ".join(passage.text for passage in heard).strip()
        if text:
            start = frame_at(begin, self._rate)
            self._tell({"ev": "partial", "take": self._take, "start": start, "text": text})

    def _prompt(self, sample: int) -> str:
        return prompt_for(self._prompts, frame_at(sample, self._rate), self._rate)

    def _join(self, utterance: Utterance) -> None:
        if self._pending and self._pending.takes(utterance, self._full):
            self._pending = Window((*self._pending.parts, utterance))
            return
        self.flush()
        self._pending = Window((utterance,))

    def _hear(self, window: Window, doubts: bool = True) -> bool:
        """Has the engine hear it and tells what it heard: what it did not follow is heard anew,
        by itself. False where that left doubts."""
        heard = self._engine.transcribe(window.sound(), prompt=self._prompt(window.start))
        if self._settle and window.voiced >= SETTLE and self._engine.language != AUTO:
            self._engine.settle(self._engine.language)
            self._settle = False
        placed = [each for passage in heard for each in window.place(passage)]
        count, whole = followed(window, placed), len(window.parts)
        if count == whole or whole == 1 or not doubts:
            self._take_down(placed, window)
            return count == whole
        if count:
            sure = Window(window.parts[:count])
            self._take_down([each for each in placed if each.start < sure.end], sure)
        elif not self._hear(Window(window.parts[:1])):
            doubts = False  # it is the sound, not the window
        return self._hear(Window(window.parts[max(1, count) :]), doubts)

    def _take_down(self, placed: list[Placed], window: Window) -> None:
        kept = [each for each in placed if believable(each, _voiced(window, each))]
        kept, self._latest = without_repeats(kept, self._latest)
        self._say(self._in_order(kept), window.end)

    def _in_order(self, passages: list[Placed]) -> list[Placed]:
        """Passages that begin before the last one's end begin there instead, or join it."""
        ordered: list[Placed] = []
        for each in passages:
            begin = max(each.start, self._last_end)
            if each.end - begin >= len(each.words) * LEAST_WORD:
                ordered.append(_timed(each.words, begin, each.end))
            elif ordered:
                sooner = ordered.pop()
                words = (*sooner.words, *each.words)
                end = max(sooner.end, each.end, sooner.start + len(words) * LEAST_WORD)
                ordered.append(_timed(words, sooner.start, end))
            if ordered:
                self._last_end = ordered[-1].end
        return ordered

    def _say(self, passages: list[Placed], sample: int | None, frames: int | None = None) -> None:
        done = frames if sample is None or frames is not None else frame_at(sample, self._rate)
        assert done is not None
        self._told = sample if sample is not None else self._told
        message: dict[str, Any] = {"ev": "segments", "take": self._take}
        message["segments"] = [self._form(each) for each in passages]
        self._tell({**message, "done": done, "language": self._engine.language})

    def _form(self, each: Placed) -> dict[str, Any]:
        def frame(sample: int) -> int:
            return max(self._start_frame, frame_at(sample, self._rate))

        words = [[w, frame(a), frame(b), round(p, 4)] for w, a, b, p in each.words]
        start, end = frame(each.start), frame(each.end)
        return {"start": start, "end": end, "text": each.text, "words": words}


def _timed(words: tuple[tuple[str, int, int, float], ...], start: int, end: int) -> Placed:
    spans = in_order([(a, b) for _w, a, b, _p in words], [len(w[0]) for w in words], start, end)
    timed = [(w[0], a, b, w[3]) for w, (a, b) in zip(words, spans, strict=True)]
    return Placed(start, end, tuple(timed))


def _voiced(window: Window, each: Placed) -> int:
    runs = [run for part in window.parts for run in part.runs]
    return sum(max(0, min(b, each.end) - max(a, each.start)) for a, b in runs)
