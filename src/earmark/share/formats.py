"""The forms of Share: one table, from which the sheet, the command line and the worker take all
they know of a form. Loads nothing heavy: writers and estimates are loaded when asked for.

A new form is a member of `ShareForm` and a row of `_table` here, its writer in a module of its
own, and its test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol, cast

from earmark.model.files import is_folder
from earmark.model.i18n import _

from .options import AudioForm, WriteOptions, Written

if TYPE_CHECKING:
    from .content import ShareContent


class Writer(Protocol):
    """Writes one form: all of it at `target`, or nothing."""

    def __call__(
        self,
        content: ShareContent,
        library: Path,
        target: Path,
        options: WriteOptions | None = None,
        *,
        replace: bool = False,
        progress: Callable[[float], None] | None = None,
        cancelled: Event | None = None,
    ) -> Written:
        """Raises TargetExists, NotFound, Busy, UnusableMedia, DiskFull, another EarmarkError,
        ShareCancelled."""
        ...


class Estimate(Protocol):
    """About how many bytes one form will have, all its files together."""

    def __call__(self, content: ShareContent, library: Path, options: WriteOptions, /) -> int:
        """Fast: an open sheet asks often."""
        ...


class ShareForm(StrEnum):
    """What `earmark export --format` names; those that people need most come first."""

    HTML = "html"
    BUNDLE = "bundle"
    MARKDOWN = "markdown"
    TEXT = "text"
    CHAPTERS = "chapters"
    AUDIO = "audio"
    WEBVTT = "webvtt"
    SRT = "srt"
    AUDACITY = "audacity"
    EPUB = "epub"
    JSON = "json"
    FOLDER = "folder"

    @property
    def spec(self) -> FormSpec:
        """What is known of the form."""
        return _table()[self]


@dataclass(frozen=True, slots=True)
class FormSpec:
    """One form as people choose it: a name, and one sentence what it is for.

    `suffixes`: the endings that stand for it, the usual one first; none for a folder, and none
    where another form has them. `writer`, `estimate`: “module:function” in this package.
    `sound`: sound can be inside; `encodes`: “smaller” and “even the loudness” change it;
    `notes`: it can be made without any sound; `transcript`: a transcript can be inside;
    `mailed`: it is often sent by mail, so its size is compared with what mail services take.
    An ending that two forms have stands for the first of them.
    """

    name: str
    sentence: str
    suffixes: tuple[str, ...]
    writer: str
    estimate: str
    sound: bool = True
    encodes: bool = True
    notes: bool = True
    transcript: bool = True
    mailed: bool = False

    @property
    def is_pure_sound(self) -> bool:
        """Whether it is a sound file: then its ending tells how the sound is encoded."""
        return self.sound and not self.notes

    def suffix(self, audio: AudioForm = AudioForm.M4A) -> str:
        """The ending of the file's name, with its dot; empty for a folder."""
        if self.is_pure_sound:
            return f".{audio.suffix}"
        return self.suffixes[0] if self.suffixes else ""

    def load_writer(self) -> Writer:
        """The function that writes it."""
        return cast(Writer, _function(self.writer))

    def load_estimate(self) -> Estimate:
        """The function that tells how big it will be."""
        return cast(Estimate, _function(self.estimate))


@cache
def _table() -> dict[ShareForm, FormSpec]:
    """Made at the first use: the words are those of the language chosen by then."""
    f = FormSpec
    return {
        ShareForm.HTML: f(
            _("One web page"),
            _("Opens with a double click in any browser, no network needed; a click plays."),
            (".html", ".htm"),
            "pencast:write_pencast",
            "estimate:html_bytes",
            mailed=True,
        ),
        ShareForm.BUNDLE: f(
            _("Earmark file"),
            _("Comes back into Earmark whole, with the original sound. Open layout."),
            (".earmark",),
            "bundle:write_bundle",
            "estimate:bundle_bytes",
            encodes=False,
            mailed=True,
        ),
        ShareForm.MARKDOWN: f(
            _("Markdown"),
            _("For editors and note apps: times link into the sound that lies beside it."),
            (".md", ".markdown"),
            "markdown:write_markdown",
            "estimate:markdown_bytes",
        ),
        ShareForm.TEXT: f(
            _("Plain text"),
            _("Notes and transcript to be read or pasted anywhere, each line with its time."),
            (".txt",),
            "plaintext:write_text",
            "estimate:cues_bytes",
            sound=False,
            encodes=False,
        ),
        ShareForm.CHAPTERS: f(
            _("Audio with chapters"),
            _("For podcast apps and players: each heading is a chapter."),
            (),
            "audiofile:write_chapters",
            "estimate:audio_bytes",
            notes=False,
            transcript=False,
        ),
        ShareForm.AUDIO: f(
            _("Audio alone"),
            _("One sound file with its title, for every player."),
            (".m4a", ".mp4", ".opus", ".ogg"),
            "audiofile:write_audio",
            "estimate:audio_bytes",
            notes=False,
            transcript=False,
        ),
        ShareForm.WEBVTT: f(
            _("WebVTT subtitles"),
            _("Notes as timed lines for video players and web pages."),
            (".vtt",),
            "subtitles:write_webvtt",
            "estimate:cues_bytes",
            sound=False,
            encodes=False,
            notes=False,
        ),
        ShareForm.SRT: f(
            _("SRT subtitles"),
            _("Notes as timed lines for older players and video editors."),
            (".srt",),
            "subtitles:write_srt",
            "estimate:cues_bytes",
            sound=False,
            encodes=False,
            notes=False,
        ),
        ShareForm.AUDACITY: f(
            _("Audacity labels"),
            _("Notes as a label track, to edit the recording by them."),
            (".txt",),
            "subtitles:write_audacity",
            "estimate:cues_bytes",
            sound=False,
            encodes=False,
            notes=False,
        ),
        ShareForm.EPUB: f(
            _("E-book"),
            _("EPUB 3 that reads along: book apps light each note as it sounds."),
            (".epub",),
            "epub:write_epub",
            "estimate:epub_bytes",
            mailed=True,
        ),
        ShareForm.JSON: f(
            _("JSON"),
            _("Everything as data, for programs: lines, times and transcript."),
            (".json",),
            "jsonform:write_json",
            "estimate:json_bytes",
            sound=False,
            encodes=False,
        ),
        ShareForm.FOLDER: f(
            _("Folder with everything"),
            _("All of these forms beside each other in one folder."),
            (),
            "folder:write_folder",
            "estimate:folder_bytes",
        ),
    }


def _function(name: str) -> Any:
    module, function = name.split(":")
    return getattr(import_module(f"{__package__}.{module}"), function)


def form_for(path: Path) -> ShareForm | None:
    """The form that a file's ending stands for, `folder` for a folder that is there; None where
    it stands for none (also a name without an ending: it may be a forgotten one)."""
    if is_folder(path):
        return ShareForm.FOLDER
    ending = path.suffix.lower()
    return next((form for form in ShareForm if ending in form.spec.suffixes), None)
