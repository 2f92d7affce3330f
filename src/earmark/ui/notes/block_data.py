"""What a text block knows about its line, kept as properties of its format.

Qt's own undo, split, move and merge carry block formats along, so they carry these facts too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlock, QTextBlockFormat, QTextCharFormat, QTextFormat

from earmark.model import LineId, LineKind, Mark, PictureId

from .anchor_table import NO_STAMP

_USER = int(QTextFormat.Property.UserProperty.value)
LINE_ID = _USER + 1
_KIND = _USER + 2
_INDENT = _USER + 3
_CHECKED = _USER + 4
_MARKS = _USER + 5
_PRIVATE = _USER + 6
ANCHOR = _USER + 7
_PICTURE = _USER + 8
_ALT = _USER + 9
STAMP = _USER + 20
"""The property of a character format that says when the characters were typed."""
PICTURE_ID = _USER + 21
"""The property of a picture's character that names the picture."""
PICTURE_ALT = _USER + 22
PICTURE_OBJECT = int(QTextFormat.ObjectTypes.UserObject.value) + 1
OBJECT = "\ufffc"
"""The one character that stands for a picture."""

_KINDS = tuple(LineKind)
_MARK_BITS = {mark: 1 << bit for bit, mark in enumerate(Mark)}
SPACE = 5.0
"""Above and below a line, in pixels."""
_HEADING_SPACE = {LineKind.HEADING1: 18.0, LineKind.HEADING2: 16.0, LineKind.HEADING3: 10.0}
_WRAPPED_LINE_DISTANCE = 4.0
_LISTED = (LineKind.BULLET, LineKind.CHECK)


@dataclass(frozen=True, slots=True)
class BlockData:
    """A line without its text. `anchor` is a stamp; `right_to_left` its direction."""

    id: LineId
    kind: LineKind = LineKind.PLAIN
    indent: int = 0
    checked: bool = False
    marks: tuple[Mark, ...] = ()
    private: bool = False
    anchor: int = NO_STAMP
    picture: PictureId | None = None
    alt: str = ""
    right_to_left: bool = False

    def plain(self) -> BlockData:
        """The same line without what makes it a picture, a list entry or a heading."""
        return replace(self, kind=LineKind.PLAIN, checked=False, picture=None, alt="")


def line_id(block: QTextBlock) -> LineId:
    return LineId(block.blockFormat().stringProperty(LINE_ID))


def kind_of(block: QTextBlock) -> LineKind:
    return _KINDS[block.blockFormat().intProperty(_KIND)]


def facts_of(block: QTextBlock) -> BlockData:
    """Reads the block's facts. The id is empty for a block that Qt made by itself."""
    found = block.blockFormat()
    bits = found.intProperty(_MARKS)
    return BlockData(
        id=LineId(found.stringProperty(LINE_ID)),
        kind=_KINDS[found.intProperty(_KIND)],
        indent=found.intProperty(_INDENT),
        checked=found.boolProperty(_CHECKED),
        marks=tuple(m for m, bit in _MARK_BITS.items() if bits & bit) if bits else (),
        private=found.boolProperty(_PRIVATE),
        anchor=found.intProperty(ANCHOR),
        picture=PictureId(found.stringProperty(_PICTURE)) or None,
        alt=found.stringProperty(_ALT),
        right_to_left=found.layoutDirection() == Qt.LayoutDirection.RightToLeft,
    )


def block_format(facts: BlockData) -> QTextBlockFormat:
    """The format that carries the facts; what is not set stays out, so that formats are shared.

    The direction is always explicit: without it Qt scans the text of every block at every key.
    """
    made = QTextBlockFormat()
    made.setProperty(LINE_ID, facts.id)
    made.setProperty(_KIND, _KINDS.index(facts.kind))
    if facts.indent:
        made.setProperty(_INDENT, facts.indent)
    if facts.checked:
        made.setProperty(_CHECKED, True)
    if facts.marks:
        made.setProperty(_MARKS, sum(_MARK_BITS[m] for m in facts.marks))
    if facts.private:
        made.setProperty(_PRIVATE, True)
    if facts.anchor != NO_STAMP:
        made.setProperty(ANCHOR, facts.anchor)
    if facts.picture:
        made.setProperty(_PICTURE, facts.picture)
        made.setProperty(_ALT, facts.alt)
    steps = facts.indent + (1 if facts.kind in _LISTED else 0)
    if steps:
        made.setIndent(steps)
    made.setTopMargin(_HEADING_SPACE.get(facts.kind, SPACE))
    made.setBottomMargin(SPACE)
    made.setLineHeight(
        _WRAPPED_LINE_DISTANCE, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value
    )
    made.setLayoutDirection(
        Qt.LayoutDirection.RightToLeft if facts.right_to_left else Qt.LayoutDirection.LeftToRight
    )
    return made


def text_format(stamp: int) -> QTextCharFormat:
    """The format of characters typed at the stamp: no fonts, no colours, only the moment."""
    made = QTextCharFormat()
    if stamp != NO_STAMP:
        made.setProperty(STAMP, stamp)
    return made


def picture_format(picture: PictureId, alt: str, stamp: int) -> QTextCharFormat:
    """The format of the character that stands for a picture."""
    made = text_format(stamp)
    made.setObjectType(PICTURE_OBJECT)
    made.setProperty(PICTURE_ID, picture)
    made.setProperty(PICTURE_ALT, alt)
    return made
