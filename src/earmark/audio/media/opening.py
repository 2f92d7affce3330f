"""Opening a stranger's media file: known containers and codecs, one file, one audio stream."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import av

from earmark.model.errors import UnusableMedia
from earmark.model.given import no_file, shown, unreadable
from earmark.model.i18n import _

CONTAINERS = "wav,w64,aiff,caf,flac,ogg,mp3,aac,amr,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,asf"
CODECS = frozenset(
    (
        *("pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le"),
        *("pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_alaw"),
        *("pcm_mulaw", "flac", "alac", "opus", "vorbis", "mp3", "mp3float", "aac"),
        *("amrnb", "amrwb", "amr_nb", "amr_wb"),
        # what dictaphones write
        *("mp2", "mp2float", "adpcm_ima_wav", "adpcm_ms", "wmav1", "wmav2"),
    )
)
RAW = frozenset(("mp3", "aac", "amr"))
"""Containers that are only a row of frames: nothing in them tells sound from chance."""


def convert_it() -> str:
    return _("Convert it to WAV or FLAC with another program and import that.")


def no_audio(name: str) -> UnusableMedia:
    return UnusableMedia(
        _("“{name}” is not a sound file that Earmark can read.").format(name=name),
        _("Choose a recording: WAV, FLAC, Ogg, Opus, MP3, M4A, MP4, WebM or MKA."),
    )


def check_file(path: Path) -> int:
    """The file's size. Raises NotFound, UnusableMedia for folders, pipes and empty files."""
    try:
        info = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise no_file(path) from error
    except PermissionError as error:
        raise unreadable(shown(path)) from error
    except OSError as error:
        raise UnusableMedia(
            _("“{name}” cannot be read: {reason}.").format(
                name=shown(path), reason=error.strerror or type(error).__name__
            ),
            _("Check its name and its disk, then try again."),
        ) from error
    if not stat.S_ISREG(info.st_mode):
        raise no_audio(shown(path))
    if not info.st_size:
        raise UnusableMedia(
            _("“{name}” is empty: there is nothing in it.").format(name=shown(path)),
            _("Copy the recording again from where it comes from."),
        )
    return info.st_size


def open_media(path: Path, name: str, container: str | None = None) -> Any:
    """The opened container, found out unless given. Raises UnusableMedia with that `name`.

    Nothing but this one file is ever opened.
    """
    check_file(path)
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": CONTAINERS,
        "codec_whitelist": ",".join(sorted(CODECS)),
    }
    try:
        # "file:" so that no name is taken for an address
        return av.open(f"file:{path}", format=container, options=options, metadata_errors="replace")
    except av.error.PermissionError as error:
        raise unreadable(name) from error
    except (av.error.FFmpegError, ValueError) as error:
        raise _why_not(path, name) from error


def _why_not(path: Path, name: str) -> UnusableMedia:
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return UnusableMedia(
            _("“{name}” is cut off: the part that says where its sound lies is missing.").format(
                name=name
            ),
            _("Copy it again from where it was recorded; the end of the file is needed."),
        )
    if head[:4] in (b"RIFF", b"fLaC", b"OggS", b"FORM", b"\x1aE\xdf\xa3") or head[:3] == b"ID3":
        return UnusableMedia(
            _("“{name}” is damaged or cut off at its very beginning.").format(name=name),
            _("Copy it again from where it comes from."),
        )
    return no_audio(name)


def audio_stream(container: Any, name: str) -> Any:
    """The audio stream to import: the default one, else the first. The others are not decoded."""
    streams = list(container.streams.audio)
    if not streams:
        raise UnusableMedia(
            _("There is no sound in “{name}”.").format(name=name),
            _("Choose a file with an audio track."),
        )
    usable = [s for s in streams if s.codec_context is not None and s.codec_context.name in CODECS]
    if not usable:
        raise UnusableMedia(
            _("The sound in “{name}” is in a format Earmark does not read.").format(name=name),
            convert_it(),
        )
    return next((s for s in usable if s.disposition & s.disposition.default), usable[0])
