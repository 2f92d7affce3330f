"""What the queue works on, and what it asks of the library on its lane."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from earmark.model import (
    Busy,
    Changes,
    EarmarkError,
    Session,
    SessionId,
    Take,
    TakeId,
    TakeState,
    Transcription,
)
from earmark.model.i18n import _

from .engines import Choice
from .jobs import Job, TimeLeft

if TYPE_CHECKING:
    from earmark.library import Library


@dataclass(slots=True)
class Asked:
    """A session being transcribed: its takes, the seconds of each, and how far they are."""

    session: SessionId
    job: Job[Session] | None = None
    seconds: dict[TakeId, float] = field(default_factory=dict)
    done: dict[TakeId, float] = field(default_factory=dict)
    left: set[TakeId] = field(default_factory=set)
    error: EarmarkError | None = None
    pace: TimeLeft = field(default_factory=TimeLeft)

    @property
    def fraction(self) -> float:
        whole = sum(self.seconds.values())
        return sum(self.done.values()) / whole if whole else 1.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A take that waits, and whose passages it is."""

    state: Transcription
    take: Take


def ends_with(earlier: Job[Session], later: Job[Session]) -> None:
    """The session was asked for twice: the earlier job ends as the later one does."""

    def end(_future: object) -> None:
        error = later.future.exception()
        if error is not None:
            earlier.fail(error)
        else:
            earlier.succeed(later.future.result())

    later.future.add_done_callback(end)


# --- on the library's lane ------------------------------------------------------------------


def waiting_takes(library: Library) -> tuple[Waiting, ...]:
    return tuple(Waiting(state, library.take(state.take)) for state in library.transcriptions())


def whole_session(library: Library, session: SessionId) -> Session:
    return library.session(session)


def to_work_on(library: Library, state: Transcription) -> tuple[Session, Transcription]:
    """The session for its prompts, and how far the take is by now."""
    return library.session(state.session), library.transcription(state.take) or state


def enqueue(
    library: Library,
    session: SessionId,
    choice: Choice,
    again: bool,
    being_kept: Callable[[TakeId], bool],
) -> tuple[frozenset[TakeId], *tuple[Changes, ...]]:
    takes = [take for take in library.session(session).timeline.takes if take.frames > 0]
    if not takes:
        raise EarmarkError(
            _("This session has no recording to transcribe."),
            _("Record something, or import a recording."),
        )
    for take in takes:
        if take.state is TakeState.RECORDING:
            raise Busy(
                _("Take {ordinal} is still being recorded.").format(ordinal=take.ordinal),
                _("Stop it first, or turn the live transcript on. After a crash: earmark recover."),
            )
        if take.file is None and not being_kept(take.id):
            raise Busy(
                _("Take {ordinal} is not in its kept form yet.").format(ordinal=take.ordinal),
                _("Try again in a moment. After a crash: earmark recover."),
            )
    begun = (_begun(library, take.id, choice, again) for take in takes)
    return frozenset(take.id for take in takes), *begun


def _begun(library: Library, take: TakeId, choice: Choice, again: bool) -> Changes:
    return library.begin_transcription(
        take, choice.engine, choice.model, choice.language, again=again
    )


def done_of(library: Library, take: TakeId) -> int:
    state = library.transcription(take)
    return -1 if state is None else state.done


def leave_take(library: Library, take: TakeId) -> Changes:
    return library.leave_transcription(take)


def leave_session(library: Library, session: SessionId) -> tuple[Changes, ...]:
    return tuple(_leaving(library, session))


def _leaving(library: Library, session: SessionId) -> Iterator[Changes]:
    for state in library.transcriptions():
        if state.session == session:
            yield library.leave_transcription(state.take)
