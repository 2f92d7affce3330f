"""Takes down what an engine tells of one take: into the library, window by window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from earmark.model import (
    Anchor,
    Changes,
    EarmarkError,
    Frames,
    Segment,
    SegmentId,
    SessionId,
    TakeId,
    Transcription,
    Word,
    new_id,
)
from earmark.model.i18n import _

from .engines import AUTO, DIED, EngineEvent
from .events import Events
from .librarylane import LibraryLane
from .news import LivePartial, TranscriptGrew

if TYPE_CHECKING:
    from earmark.library import Library


class EngineDied(EarmarkError):
    """The engine's process ended by itself, or was ended by the system."""

    def __init__(self, event: EngineEvent) -> None:
        super().__init__(
            str(event.get("what") or _("The speech engine stopped working.")),
            str(
                event.get("remedy")
                or _("What was found is kept. Try again, perhaps with a smaller model.")
            ),
        )


class SegmentWriter:
    """`done`: what is stored reaches that frame. `heard`: the engine is at that frame."""

    def __init__(self, library: LibraryLane, events: Events, start: Transcription) -> None:
        self.session: SessionId = start.session
        self.take: TakeId = start.take
        self.done: Frames = start.done
        self.heard: Frames = start.done
        self.finished = False
        self._language = start.language
        self._library = library
        self._events = events

    def take_down(self, event: EngineEvent) -> None:
        """One event of the engine's. Raises EngineDied, what the engine failed with, or what the
        library did (NotFound: the take is gone; Busy: somebody else transcribes it)."""
        kind = event.get("ev")
        if kind == DIED:
            raise EngineDied(event)
        if event.get("take", self.take) != self.take:
            return  # of a take that was broken off
        match kind:
            case "segments":
                self._store(event["segments"], Frames(int(event["done"])))
                self._hear_language(str(event.get("language") or AUTO))
            case "progress":
                self.heard = Frames(max(self.heard, int(event["frame"])))
            case "partial":
                anchor = Anchor(self.take, Frames(int(event["start"])))
                text = str(event["text"])
                self._events.tell(LivePartial(self.session, self.take, anchor, text))
            case "finished":
                self._store([], Frames(int(event["frames"])), finished=True)
            case "failed":
                raise EarmarkError(str(event.get("what")), str(event.get("remedy") or ""))

    def _hear_language(self, language: str) -> None:
        if self._language == AUTO != language:
            self._language = language
            self._library.run(_name_language, self.take, language).result()

    def _store(self, found: list[dict[str, Any]], done: Frames, *, finished: bool = False) -> None:
        segments = tuple(_segment(self.take, one) for one in found)
        after, take = self.done, self.take

        def store(lib: Library) -> tuple[Changes, tuple[Segment, ...]]:
            changes = lib.add_segments(take, segments, done, finished, after=after)
            first = min((one.start for one in segments), default=done)
            last = max((one.end for one in segments), default=done)
            return changes, lib.passages(take, first, last) if segments else ()

        shown = self._library.run(store).result()[1]
        self.done = Frames(max(self.done, done))
        self.heard = Frames(max(self.heard, done))
        self.finished = finished
        if shown:
            self._events.tell(TranscriptGrew(self.session, take, shown))


def _name_language(library: Library, take: TakeId, language: str) -> Changes:
    return library.name_language(take, language)


def _segment(take: TakeId, told: dict[str, Any]) -> Segment:
    words = tuple(
        Word(str(text), Frames(int(start)), Frames(int(end)), float(probability))
        for text, start, end, probability in told.get("words", ())
    )
    return Segment(
        SegmentId(new_id()),
        take,
        Frames(int(told["start"])),
        Frames(int(told["end"])),
        str(told["text"]).strip(),
        words,
    )
