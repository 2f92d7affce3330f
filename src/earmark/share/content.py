"""What a share holds, as one frozen value: every form of Share is written from it alone.

What is private, off the record or not chosen is not in it, so no form can let it slip out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from earmark.model import (
    Anchor,
    Bookmark,
    Busy,
    EarmarkError,
    Frames,
    LineId,
    Milliseconds,
    NoteLine,
    NotFound,
    Picture,
    PictureId,
    SampleRate,
    Session,
    Span,
    Take,
    TakeId,
    TakeState,
    Timeline,
    TimeRun,
    ms_to_frames,
    tidy_runs,
)
from earmark.model.i18n import _

from .cuts import Kept, joined, without
from .shared_words import SharedSegment, shared_transcript, timed_segments

BREATH_MS = 400
"""Silence between two stretches of a selection."""
_AT_LEAST_MS, _AT_MOST_MS = 10_000, 60_000
"""How long after a chosen line's moment its stretch goes on: to the next line, within these."""


class Only(StrEnum):
    """Which lines are shared, and with a selection, only the sound around them."""

    EVERYTHING = "everything"
    MARKED = "marked"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class ShareOptions:
    """What the person chose. `line` counts only with `Only.LINE`. Private lines never leave."""

    only: Only = Only.EVERYTHING
    line: LineId | None = None
    audio: bool = True
    """False: the notes alone (nothing recorded, or its file is missing)."""
    transcript: bool = True
    look_back_ms: int = 3_000
    """How long before its moment a click on a line or word begins to play."""
    lines: tuple[LineId, ...] = ()
    """With `Only.LINE`, several lines instead of one."""


@dataclass(frozen=True, slots=True)
class SharedRun:
    """`text` of a line from code point `offset` on, written at `ms` of the shared timeline."""

    offset: int
    text: str
    ms: Milliseconds | None


@dataclass(frozen=True, slots=True)
class SharedLine:
    """A line with its times on the shared timeline. `ordinal` counts from 1 in what is shared.

    `ms` is None without an anchor and for a moment of another session. `end_ms` is when the next
    later line begins, or the end of everything: for cues, which need an end.
    """

    ordinal: int
    line: NoteLine
    ms: Milliseconds | None
    end_ms: Milliseconds | None
    runs: tuple[SharedRun, ...]

    @property
    def id(self) -> LineId:
        return self.line.id


@dataclass(frozen=True, slots=True)
class SharedBookmark:
    """A bookmark on the shared timeline."""

    bookmark: Bookmark
    ms: Milliseconds


@dataclass(frozen=True, slots=True)
class SharedPicture:
    """A picture that a shared line shows. `file` is relative to the library folder, with `/`."""

    id: PictureId
    file: str
    alt: str


@dataclass(frozen=True, slots=True)
class SharedTake:
    """Where a take's files stand (relative to the library). `whole`: nothing is cut out of it."""

    id: TakeId
    file: str
    whole: bool
    original: str | None
    peaks: str | None


@dataclass(frozen=True, slots=True)
class AudioPiece:
    """Frames `[start, start + frames)` of a take's file, or silence where `file` is None.

    The pieces in order are the shared sound. Gaps of the device are silence in the file already.
    """

    take: TakeId
    file: str | None
    start: Frames
    frames: Frames
    sample_rate: SampleRate


@dataclass(frozen=True, slots=True)
class ShareContent:
    """Everything a share holds.

    `session` is the session as others get it: chosen lines only, no library paths, its own takes
    without what was cut (`file`, `peaks`, `journal`, `original` None, `off_record` empty) and
    every anchor moved accordingly. Its `timeline` is the shared sound's, so times in ms below and
    frames in `session` say the same. Takes of other sessions carry no time here.
    """

    session: Session
    options: ShareOptions
    lines: tuple[SharedLine, ...]
    bookmarks: tuple[SharedBookmark, ...]
    pictures: tuple[SharedPicture, ...]
    segments: tuple[SharedSegment, ...]
    takes: tuple[SharedTake, ...]
    audio_plan: tuple[AudioPiece, ...]
    timeline: Timeline = field(repr=False, compare=False)

    @property
    def title(self) -> str:
        return self.session.title

    @property
    def event(self) -> str:
        return self.session.event.title if self.session.event else ""

    @property
    def date(self) -> datetime:
        return self.session.created_at

    @property
    def duration_ms(self) -> Milliseconds:
        return self.timeline.duration_ms

    @property
    def look_back_ms(self) -> int:
        return self.options.look_back_ms

    @property
    def has_audio(self) -> bool:
        return bool(self.audio_plan)


