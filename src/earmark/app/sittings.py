"""Where the next take of a session goes: computed here, so that recording need not wait."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from earmark.audio.intent import Intent
from earmark.model import (
    RECORDING_RATE,
    Changes,
    EventId,
    Frames,
    SampleRate,
    SessionId,
    Take,
    TakeId,
    TakeState,
    safe_title,
)
from earmark.model.i18n import _
from earmark.model.places import session_folder, take_file

from .wallclock import default_title, local_now

if TYPE_CHECKING:
    from earmark.library import Library


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session about to get a take: all that an intent says of it."""

    session: SessionId
    title: str
    created_at: datetime
    folder: str
    event: EventId | None = None
    ordinal: int = 1
    """The next take's."""

    @staticmethod
    def new(session: SessionId, title: str | None, event: EventId | None) -> Sitting:
        """A session that is not in the library yet."""
        now = local_now()
        named = safe_title(title or "") or default_title(now)
        return Sitting(session, named, now, session_folder(now, named, session), event)

    @staticmethod
    def of(library: Library, session: SessionId) -> Sitting:
        """A session of the library. Raises NotFound."""
        found = library.session(session)
        return Sitting(
            found.id,
            found.title,
            found.created_at,
            found.folder,
            found.event.id if found.event else None,
            library.next_ordinal(session),
        )

    @staticmethod
    def by(intent: Intent) -> Sitting:
        """The session of a take that is being recorded already."""
        return Sitting(
            SessionId(intent.session),
            intent.title,
            datetime.fromisoformat(intent.created_at),
            intent.folder,
            intent.event,
            intent.ordinal,
        )

    def after(self) -> Sitting:
        """The same session, one take later."""
        return dataclasses.replace(self, ordinal=self.ordinal + 1)

    def intent(self, take: TakeId, codec: str, channels: int) -> Intent:
        """The intent of this sitting's take `take`, started now."""
        return Intent(
            take=take,
            session=self.session,
            ordinal=self.ordinal,
            title=self.title,
            event=self.event,
            created_at=self.created_at.isoformat(),
            started_at=local_now().isoformat(),
            folder=self.folder,
            journal=f"{self.folder}/{take_file(self.ordinal, take, 'journal')}",
            peaks=f"{self.folder}/{take_file(self.ordinal, take, 'peaks')}",
            rate=RECORDING_RATE,
            channels=channels,
            codec=codec,
        )


def take_of(intent: Intent, frames: int = 0, state: TakeState = TakeState.RECORDING) -> Take:
    """The take an intent names, while it is only in its journal."""
    return Take(
        id=intent.take,
        ordinal=intent.ordinal,
        sample_rate=SampleRate(intent.rate),
        channels=intent.channels,
        frames=Frames(frames),
        started_at=datetime.fromisoformat(intent.started_at),
        state=state,
        journal=intent.journal,
        peaks=intent.peaks,
    )


def ensure_session(library: Library, intent: Intent) -> Changes:
    """The intent's session is in the library afterwards: made from the intent when missing."""
    library.create_session(
        intent.title or _("Recovered recording"),
        event=intent.event,
        created_at=datetime.fromisoformat(intent.created_at),
        id=intent.session,
    )
    return Changes(sessions=frozenset({intent.session}), titles=True)


def begin_take(library: Library, intent: Intent) -> Changes:
    """The rows of a take whose first frame is stored."""
    ensure_session(library, intent)
    return library.begin_take(intent.session, take_of(intent))
