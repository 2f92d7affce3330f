"""Opening a stranger's media file: known containers and codecs, one file, its audio streams."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av

from earmark.model.errors import UnusableMedia
from earmark.model.given import check_given, shown, unreadable
from earmark.model.i18n import _, ngettext

from .identity import Kind, what_it_is
from .protection import is_protected
from .views import FileView

CONTAINERS = ",".join(
    (
        "wav,w64,aiff,caf,au,flac,ogg,mp3,aac,loas,amr,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,asf",
        # films and broadcasts
        "avi,flv,mpegts,mpeg,mxf,dv,nut,rm",
        # what studios, surround receivers and collectors write
        "ac3,eac3,dts,dtshd,truehd,mlp,ape,wv,tta,tak,mpc,mpc8,dsf,iff,shn,oma",
        # telephones, dictaphones and old computers
        "gsm,qcp,dss,voc,ircam,sox,nistsphere",
    )
)
CODECS = frozenset(
    " ".join(
        (
            "pcm_u8 pcm_s8 pcm_s8_planar pcm_u16le pcm_u16be pcm_s16le pcm_s16be pcm_s16le_planar",
            "pcm_s16be_planar pcm_u24le pcm_u24be pcm_s24le pcm_s24be pcm_s24le_planar pcm_u32le",
            "pcm_u32be pcm_s32le pcm_s32be pcm_s32le_planar pcm_s64le pcm_s64be pcm_f32le",
            "pcm_f32be pcm_f64le pcm_f64be pcm_alaw pcm_mulaw pcm_dvd pcm_bluray s302m",
            "flac alac opus vorbis mp1 mp1float mp2 mp2float mp3 mp3float aac aac_latm",
            # films and broadcasts
            "ac3 eac3 dca truehd mlp dvaudio nellymoser adpcm_swf real_144 real_288 cook sipr ralf",
            "qdm2 qdmc mace3 mace6",
            # collectors
            "ape wavpack tta tak mpc7 mpc8 shorten dsd_lsbf dsd_msbf dsd_lsbf_planar",
            "dsd_msbf_planar atrac3 atrac3plus",
            # telephones and dictaphones
            "amrnb amrwb amr_nb amr_wb gsm gsm_ms speex qcelp evrc ilbc g722 g723_1 g726 g726le",
            "g729 truespeech msnsiren dss_sp adpcm_ima_wav adpcm_ima_qt adpcm_ms adpcm_yamaha",
            "adpcm_g726 adpcm_g726le adpcm_g722 adpcm_ct adpcm_sbpro_2 adpcm_sbpro_3 adpcm_sbpro_4",
            "wmav1 wmav2 wmapro wmalossless wmavoice",
        )
    ).split()
)
# PyAV 19 (Python 3.12 and later) always escapes tags that are not UTF-8 and has no argument for it;
# before it that had to be asked for. `safe_text` makes either readable.
_TAGS: dict[str, Any] = (
    {} if int(av.__version__.split(".")[0]) >= 19 else {"metadata_errors": "surrogateescape"}
)
RAW = frozenset(("mp3", "aac", "loas", "amr", "ac3", "eac3", "dts", "truehd", "mlp", "gsm"))
"""Containers that are only a row of frames: nothing in them tells sound from chance."""


def convert_it() -> str:
    return _("Convert it to WAV or FLAC with another program and import that.")


def choose_a_recording() -> str:
    return _("Choose a recording: WAV, FLAC, Ogg, Opus, MP3, M4A, MP4, WebM or MKA.")


def no_audio(name: str) -> UnusableMedia:
    return UnusableMedia(
        _("“{name}” is not a sound file that Earmark can read.").format(name=name),
        choose_a_recording(),
    )


def check_file(path: Path) -> int:
    """The file's size. Raises NotFound, UnusableMedia for folders, pipes and empty files."""
    size = check_given(path)
    if not size:
        raise UnusableMedia(
            _("“{name}” is empty: there is nothing in it.").format(name=shown(path)),
            _("Copy the recording again from where it comes from."),
        )
    return size


