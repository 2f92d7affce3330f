"""Imports against a decode by ffmpeg: a wide table of files, made here by ffmpeg, of each kind of
choice that an import makes. The tests keep a few fast cases of each.

A case is right where the take's sound lies where ffmpeg's lies, alike but for what two decoders of
a lossy format differ by, and where what has to be said is said.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import media_cases
import numpy as np
import soundfile as sf
from figures import Figure, Skipped

from earmark.app.assets import asset
from earmark.audio.media import Brought, bring_in
from earmark.model.errors import EarmarkError
from earmark.model.units import TakeId

_ALIKE = 0.97
_ENDS_SECONDS = 0.15
"""By which lengths may differ: what a coder adds at either end."""
_LAG_SECONDS = 0.06
"""Raw streams cannot say how much of their beginning is the coder's."""
_TALK_SECONDS = 8


@dataclass(frozen=True)
class Case:
    """ffmpeg makes `name` with `arguments`; `track` should come in (from 1), `late` seconds after
    its beginning; `said` stands in the refusal where it is to be refused."""

    kind: str
    name: str
    arguments: tuple[str, ...]
    track: int = 1
    late: float = 0.0
    date: datetime | None = None
    chapters: tuple[tuple[float, str], ...] = ()
    said: str = ""
    alike: float = _ALIKE
    before: bytes = b""
    """What stands in front of the file's own bytes."""
    modified: datetime | None = field(default=None)


