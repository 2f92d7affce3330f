"""What is played and how: takes, speed, pauses left out, loudness, loop, stop. No device here."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from .playback_plan import FOREVER, Kept, PlaybackPlan
from .render import Rendering
from .survey import Survey, Surveyor
from .timeline import Interval, TakeSound, Timeline
from .units import RATE

SLOWEST, FASTEST = 0.5, 3.0
Point = tuple[str, int]
"""A take and a frame of it."""


class UnknownTake(LookupError):
    """A command names a take that is not loaded."""


@dataclass(slots=True)
class Choices:
    """How the person wants to hear it."""

    speed: float = 1.0
    skip_silence: bool = False
    even_loudness: bool = False
    loop: Interval | None = None
    stop: int | None = None


class Player:
    """Holds the takes and makes renderings of them.

    `on_found(player, index, survey)` is called on the surveyor's thread; give it back to `found`
    on the engine's.
    """

    def __init__(
        self, takes: list[TakeSound], on_found: Callable[[Player, int, Survey], None]
    ) -> None:
        self.timeline = Timeline(takes)
        self._on_found = on_found
        self._surveys: dict[int, Survey] = {}
        self._surveyor: Surveyor | None = None
        self._starts = [self.timeline.start(i) for i in range(len(takes))]
        self.choices = Choices()

    def close(self) -> None:
        if self._surveyor is not None:
            self._surveyor.close()
        self.timeline.close()

    def survey(self) -> None:
        """Begins to look for pauses and loudness, when they are needed for the first time."""
        wanted = self.choices.skip_silence or self.choices.even_loudness
        if wanted and self._surveyor is None and self.timeline.takes:
            unknown = {
                index: take
                for index, take in enumerate(self.timeline.takes)
                if index not in self._surveys
            }
            self._surveyor = Surveyor(
                unknown, lambda index, found: self._on_found(self, index, found)
            )

    def grew(self) -> None:
        if self._surveyor is not None:
            self._surveyor.grew()

    def inherit(self, older: Player) -> None:
        """Takes over what is known about takes that are the same as before."""
        known = {
            (take.id, take.path, take.reader.frames): older._surveys[index]
            for index, take in enumerate(older.timeline.takes)
            if index in older._surveys and not take.running
        }
        for index, take in enumerate(self.timeline.takes):
            survey = known.get((take.id, take.path, take.reader.frames))
            if survey is not None:
                self._surveys[index] = survey

    def found(self, index: int, survey: Survey) -> None:
        self._surveys[index] = survey

    def kept(self) -> Kept:
        """What sounds: without what is off the record and, if wanted, without pauses."""
        cuts = self.timeline.off_record()
        if self.choices.skip_silence:
            for index, survey in self._surveys.items():
                start = self._starts[index]
                scale = survey.bin * RATE / self.timeline.takes[index].reader.rate
                cuts.extend(
                    (start + round(a * scale), start + round(b * scale)) for a, b in survey.pauses()
                )
        return Kept(FOREVER if self.timeline.running else self.timeline.frames, cuts)

    def audible(self) -> Kept:
        """What may be heard at all, for moving about: up to the end there is now."""
        return Kept(self.timeline.frames, self.timeline.off_record())

    def rendering(self, place: int) -> Rendering:
        """A run from `place` (moved on to what sounds)."""
        choices = self.choices
        route = PlaybackPlan(self.timeline, self.kept(), place, choices.loop, choices.stop)
        return Rendering(self.timeline, route, self, choices.speed)

    def place(self, point: Point) -> int:
        """Where on the timeline a take's frame is. UnknownTake where it is not loaded."""
        self.timeline.refresh()
        try:
            return self.timeline.place(*point)
        except KeyError as error:
            raise UnknownTake(point[0]) from error

    def point(self, place: float) -> Point | None:
        """The take and frame at a place; None where nothing is loaded."""
        return self.timeline.anchor(place) if self.timeline.takes else None

    def moved(self, place: float, ms: float) -> int:
        """`place` moved by `ms` of what would be heard."""
        kept = self.kept() if self.choices.skip_silence else self.audible()
        return min(kept.moved(round(place), round(ms * RATE / 1000)), self.timeline.frames)

    def gain_db(self, place: float) -> float:
        """The take's own gain and, if wanted, the one that evens speech out."""
        index = max(0, bisect_right(self._starts, place) - 1)
        if index >= len(self.timeline.takes):
            return 0.0
        take = self.timeline.takes[index]
        survey = self._surveys.get(index)
        if survey is None or not self.choices.even_loudness or not len(survey.gain_db):
            return take.gain_db
        at = (place - self._starts[index]) * take.reader.rate / (RATE * survey.bin)
        return take.gain_db + float(survey.gain_db[min(int(at), len(survey.gain_db) - 1)])
