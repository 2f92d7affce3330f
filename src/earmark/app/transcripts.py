"""What a person does with a transcript: mending words, naming speakers, making notes of it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from earmark.model import (
    Anchor,
    Changes,
    LineId,
    NoteLine,
    NotFound,
    Segment,
    SegmentId,
    SessionId,
    TimeRun,
    new_id,
    tidy_runs,
)
from earmark.model.i18n import _

from .edits import LateRefusal, PassageText, Speaker
from .librarylane import LibraryLane

if TYPE_CHECKING:
    from earmark.library import Library


def edit_passage(
    library: LibraryLane, session: SessionId, segment: SegmentId, text: str
) -> Future[Changes]:
    """The person's own words for a passage: unchanged words keep their times."""
    return library.outbox.put(PassageText(session, segment, text))


def name_speaker(
    library: LibraryLane, session: SessionId, segments: Sequence[SegmentId], name: str
) -> Future[Changes]:
    """Says who speaks in these passages; an empty name takes it back."""
    return library.outbox.put(Speaker(session, name, tuple(segments)))


def rename_speaker(library: LibraryLane, session: SessionId, old: str, new: str) -> Future[Changes]:
    """Another name for the speaker, in the whole session at once."""
    return library.outbox.put(Speaker(session, new, old=old))


def refuse_late(
    library: LibraryLane, session: SessionId, line: LineId, refused: bool = True
) -> Future[Changes]:
    """The line plays from its own moment, not from the passage found for it; or does again."""
    return library.outbox.put(LateRefusal(session, line, refused))


def note_from_passage(
    library: LibraryLane, session: SessionId, segment: SegmentId
) -> Future[LineId]:
    """Adds the passage's words as a line, in order of time; each word keeps its moment."""
    line_id = LineId(new_id())

    def add(lib: Library) -> LineId:
        transcript = lib.session(session).transcript
        passages = transcript.segments if transcript is not None else ()
        passage = next((one for one in passages if one.id == segment), None)
        if passage is None:
            raise NotFound(_("This passage of the transcript is not there any more."))
        library.tell(lib.add_line(session, line_of_passage(passage, line_id)))
        return line_id

    return library.run(add)


def line_of_passage(passage: Segment, line: LineId) -> NoteLine:
    """The passage as a line, anchored at its start, a time run for each word it has."""
    text, runs, offset = passage.text, [], 0
    for word in passage.words:
        place = text.find(word.text, offset)
        if place < 0:
            continue
        runs.append(TimeRun(place, Anchor(passage.take, word.start)))
        offset = place + len(word.text)
    start = Anchor(passage.take, passage.start)
    if not runs or runs[0].offset > 0:
        runs.insert(0, TimeRun(0, start))
    return NoteLine(line, text, anchor=start, runs=tidy_runs(text, tuple(runs)))
