"""Looks off the GUI thread at what a choice would come to; of several wishes only the last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from earmark.model.errors import EarmarkError
from earmark.model.session import Session
from earmark.model.units import SessionId

from ..bridge import Bridge
from .choice import Choice, ShareOutlook, outlook

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark

Begin = Callable[[], Future[ShareOutlook]]


class PreviewLoader(QObject):
    """One session at a time, beside the database; a burst of changes costs two looks."""

    def __init__(
        self, bridge: Bridge, show: Callable[[ShareOutlook], object], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._show = show
        self._round = 0
        self._busy = False
        self._wanted: list[Begin] = []
        self._left: list[Begin] = []
        self._found: list[ShareOutlook] = []
        bridge.bug.connect(self._broken)

    def look_at_session(
        self, earmark: Earmark, session: Session, choice: Choice, look_back_ms: int
    ) -> None:
        """What sharing the session with this choice would come to."""

        def look() -> ShareOutlook:
            return outlook(session, choice, look_back_ms, earmark.folder, earmark.sharing.estimate)

        self._want([lambda: earmark.executors.background.submit(look)])

    def look_at_event(
        self, earmark: Earmark, sessions: Sequence[SessionId], choice: Choice, look_back_ms: int
    ) -> None:
        """What sharing the event would come to: its sessions' pages together."""

        def begin(id: SessionId) -> Begin:  # noqa: A002
            def look() -> ShareOutlook:
                session = earmark.library.run(lambda lib: lib.session(id)).result()
                return outlook(
                    session,
                    choice,
                    look_back_ms,
                    earmark.folder,
                    earmark.sharing.estimate,
                    sound_beside=True,
                )

            return lambda: earmark.executors.background.submit(look)

        self._want([begin(id) for id in sessions])  # noqa: A001

    def stop(self) -> None:
        """What is still looked at is not shown."""
        self._round += 1
        self._busy = False
        self._wanted, self._left = [], []

    def _broken(self, _error: BaseException) -> None:
        """An outcome that never comes is not waited for."""
        if self._busy:
            self.stop()

    def _want(self, begins: list[Begin]) -> None:
        self._wanted = begins
        if not self._busy:
            self._start()

    def _start(self) -> None:
        self._left, self._wanted, self._found = self._wanted, [], []
        self._busy = bool(self._left)
        if self._busy:
            self._step()
        else:
            self._show(together(()))

    def _step(self) -> None:
        this = self._round

        def came(found: ShareOutlook) -> None:
            if this == self._round:
                self._came(found)

        def failed(error: EarmarkError) -> None:
            came(ShareOutlook(refused=error))

        self._bridge.when_done(self._left.pop(0)(), came, failed)

    def _came(self, found: ShareOutlook) -> None:
        self._found.append(found)
        if self._wanted:
            self._start()
        elif self._left:
            self._step()
        else:
            self._busy = False
            self._show(together(self._found))


def together(each: Sequence[ShareOutlook]) -> ShareOutlook:
    """Several sessions as one; the first refusal stands for all."""
    sizes = [one.bytes for one in each if one.bytes is not None]
    return ShareOutlook(
        lines=sum(one.lines for one in each),
        pictures=sum(one.pictures for one in each),
        duration_ms=sum(one.duration_ms for one in each),
        transcript=any(one.transcript for one in each),
        bytes=sum(sizes) if sizes else None,
        refused=next((one.refused for one in each if one.refused is not None), None),
        notes_help=all(one.notes_help for one in each if one.refused is not None),
        missing=tuple(dict.fromkeys(name for one in each for name in one.missing)),
    )
