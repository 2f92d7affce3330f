"""Transcript files that come with a recording: SRT, WebVTT, or text with or without times."""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.model import (
    EarmarkError,
    Frames,
    Segment,
    SegmentId,
    Take,
    Transcript,
    UnusableMedia,
    ms_to_frames,
    new_id,
    parse_time,
    safe_line,
    safe_text,
)
from earmark.model.given import open_given, shown
from earmark.model.i18n import _
from earmark.model.wordtimes import realigned

if TYPE_CHECKING:
    from webvtt import WebVTT

ENGINE = "import"
"""Who a transcript is by that came in a file."""
_MOST_BYTES = 32 << 20
_ARROW = re.compile(r"^\s*(?:\d+:)?\d+:\d\d[.,]\d{1,3}\s*-->", re.MULTILINE)
_PLACING = re.compile(r"\{\\[^{}]*\}")
"""Where on the picture an SRT's words stand."""
_TIME = re.compile(r"[\[(]?(?P<time>(?:\d{1,2}:)?\d{1,2}:\d\d(?:[.,]\d{1,3})?)[\])]?[ \t:–-]*")


@dataclass(frozen=True, slots=True)
class Passage:
    """What is said from `start_ms` to `end_ms`; None where the file does not tell."""

    text: str
    start_ms: float | None = None
    end_ms: float | None = None
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class GivenTranscript:
    """A transcript file, read. `form`: webvtt, srt or text."""

    form: str
    passages: tuple[Passage, ...]

    @property
    def timed(self) -> bool:
        return any(passage.start_ms is not None for passage in self.passages)


def read_transcript(path: Path) -> GivenTranscript:
    """Raises what `parse_transcript` does, and NotFound or UnusableMedia where it is no file."""
    try:
        with open_given(path) as file:
            data = file.read(_MOST_BYTES)
    except OSError as error:
        raise UnusableMedia(
            _("“{name}” cannot be read: {reason}.").format(
                name=shown(path), reason=error.strerror or type(error).__name__
            ),
            _("Check its name and its disk; nothing was imported."),
        ) from error
    return parse_transcript(data, shown(path))


def parse_transcript(data: bytes, name: str) -> GivenTranscript:
    """Raises EarmarkError where there are no words in it, or it is no text at all."""
    text = _decoded(data)
    if "\0" in text:
        raise EarmarkError(
            _("“{name}” is no transcript that Earmark can read.").format(name=name),
            _("Choose an SRT, WebVTT or text file."),
        )
    if text.startswith("WEBVTT"):
        form, passages = "webvtt", _cues(text, "vtt", name)
    elif _ARROW.search(text):
        form, passages = "srt", _cues(text, "srt", name)
    else:
        form, passages = "text", _lines(text)
    if not passages:
        raise EarmarkError(
            _("There are no words in the transcript “{name}”.").format(name=name),
            _("Choose another file; nothing was imported."),
        )
    return GivenTranscript(form, passages)


def transcript_of(given: GivenTranscript, take: Take) -> Transcript:
    """The passages on the take. Without times they share its length by theirs; what begins after
    its end is left out. A person gave them: no later transcription writes over them."""
    segments = []
    for passage in _placed(given.passages, take):
        start = ms_to_frames(passage.start_ms or 0.0, take.sample_rate)
        end = ms_to_frames(passage.end_ms or 0.0, take.sample_rate)
        if start >= take.frames:
            continue
        end = Frames(max(start + 1, min(end, take.frames)))
        bare = Segment(
            SegmentId(new_id()), take.id, start, end, passage.text, (), passage.speaker, True
        )
        words = realigned(bare, passage.text)
        segments.append(
            Segment(bare.id, take.id, start, end, passage.text, words, passage.speaker, True)
        )
    segments.sort(key=lambda segment: (segment.start, segment.end))
    return Transcript(ENGINE, given.form, "", tuple(segments))


def _placed(passages: tuple[Passage, ...], take: Take) -> tuple[Passage, ...]:
    """The passages, each with a beginning and an end."""
    whole = take.frames * 1000 / take.sample_rate
    if not any(passage.start_ms is not None for passage in passages):
        letters = sum(len(passage.text) + 1 for passage in passages)
        placed, before = [], 0
        for passage in passages:
            after = before + len(passage.text) + 1
            start, end = whole * before / letters, whole * after / letters
            placed.append(Passage(passage.text, start, end, passage.speaker))
            before = after
        return tuple(placed)
    following = [passage.start_ms for passage in passages[1:]]
    return tuple(
        passage
        if passage.end_ms is not None
        else Passage(passage.text, passage.start_ms, whole if next_ is None else next_)
        for passage, next_ in zip(passages, [*following, None], strict=True)
    )


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cues(text: str, form: str, name: str) -> tuple[Passage, ...]:
    import webvtt

    try:
        read: WebVTT = webvtt.from_buffer(io.StringIO(text), format=form)
    except webvtt.errors.MalformedFileError as error:
        raise EarmarkError(
            _("The times in the transcript “{name}” cannot be read.").format(name=name),
            _("Choose an SRT, WebVTT or text file; nothing was imported."),
        ) from error
    found = []
    for cue in read.captions:
        words = html.unescape(cue.text) if form == "vtt" else _PLACING.sub("", cue.text)
        words = " ".join(safe_text(words).split())
        if words:
            speaker = safe_line(html.unescape(cue.voice or "")).strip()
            found.append(Passage(words, _ms(cue.start_time), _ms(cue.end_time), speaker))
    return tuple(found)


def _ms(time: Any) -> float:
    hours: int = time.hours
    return float(((hours * 60 + time.minutes) * 60 + time.seconds) * 1000 + time.milliseconds)


def _time(line: str) -> tuple[float | None, str]:
    """The time at the line's beginning in milliseconds, and what follows it."""
    found = _TIME.match(line)
    if found is None:
        return None, line
    try:
        return parse_time(found["time"].replace(",", ".")), line[found.end() :].strip()
    except EarmarkError:
        return None, line


def _lines(text: str) -> tuple[Passage, ...]:
    """A passage a line where lines begin with a time, which counts for those after it; else a
    passage a paragraph."""
    lines = [line.strip() for line in safe_text(text).splitlines()]
    timed: list[Passage] = []
    for line in lines:
        at, rest = _time(line)
        if at is not None:
            timed.append(Passage(rest, at))
        elif timed and line:
            last = timed[-1]
            timed[-1] = Passage(f"{last.text} {line}".strip(), last.start_ms)
        elif line:
            timed = []
            break
    if timed:
        return tuple(passage for passage in timed if passage.text)
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines))
    joined = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return tuple(Passage(paragraph) for paragraph in joined if paragraph)
