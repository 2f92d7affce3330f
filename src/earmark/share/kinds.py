"""The forms of Share by name, and how each is asked for. Loads nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from pathlib import Path


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


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a share is made. `bitrate` None: what suits the sound's form.

    `base_url`: where a site will stand, with a `/` at its end; empty: not known.
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
