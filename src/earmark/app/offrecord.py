"""Off the record: stretches of a take that are never played, shown or shared again."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

from earmark.model import Anchor, Changes, Frames, Span, Take, TakeId

from .librarylane import LibraryLane

if TYPE_CHECKING:
    from earmark.library import Library


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


def drop_span(library: LibraryLane, take: TakeId, span: Span) -> Future[tuple[Span, ...]]:
    """Takes a stretch off the record; the future holds what was off before: give it to `undo`."""

    def drop(lib: Library) -> tuple[Span, ...]:
        before: Take = lib.take(take)
        library.tell(lib.set_off_record(take, merged((*before.off_record, span))))
        return before.off_record

    return library.run(drop)


def drop_last(
    library: LibraryLane, now: Anchor, rate: int, seconds: float = 30
) -> Future[tuple[Span, ...]]:
    """Takes the last seconds before `now` off the record."""
    start = max(0, now.frame - round(seconds * rate))
    return drop_span(library, now.take, Span(Frames(start), Frames(now.frame - start)))


def undo(library: LibraryLane, take: TakeId, before: tuple[Span, ...]) -> Future[Changes]:
    """Puts back what was off the record before."""
    return library.run(lambda lib: lib.set_off_record(take, before))
