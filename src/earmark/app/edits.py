"""What a person changes, as values: each can be carried out, kept in a file, and carried out later.

`apply` saves it in the library. `restore` does the same after a time in which the library was out
of reach: what is saved already is left, and what became newer meanwhile is not overwritten.
`looked_at` notes how the library has it now, so that `restore` can tell newer from older.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, Self

from earmark.model import (
    Anchor,
    Bookmark,
    BookmarkId,
    Changes,
    EventId,
    Frames,
    LineId,
    NoteLine,
    NotesEdit,
    NotFound,
    SegmentId,
    SessionId,
    TakeId,
)
from earmark.model.i18n import _

from .wallclock import default_title, local_now

if TYPE_CHECKING:
    from earmark.library import Library

Form = dict[str, Any]
WriteSettings = Callable[["Library", Mapping[str, Any], Mapping[str, Any] | None], None]
"""Writes these fields; the last argument, where given, is what they have to be until then."""


@dataclass(frozen=True)
class Target:
    """Where edits go: the open library, and the settings beside its database."""

    library: Library
    write_settings: WriteSettings


class Edit(ABC):
    """One change that a person made. Edits with the same `key` are joined to one by `then`."""

    kind: ClassVar[str]

    @property
    def key(self) -> tuple[str, ...] | None:
        """What it is about; None: it stays apart from every other."""
        return None

    def then(self, newer: Self) -> Self:
        """Both as one."""
        return newer

    @abstractmethod
    def apply(self, target: Target) -> Changes:
        """Saves it, durably. Raises EarmarkError with nothing changed."""

    def restore(self, target: Target) -> Changes:
        """Saves what of it is still missing."""
        return self.apply(target)

    def looked_at(self, library: Library) -> Self:  # noqa: ARG002 - most have nothing to look at
        """The same, with what the library holds in its place."""
        return self

    @property
    def thing(self) -> str:
        """What it is, for a sentence that tells of it; empty where nobody has to know."""
        return ""

    @abstractmethod
    def form(self) -> Form:
        """As JSON, without its kind."""

    @classmethod
    @abstractmethod
    def of(cls, form: Form) -> Edit:
        """From JSON. Raises ValueError, TypeError or LookupError for what is none."""


@dataclass(frozen=True)
class NewSession(Edit):
    """A session made by this program."""

    session: SessionId
    title: str
    created_at: datetime
    event: EventId | None = None

    kind = "session"

    @property
    def key(self) -> tuple[str, ...]:
        return self.kind, self.session

    def apply(self, target: Target) -> Changes:
        target.library.create_session(
            self.title, event=self.event, created_at=self.created_at, id=self.session
        )
        return Changes(sessions=frozenset({self.session}), titles=True)

    def form(self) -> Form:
        return {
            "session": self.session,
            "title": self.title,
            "created_at": self.created_at.isoformat(),
            "event": self.event,
        }

    @classmethod
    def of(cls, form: Form) -> Edit:
        event = form["event"]
        return cls(
            SessionId(_text(form["session"])),
            _text(form["title"]),
            datetime.fromisoformat(form["created_at"]),
            None if event is None else EventId(_text(event)),
        )


def joined(first: NotesEdit | None, then: NotesEdit) -> NotesEdit:
    """Two edits as one: later lines win, and a line that came back is not removed."""
    if first is None:
        return then
    changed = {line.id: line for line in (*first.changed, *then.changed)}
    there = set(then.order)
    removed = dict.fromkeys((*first.removed, *then.removed))
    return NotesEdit(
        then.order,
        tuple(line for line in changed.values() if line.id in there),
        tuple(line for line in removed if line not in there),
    )


@dataclass(frozen=True)
class NotesOf(Edit):
    """What was typed into a session. `before`: a print of each line as the library has it."""

    session: SessionId
    edit: NotesEdit
    before: Mapping[LineId, str] = field(default_factory=dict)

    kind = "notes"

    @property
    def key(self) -> tuple[str, ...]:
        return self.kind, self.session

    def then(self, newer: Self) -> Self:
        return dataclasses.replace(newer, edit=joined(self.edit, newer.edit), before=self.before)

    def apply(self, target: Target) -> Changes:
        try:
            return target.library.save_notes(self.session, self.edit)
        except NotFound:  # its row is not there (any more): what was typed is not given up for that
            now = local_now()
            target.library.create_session(default_title(now), created_at=now, id=self.session)
            changes = target.library.save_notes(self.session, self.edit)
            return dataclasses.replace(changes, titles=True)

    def restore(self, target: Target) -> Changes:
        there = _lines(target.library, self.session, self._ids())
        changed: list[NoteLine] = []
        beside: dict[LineId, LineId] = {}
        for line in self.edit.changed:
            now = there.get(line.id)
            if now is None or self._is_older(line.id, now):
                changed.append(line)
            elif _print(now) != _print(line) and now.text != line.text:
                extra = LineId(hashlib.sha256(f"{line.id} {line.text}".encode()).hexdigest()[:16])
                beside[line.id] = extra
                changed.append(dataclasses.replace(line, id=extra))
        order = [id_ for one in self.edit.order for id_ in (one, beside.get(one)) if id_]
        removed = tuple(
            line
            for line in self.edit.removed
            if (now := there.get(line)) is not None and self._is_older(line, now)
        )
        edit = NotesEdit(tuple(order), tuple(changed), removed)
        return dataclasses.replace(self, edit=edit).apply(target)

    def looked_at(self, library: Library) -> Self:
        unknown = [line for line in self._ids() if line not in self.before]
        found = _lines(library, self.session, unknown)
        prints = {line: _print(found[line]) if line in found else "" for line in unknown}
        return dataclasses.replace(self, before={**self.before, **prints})

    def _ids(self) -> list[LineId]:
        return [*(line.id for line in self.edit.changed), *self.edit.removed]

    def _is_older(self, line: LineId, now: NoteLine) -> bool:
        """Whether the library still has it as it was before this edit."""
        return line not in self.before or self.before[line] == _print(now)

    @property
    def thing(self) -> str:
        return _("notes")

    def form(self) -> Form:
        return {
            "session": self.session,
            "order": list(self.edit.order),
            "changed": [line_form(line) for line in self.edit.changed],
            "removed": list(self.edit.removed),
            "before": dict(self.before),
        }

    @classmethod
    def of(cls, form: Form) -> Edit:
        return cls(
            SessionId(_text(form["session"])),
            NotesEdit(
                tuple(LineId(_text(one)) for one in form["order"]),
                tuple(line_of_form(one) for one in form["changed"]),
                tuple(LineId(_text(one)) for one in form["removed"]),
            ),
            {LineId(_text(line)): _text(print_) for line, print_ in form["before"].items()},
        )


@dataclass(frozen=True)
class Details(Edit):
    """The title, place or summary of a session; None leaves as it is."""

    session: SessionId
    title: str | None = None
    place: str | None = None
    summary: str | None = None
    before: Mapping[str, str] = field(default_factory=dict)

    kind = "details"

    @property
    def key(self) -> tuple[str, ...]:
        return self.kind, self.session

    def given(self) -> dict[str, Any]:
        every = {"title": self.title, "place": self.place, "summary": self.summary}
        return {name: text for name, text in every.items() if text is not None}

    def then(self, newer: Self) -> Self:
        return dataclasses.replace(self, **newer.given())

    def apply(self, target: Target) -> Changes:
        changes = Changes()
        if self.title is not None:
            changes = target.library.rename_session(self.session, self.title)
        if self.place is not None or self.summary is not None:
            place, summary = self.place, self.summary
            changes = target.library.set_details(self.session, place=place, summary=summary)
        return dataclasses.replace(changes, titles=self.title is not None, details=True)

    def restore(self, target: Target) -> Changes:
        now = _details(target.library, self.session)
        newer = [
            name for name in self.given() if name in self.before and now[name] != self.before[name]
        ]
        nothing: dict[str, Any] = dict.fromkeys(newer)
        return dataclasses.replace(self, **nothing).apply(target)

    def looked_at(self, library: Library) -> Self:
        now = _details(library, self.session)
        given = {name: now[name] for name in self.given()}
        return dataclasses.replace(self, before={**given, **self.before})

    @property
    def thing(self) -> str:
        return _("titles") if self.title is not None else _("details")

    def form(self) -> Form:
        return {"session": self.session, **self.given(), "before": dict(self.before)}

    @classmethod
    def of(cls, form: Form) -> Edit:
        names = ("title", "place", "summary")
        given = {name: _text(form[name]) for name in names if name in form}
        before = {str(name): _text(text) for name, text in form["before"].items()}
        return cls(SessionId(_text(form["session"])), **given, before=before)


@dataclass(frozen=True)
class PassageText(Edit):
    """A passage's words as the person mended them."""

    session: SessionId
    segment: SegmentId
    text: str
    before: str | None = None

    kind = "passage"

    @property
    def key(self) -> tuple[str, ...]:
        return self.kind, self.session, self.segment

    def then(self, newer: Self) -> Self:
        return dataclasses.replace(newer, before=self.before)

    def apply(self, target: Target) -> Changes:
        return target.library.edit_segment(self.session, self.segment, self.text)

    def restore(self, target: Target) -> Changes:
        now = _passage(target.library, self.session, self.segment)
        if now == self.text or (None not in (now, self.before) and now != self.before):
            return Changes()
        return self.apply(target)

    def looked_at(self, library: Library) -> Self:
        if self.before is not None:
            return self
        before = _passage(library, self.session, self.segment)
        return dataclasses.replace(self, before=before)

    @property
    def thing(self) -> str:
        return _("words of the transcript")

    def form(self) -> Form:
        return {
            "session": self.session,
            "segment": self.segment,
            "text": self.text,
            "before": self.before,
        }

    @classmethod
    def of(cls, form: Form) -> Edit:
        before = form["before"]
        return cls(
            SessionId(_text(form["session"])),
            SegmentId(_text(form["segment"])),
            _text(form["text"]),
            None if before is None else _text(before),
        )


