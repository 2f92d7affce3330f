"""Re-anchoring lines: by keys, to what is heard, or by dragging a flag. One undo step each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from earmark.model.notes import Anchor
from earmark.model.takes import Timeline
from earmark.model.units import LineId

if TYPE_CHECKING:
    from ..notes import NoteEditor


class AnchorController(QObject):
    """Moves the anchors of the lines that the selection touches."""

    def __init__(
        self, editor: NoteEditor, timeline: Callable[[], Timeline], parent: QObject
    ) -> None:
        """`timeline` knows how long a running take is by now."""
        super().__init__(parent)
        self._timeline = timeline
        self._editor = editor

    def shift(self, ms: int) -> Callable[[], None]:
        """The action that moves by so many milliseconds along the timeline."""

        def act() -> None:
            self._editor.set_timeline(self._timeline())
            self._editor.actions_on_lines.shift_anchor(ms)

        return act

    def to_heard(self, heard: Anchor | None) -> None:
        """Anchors to the moment heard (or captured) now; nothing where there is none."""
        if heard is not None:
            self._editor.actions_on_lines.anchor_selected(heard)

    def dragged(self, line: str, anchor: object) -> None:
        """A flag of the waveform was put down elsewhere."""
        if isinstance(anchor, Anchor):
            self._editor.actions_on_lines.set_anchor(LineId(line), anchor)
