"""Transcripts: stored as they are found, kept where a person wrote, never twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from earmark.model import (
    Busy,
    Changes,
    Frames,
    LineId,
    NotFound,
    Segment,
    SegmentId,
    SessionId,
    Span,
    TakeId,
    Transcript,
    Transcription,
    new_id,
)
from earmark.model.i18n import _
from earmark.model.wordtimes import of_words, on_record, outside, realigned, touches

from . import rows, search_index, spoken
from .store import Store, known_session, touch
from .tables import LateRefusalRow, SegmentRow, SessionRow, TakeRow, TranscriptionRow
from .takes import no_take


class Transcripts(Store):
    def begin_transcription(
        self, take: TakeId, engine: str, model: str, language: str, *, again: bool = False
    ) -> Changes:
        """The take is to be transcribed: it waits until `add_segments` finishes it.

        By the engine and model it was begun with it goes on where it was (and stays finished);
        by others, or `again`, it begins anew, and what was there goes as the new one passes it.
        """
        with self.changing() as connection:
            session = _session_of(connection, take)
            there = _state(connection, session, take)
            same = there is not None and (there.engine, there.model) == (engine, model)
            if there is not None and same and _fits(there.language, language) and not again:
                if not there.finished:
                    _alter(connection, session, take, queued=True)
            else:
                last = connection.scalar(
                    select(func.max(TranscriptionRow.run)).where(
                        TranscriptionRow.session_id == session
                    )
                )
                values = _values(session, take, (last or 0) + 1, engine, model, language)
                connection.execute(
                    insert(TranscriptionRow)
                    .values(**values)
                    .on_conflict_do_update(index_elements=["session_id", "id"], set_=values)
                )
            touch(connection, session)
        return _changes(session)

    def add_segments(
        self,
        take: TakeId,
        segments: Iterable[Segment],
        done: Frames,
        finished: bool = False,
        *,
        after: Frames | None = None,
    ) -> Changes:
        """Stores what was found up to frame `done`, and that it was: both or neither.

        `after` is the `done` this continues; Busy where another program went on from there.
        A segment keeps out of passages a person wrote, and takes over the speaker named before.
        Raises NotFound for a take that is not there (any more) or was not begun.
        """
        with self.changing() as connection:
            session = _session_of(connection, take)
            state = _state(connection, session, take)
            if state is None:
                raise no_take(take)
            if after is not None and state.done_frame != after:
                raise Busy(
                    _("This recording is being transcribed by another Earmark."),
                    _("Wait for it to finish; nothing was done twice."),
                )
            segments = tuple(segments)
            old = [
                (row.run, spoken.segment_from(row))
                for row in connection.execute(
                    select(SegmentRow.__table__).where(
                        SegmentRow.session_id == session,
                        SegmentRow.take == take,
                        SegmentRow.edited | (SegmentRow.run < state.run),
                        SegmentRow.start_frame < max((s.end for s in segments), default=0),
                        SegmentRow.end_frame > min((s.start for s in segments), default=0),
                    )
                )
            ]
            written = [one for _run, one in old if one.edited]
            passed = [one for run, one in old if run < state.run and not one.edited]
            new = [
                replace(one, take=take, speaker=one.speaker or _speaker(one, passed))
                for segment in segments
                for one in _beside(segment, written)
            ]
            if new:
                connection.execute(
                    insert(SegmentRow).on_conflict_do_nothing(),
                    [spoken.segment_values(session, state.run, one) for one in new],
                )
            gone = (SegmentRow.run < state.run) & ~SegmentRow.edited
            if not finished:
                gone &= SegmentRow.end_frame <= done
            connection.execute(
                delete(SegmentRow).where(
                    SegmentRow.session_id == session, SegmentRow.take == take, gone
                )
            )
            done = Frames(max(done, state.done_frame))
            queued = state.queued and not finished
            _alter(connection, session, take, done_frame=done, finished=finished, queued=queued)
            touch(connection, session)
        return _changes(session)

    def name_language(self, take: TakeId, language: str) -> Changes:
        """The language that the engine hears in the take."""
        with self.changing() as connection:
            session = _session_of(connection, take)
            _alter(connection, session, take, language=spoken.spoken_text(language))
            touch(connection, session)
        return _changes(session)

    def leave_transcription(self, take: TakeId) -> Changes:
        """The take waits no longer; what was found of it stays."""
        with self.changing() as connection:
            session = _session_of(connection, take)
            _alter(connection, session, take, queued=False)
            touch(connection, session)
        return _changes(session)

    def transcriptions(self) -> tuple[Transcription, ...]:
        """What waits to be transcribed, the oldest session first; nothing from the bin."""
        with self.reading() as connection:
            found = connection.execute(
                select(TranscriptionRow.__table__)
                .join(SessionRow, SessionRow.id == TranscriptionRow.session_id)
                .join(TakeRow, TakeRow.id == TranscriptionRow.id)
                .where(TranscriptionRow.queued, SessionRow.binned_at.is_(None))
                .order_by(SessionRow.created_us, TakeRow.ordinal, TranscriptionRow.run)
            )
            return tuple(map(spoken.transcription_from, found))

    def transcription(self, take: TakeId) -> Transcription | None:
        """How far the take is; None where it was never begun."""
        with self.reading() as connection:
            row = connection.execute(
                select(TranscriptionRow.__table__).where(TranscriptionRow.id == take)
            ).first()
        return None if row is None else spoken.transcription_from(row)

    def passages(self, take: TakeId, start: Frames, end: Frames) -> tuple[Segment, ...]:
        """What is to be seen of the take's transcript that touches `[start, end]`."""
        with self.reading() as connection:
            row = connection.execute(
                select(TakeRow.__table__).where(TakeRow.id == take)
            ).one_or_none()
            if row is None:
                raise no_take(take)
            return spoken.shown_segments(
                connection,
                row.session_id,
                [rows.take_from(row, shown_in=row.session_id)],
                SegmentRow.take == take,
                SegmentRow.start_frame <= end,
                SegmentRow.end_frame >= start,
            )

    def untranscribed(self) -> tuple[SessionId, ...]:
        """The sessions with a take in its kept form that is not wholly transcribed, oldest
        first; nothing from the bin."""
        finished = select(TranscriptionRow.id).where(TranscriptionRow.finished)
        with self.reading() as connection:
            found = connection.scalars(
                select(SessionRow.id)
                .join(TakeRow, TakeRow.session_id == SessionRow.id)
                .where(SessionRow.binned_at.is_(None), TakeRow.file.is_not(None))
                .where(TakeRow.frames > 0, TakeRow.id.not_in(finished))
                .group_by(SessionRow.id)
                .order_by(SessionRow.created_us, SessionRow.id)
            ).all()
        return tuple(SessionId(session) for session in found)

    def put_transcript(self, session: SessionId, transcript: Transcript) -> Changes:
        """The session's transcript, all of it, as it came with a share: its takes count as
        transcribed. Segments of takes that are not the session's are left out."""
        with self.changing() as connection:
            known_session(connection, session)
            enter_transcript(connection, session, transcript)
            touch(connection, session)
        return _changes(session)

    def edit_segment(self, session: SessionId, segment: SegmentId, text: str) -> Changes:
        """A person's words for the passage: those that stayed keep their times.

        Without any text the passage is not shown any more. Words off the record stay in the row.
        """
        with self.changing() as connection:
            row = connection.execute(
                select(SegmentRow.__table__, TakeRow.off_record)
                .join(TakeRow, TakeRow.id == SegmentRow.take)
                .where(SegmentRow.session_id == session, SegmentRow.id == segment)
            ).one_or_none()
            if row is None:
                raise _no_segment()
            spans = [Span(Frames(frame), Frames(frames)) for frame, frames in row.off_record]
            whole = spoken.segment_from(row)
            shown = on_record(whole, spans)
            hidden = [w for w in whole.words if touches(spans, w.start, w.end)]
            if shown is None:
                raise _no_segment()
            text = spoken.spoken_text(text)
            words = list(realigned(shown, text))
            if hidden:
                words = sorted((*words, *hidden), key=lambda word: word.start)
                text = " ".join(word.text for word in words)
            connection.execute(
                update(SegmentRow)
                .where(SegmentRow.session_id == session, SegmentRow.id == segment)
                .values(text=text, words=spoken.words_values(words), edited=True)
            )
            touch(connection, session)
        return _changes(session)

    def purge_words(self, session: SessionId, spans: Mapping[TakeId, Sequence[Span]]) -> Changes:
        """Removes for good what was transcribed of these stretches: whole segments, and of those
        across a border the words inside, from every page of the database and its log.

        Raises Busy where another program keeps the log in use; the words are out of the rows then,
        and asked again only the rest is done.
        """
        self.secure_delete()
        with self.changing() as connection:
            known_session(connection, session)
            for take, cut in spans.items():
                this = (SegmentRow.session_id == session) & (SegmentRow.take == take)
                for row in connection.execute(select(SegmentRow.__table__).where(this)).all():
                    whole = spoken.segment_from(row)
                    left = on_record(whole, cut)
                    if left is whole:
                        continue
                    one = (SegmentRow.session_id == session) & (SegmentRow.id == whole.id)
                    if left is None:
                        connection.execute(delete(SegmentRow).where(one))
                    else:
                        values = spoken.segment_values(session, row.run, left)
                        connection.execute(update(SegmentRow).where(one).values(**values))
            search_index.forget_deleted(connection)
            touch(connection, session)
        self.wipe()
        return _changes(session)

    def set_speaker(self, session: SessionId, segments: Sequence[SegmentId], name: str) -> Changes:
        """Says who speaks in these passages; an empty name takes it back."""
        with self.changing() as connection:
            known_session(connection, session)
            for segment in segments:
                connection.execute(
                    update(SegmentRow)
                    .where(SegmentRow.session_id == session, SegmentRow.id == segment)
                    .values(speaker=spoken.spoken_text(name))
                )
            touch(connection, session)
        return _changes(session)

    def rename_speaker(self, session: SessionId, old: str, new: str) -> Changes:
        """Gives the speaker another name in every passage of the session."""
        with self.changing() as connection:
            known_session(connection, session)
            connection.execute(
                update(SegmentRow)
                .where(SegmentRow.session_id == session)
                .where(SegmentRow.speaker == spoken.spoken_text(old), SegmentRow.speaker != "")
                .values(speaker=spoken.spoken_text(new))
            )
            touch(connection, session)
        return _changes(session)

    def refuse_late(self, session: SessionId, line: LineId, refused: bool) -> Changes:
        """Whether the line is replayed from its own moment, whatever passage matches it."""
        with self.changing() as connection:
            known_session(connection, session)
            if refused:
                connection.execute(
                    insert(LateRefusalRow)
                    .values(session_id=session, id=line)
                    .on_conflict_do_nothing()
                )
            else:
                connection.execute(
                    delete(LateRefusalRow).where(
                        LateRefusalRow.session_id == session, LateRefusalRow.id == line
                    )
                )
            touch(connection, session)
        return _changes(session)