@dataclass(frozen=True)
class Speaker(Edit):
    """Who speaks: in these passages, or (without any) wherever it was `old`."""

    session: SessionId
    name: str
    segments: tuple[SegmentId, ...] = ()
    old: str = ""

    kind = "speaker"

    def apply(self, target: Target) -> Changes:
        if self.segments:
            return target.library.set_speaker(self.session, self.segments, self.name)
        return target.library.rename_speaker(self.session, self.old, self.name)

    @property
    def thing(self) -> str:
        return _("names of speakers")

    def form(self) -> Form:
        return {
            "session": self.session,
            "name": self.name,
            "segments": list(self.segments),
            "old": self.old,
        }

    @classmethod
    def of(cls, form: Form) -> Edit:
        return cls(
            SessionId(_text(form["session"])),
            _text(form["name"]),
            tuple(SegmentId(_text(one)) for one in form["segments"]),
            _text(form["old"]),
        )


@dataclass(frozen=True)
class LateRefusal(Edit):
    """Whether a line plays from its own moment."""

    session: SessionId
    line: LineId
    refused: bool

    kind = "late-refusal"

    @property
    def key(self) -> tuple[str, ...]:
        return self.kind, self.session, self.line

    def apply(self, target: Target) -> Changes:
        return target.library.refuse_late(self.session, self.line, self.refused)

    @property
    def thing(self) -> str:
        return _("notes")

    def form(self) -> Form:
        return {"session": self.session, "line": self.line, "refused": self.refused}

    @classmethod
    def of(cls, form: Form) -> Edit:
        session, line = SessionId(_text(form["session"])), LineId(_text(form["line"]))
        return cls(session, line, bool(form["refused"]))


