"""What an import decides by itself and says: track, place of late sound, date, chapters; and what
it refuses, with the true reason. In this process: the worker's manners are tested elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile as sf

from earmark.audio.media import Brought, bring_in
from earmark.model.errors import UnusableMedia
from earmark.model.units import TakeId

RATE = 48_000


def tone(seconds: float, pitch: float = 440.0, level: float = 0.3, rate: int = RATE) -> np.ndarray:
    t = np.arange(int(seconds * rate)) / rate
    return (level * 32767 * np.sin(2 * np.pi * pitch * t)).astype(np.int16)


def film(
    path: Path,
    tracks: Iterable[np.ndarray],
    codec: str = "aac",
    late: float = 0.0,
    rate: int = RATE,
    picture: bool = False,
    **options: str,
) -> Path:
    """A file of several sound tracks, by its name's ending."""
    with av.open(str(path), "w", options=options) as container:
        shown = container.add_stream("mpeg4", rate=10) if picture else None
        if shown is not None:
            shown.width = shown.height = 64
            shown.pix_fmt = "yuv420p"
        streams = [(container.add_stream(codec, rate=rate, layout="mono"), s) for s in tracks]
        if shown is not None:
            for _n in range(20):
                image = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), "u1"), format="rgb24")
                container.mux(shown.encode(image))
            container.mux(shown.encode(None))
        for stream, sound in streams:
            if codec == "wmav2":
                stream.bit_rate = 96_000
            form, size = stream.codec_context.format.name, stream.codec_context.frame_size
            size = size if size > 1 else 1024
            resampler = av.AudioResampler(format=form, layout="mono", rate=rate, frame_size=size)
            frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
            frame.pts = round(late * rate)
            for part in (*resampler.resample(frame), *resampler.resample(None)):
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))
    return path


def bring(tmp_path: Path, source: Path, track: int | None = None) -> tuple[Brought, np.ndarray]:
    folder = tmp_path / "in"
    came = bring_in(source, folder, 1, TakeId("abcdef0123"), lambda _share: None, track)
    sound, rate = sf.read(folder / came.file, dtype="int16", always_2d=True)
    assert (len(sound), rate) == (came.frames, came.rate)
    return came, sound[:, 0]


