"""What a file that cannot be opened is, by its first bytes: said instead of a guess."""

from __future__ import annotations

import mmap
from enum import Enum, auto
from pathlib import Path
from typing import BinaryIO, NamedTuple

from earmark.model.i18n import _

from .protection import mp4_boxes

_HEAD = 4096
_TS_STEP = 188
_PICTURES = (b"heic", b"heix", b"mif1", b"msf1", b"avif")


class Kind(Enum):
    """What sentence a file gets."""

    SOUND = auto()
    """Sound of a kind that Earmark does not read."""
    NO_SOUND = auto()
    """Something else altogether."""
    KNOWN = auto()
    """A kind that Earmark reads: this one is damaged."""
    NO_INDEX = auto()
    """An MP4 file without the part at its end that says where its sound lies."""


class Identity(NamedTuple):
    kind: Kind
    words: str
    """What it is, as it stands in “this is …”: with its article; empty where it is known."""


def what_it_is(path: Path) -> Identity | None:
    """None where the first bytes say nothing."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head[:3] == b"ID3" and len(head) >= 10:
            size = 0
            for byte in head[6:10]:
                size = size << 7 | byte & 127
            file.seek(10 + size + (10 if head[5] & 16 else 0))
            head = file.read(_HEAD)
            if not head.strip(b"\0") or _is_mpeg(head):
                return Identity(Kind.KNOWN, "")
        if head[4:8] == b"ftyp" and head[8:12] not in _PICTURES:
            return Identity(Kind.KNOWN if _has_index(file) else Kind.NO_INDEX, "")
    return _of(head)


def _has_index(file: BinaryIO) -> bool:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(name == b"moov" for name, _at, _end in mp4_boxes(data, 0, len(data)))


def _of(head: bytes) -> Identity | None:
    inner = head[8:12]
    if head[:4] in (b"RIFF", b"RIFX", b"RF64"):
        return _riff(inner)
    if head[:4] == b"FORM":
        known = inner in (b"AIFF", b"AIFC", b"8SVX", b"16SV")
        return Identity(Kind.KNOWN, "") if known else Identity(Kind.NO_SOUND, _("an IFF file"))
    if head[4:8] == b"ftyp":
        return Identity(Kind.NO_SOUND, _("a picture"))
    for kind, signs in _signs():
        for words, beginnings in signs:
            if head.startswith(beginnings):
                return Identity(kind, words)
    if head[44:48] == b"SCRM" or head[1080:1084] in (b"M.K.", b"4CHN", b"6CHN", b"8CHN", b"FLT4"):
        return Identity(Kind.SOUND, _("a tracker module"))
    ts = head[:1] == b"G" and head[_TS_STEP : _TS_STEP + 1] == b"G"
    return Identity(Kind.KNOWN, "") if ts else None


def _riff(form: bytes) -> Identity | None:
    if form in (b"WAVE", b"AVI ", b"QLCM"):
        return Identity(Kind.KNOWN, "")
    if form == b"RMID":
        return Identity(Kind.SOUND, _midi())
    if form == b"WEBP":
        return Identity(Kind.NO_SOUND, _("a picture"))
    return Identity(Kind.NO_SOUND, _("a RIFF file of another kind"))


def _midi() -> str:
    return _("a MIDI file: notes to be played, no recorded sound")


def _signs() -> tuple[tuple[Kind, tuple[tuple[str, tuple[bytes, ...]], ...]], ...]:
    sound: tuple[tuple[str, tuple[bytes, ...]], ...] = (
        (_midi(), (b"MThd",)),
        (_("an OptimFROG file"), (b"OFR ",)),
        (_("a Lossless Audio file"), (b"LA02", b"LA03", b"LA04")),
        (_("a Sony dictaphone file (DVF, MSV)"), (b"MS_VOICE",)),
        (_("an Olympus dictaphone file (DS2)"), (b"\x03ds2", b"\x01ds2", b"\x07ds2")),
        (_("a Codec 2 file"), (b"\xc0\xde\xc2",)),
        (_("a tracker module"), (b"IMPM", b"Extended Module: ")),
        (_("a Flash file"), (b"FWS", b"CWS", b"ZWS")),
        (_("an Audacity project: export it as WAV from there"), (b"SQLite format 3\0",)),
        (_("a Sony ATRAC file"), (b"EA3\x01", b"ea3\x03")),
    )
    other: tuple[tuple[str, tuple[bytes, ...]], ...] = (
        (_("an archive: unpack it first"), (b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"Rar!")),
        (_("an archive: unpack it first"), (b"\x1f\x8b", b"\xfd7zXZ\0", b"BZh")),
        (_("a PDF document"), (b"%PDF-",)),
        (_("a picture"), (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")),
        (_("a playlist, no sound"), (b"#EXTM3U", b"[playlist]", b"[Playlist]", b"ffconcat")),
        (_("a document of an office program"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf")),
        (
            _("subtitles: they come in together with their recording"),
            (b"WEBVTT", b"\xef\xbb\xbfWEBVTT", b"1\n00:", b"1\r\n00:", b"\xef\xbb\xbf1\r\n00:"),
        ),
        (_("a program"), (b"\x7fELF", b"MZ\x90")),
    )
    known: tuple[bytes, ...] = (
        *(b"fLaC", b"OggS", b"\x1aE\xdf\xa3", b"caff", b"riff\x2e\x91\xcf\x11", b".snd", b"#!AMR"),
        *(b"0&\xb2u\x8ef\xcf\x11", b"FLV\x01", b".RMF", b".ra\xfd", b"TTA1", b"MAC ", b"wvpk"),
        *(b"MPCK", b"MP+", b"tBaK", b"DSD ", b"FRM8", b"ajkg", b"Creative Voice File", b"\x02dss"),
        *(b"\x03dss", b"\x0b\x77", b"\x7f\xfe\x80\x01", b"\0\0\x01\xba", b"NIST_1A"),
    )
    return (Kind.SOUND, sound), (Kind.NO_SOUND, other), (Kind.KNOWN, (("", known),))


def _is_mpeg(head: bytes) -> bool:
    return len(head) > 1 and head[0] == 0xFF and head[1] >= 0xE0