@dataclass(frozen=True)
class BookmarkOf(Edit):
    """A bookmark put somewhere, or (without a place) taken away."""

    session: SessionId
    id: BookmarkId
    bookmark: Bookmark | None

    kind = "bookmark"

    @property
    def key(self) -> tuple[str, ...]:
        return self.kind, self.session, self.id

    def apply(self, target: Target) -> Changes:
        if self.bookmark is None:
            return target.library.remove_bookmark(self.session, self.id)
        return target.library.add_bookmark(self.session, self.bookmark)

    @property
    def thing(self) -> str:
        return _("bookmarks")

    def form(self) -> Form:
        mark = self.bookmark
        return {
            "session": self.session,
            "id": self.id,
            "at": None if mark is None else [mark.anchor.take, mark.anchor.frame],
            "label": "" if mark is None else mark.label,
        }

    @classmethod
    def of(cls, form: Form) -> Edit:
        session, id_ = SessionId(_text(form["session"])), BookmarkId(_text(form["id"]))
        if form["at"] is None:
            return cls(session, id_, None)
        take, frame = form["at"]
        anchor = Anchor(TakeId(_text(take)), Frames(int(frame)))
        return cls(session, id_, Bookmark(id_, anchor, _text(form["label"])))


@dataclass(frozen=True)
class SettingsOf(Edit):
    """Settings, by their names. `before`: what the file had."""

    fields: Mapping[str, Any]
    before: Mapping[str, Any] = field(default_factory=dict)

    kind = "settings"

    @property
    def key(self) -> tuple[str, ...]:
        return (self.kind,)

    def then(self, newer: Self) -> Self:
        return dataclasses.replace(
            self,
            fields={**self.fields, **newer.fields},
            before={**newer.before, **self.before},
        )

    def apply(self, target: Target) -> Changes:
        target.write_settings(target.library, self.fields, None)
        return Changes()

    def restore(self, target: Target) -> Changes:
        target.write_settings(target.library, self.fields, self.before)
        return Changes()

    @property
    def thing(self) -> str:
        return _("settings") if self.fields.keys() - _OF_THE_WINDOW else ""

    def form(self) -> Form:
        return {"fields": dict(self.fields), "before": dict(self.before)}

    @classmethod
    def of(cls, form: Form) -> Edit:
        return cls(dict(form["fields"]), dict(form["before"]))


