"""Earlier versions of a session's notes, as a person looks at them and brings one back."""

from __future__ import annotations

from concurrent.futures import Future

from earmark.model import NoteLine, SessionId
from earmark.model.notes import NoteVersion

from .librarylane import LibraryLane


def note_versions(library: LibraryLane, session: SessionId) -> Future[tuple[NoteVersion, ...]]:
    """What is kept, newest first."""
    return library.run(lambda lib: lib.note_versions(session))


def note_version(
    library: LibraryLane, session: SessionId, version: NoteVersion
) -> Future[tuple[NoteLine, ...]]:
    """The lines of a version; the editor puts them back. Fails with NotFound."""
    return library.run(lambda lib: lib.note_version(session, version.id))
