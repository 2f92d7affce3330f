"""Where the next take of a session goes: computed here, so that recording need not wait."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from earmark.audio.manifest import TakeManifest
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

from .edits import NewSession
from .wallclock import default_title, local_now

if TYPE_CHECKING:
    from earmark.library import Library


@dataclass(frozen=True, slots=True)
class TakePlan:
    """A session about to get a take: all that an manifest says of it."""

    session: SessionId
    title: str
    created_at: datetime
    folder: str
    event: EventId | None = None
    ordinal: int = 1
    """The next take's."""

    @staticmethod
    def new(session: SessionId, title: str | None, event: EventId | None) -> TakePlan:
        """A session that is not in the library yet."""
        now = local_now()
        named = safe_title(title or "") or default_title(now)
        return TakePlan(session, named, now, session_folder(now, named, session), event)

    @staticmethod
    def of(library: Library, session: SessionId) -> TakePlan:
        """A session of the library. Raises NotFound."""
        found = library.session(session)
        return TakePlan(
            found.id,
            found.title,
            found.created_at,
            found.folder,
            found.event.id if found.event else None,
            library.next_ordinal(session),
        )

    @staticmethod
    def by(manifest: TakeManifest) -> TakePlan:
        """The session of a take that is being recorded already."""
        return TakePlan(
            SessionId(manifest.session),
            manifest.title,
            datetime.fromisoformat(manifest.created_at),
            manifest.folder,
            manifest.event,
            manifest.ordinal,
        )

    def after(self) -> TakePlan:
        """The same session, one take later."""
        return dataclasses.replace(self, ordinal=self.ordinal + 1)

    def manifest(self, take: TakeId, codec: str, channels: int) -> TakeManifest:
        """The manifest of this sitting's take `take`, started now."""
        return TakeManifest(
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


def take_of(
    manifest: TakeManifest, frames: int = 0, state: TakeState = TakeState.RECORDING
) -> Take:
    """The take an manifest names, while it is only in its journal."""
    return Take(
        id=manifest.take,
        ordinal=manifest.ordinal,
        sample_rate=SampleRate(manifest.rate),
        channels=manifest.channels,
        frames=Frames(frames),
        started_at=datetime.fromisoformat(manifest.started_at),
        state=state,
        journal=manifest.journal,
        peaks=manifest.peaks,
    )


def session_of(manifest: TakeManifest) -> NewSession:
    """The session that a manifest names, to be made where it is not there yet."""
    return NewSession(
        SessionId(manifest.session),
        manifest.title or _("Recovered recording"),
        datetime.fromisoformat(manifest.created_at),
        manifest.event,
    )


def ensure_session(library: Library, manifest: TakeManifest) -> Changes:
    """The manifest's session is in the library afterwards: made from the manifest when missing."""
    new = session_of(manifest)
    library.create_session(new.title, event=new.event, created_at=new.created_at, id=new.session)
    return Changes(sessions=frozenset({new.session}), titles=True)


def begin_take(library: Library, manifest: TakeManifest) -> Changes:
    """The rows of a take whose first frame is stored."""
    ensure_session(library, manifest)
    return library.begin_take(manifest.session, take_of(manifest))