_OF_THE_WINDOW = {"window", "window_state"}
"""Where the window stood: nobody has to be told of that."""
_KINDS: dict[str, type[Edit]] = {
    one.kind: one
    for one in (
        *(NewSession, NotesOf, Details, PassageText, Speaker, LateRefusal, BookmarkOf, SettingsOf),
    )
}


def edit_form(edit: Edit) -> Form:
    """The edit as JSON."""
    return {"kind": edit.kind, **edit.form()}


def edit_of_form(form: Form) -> Edit:
    """The edit that `edit_form` made this of. Raises ValueError for anything else."""
    try:
        return _KINDS[form["kind"]].of(form)
    except (TypeError, LookupError, AttributeError) as error:
        raise ValueError("no edit") from error


def line_form(line: NoteLine) -> Form:
    """A line as its row has it."""
    from earmark.library.rows import line_values

    values = line_values(SessionId(""), line)
    del values["session_id"]
    return values


def line_of_form(form: Form) -> NoteLine:
    from earmark.library.rows import line_from

    row: Any = SimpleNamespace(**form)
    return line_from(row)


def _print(line: NoteLine) -> str:
    """Short for everything the line holds."""
    text = json.dumps(line_form(line), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _lines(library: Library, session: SessionId, ids: Iterable[LineId]) -> dict[LineId, NoteLine]:
    wanted, found = list(ids), {}
    for start in range(0, len(wanted), 500):
        for line in library.lines(session, wanted[start : start + 500]):
            found[line.id] = line
    return found


def _details(library: Library, session: SessionId) -> dict[str, str]:
    there = library.session(session, transcript=False)
    return {"title": there.title, "place": there.place, "summary": there.summary}


def _passage(library: Library, session: SessionId, segment: SegmentId) -> str | None:
    transcript = library.session(session).transcript
    there = transcript.segments if transcript is not None else ()
    return next((one.text for one in there if one.id == segment), None)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
