"""A click plays at once; half of a double click is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from earmark.model.notes import Anchor

from .hearing import HearingDesk

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark


class Clicks(QObject):
    """Remembers what was heard before a click, until the next one."""

    def __init__(self, hearing: HearingDesk) -> None:
        super().__init__(hearing)
        self._hearing = hearing
        self._earmark: Earmark | None = None
        self._before: tuple[bool, Anchor | None] | None = None

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark

    def detach(self) -> None:
        self._earmark = None

    def click(self, anchor: Anchor) -> None:
        """A click on a word plays it; `unclick` takes that back."""
        if self._earmark is not None:
            self._before = (self._hearing.state.playing, self._earmark.replay.heard())
        self._hearing.play_word(anchor, in_line=True)

    def click_exactly(self, anchor: Anchor) -> None:
        """A click on a word that was said plays from just there."""
        if self._earmark is not None:
            self._before = (self._hearing.state.playing, self._earmark.replay.heard())
        self._hearing.play_from(anchor)

    def unclick(self) -> None:
        """The click was the first of a double click: back to what was heard before it."""
        before, self._before = self._before, None
        if self._earmark is None or before is None:
            return
        playing, at = before
        if not playing:
            self._earmark.replay.pause()
        if at is not None:
            self._earmark.replay.seek(at)
