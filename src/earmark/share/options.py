"""How a share is made and what came of it. Loads nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

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