def share_content(session: Session, options: ShareOptions | None = None) -> ShareContent:
    """What of the session is shared with these options.

    Raises Busy while a take is recorded (or is not in its kept form yet, and sound is asked for),
    NotFound for a line that is not there, EarmarkError for a private one or where none is marked.
    """
    options = options or ShareOptions()
    own = session.timeline.takes
    _refuse_unfinished(own, options)
    lines = _chosen(session, options)
    kept = {take.id: _kept(take, session, lines, options) for take in own}
    shared = _shared_session(session, lines, kept, options)
    timeline = shared.timeline
    return ShareContent(
        session=shared,
        options=options,
        lines=_timed_lines(shared.lines, timeline),
        bookmarks=tuple(
            SharedBookmark(mark, ms)
            for mark in shared.bookmarks
            if (ms := timeline.to_ms(mark.anchor)) is not None
        ),
        pictures=tuple(
            SharedPicture(p.id, f"{session.folder}/{p.file}", p.alt) for p in shared.pictures
        ),
        segments=timed_segments(shared.transcript, timeline),
        takes=tuple(_files(take, kept[take.id]) for take in own if take.file and options.audio),
        audio_plan=tuple(_plan(own, kept)) if options.audio else (),
        timeline=timeline,
    )


def _refuse_unfinished(takes: Iterable[Take], options: ShareOptions) -> None:
    for take in takes:
        if take.state is TakeState.RECORDING:
            raise Busy(
                _("This session is being recorded."), _("Stop the recording, then share it.")
            )
        if options.audio and take.frames and take.file is None:
            if take.state is not TakeState.SEALED:  # these notes came without their sound
                raise NotFound(
                    _("The sound of this session is not in the library."),
                    _("Share the notes alone."),
                )
            raise Busy(
                _("The sound of this session is still being saved."),
                _("Try again in a moment, or share the notes alone."),
            )


def _chosen(session: Session, options: ShareOptions) -> tuple[NoteLine, ...]:
    public = tuple(line for line in session.lines if not line.private)
    if options.only is Only.MARKED:
        marked = tuple(line for line in public if line.marks)
        if not marked:
            raise EarmarkError(
                _("No line of this session is marked."),
                _("Mark the lines to be shared, or share everything."),
            )
        return marked
    if options.only is Only.LINE:
        wanted = set(options.lines or (options.line,))
        found = tuple(line for line in session.lines if line.id in wanted)
        if len(found) < len(wanted):
            raise NotFound(_("There is no such line in this session."))
        if any(line.private for line in found):
            raise EarmarkError(
                _("This line is private: private lines never leave the library."),
                _("Make the line public first, or choose another one."),
            )
        return found
    return public


def _kept(take: Take, session: Session, lines: tuple[NoteLine, ...], options: ShareOptions) -> Kept:
    whole = [Span(Frames(0), take.frames)]
    if options.only is Only.EVERYTHING:
        return Kept(without(whole, take.off_record, take.frames))
    stretches = _stretches(take, session, lines, options.look_back_ms)
    breath = ms_to_frames(BREATH_MS, take.sample_rate)
    return Kept(without(stretches, take.off_record, take.frames), breath)


