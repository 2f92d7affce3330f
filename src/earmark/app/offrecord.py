"""Off the record: stretches of a take that are never played, shown or shared again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING

from earmark.model import Frames, Span, TakeId

from .librarylane import LibraryLane

if TYPE_CHECKING:
    from earmark.library import Library


Before = Mapping[TakeId, tuple[Span, ...]]
"""What was off the record, by take."""


def merged(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The same stretches: ascending, none empty, none touching another."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: one.frame):
        if span.frames <= 0:
            continue
        if kept and span.frame <= kept[-1].end:
            last = kept.pop()
            end = max(last.end, span.end)
            kept.append(Span(last.frame, Frames(end - last.frame)))
        else:
            kept.append(span)
    return tuple(kept)


def drop(library: LibraryLane, stretches: Iterable[tuple[TakeId, Span]]) -> Future[Before]:
    """Takes stretches off the record; the future holds what was off before: give it to `undo`."""
    wanted = tuple(stretches)

    def drop_all(lib: Library) -> Before:
        before: dict[TakeId, tuple[Span, ...]] = {}
        for take, span in wanted:
            there = lib.take(take).off_record
            before.setdefault(take, there)
            library.tell(lib.set_off_record(take, merged((*there, span))))
        return before

    return library.run(drop_all)


def undo(library: LibraryLane, before: Before) -> Future[None]:
    """Puts back what was off the record before."""

    def put_back(lib: Library) -> None:
        for take, spans in before.items():
            library.tell(lib.set_off_record(take, spans))

    return library.run(put_back)
