"""A click plays at once; half of a double click is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from earmark.model.notes import Anchor

from ..controllers.playback import PlaybackController

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark


class ClickPlayback(QObject):
    """Remembers what was heard before a click, until the next one."""

    def __init__(self, playback: PlaybackController) -> None:
        super().__init__(playback)
        self._playback = playback
        self._earmark: Earmark | None = None
        self._before: tuple[bool, Anchor | None] | None = None

    def attach(self, earmark: Earmark) -> None:
        self._earmark = earmark

    def detach(self) -> None:
        self._earmark = None

    def click(self, anchor: Anchor) -> None:
        """A click on a word plays it; `unclick` takes that back."""
        if self._earmark is not None:
            self._before = (self._playback.state.playing, self._earmark.replay.heard())
        self._playback.play_word(anchor, in_line=True)

    def click_exactly(self, anchor: Anchor) -> None:
        """A click on a word that was said plays from just there."""
        if self._earmark is not None:
            self._before = (self._playback.state.playing, self._earmark.replay.heard())
        self._playback.play_from(anchor)

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