def _stretches(
    take: Take, session: Session, lines: tuple[NoteLine, ...], look_back_ms: int
) -> list[Span]:
    """The sound around the chosen lines' moments in this take."""

    def frames(ms: int) -> int:
        return ms_to_frames(ms, take.sample_rate)

    starts = sorted(
        {line.anchor.frame for line in session.lines if line.anchor and line.anchor.take == take.id}
    )
    spans: list[Span] = []
    for line in lines:
        moments = {run.anchor for run in line.runs} | {line.anchor}
        for moment in sorted(m.frame for m in moments if m is not None and m.take == take.id):
            after = next((s for s in starts if s > moment), take.frames)
            end = min(max(after, moment + frames(_AT_LEAST_MS)), moment + frames(_AT_MOST_MS))
            start = moment - frames(look_back_ms)
            spans.append(Span(Frames(start), Frames(end - start)))
    return joined(spans, take.frames)


def _shared_session(
    session: Session,
    lines: tuple[NoteLine, ...],
    kept: dict[TakeId, Kept],
    options: ShareOptions,
) -> Session:
    def moved(anchor: Anchor | None) -> Anchor | None:
        if anchor is None or anchor.take not in kept:
            return anchor
        return Anchor(anchor.take, kept[anchor.take].moved(anchor.frame))

    def line(before: NoteLine) -> NoteLine:
        runs = tuple(TimeRun(run.offset, moved(run.anchor)) for run in before.runs)
        runs = tidy_runs(before.text, runs)
        return replace(before, anchor=moved(before.anchor), runs=runs)

    pointed = {anchor.take for each in lines for anchor in each.anchors}
    shown = {each.picture for each in lines}
    bookmarks = tuple(
        replace(
            mark, anchor=Anchor(mark.anchor.take, kept[mark.anchor.take].moved(mark.anchor.frame))
        )
        for mark in session.bookmarks
        if mark.anchor.take in kept and kept[mark.anchor.take].holds(mark.anchor.frame)
    )
    return replace(
        session,
        folder="",
        takes=tuple(
            _shared_take(take, kept.get(take.id))
            for take in session.takes
            if take.session is None or take.id in pointed
        ),
        lines=tuple(line(each) for each in lines),
        bookmarks=bookmarks,
        transcript=shared_transcript(session.transcript, kept) if options.transcript else None,
        pictures=tuple(Picture(p.id, p.file, p.alt) for p in session.pictures if p.id in shown),
    )


def _shared_take(take: Take, kept: Kept | None) -> Take:
    return replace(
        take,
        frames=take.frames if kept is None else kept.frames,
        gaps=() if kept is None else kept.gaps(take.gaps),
        file=None,
        journal=None,
        peaks=None,
        original=None,
        off_record=(),
    )


def _timed_lines(lines: tuple[NoteLine, ...], timeline: Timeline) -> tuple[SharedLine, ...]:
    times = [timeline.to_ms(line.anchor) if line.anchor else None for line in lines]
    ordered = sorted({ms for ms in times if ms is not None})
    after = dict(zip(ordered, [*ordered[1:], timeline.duration_ms], strict=False))
    return tuple(
        SharedLine(
            ordinal, line, ms, None if ms is None else max(ms, after[ms]), _runs(line, timeline)
        )
        for ordinal, (line, ms) in enumerate(zip(lines, times, strict=True), start=1)
    )


def _runs(line: NoteLine, timeline: Timeline) -> tuple[SharedRun, ...]:
    ends = [*(run.offset for run in line.runs[1:]), len(line.text)][: len(line.runs)]
    return tuple(
        SharedRun(
            run.offset,
            line.text[run.offset : end],
            timeline.to_ms(run.anchor) if run.anchor else None,
        )
        for run, end in zip(line.runs, ends, strict=True)
    )


def _files(take: Take, kept: Kept) -> SharedTake:
    whole = [(p.start, p.end) for p in kept.pieces] == [(0, take.frames)]
    return SharedTake(take.id, take.file or "", whole, take.original, take.peaks)


def _plan(takes: Iterable[Take], kept: dict[TakeId, Kept]) -> Iterable[AudioPiece]:
    for take in takes:
        at = 0
        for piece in kept[take.id].pieces:
            if piece.at > at:
                yield AudioPiece(take.id, None, Frames(0), Frames(piece.at - at), take.sample_rate)
            length = piece.end - piece.start
            yield AudioPiece(
                take.id, take.file, Frames(piece.start), Frames(length), take.sample_rate
            )
            at = piece.at + length