def pitch_of(sound: np.ndarray, rate: int) -> float:
    middle = sound[len(sound) // 2 - rate // 4 : len(sound) // 2 + rate // 4].astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(middle))) * rate / len(middle))


SILENT, VOICE, OTHER = tone(2, level=0), tone(2, 440), tone(2, 880)


@pytest.mark.parametrize(
    ("name", "tracks", "taken", "pitch"),
    [
        ("silent first.mkv", (SILENT, VOICE), 2, 440),
        ("silent first.mp4", (SILENT, SILENT, OTHER), 3, 880),
        ("far weaker.mkv", (tone(2, 880, 0.0015), VOICE), 2, 440),
        ("both sound.mkv", (VOICE, OTHER), 1, 440),
        ("a knock.mkv", (np.concatenate([tone(0.05), SILENT[2400:]]), OTHER), 2, 880),
    ],
)
def test_of_several_tracks_the_one_that_sounds_is_taken(
    tmp_path: Path, name: str, tracks: tuple[np.ndarray, ...], taken: int, pitch: float
) -> None:
    came, sound = bring(tmp_path, film(tmp_path / name, tracks))
    assert came.track == taken
    assert [track.number for track in came.tracks] == list(range(1, len(tracks) + 1))
    assert pitch_of(sound, came.rate) == pytest.approx(pitch, abs=4)


def test_a_track_can_be_chosen_and_must_be_there(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mkv", (VOICE, OTHER))
    came, sound = bring(tmp_path, source, track=2)
    assert (came.track, round(pitch_of(sound, came.rate), -1)) == (2, 880)
    with pytest.raises(UnusableMedia, match="2 sound tracks: there is no track 3"):
        bring(tmp_path, source, track=3)
    with pytest.raises(UnusableMedia, match="1 sound track: there is no track 2"):
        bring(tmp_path, film(tmp_path / "b.mka", (VOICE,)), track=2)


def test_a_track_that_cannot_be_read_is_passed_over_and_told(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mkv", (OTHER, VOICE), "flac")
    source.write_bytes(source.read_bytes().replace(b"A_FLAC", b"A_NONE", 1))
    came, sound = bring(tmp_path, source)
    assert (came.track, round(pitch_of(sound, came.rate), -1)) == (2, 440)
    assert [track.about for track in came.tracks] == ["in a format Earmark does not read", ""]
    with pytest.raises(UnusableMedia, match="format Earmark does not read"):
        bring(tmp_path, source, track=1)


@pytest.mark.parametrize("name", ["late.mp4", "late.mkv", "late.mov", "late.ts"])
def test_sound_that_begins_after_its_film_keeps_its_place(tmp_path: Path, name: str) -> None:
    source = film(tmp_path / name, (tone(1),), late=5.0, picture=True)
    came, sound = bring(tmp_path, source)
    begins = int(np.argmax(np.abs(sound.astype(int)) > 3000)) / came.rate
    assert begins == pytest.approx(5.0, abs=0.05)
    assert came.frames / came.rate == pytest.approx(6.0, abs=0.1)
    (gap,) = came.gaps
    assert (gap.frame, gap.cause) == (0, "missing")
    assert gap.frames / came.rate == pytest.approx(5.0, abs=0.05)


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.ts", "aac", RATE),
        ("a.avi", "pcm_s16le", RATE),
        ("a.ac3", "ac3", RATE),
        ("a.eac3", "eac3", RATE),
        ("a.au", "pcm_s16be", 22_050),
        ("a.caf", "adpcm_ima_qt", 44_100),
        ("a.mov", "adpcm_ima_qt", 44_100),
        ("a.flv", "aac", 44_100),
        ("a.mp2", "mp2", RATE),
        ("a.tta", "tta", 44_100),
        ("a.wv", "wavpack", 44_100),
        ("a.wma", "wmav2", 44_100),
    ],
)
def test_what_the_decoder_can_comes_in(tmp_path: Path, name: str, codec: str, rate: int) -> None:
    source = film(tmp_path / name, (tone(2, rate=rate),), codec, rate=rate)
    came, sound = bring(tmp_path, source)
    assert (came.rate, came.channels, came.cut) == (rate, 1, False)
    assert len(sound) / rate == pytest.approx(2.0, abs=0.12)
    assert pitch_of(sound, rate) == pytest.approx(440, abs=4)
    inside = sound[rate // 2 : -rate // 2].astype(int)
    assert np.abs(inside).max() == pytest.approx(0.3 * 32767, rel=0.2)


def test_a_tag_in_front_of_a_raw_stream_is_no_damage_at_its_end(tmp_path: Path) -> None:
    film(tmp_path / "plain.ac3", (tone(2),), "ac3")
    source = tmp_path / "tagged.ac3"
    source.write_bytes(ID3 + (tmp_path / "plain.ac3").read_bytes())
    came, sound = bring(tmp_path, source)
    assert (came.cut, round(pitch_of(sound, came.rate), -1)) == (False, 440)


def box(name: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return (8 + len(inside)).to_bytes(4, "big") + name + inside


def asf_object(guid: str, content: bytes = b"") -> bytes:
    return bytes.fromhex(guid) + (24 + len(content)).to_bytes(8, "little") + content


def protected_mkv(data: bytes) -> bytes:
    """A ContentEncryption inside the track of a Matroska file, in place of its language."""
    at = data.index(b"\x22\xb5\x9c\x83und")
    inner = b"\x6d\x80\x87\x62\x40\x84\x50\x35\x81\x00"[:10]
    size = data.index(b"\xae", data.index(b"\x16\x54\xae\x6b")) + 1
    assert len(inner) == 10 and size < at
    # Language (7 bytes) and what follows give way: the track is read no further by then
    return data[:at] + inner + data[at + 10 :]


@pytest.mark.parametrize("kind", ["drms", "enca", "aavd", "wma", "mkv", "aa", "ts"])
def test_copy_protection_is_called_that(tmp_path: Path, kind: str) -> None:
    source = tmp_path / f"song.{'m4a' if kind in ('drms', 'enca', 'aavd') else kind}"
    if source.suffix == ".m4a":
        film(source, (VOICE,))
        data = source.read_bytes()
        at = data.index(b"mp4a", data.index(b"stsd"))
        data = data[:at] + kind.encode() + data[at + 4 :]
    elif kind == "wma":
        film(source, (VOICE,), "wmav2", rate=44_100)
        data = source.read_bytes()
        old = int.from_bytes(data[16:24], "little")
        extra = asf_object("fbb3112223bdd211b4b700a0c955fc6e", bytes(16))
        count = int.from_bytes(data[24:28], "little") + 1
        head = data[:16] + (old + len(extra)).to_bytes(8, "little") + count.to_bytes(4, "little")
        data = head + data[28:30] + extra + data[30:]
    elif kind == "mkv":
        film(source, (VOICE,))
        data = protected_mkv(source.read_bytes())
    elif kind == "aa":
        data = bytes(4) + b"\x57\x90\x75\x36" + bytes(4000)
    else:
        film(source, (VOICE,))
        data = bytearray(source.read_bytes())
        for at in range(0, len(data), 188):
            data[at + 3] |= 0x80
    source.write_bytes(data)
    with pytest.raises(UnusableMedia, match="copy-protected"):
        bring(tmp_path, source)


def test_boxes_within_boxes_without_end_are_no_trouble(tmp_path: Path) -> None:
    inner = b""
    for _n in range(5_000):
        inner = b"\x6d\x80" + (0x10000000 | len(inner)).to_bytes(4, "big") + inner
    track = b"\xae" + (0x10000000 | len(inner)).to_bytes(4, "big") + inner
    (tmp_path / "deep.mkv").write_bytes(
        b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
        b"\x16\x54\xae\x6b" + (0x10000000 | len(track)).to_bytes(4, "big") + track
    )
    deep = b""
    for _n in range(5_000):
        deep = box(b"moov", deep)
    (tmp_path / "deep.m4a").write_bytes(box(b"ftyp", b"M4A \0\0\0\0") + deep)
    for name in ("deep.mkv", "deep.m4a"):
        with pytest.raises(UnusableMedia):
            bring(tmp_path, tmp_path / name)


ID3 = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.mp3", ID3 + b"OFR " + bytes(5000), "OptimFROG"),
        ("a.wav", b"RIFF\x10\0\0\0RMIDdata" + bytes(100), "MIDI"),
        ("a.mid", b"MThd\0\0\0\6" + bytes(100), "MIDI"),
        ("a.webp", b"RIFF\x10\0\0\0WEBPVP8 " + bytes(100), "a picture"),
        ("a.m4a", b"\0\0\0\x18ftypheic" + bytes(100), "a picture"),
        ("a.mp3", b"PK\x03\x04" + bytes(100), "an archive"),
        ("a.pdf", b"%PDF-1.7" + bytes(100), "a PDF document"),
        ("a.aup3", b"SQLite format 3\0" + bytes(100), "an Audacity project"),
        ("a.msv", b"MS_VOICE" + bytes(100), "Sony dictaphone"),
        ("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nwords\n", "subtitles"),
        ("a.m3u", b"#EXTM3U\n/etc/passwd\n", "a playlist"),
    ],
)
def test_what_is_whole_but_no_recording_is_called_what_it_is(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UnusableMedia, match=said) as told:
        bring(tmp_path, tmp_path / name)
    assert "damaged" not in str(told.value)
    assert "again" not in told.value.remedy


def test_the_rest_of_a_known_kind_is_damaged(tmp_path: Path) -> None:
    for name, data in (("a.mp3", ID3 + bytes(100)), ("a.caf", b"caff\0\1" + bytes(40))):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UnusableMedia, match="damaged"):
            bring(tmp_path, tmp_path / name)


