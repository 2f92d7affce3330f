"""Transcripts out of and into their rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from earmark.model import (
    Frames,
    LineId,
    Segment,
    SegmentId,
    SessionId,
    Take,
    TakeId,
    Transcript,
    Transcription,
    Word,
    safe_line,
)
from earmark.model.wordtimes import on_record

from .rows import Values
from .tables import LateRefusalRow, SegmentRow, TranscriptionRow


def segment_values(session: str, run: int, segment: Segment) -> Values:
    words = [word for word in segment.words if word.text.strip()]
    return {
        "session_id": session,
        "id": segment.id,
        "take": segment.take,
        "run": run,
        "start_frame": segment.start,
        "end_frame": max(segment.start, segment.end),
        "text": spoken_text(segment.text),
        "words": words_values(words),
        "speaker": spoken_text(segment.speaker),
        "edited": segment.edited,
    }


def spoken_text(text: str) -> str:
    """Safe text on one line, without spaces around it."""
    return safe_line(text).strip()


def words_values(words: Sequence[Word]) -> list[Any]:
    return [
        value
        for word in words
        for value in (spoken_text(word.text), word.start, word.end, round(word.probability, 4))
    ]


def words_from(flat: list[Any]) -> tuple[Word, ...]:
    found = tuple(
        Word(text, Frames(start), Frames(end), float(probability))
        for text, start, end, probability in zip(
            flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True
        )
    )
    if not all(isinstance(w.text, str) and isinstance(w.start + w.end, int) for w in found):
        raise ValueError("not words")
    return found


def segment_from(row: Row[Any]) -> Segment:
    return Segment(
        SegmentId(row.id),
        TakeId(row.take),
        Frames(row.start_frame),
        Frames(row.end_frame),
        row.text,
        words_from(row.words),
        row.speaker,
        row.edited,
    )


def transcription_from(row: Row[Any]) -> Transcription:
    return Transcription(
        TakeId(row.id),
        SessionId(row.session_id),
        row.engine,
        row.model,
        row.language,
        Frames(row.done_frame),
        row.finished,
        row.queued,
    )


def load_transcript(
    connection: Connection, session: str, takes: Sequence[Take]
) -> Transcript | None:
    """What is to be seen of the session's transcript; None where nothing was transcribed yet."""
    found = connection.execute(
        select(TranscriptionRow.__table__)
        .where(TranscriptionRow.session_id == session)
        .order_by(TranscriptionRow.run)
    ).all()
    segments = shown_segments(connection, session, takes)
    begun = [row for row in found if row.done_frame > 0 or row.finished]
    if not segments and not begun:
        return None
    newest = (begun or found)[-1:]
    if not newest:
        return Transcript("", "", "", segments)
    return Transcript(newest[0].engine, newest[0].model, newest[0].language, segments)


def shown_segments(
    connection: Connection, session: str, takes: Sequence[Take], *where: ColumnElement[bool]
) -> tuple[Segment, ...]:
    """The segments of these takes, in order: without what is off the record, and without what a
    newer transcription has passed already."""
    state = TranscriptionRow.__table__.c
    found = connection.execute(
        select(SegmentRow.__table__, state.run.label("newer"), state.done_frame)
        .outerjoin(
            TranscriptionRow.__table__,
            (state.session_id == SegmentRow.session_id) & (state.id == SegmentRow.take),
        )
        .where(SegmentRow.session_id == session, *where)
    )
    order = {take.id: place for place, take in enumerate(takes)}
    spans = {take.id: take.off_record for take in takes}
    segments: list[Segment] = []
    for row in found:
        passed = row.newer is not None and row.run < row.newer and row.start_frame < row.done_frame
        if row.take not in order or not row.text or (passed and not row.edited):
            continue
        segment = on_record(segment_from(row), spans[TakeId(row.take)])
        if segment is not None:
            segments.append(segment)
    segments.sort(key=lambda one: (order[one.take], one.start, one.end, one.id))
    return tuple(segments)


def refused_lines(connection: Connection, session: str) -> frozenset[LineId]:
    """The lines whose passage a person refused."""
    found = connection.scalars(
        select(LateRefusalRow.id).where(LateRefusalRow.session_id == session)
    )
    return frozenset(LineId(line) for line in found)
