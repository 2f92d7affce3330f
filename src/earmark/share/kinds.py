"""The forms of Share by name, and how each is asked for. Loads nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from pathlib import Path

from earmark.model.files import is_folder

AAC_BITRATE = 64_000
OPUS_BITRATE = 24_000
MAIL_LIMIT_BYTES = 18_000_000
"""Mail services refuse 20 to 25 MB after their own encoding: about this much of a file."""


class AudioForm(Enum):
    """Container, codec, ending and MIME type. Browsers on every phone play M4A; Opus is smaller."""

    M4A = ("mp4", "aac", "m4a", "audio/mp4")
    OPUS = ("ogg", "libopus", "opus", "audio/ogg")

    @property
    def suffix(self) -> str:
        return self.value[2]

    @property
    def mime(self) -> str:
        return self.value[3]


class ShareForm(StrEnum):
    """What `earmark export --format` names."""

    HTML = "html"
    BUNDLE = "bundle"
    MARKDOWN = "markdown"
    AUDIO = "audio"
    CHAPTERS = "chapters"
    WEBVTT = "webvtt"
    SRT = "srt"
    AUDACITY = "audacity"
    EPUB = "epub"
    JSON = "json"
    FOLDER = "folder"


_ENDINGS = {
    ".html": ShareForm.HTML,
    ".htm": ShareForm.HTML,
    ".earmark": ShareForm.BUNDLE,
    ".md": ShareForm.MARKDOWN,
    ".markdown": ShareForm.MARKDOWN,
    ".m4a": ShareForm.AUDIO,
    ".mp4": ShareForm.AUDIO,
    ".opus": ShareForm.AUDIO,
    ".ogg": ShareForm.AUDIO,
    ".vtt": ShareForm.WEBVTT,
    ".srt": ShareForm.SRT,
    ".txt": ShareForm.AUDACITY,
    ".epub": ShareForm.EPUB,
    ".json": ShareForm.JSON,
}


def form_for(path: Path) -> ShareForm | None:
    """The form that a file's ending stands for, `folder` for a folder that is there; None where
    it stands for none (also a name without an ending: it may be a forgotten one)."""
    return ShareForm.FOLDER if is_folder(path) else _ENDINGS.get(path.suffix.lower())


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a share is made. `bitrate` None: what suits the sound's form.

    `base_url`: where a page or site will stand, with a `/` at its end; empty: not known.
    """

    form: AudioForm = AudioForm.M4A
    bitrate: int | None = None
    even_loudness: bool = False
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A shared file (or folder) and its true size."""

    path: Path
    bytes: int
