"""What the person chose in the sheet, and what would come of it: pure, for any thread."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from earmark.app.sharing import AudioForm, FormSpec, Only, ShareForm, ShareOptions, WriteOptions
from earmark.model import EarmarkError, LineId, Session
from earmark.share.content import share_content

Estimate = Callable[[Session, ShareForm, ShareOptions, WriteOptions], int]


@dataclass(frozen=True, slots=True)
class Choice:
    """One set of choices. `chosen`: the lines that `Only.LINE` stands for."""

    only: Only = Only.EVERYTHING
    chosen: tuple[LineId, ...] = ()
    form: ShareForm = ShareForm.HTML
    audio: bool = True
    transcript: bool = True
    smaller: bool = False
    even_loudness: bool = False
    base_url: str = ""

    @property
    def spec(self) -> FormSpec:
        return self.form.spec

    def options(self, look_back_ms: int) -> ShareOptions:
        """As the writers take it."""
        chosen = self.chosen if self.only is Only.LINE else ()
        return ShareOptions(
            self.only,
            audio=self.audio,
            transcript=self.transcript,
            look_back_ms=look_back_ms,
            lines=chosen,
        )

    @property
    def audio_form(self) -> AudioForm:
        return AudioForm.OPUS if self.smaller and self.spec.encodes else AudioForm.M4A

    def write(self) -> WriteOptions:
        """As the writers take it."""
        even = self.even_loudness and self.spec.encodes
        return WriteOptions(self.audio_form, None, even, self.base_url)


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a session can be chosen. `chosen`: the line with the caret or the selected ones, as
    far as they may go; `chosen_text`: the words of the first that has any."""

    title: str
    lines: int
    marked: int
    private: int
    has_transcript: bool
    has_sound: bool
    chosen: tuple[LineId, ...] = ()
    chosen_text: str = ""
    chosen_private: int = 0


def facts_of(session: Session, lines: Collection[LineId] = ()) -> Facts:
    """Counts what may leave and what stays."""
    public = [each for each in session.lines if not each.private and _says(each)]
    chosen = [each for each in public if each.id in lines]
    segments = session.transcript.segments if session.transcript else ()
    return Facts(
        title=session.title,
        lines=len(public),
        marked=sum(bool(each.marks) for each in public),
        private=sum(each.private for each in session.lines),
        has_transcript=bool(segments),
        has_sound=session.timeline.duration_ms > 0,
        chosen=tuple(each.id for each in chosen),
        chosen_text=next((each.text for each in chosen if each.text.strip()), ""),
        chosen_private=sum(each.private for each in session.lines if each.id in lines),
    )


def _says(line: object) -> bool:
    return bool(getattr(line, "text", "") or getattr(line, "picture", None))


@dataclass(frozen=True, slots=True)
class ShareOutlook:
    """What the share will hold, or why there can be none.

    `refused` with `notes_help`: it would work without sound. `missing`: names of sound files
    that are not there.
    """

    lines: int = 0
    pictures: int = 0
    duration_ms: int = 0
    transcript: bool = False
    bytes: int | None = None
    refused: EarmarkError | None = None
    notes_help: bool = False
    missing: tuple[str, ...] = ()


def outlook(
    session: Session,
    choice: Choice,
    look_back_ms: int,
    library: Path,
    estimate: Estimate,
    *,
    sound_beside: bool = False,
) -> ShareOutlook:
    """Looks at what would be shared; may read the sizes of pictures and look for sound files.

    `sound_beside`: the sound lies beside the page, as in the report of an event.
    """
    options = choice.options(look_back_ms)
    try:
        content = share_content(session, options)
    except EarmarkError as error:
        return ShareOutlook(refused=error, notes_help=_notes_help(session, choice, look_back_ms))
    files = {piece.file for piece in content.audio_plan if piece.file is not None}
    missing = tuple(sorted(Path(file).name for file in files if not (library / file).is_file()))
    lines = sum(_says(shared.line) for shared in content.lines)
    held = content.has_audio and choice.spec.sound
    return ShareOutlook(
        lines=lines,
        pictures=len(content.pictures),
        duration_ms=content.duration_ms if held else 0,
        transcript=bool(content.segments) and choice.spec.transcript,
        bytes=_page_and_sound(session, choice, options, estimate)
        if sound_beside
        else estimate(session, choice.form, options, choice.write()),
        missing=missing if held else (),
    )


def _page_and_sound(
    session: Session, choice: Choice, options: ShareOptions, estimate: Estimate
) -> int:
    page = estimate(session, ShareForm.HTML, replace(options, audio=False), choice.write())
    if not session.timeline.duration_ms:
        return page
    return page + estimate(session, ShareForm.AUDIO, options, choice.write())


def _notes_help(session: Session, choice: Choice, look_back_ms: int) -> bool:
    """Whether the same without sound could be shared."""
    if not choice.audio or not choice.spec.notes:
        return False
    options = replace(choice, audio=False).options(look_back_ms)
    try:
        share_content(session, options)
    except EarmarkError:
        return False
    return True