def enter_transcript(connection: Connection, session: SessionId, transcript: Transcript) -> None:
    """`put_transcript` inside a transaction that is open already."""
    takes = {
        row.id: row.frames
        for row in connection.execute(
            select(TakeRow.id, TakeRow.frames).where(TakeRow.session_id == session)
        )
    }
    for table in (SegmentRow, TranscriptionRow):
        connection.execute(delete(table).where(table.session_id == session))
    values = [
        spoken.segment_values(session, 1, segment)
        for segment in transcript.segments
        if segment.take in takes
    ]
    if values:
        connection.execute(insert(SegmentRow).on_conflict_do_nothing(), values)
    for take, frames in takes.items():
        state = _values(
            session,
            TakeId(take),
            1,
            transcript.engine,
            transcript.model,
            transcript.language,
        )
        state |= {"done_frame": frames, "finished": True, "queued": False}
        connection.execute(insert(TranscriptionRow).values(**state))


def _changes(session: SessionId) -> Changes:
    return Changes(frozenset({session}), transcript=True)


def _session_of(connection: Connection, take: TakeId) -> SessionId:
    session = connection.scalar(select(TakeRow.session_id).where(TakeRow.id == take))
    if session is None:
        raise no_take(take)
    return SessionId(session)


def _state(connection: Connection, session: SessionId, take: TakeId) -> Row[Any] | None:
    return connection.execute(
        select(TranscriptionRow.__table__).where(
            TranscriptionRow.session_id == session, TranscriptionRow.id == take
        )
    ).one_or_none()


