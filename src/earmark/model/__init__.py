"""Frozen values and rules that every layer shares. Standard library only.

What the first paint of the window does without is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .devices import Device
from .errors import (
    Busy,
    DiskFull,
    EarmarkError,
    LibraryDamaged,
    LibraryNotConnected,
    LibraryUnusable,
    NotFound,
    SoundUnavailable,
    UnusableMedia,
)
from .files import make_folder, sync_folder, write_atomically
from .marks import Mark, mark_names, mark_with_prefix
from .notes import (
    MAX_INDENT,
    Anchor,
    Bookmark,
    EarlyAnchor,
    LineKind,
    NoteLine,
    NotesEdit,
    Picture,
    TimeRun,
    anchor_at,
    tidy_runs,
    without_private_sign,
)
from .places import session_folder, take_file
from .session import Event, Session, SessionSummary
from .takes import Gap, Span, Take, TakeState, Timeline
from .text import file_name, format_time, parse_time, safe_line, safe_text, safe_title
from .transcript import Segment, Transcript, Transcription, Word
from .units import (
    RECORDING_RATE,
    BookmarkId,
    EventId,
    Frames,
    LineId,
    Milliseconds,
    PictureId,
    SampleRate,
    SegmentId,
    SessionId,
    TakeId,
    frames_to_ms,
    ms_to_frames,
    new_id,
)

if TYPE_CHECKING:
    from .changes import Changes
    from .findings import Finding, Level
    from .latenotes import replay_start
    from .passages import line_of, passage_of, spoken_under

_LATER = {
    "Changes": "changes",
    "Finding": "findings",
    "Level": "findings",
    "replay_start": "latenotes",
    "line_of": "passages",
    "passage_of": "passages",
    "spoken_under": "passages",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LATER[name]}", __name__), name)


__all__ = [
    "MAX_INDENT",
    "RECORDING_RATE",
    "Anchor",
    "Bookmark",
    "BookmarkId",
    "Busy",
    "Changes",
    "Device",
    "DiskFull",
    "EarlyAnchor",
    "EarmarkError",
    "Event",
    "EventId",
    "Finding",
    "Frames",
    "Gap",
    "Level",
    "LibraryDamaged",
    "LibraryNotConnected",
    "LibraryUnusable",
    "LineId",
    "LineKind",
    "Mark",
    "Milliseconds",
    "NotFound",
    "NoteLine",
    "NotesEdit",
    "Picture",
    "PictureId",
    "SampleRate",
    "Segment",
    "SegmentId",
    "Session",
    "SessionId",
    "SessionSummary",
    "SoundUnavailable",
    "Span",
    "Take",
    "TakeId",
    "TakeState",
    "TimeRun",
    "Timeline",
    "Transcript",
    "Transcription",
    "UnusableMedia",
    "Word",
    "anchor_at",
    "file_name",
    "format_time",
    "frames_to_ms",
    "line_of",
    "make_folder",
    "mark_names",
    "mark_with_prefix",
    "ms_to_frames",
    "new_id",
    "parse_time",
    "passage_of",
    "replay_start",
    "safe_line",
    "safe_text",
    "safe_title",
    "session_folder",
    "spoken_under",
    "sync_folder",
    "take_file",
    "tidy_runs",
    "without_private_sign",
    "write_atomically",
]
