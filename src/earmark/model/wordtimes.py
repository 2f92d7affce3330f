"""Words and their times, when a person writes a passage anew or takes a stretch off the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from .takes import Span
from .transcript import Segment, Word
from .units import Frames


def realigned(segment: Segment, text: str) -> tuple[Word, ...]:
    """The words of `text` with times: those that stayed keep theirs, the others share the time
    between their neighbours by their length. What a person wrote has probability 1.
    """
    old, new = segment.words, text.split()
    found: list[Word] = []
    matcher = SequenceMatcher(None, [word.text for word in old], new, autojunk=False)
    for kind, first, last, begin, stop in matcher.get_opcodes():
        if kind == "equal":
            found += old[first:last]
        elif kind == "replace" and last - first == stop - begin:
            found += (
                replace(word, text=written, probability=1.0)
                for word, written in zip(old[first:last], new[begin:stop], strict=True)
            )
        elif kind != "delete":
            start = old[first].start if last > first else old[first - 1].end if first else None
            end = (
                old[last - 1].end if last > first else old[last].start if last < len(old) else None
            )
            start = segment.start if start is None else start
            found += _spread(new[begin:stop], start, segment.end if end is None else end)
    return tuple(found)


def _spread(words: Sequence[str], start: int, end: int) -> Iterator[Word]:
    """The words over `[start, end)`, each as long as its letters are many."""
    whole = sum(len(word) + 1 for word in words)
    span, before = max(0, end - start), 0
    for word in words:
        after = before + len(word) + 1
        yield Word(
            word, Frames(start + span * before // whole), Frames(start + span * after // whole)
        )
        before = after


def touches(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether any of the stretches has a frame of `[start, end)` (or holds an empty one)."""
    return any(span.frame < max(end, start + 1) and span.end > start for span in spans)


def on_record(segment: Segment, spans: Sequence[Span]) -> Segment | None:
    """The segment without the words said in `spans`; None where nothing is left.

    A segment that knows no words goes whole: nobody can tell which of them were said there.
    """
    if not touches(spans, segment.start, segment.end):
        return segment
    words = tuple(word for word in segment.words if not touches(spans, word.start, word.end))
    return of_words(segment, words) if words else None


def outside(segment: Segment, others: Sequence[Segment]) -> tuple[tuple[Word, ...], ...] | None:
    """The segment's words that lie outside the others, as runs between them; None: it touches
    none of them and stays whole. A word belongs where its middle is."""
    spans = [
        Span(other.start, Frames(other.end - other.start))
        for other in others
        if other.start < segment.end and other.end > segment.start
    ]
    if not spans:
        return None
    runs: list[list[Word]] = [[]]
    for word in segment.words:
        middle = (word.start + word.end) // 2
        if touches(spans, middle, middle):
            runs.append([])
            continue
        last = runs[-1][-1] if runs[-1] else None
        if last is not None and touches(spans, last.end, word.start):
            runs.append([])
        runs[-1].append(word)
    return tuple(tuple(run) for run in runs if run)


def of_words(segment: Segment, words: tuple[Word, ...]) -> Segment:
    """The segment made of these of its words alone (at least one)."""
    between = " " if len(segment.words) < 2 or " " in segment.text else ""
    return replace(
        segment,
        start=words[0].start,
        end=Frames(max(words[-1].end, words[0].start)),
        text=between.join(word.text for word in words),
        words=words,
    )