def _alter(connection: Connection, session: SessionId, take: TakeId, **values: Any) -> None:
    connection.execute(
        update(TranscriptionRow)
        .where(TranscriptionRow.session_id == session, TranscriptionRow.id == take)
        .values(**values)
    )


def _values(
    session: SessionId, take: TakeId, run: int, engine: str, model: str, language: str
) -> rows.Values:
    return {
        "session_id": session,
        "id": take,
        "run": run,
        "engine": spoken.spoken_text(engine),
        "model": spoken.spoken_text(model),
        "language": spoken.spoken_text(language),
        "done_frame": 0,
        "finished": False,
        "queued": True,
    }


def _fits(there: str, wanted: str) -> bool:
    return there == wanted or "auto" in (there, wanted)


def _beside(segment: Segment, written: Sequence[Segment]) -> Iterable[Segment]:
    """What of a new segment lies outside the passages that a person wrote."""
    pieces = outside(segment, written)
    if pieces is None:
        yield segment
        return
    for number, words in enumerate(pieces):
        piece = of_words(segment, words)
        yield piece if number == 0 else replace(piece, id=SegmentId(new_id()))


def _speaker(segment: Segment, before: Sequence[Segment]) -> str:
    """Who was named for most of the segment's stretch before."""
    shares: dict[str, int] = {}
    for other in before:
        shared = min(segment.end, other.end) - max(segment.start, other.start)
        if shared > 0:
            shares[other.speaker] = shares.get(other.speaker, 0) + shared
    return max(shares, key=lambda name: shares[name], default="")


def _no_segment() -> NotFound:
    return NotFound(
        _("This passage of the transcript is not there any more."),
        _("It was transcribed again meanwhile; look for its words in the new text."),
    )