def test_the_date_is_the_files_own(tmp_path: Path) -> None:
    sf.write(tmp_path / "a.wav", VOICE, RATE)
    os.utime(tmp_path / "a.wav", (1_500_000_000, 1_500_000_000))
    came, _sound = bring(tmp_path, tmp_path / "a.wav")
    assert datetime.fromisoformat(came.recorded_at).timestamp() == 1_500_000_000
    plain = (tmp_path / "a.wav").read_bytes()
    bext = bytearray(602)
    bext[320:338] = b"2019-03-0409:15:30"
    chunk = b"bext" + len(bext).to_bytes(4, "little") + bytes(bext)
    (tmp_path / "b.wav").write_bytes(plain[:12] + chunk + plain[12:])
    came, _sound = bring(tmp_path, tmp_path / "b.wav")
    moment = datetime.fromisoformat(came.recorded_at)
    assert moment == datetime(2019, 3, 4, 9, 15, 30).astimezone()


def chaptered(path: Path, titles: tuple[str, ...]) -> Path:
    with av.open(str(path), "w") as container:
        container.set_chapters(
            [
                {
                    "id": n,
                    "start": n * 500,
                    "end": n * 500 + 500,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": title} if title else {},
                }
                for n, title in enumerate(titles)
            ]
        )
        stream = container.add_stream("aac", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(tone(2).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        resampler = av.AudioResampler("fltp", "mono", RATE, frame_size=1024)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("name", ["book.m4b", "book.mp4", "book.mka"])
def test_chapters_come_with_their_places(tmp_path: Path, name: str) -> None:
    target = chaptered(tmp_path / name.replace("m4b", "m4a"), ("One", "Two\nb", ""))
    source = target.rename(tmp_path / name)
    came, _sound = bring(tmp_path, source)
    assert [(c.frame, c.title) for c in came.chapters] == [
        (0, "One"),
        (24_000, "Two b"),
        (48_000, ""),
    ]


def test_chapters_of_mp3_and_ogg(tmp_path: Path) -> None:
    def chap(name: bytes, start: int, end: int, title: bytes) -> bytes:
        times = start.to_bytes(4, "big") + end.to_bytes(4, "big") + b"\xff" * 8
        tit2 = b"TIT2" + (len(title) + 1).to_bytes(4, "big") + b"\0\0\3" + title
        body = name + b"\0" + times + tit2
        return b"CHAP" + len(body).to_bytes(4, "big") + b"\0\0" + body

    film(tmp_path / "plain.mp3", (tone(2),), "libmp3lame", write_xing="0", id3v2_version="0")
    frames = chap(b"a", 0, 1000, b"First") + chap(b"b", 1000, 2000, b"Second")
    head = b"ID3\x03\0\0" + bytes(len(frames) >> shift & 127 for shift in (21, 14, 7, 0))
    (tmp_path / "a.mp3").write_bytes(head + frames + (tmp_path / "plain.mp3").read_bytes())
    came, _sound = bring(tmp_path, tmp_path / "a.mp3")
    assert [(c.frame, c.title) for c in came.chapters] == [(0, "First"), (RATE, "Second")]
    with av.open(str(tmp_path / "a.ogg"), "w") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        container.metadata.update(
            {"CHAPTER001NAME": "Later", "CHAPTER001": "00:00:01.500", "title": "T"}
        )
        frame = av.AudioFrame.from_ndarray(tone(2).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        for part in av.AudioResampler("s16", "mono", RATE, frame_size=960).resample(frame):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    came, _sound = bring(tmp_path, tmp_path / "a.ogg")
    assert [(c.frame, c.title) for c in came.chapters] == [(72_000, "Later")]


def test_a_pipe_and_a_device_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    for path in (tmp_path / "pipe.wav", Path("/dev/zero")):
        with pytest.raises(UnusableMedia, match="a pipe or a device"):
            bring(tmp_path, path)
    with pytest.raises(UnusableMedia, match="a folder"):
        bring(tmp_path, tmp_path)
