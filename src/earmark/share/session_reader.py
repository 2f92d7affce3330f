"""A stranger's `earmark.pencast/1` form back as a session: every value checked, none believed.

Unknown members are passed over (a newer Earmark of the same version may write them); whatever is
known must be as the schema says, or the whole share is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from earmark.model import (
    Anchor,
    Bookmark,
    Event,
    EventId,
    LineId,
    NoteLine,
    Picture,
    PictureId,
    Session,
    SessionId,
    Take,
    TakeId,
    Transcript,
    safe_line,
    safe_title,
)
from earmark.model.forms import SCHEMA as SESSION_SCHEMA

from .fields import Fields, moment
from .form import check_schema
from .jsonstream import JsonStream
from .parts import MAX_TEXT, bookmark_from, line_from, segment_from, take_from
from .refusals import MalformedShare

MAX_TAKES = 2_000
MAX_LINES = 50_000
MAX_RUNS = 400_000
MAX_WORDS = 400_000
MAX_SEGMENTS = 100_000
MAX_BOOKMARKS = 20_000
MAX_PICTURES = 2_000


@dataclass(frozen=True, slots=True)
class SoundNames:
    """Where a bundle says that a take's files stand in it."""

    file: str | None
    original: str | None


@dataclass(frozen=True, slots=True)
class Restored:
    """What a form says. The takes and pictures of `session` carry no files yet.

    `sounds`: the takes the share says it brings sound of, in order. `sound_type`: of the one
    stream an .html holds, or "".
    """

    session: Session
    look_back_ms: int
    only: str
    sounds: dict[TakeId, SoundNames]
    sound_type: str


def read_form(stream: JsonStream) -> Restored:
    """Reads the form to its end. Raises Unsound; EarmarkError for one of a newer version."""
    look_back, only = 3_000, "everything"
    session: Session | None = None
    sounds: dict[TakeId, SoundNames] = {}
    sound_type = ""
    first = True
    for name in stream.members():
        if first and name != "schema":
            raise MalformedShare("a form without its schema")
        first = False
        if name == "schema":
            check_schema(stream.value())
        elif name == "look_back_ms":
            look_back = Fields({name: stream.value()}).count(name, 600_000)
        elif name == "only":
            only = Fields({name: stream.value()}).text(name, 40)
        elif name == "session":
            session = _Reading(stream).session()
        elif name == "audio":
            if not stream.null():
                sound_type, sounds = _sound(Fields(stream.value()))
        else:
            stream.value()
    stream.end()
    if session is None:
        raise MalformedShare("a form without a session")
    own = {take.id for take in session.takes if take.session is None}
    if not sounds.keys() <= own:
        raise MalformedShare("sound of a take that is not there")
    return Restored(session, look_back, only, sounds, sound_type)


def _sound(form: Fields) -> tuple[str, dict[TakeId, SoundNames]]:
    sounds: dict[TakeId, SoundNames] = {}
    for entry in form.list("takes", MAX_TAKES):
        take = TakeId(entry.id("take"))
        if take in sounds:
            raise MalformedShare("sound of a take twice")
        sounds[take] = SoundNames(entry.name("file"), entry.name("original"))
    return form.text("type", 100, ""), sounds