def open_media(
    path: Path, name: str, container: str | None = None, view: FileView | None = None
) -> Any:
    """The opened container, found out unless given, and read through `view` where there is one.

    Raises UnusableMedia with that `name`. Nothing but this one file is ever opened.
    """
    check_file(path)
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": CONTAINERS,
        "codec_whitelist": ",".join(sorted(CODECS)),
    }
    try:
        # "file:" so that no name is taken for an address
        source = f"file:{path}" if view is None else view
        opened = av.open(source, format=container, options=options, **_TAGS)
    except av.error.PermissionError as error:
        raise unreadable(name) from error
    except (av.error.FFmpegError, ValueError) as error:
        raise _protected(name) if is_protected(path) else _why_not(path, name) from error
    if is_protected(path):
        opened.close()
        raise _protected(name)
    return opened


def audio_streams(container: Any, name: str) -> list[Any]:
    """The audio streams, in the file's order. Raises UnusableMedia where there is none."""
    streams = list(container.streams.audio)
    if not streams:
        raise UnusableMedia(
            _("There is no sound in “{name}”.").format(name=name),
            _("Choose a file with an audio track."),
        )
    return streams


def is_usable(stream: Any) -> bool:
    """Whether the stream is of a known codec."""
    return stream.codec_context is not None and stream.codec_context.name in CODECS


def audio_stream(container: Any, name: str, track: int | None = None) -> Any:
    """The audio stream numbered `track` from 1; else the default one, else the first of a known
    codec. The others are not decoded. Raises UnusableMedia.
    """
    streams = audio_streams(container, name)
    if track is not None and not 1 <= track <= len(streams):
        raise UnusableMedia(
            ngettext(
                "“{name}” has {n} sound track: there is no track {track}.",
                "“{name}” has {n} sound tracks: there is no track {track}.",
                len(streams),
            ).format(name=name, n=len(streams), track=track),
            _("Choose another number, counted from 1."),
        )
    chosen = streams if track is None else [streams[track - 1]]
    usable = [stream for stream in chosen if is_usable(stream)]
    if not usable:
        raise _unknown_sound(name, chosen[0])
    return next((s for s in usable if s.disposition & s.disposition.default), usable[0])


def _unknown_sound(name: str, stream: Any) -> UnusableMedia:
    context = stream.codec_context
    called = context.codec.long_name if context is not None and context.codec else ""
    if not called:
        return UnusableMedia(
            _("The sound in “{name}” is in a format Earmark does not read.").format(name=name),
            convert_it(),
        )
    return UnusableMedia(
        _("The sound in “{name}” is {format}, which Earmark does not read.").format(
            name=name, format=called
        ),
        convert_it(),
    )


def _protected(name: str) -> UnusableMedia:
    return UnusableMedia(
        _("“{name}” is copy-protected: its sound is encrypted.").format(name=name),
        _("Ask where it comes from for a file without copy protection."),
    )


def _why_not(path: Path, name: str) -> UnusableMedia:
    identity = what_it_is(path)
    if identity is None:
        return no_audio(name)
    if identity.kind is Kind.SOUND:
        return UnusableMedia(
            _("“{name}” is {kind}. Earmark does not read that.").format(
                name=name, kind=identity.words
            ),
            convert_it(),
        )
    if identity.kind is Kind.NO_SOUND:
        return UnusableMedia(
            _("“{name}” is {kind}.").format(name=name, kind=identity.words),
            choose_a_recording(),
        )
    if identity.kind is Kind.NO_INDEX:
        return UnusableMedia(
            _("“{name}” is cut off: the part that says where its sound lies is missing.").format(
                name=name
            ),
            _("Copy it again from where it was recorded; the end of the file is needed."),
        )
    return UnusableMedia(
        _("“{name}” is damaged or cut off at its very beginning.").format(name=name),
        _("Copy it again from where it comes from."),
    )