def imports() -> Iterator[Figure]:
    """How many of the cases of each kind come in right."""
    if shutil.which("ffmpeg") is None:
        raise Skipped("no ffmpeg on this machine to make the files with")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        talk = str(asset("demo/talk.opus"))
        _ffmpeg(
            folder, "-t", str(_TALK_SECONDS), "-i", talk, "-ac", "1", "-ar", "48000", "talk.wav"
        )
        _ffmpeg(folder, "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "8", "silence.wav")
        _ffmpeg(folder, "-stream_loop", "49", "-i", "talk.wav", "long.flac")
        _ffmpeg(folder, "-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono", "-t", "400", "still.flac")
        (folder / "chapters.txt").write_text(_CHAPTERS)
        yield from imports_not_as_told()
        cases = [*_formats(), *_tracks(), *_late(), *_protected(), *_dates(), *_chapters()]
        for kind in dict.fromkeys(case.kind for case in cases):
            here = [case for case in cases if case.kind == kind]
            right = 0
            for case in here:
                said = _tried(case, folder)
                right += not said
                if said:
                    print(f"    {case.name} ({' '.join(case.arguments)}): {said}", flush=True)
            yield Figure(f"imports, {kind}", f"{right} of {len(here)} right", "all")


def imports_not_as_told() -> Iterator[Figure]:
    """How many come in right of the files that are stale, joined, chained, cut or damaged."""
    if shutil.which("ffmpeg") is None:
        raise Skipped("no ffmpeg on this machine to make the files with")
    cases = list(media_cases.all_cases())
    for kind in dict.fromkeys(case.kind for case in cases):
        here = [case for case in cases if case.kind == kind]
        right = 0
        for case in here:
            with tempfile.TemporaryDirectory() as made:
                wrong = media_cases.tried(case, Path(made))
            right += not wrong
            if wrong:
                print(f"    {case.name}: {'; '.join(wrong)}", flush=True)
        yield Figure(f"imports, {kind}", f"{right} of {len(here)} right", "all")


def _tried(case: Case, folder: Path) -> str:
    """What is wrong; "" where nothing is."""
    source = folder / case.name
    try:
        _ffmpeg(folder, *case.arguments, case.name)
    except subprocess.CalledProcessError as error:
        return f"ffmpeg cannot make it: {error.stderr.decode(errors='replace')[-120:]}"
    if case.before:
        source.write_bytes(case.before + source.read_bytes())
    if case.modified is not None:
        os.utime(source, (case.modified.timestamp(),) * 2)
    library = folder / "in"
    try:
        came = bring_in(source, library, 1, TakeId("abcdef0123"), lambda _share: None)
    except EarmarkError as error:
        told = case.said and case.said in str(error)
        return "" if told else f"refused: {error}"
    try:
        if case.said:
            return f"not refused, {case.said} not said"
        return _compared(case, came, source, library)
    finally:
        shutil.rmtree(library)
        source.unlink()


def _compared(case: Case, came: Brought, source: Path, library: Path) -> str:
    if came.track != case.track:
        return f"track {came.track} came, not {case.track}"
    if case.date is not None and datetime.fromisoformat(came.recorded_at) != case.date:
        return f"dated {came.recorded_at}"
    if case.chapters:
        found = [(c.frame / came.rate, c.title) for c in came.chapters]
        if [title for _at, title in found] != [title for _at, title in case.chapters] or any(
            abs(a - b) > 0.03 for (a, _), (b, _) in zip(found, case.chapters, strict=True)
        ):
            return f"chapters {found}"
    if came.cut:
        return "called cut"
    heard, _rate = sf.read(library / came.file, dtype="int16", always_2d=True)
    form = ("-ac", str(came.channels), "-ar", str(came.rate), "-f", "s16le", "-")
    raw = _ffmpeg(source.parent, "-i", source.name, "-map", f"0:a:{case.track - 1}", *form)
    expected = np.frombuffer(raw, "<i2").reshape(-1, came.channels)
    return _alike(heard[:, 0], expected[:, 0], came.rate, case)


def _alike(heard: np.ndarray, expected: np.ndarray, rate: int, case: Case) -> str:
    late = round(case.late * rate)
    if late and np.abs(heard[: late - rate // 10].astype(int)).max(initial=0) > 0:
        return "sound where the film has none"
    length = len(heard) - late - len(expected)
    if abs(length) > _ENDS_SECONDS * rate:
        return f"{len(heard) / rate:.2f} s, ffmpeg {len(expected) / rate:.2f} s"
    window = min(len(expected), 6 * rate)
    x = expected[:window].astype(float)
    y = heard[late : late + window].astype(float)
    size = 1 << (len(x) + len(y)).bit_length()
    norm = np.sqrt(np.sum(x * x) * np.sum(y * y))
    if not norm:
        return "silent"
    corr = np.fft.irfft(np.fft.rfft(y, size) * np.conj(np.fft.rfft(x, size)), size) / norm
    at = int(np.argmax(corr))
    lag = (at if at < size // 2 else at - size) / rate
    if abs(lag) > _LAG_SECONDS:
        return f"{lag * 1000:.0f} ms late"
    return "" if corr[at] >= case.alike else f"alike only {corr[at]:.3f}"


def _ffmpeg(folder: Path, *arguments: str) -> bytes:
    *most, target = arguments
    command = ["ffmpeg", "-v", "error", "-y", *most, "-strict", "-2", target]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=120)
    return done.stdout


_TALK = ("-i", "talk.wav")
_FILM = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=10:d=8")


def _formats() -> Iterator[Case]:
    def case(name: str, *arguments: str, alike: float = _ALIKE, before: bytes = b"") -> Case:
        return Case("formats", name, (*_TALK, *arguments), alike=alike, before=before)

    low = ("-ar", "8000")
    for name, codec in (
        *(("a.ts", "aac"), ("a.ts", "mp2"), ("a.ts", "ac3"), ("a.m2ts", "ac3"), ("a.avi", "mp2")),
        *(("a.avi", "pcm_s16le"), ("a.avi", "libmp3lame"), ("a.avi", "ac3"), ("a.ac3", "ac3")),
        *(("a.avi", "adpcm_ms"), ("a.eac3", "eac3"), ("a.mp2", "mp2"), ("a.au", "pcm_s16be")),
        *(("a.au", "pcm_mulaw"), ("a.caf", "pcm_s24be"), ("a.caf", "alac"), ("a.mov", "alac")),
        *(("a.mov", "pcm_s16be"), ("a.mov", "aac"), ("a.3gp", "aac"), ("a.m4b", "aac")),
        *(("a.wma", "wmav1"), ("a.wma", "wmav2"), ("a.wv", "wavpack"), ("a.tta", "tta")),
        *(("a.mka", "tta"), ("a.mkv", "dca"), ("a.w64", "pcm_s16le"), ("a.mpg", "mp2")),
        *(("a.vob", "ac3"), ("a.nut", "pcm_s16le"), ("a.voc", "pcm_u8"), ("a.sox", "pcm_s32le")),
        *(("a.mkv", "wavpack"), ("a.webm", "libvorbis"), ("a.aiff", "pcm_s24be")),
        *(("a.aiff", "pcm_mulaw"), ("a.wav", "adpcm_ima_wav"), ("a.wav", "adpcm_yamaha")),
        *(("a.wav", "pcm_alaw"), ("a.mp4", "libmp3lame"), ("a.mp4", "ac3"), ("a.mp4", "libopus")),
        *(("a.mp4", "flac"), ("a.mkv", "pcm_s16le"), ("a.oga", "flac"), ("a.dts", "dca")),
        *(("a.thd", "truehd"), ("a.mlp", "mlp"), ("a.mkv", "eac3")),
    ):
        yield case(name, "-c:a", codec)
    yield case("a.latm", "-c:a", "aac", "-f", "latm")
    yield case("a.flv", "-ar", "44100", "-c:a", "aac")
    yield case("a.flv", "-ar", "44100", "-c:a", "libmp3lame")
    yield case("a.flv", "-ar", "22050", "-c:a", "nellymoser")
    yield case("a.flv", "-ar", "16000", "-c:a", "libspeex")
    yield case("a.flv", "-ar", "22050", "-c:a", "adpcm_swf")
    yield case("a.spx", "-ar", "16000", "-c:a", "libspeex")
    yield case("b.spx", *low, "-c:a", "libspeex")
    yield case("gsm.wav", *low, "-c:a", "libgsm_ms")
    yield case("gsm.mov", *low, "-c:a", "libgsm_ms")
    yield case("a.gsm", *low, "-c:a", "libgsm")
    yield case("ima.caf", "-c:a", "adpcm_ima_qt")
    yield case("ima.mov", "-c:a", "adpcm_ima_qt")
    yield case("ima.aifc", "-c:a", "adpcm_ima_qt", "-f", "aiff")
    yield case("g726.wav", *low, "-c:a", "g726")
    yield case("g722.wav", "-ar", "16000", "-c:a", "g722")
    yield case("g723.wav", *low, "-c:a", "g723_1", "-b:a", "6300")
    yield case("a.ra", *low, "-c:a", "real_144", "-f", "rm")
    yield case("a.rm", "-c:a", "ac3")
    yield case("rf64.wav", "-rf64", "always")
    yield case("s302m.ts", "-ac", "2", "-c:a", "s302m")
    yield case("a.mxf", *_FILM[0:0], "-c:a", "pcm_s16le", "-f", "mxf_opatom")
    yield case("id3.tta", "-c:a", "tta", before=b"ID3\x04\0\0\0\0\0\x0a" + bytes(10))
    yield case("id3.aac", "-c:a", "aac", "-f", "adts", before=b"ID3\x04\0\0\0\0\0\x0a" + bytes(10))
    yield case("id3.ac3", "-c:a", "ac3", before=b"ID3\x04\0\0\0\0\0\x0a" + bytes(10))


def _tracks() -> Iterator[Case]:
    silence, still, long = ("-i", "silence.wav"), ("-i", "still.flac"), ("-i", "long.flac")

    def case(name: str, track: int, inputs: tuple[str, ...], *more: str) -> Case:
        count = inputs.count("-i")
        maps = tuple(word for n in range(count) for word in ("-map", str(n)))
        return Case("tracks", name, (*inputs, *maps, *more), track=track)

    for name in ("t.mkv", "t.mp4", "t.mov", "t.ts", "t.avi", "t.mka"):
        yield case(name, 2, (*silence, *_TALK), "-c:a", "aac")
        yield case(name, 3, (*silence, *silence, *_TALK), "-c:a", "aac")
    yield case("talk first.mkv", 1, (*_TALK, *silence), "-c:a", "libopus")
    yield case("both.mkv", 1, (*_TALK, *_TALK), "-c:a", "aac")
    yield case(
        "default.mkv", 2, (*_TALK, *_TALK), "-c:a", "aac",
        *("-disposition:a:0", "0", "-disposition:a:1", "default"),
    )  # fmt: skip
    yield case(
        "silent default.mkv", 1, (*_TALK, *silence), "-c:a", "aac",
        *("-disposition:a:0", "0", "-disposition:a:1", "default"),
    )  # fmt: skip
    yield case("weak.mkv", 2, (*_TALK, *_TALK), "-filter:a:0", "volume=-45dB", "-c:a", "flac")
    yield case("quiet.mkv", 1, (*_TALK, *_TALK), "-filter:a:0", "volume=-12dB", "-c:a", "flac")
    yield case("pcm.mov", 2, (*silence, *_TALK), "-c:a", "pcm_s16le")
    yield case("float.mkv", 2, (*silence, *_TALK), "-c:a", "pcm_f32le")
    yield case("long.mkv", 2, (*still, *long), "-c:a", "libopus")
    yield case("long.mp4", 2, (*still, *long), "-c:a", "aac")
    yield case("long.ts", 2, (*still, *long), "-c:a", "mp2")
    yield case("film.mp4", 2, (*silence, *_TALK, *_FILM), "-c:a", "aac", "-c:v", "mpeg4")


def _late() -> Iterator[Case]:
    for name, codec, late in (
        *(("l.mp4", "aac", 5.0), ("l.mp4", "aac", 0.4), ("l.mp4", "aac", 20.0)),
        *(("l.mkv", "aac", 5.0), ("l.mkv", "libopus", 1.5), ("l.webm", "libopus", 3.0)),
        *(("l.mov", "aac", 5.0), ("l.mov", "pcm_s16le", 2.0), ("l.ts", "aac", 5.0)),
        *(("l.ts", "mp2", 1.0), ("l.flv", "aac", 5.0), ("l.mkv", "pcm_s16le", 7.25)),
        *(("l.mp4", "libmp3lame", 5.0), ("l.mkv", "flac", 0.3), ("l.mp4", "alac", 12.0)),
    ):
        film = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=10:d=30", "-itsoffset", str(late))
        rate = ("-ar", "44100") if name.endswith("flv") else ()
        video = ("-c:v", "libvpx") if name.endswith("webm") else ("-c:v", "mpeg4")
        if name.endswith("flv"):
            video = ("-c:v", "flv")
        yield Case("late", name, (*film, *_TALK, *video, "-c:a", codec, *rate), late=late)
    for name in ("alone.mka", "alone.m4a", "alone.ts"):
        yield Case("late", name, ("-itsoffset", "5", *_TALK, "-c:a", "aac"))
    together = (*_FILM, *_TALK, "-c:v", "mpeg4", "-c:a", "aac")
    for name in ("t.mp4", "t.mkv", "t.mov", "t.ts", "t.avi"):
        yield Case("late", name, together)


def _protected() -> Iterator[Case]:
    key = (
        "-encryption_scheme",
        "cenc-aes-ctr",
        "-encryption_key",
        "76a6c65c5ea762046bd749a2e632ccbb",
    )
    cenc = (*key, "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8")
    for name, more in (
        ("c.m4a", ()),
        ("c.mp4", ()),
        ("c.mov", ()),
        ("front.m4a", ("-movflags", "faststart")),
        ("fragments.m4a", ("-movflags", "frag_keyframe+empty_moov")),
        ("c.m4b", ()),
    ):
        said = "copy-protected"
        yield Case("protected", name, (*_TALK, "-c:a", "aac", *cenc, *more), said=said)
    for name, more in (("free.m4a", ()), ("free.mkv", ()), ("free.ts", ()), ("free.wma", ())):
        codec = "wmav2" if name.endswith("wma") else "aac"
        yield Case("protected", name, (*_TALK, "-c:a", codec, *more))


def _dates() -> Iterator[Case]:
    def here(*parts: int) -> datetime:
        return datetime(*parts).astimezone()  # type: ignore[arg-type]

    noon = datetime.fromisoformat("2019-03-04T12:00:00+00:00")
    stamp = ("-metadata", "creation_time=2019-03-04T12:00:00Z")
    for name in ("d.m4a", "d.mp4", "d.mov", "d.mka", "d.webm"):
        codec = "libopus" if name.endswith("webm") else "aac"
        yield Case("dates", name, (*_TALK, "-c:a", codec, *stamp), date=noon)
    day = ("-metadata", "date=2019-03-04")
    for name, codec in (
        *(("d.mp3", "libmp3lame"), ("d.flac", "flac"), ("d.ogg", "libvorbis")),
        *(("d.opus", "libopus"), ("d.wma", "wmav2"), ("e.m4a", "aac"), ("d.wav", "pcm_s16le")),
    ):
        yield Case("dates", name, (*_TALK, "-c:a", codec, *day), date=here(2019, 3, 4))
    bext = ("-write_bext", "1", "-metadata", "origination_date=2019-03-04")
    time = ("-metadata", "origination_time=09:15:30")
    broadcast = (*_TALK, *bext, *time)
    yield Case("dates", "bext.wav", broadcast, date=here(2019, 3, 4, 9, 15, 30))
    old = here(2017, 7, 8, 9, 10)
    for name, codec in (("o.wav", "pcm_s16le"), ("o.m4a", "aac"), ("o.mp3", "libmp3lame")):
        plain = (*_TALK, "-c:a", codec)
        yield Case("dates", name, plain, date=old, modified=old)


_CHAPTERS = """;FFMETADATA1
title=A book
[CHAPTER]
TIMEBASE=1/1000
START=0
END=2500
title=One
[CHAPTER]
TIMEBASE=1/1000
START=2500
END=5000
title=Zwei — ü
[CHAPTER]
TIMEBASE=1/1000
START=5000
END=8000
title=Three
"""


def _chapters() -> Iterator[Case]:
    book = (*_TALK, "-i", "chapters.txt", "-map_metadata", "1")
    expected = ((0.0, "One"), (2.5, "Zwei — ü"), (5.0, "Three"))
    for name, codec in (
        *(("c.m4b", "aac"), ("c.m4a", "aac"), ("c.mp4", "aac"), ("c.mov", "aac")),
        *(("c.mka", "libopus"), ("c.mkv", "aac"), ("c.webm", "libopus"), ("c.mp3", "libmp3lame")),
        *(("c.nut", "pcm_s16le"),),
    ):
        yield Case("chapters", name, (*book, "-c:a", codec), chapters=expected)
    # ffmpeg's own chapters of Ogg are up to a second off, and missing for Vorbis
    tags = [
        ("-metadata", word)
        for number, (at, title) in enumerate(expected, start=1)
        for word in (f"CHAPTER00{number}=00:00:0{at:.3f}", f"CHAPTER00{number}NAME={title}")
    ]
    comments = tuple(word for pair in tags for word in pair)
    for name, codec in (("c.ogg", "libvorbis"), ("c.opus", "libopus"), ("c.flac", "flac")):
        yield Case("chapters", name, (*_TALK, *comments, "-c:a", codec), chapters=expected)
    film = ("-f", "lavfi", "-i", "testsrc=s=64x64:r=10:d=20", "-itsoffset", "3")
    late = (*film, "-i", "talk.wav", "-i", "chapters.txt", "-map_metadata", "2", "-c:v", "mpeg4")
    for name in ("film.mp4", "film.mkv"):
        yield Case("chapters", name, (*late, "-c:a", "aac"), late=3.0, chapters=expected)