class _Reading:
    """One pass over the `session` member."""

    def __init__(self, stream: JsonStream) -> None:
        self._stream = stream
        self._head: dict[str, Any] = {}
        self._takes: list[Take] = []
        self._lines: list[NoteLine] = []
        self._bookmarks: list[Bookmark] = []
        self._pictures: list[Picture] = []
        self._shown: dict[str, PictureId] = {}
        self._transcript: Transcript | None = None
        self._runs = self._words = 0

    def session(self) -> Session:
        stream = self._stream
        for name in stream.members():
            match name:
                case "takes":
                    self._each(take_from, self._takes, MAX_TAKES)
                case "lines":
                    self._each(self._line, self._lines, MAX_LINES)
                case "bookmarks":
                    self._each(bookmark_from, self._bookmarks, MAX_BOOKMARKS)
                case "pictures":
                    self._each(self._picture, self._pictures, MAX_PICTURES)
                case "transcript":
                    if not stream.null():
                        self._transcript = self._read_transcript()
                case _:
                    self._head[name] = stream.value()
        return self._checked()

    def _each(self, make: Any, into: list[Any], most: int) -> None:
        for _one in self._stream.elements():
            if len(into) >= most:
                raise MalformedShare("too many entries")
            into.append(make(Fields(self._stream.value())))

    def _line(self, form: Fields) -> NoteLine:
        line = line_from(form)
        self._runs += len(line.runs)
        if self._runs > MAX_RUNS:
            raise MalformedShare("too many time runs")
        return line

    def _picture(self, form: Fields) -> Picture:
        picture = Picture(PictureId(form.id("id")), "", safe_line(form.text("alt", MAX_TEXT, "")))
        lines = [line for line in (form.id("line", None), *form.ids("lines")) if line is not None]
        for line in lines:
            self._shown[line] = picture.id
        return picture

    def _read_transcript(self) -> Transcript:
        head: dict[str, Any] = {}
        segments: list[Any] = []

        def segment(form: Fields) -> Any:
            made = segment_from(form)
            self._words += len(made.words)
            if self._words > MAX_WORDS:
                raise MalformedShare("too many words")
            return made

        for name in self._stream.members():
            if name == "segments":
                self._each(segment, segments, MAX_SEGMENTS)
            else:
                head[name] = self._stream.value()
        told = Fields(head)
        engine, model, language = (
            safe_line(told.text(key, 10_000, "")) for key in ("engine", "model", "language")
        )
        return Transcript(engine, model, language, tuple(segments))

    def _checked(self) -> Session:
        head = Fields(self._head)
        if head.text("schema", 100) != SESSION_SCHEMA:
            raise MalformedShare("notes of an unknown form")
        event = safe_title(head.text("event", 10_000, ""))
        lines = tuple(
            replace(line, picture=self._shown[line.id]) if line.id in self._shown else line
            for line in self._lines
        )
        session = Session(
            SessionId(head.id("id")),
            safe_title(head.text("title", 10_000, "")),
            moment(head.text("created_at", 60)),
            "",
            Event(EventId(""), event) if event else None,
            safe_line(head.text("place", MAX_TEXT, "")).strip(),
            safe_line(head.text("summary", MAX_TEXT, "")).strip(),
            tuple(self._takes),
            lines,
            tuple(self._bookmarks),
            tuple(self._pictures),
            self._transcript,
            frozenset(LineId(line) for line in head.ids("late_refused")),
        )
        _check_links(session, frozenset(TakeId(take) for take in head.ids("elsewhere")))
        if not self._shown.keys() <= {line.id for line in lines}:
            raise MalformedShare("a picture of a line that is not there")
        return session


def _check_links(session: Session, elsewhere: frozenset[TakeId]) -> None:
    """Ids once each; every moment inside a take that is there, a line's also in one `elsewhere`."""
    for ids in (
        [take.id for take in session.takes],
        # what their files are named by
        [f"{t.ordinal} {t.id[:6].lower()}" for t in session.takes if t.session is None],
        [line.id for line in session.lines],
        [mark.id for mark in session.bookmarks],
        [picture.id for picture in session.pictures],
    ):
        if len(set(ids)) != len(ids):
            raise MalformedShare("an id twice")
    takes = {take.id: take for take in session.takes}

    def check(anchor: Anchor) -> None:
        take = takes.get(anchor.take)
        if take is None or (take.session is None and anchor.frame > take.frames):
            raise MalformedShare("a moment that is nowhere")

    for line in session.lines:
        for anchor in line.anchors:
            if anchor.take in takes or anchor.take not in elsewhere:
                check(anchor)
    for mark in session.bookmarks:
        check(mark.anchor)
    for segment in session.transcript.segments if session.transcript else ():
        check(Anchor(segment.take, segment.end))
        if takes[segment.take].session is not None:
            raise MalformedShare("a passage of another session")
