"""WebVTT, SRT and Audacity labels: what was written at each moment, for players and editors.

The notes stand in the file itself; where there is a transcript, it stands in a second file beside
it, `NAME.transcript.ENDING`, so that a player can show either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event

from .content import ShareContent
from .cues import Cue, note_cues, transcript_cues
from .options import WriteOptions, Written
from .output_file import Progress, go_on
from .output_files import file_bytes, writing_files

_UNBREAKABLE = "\u2060"
"""A word joiner: stands unseen in what a subtitle player would take for a command."""
_COMMANDS = re.compile(r"(<)(?=[A-Za-z/])|(\{)(?=[\\A-Za-z])|(--)(?=>)")


def vtt_text(cues: Iterable[Cue]) -> str:
    """A WebVTT file. Who speaks is a voice."""
    blocks = ["WEBVTT\n"]
    for number, cue in enumerate(cues, start=1):
        voice = f"<v {_vtt(cue.speaker)}>" if cue.speaker else ""
        times = f"{_clock(cue.start_ms, '.')} --> {_clock(cue.end_ms, '.')}"
        blocks.append(f"\n{number}\n{times}\n{voice}{_vtt(cue.text)}\n")
    return "".join(blocks)


def srt_text(cues: Iterable[Cue]) -> str:
    """An SRT file. The form knows no escapes: a word joiner keeps text from being a command."""
    blocks = []
    for number, cue in enumerate(cues, start=1):
        words = f"{cue.speaker}: {cue.text}" if cue.speaker else cue.text
        times = f"{_clock(cue.start_ms, ',')} --> {_clock(cue.end_ms, ',')}"
        blocks.append(f"{number}\n{times}\n{_inert(words)}\n\n")
    return "".join(blocks)


def note_labels_text(cues: Iterable[Cue]) -> str:
    """Audacity labels, each a point: a note is a moment."""
    return "".join(_label(cue.start_ms, cue.start_ms, cue) for cue in cues)


def passage_labels_text(cues: Iterable[Cue]) -> str:
    """Audacity labels, each a stretch: what was said in it."""
    return "".join(_label(cue.start_ms, cue.end_ms, cue) for cue in cues)


def write_webvtt(
    content: ShareContent,
    library: Path,  # noqa: ARG001 - every writer has one shape
    target: Path,
    options: WriteOptions | None = None,  # noqa: ARG001
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes `target` and, with a transcript, the second file."""
    made = (vtt_text, vtt_text)
    return _write(content, target, made, replace, progress, cancelled)


def write_srt(
    content: ShareContent,
    library: Path,  # noqa: ARG001 - every writer has one shape
    target: Path,
    options: WriteOptions | None = None,  # noqa: ARG001
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes `target` and, with a transcript, the second file."""
    return _write(content, target, (srt_text, srt_text), replace, progress, cancelled)


def write_audacity(
    content: ShareContent,
    library: Path,  # noqa: ARG001 - every writer has one shape
    target: Path,
    options: WriteOptions | None = None,  # noqa: ARG001
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes `target` and, with a transcript, the second file."""
    made = (note_labels_text, passage_labels_text)
    return _write(content, target, made, replace, progress, cancelled)


def transcript_name(target: Path) -> str:
    """The second file's name."""
    return f"{target.stem}.transcript{target.suffix}"


_Text = Callable[[Iterable[Cue]], str]


def _write(
    content: ShareContent,
    target: Path,
    made: tuple[_Text, _Text],
    replace: bool,
    progress: Progress | None,
    cancelled: Event | None,
) -> Written:
    notes, transcript = made
    spoken = transcript_cues(content)
    names = [transcript_name(target)] if spoken else []
    with writing_files(target, names, replace=replace) as room:
        (room / target.name).write_text(notes(note_cues(content)), "utf-8", newline="\n")
        for name in names:
            (room / name).write_text(transcript(spoken), "utf-8", newline="\n")
        go_on(cancelled)
    if progress is not None:
        progress(1.0)
    return Written(target, file_bytes([target, *(target.with_name(name) for name in names)]))


def _clock(ms: int, point: str) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def _vtt(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _inert(words: str) -> str:
    return _COMMANDS.sub(lambda found: found[0] + _UNBREAKABLE, words)


def _label(start_ms: int, end_ms: int, cue: Cue) -> str:
    words = f"{cue.speaker}: {cue.text}" if cue.speaker else cue.text
    return f"{start_ms / 1000:.6f}\t{end_ms / 1000:.6f}\t{words}\n"
