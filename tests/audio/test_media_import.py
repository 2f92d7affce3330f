"""Files from elsewhere, brought in by the real worker: every format, whole, cut and worse."""

from __future__ import annotations

import os
import random
import shutil
import sys
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile as sf

from earmark.audio.peak_maker import are_whole
from earmark.audio.peaks import Peaks
from earmark.audio.worker import JobCancelled, client, run_job
from earmark.model.errors import EarmarkError, NotFound, UnusableMedia

FOLDER = "sessions/2026/03/2026-03-01 A talk abcdef"


def clicks(seconds: float, rate: int, channels: int = 1):
    """A quiet tone with a tick every half second, later ones higher: places can be told apart."""
    t = np.arange(int(seconds * rate))
    sound = 2000 * np.sin(2 * np.pi * 220 * t / rate)
    for n, start in enumerate(range(0, len(t) - rate // 50, rate // 2)):
        tick = np.arange(rate // 50)
        sound[start : start + len(tick)] += 9000 * np.sin(2 * np.pi * (400 + 40 * n) * tick / rate)
    return np.repeat(sound.astype(np.int16)[:, None], channels, axis=1)


def encode(path: Path, sound, rate: int, codec: str, layout: str = "mono", **options) -> None:
    """Writes a file with PyAV, its format by the name's ending."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        if options.get("title"):
            container.metadata["title"] = options["title"]
        size = stream.codec_context.frame_size or 1024
        size = size if size > 1 else 1024
        form = stream.codec_context.format.name
        resampler = av.AudioResampler(format=form, layout=layout, rate=rate, frame_size=size)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound).reshape(1, -1), format="s16", layout=layout
        )
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


def bring(library: Path, source: Path, on_progress=None, cancelled=None, **more):
    (library / FOLDER).mkdir(parents=True, exist_ok=True)
    job = {
        "job": "import",
        "library": str(library),
        "folder": FOLDER,
        "take": "abcdef0123456789",
        "ordinal": 1,
        "source": str(source),
        **more,
    }
    return run_job(job, on_progress, cancelled)


def files(library: Path) -> list[str]:
    return sorted(path.name for path in (library / FOLDER).iterdir())


def lag(expected, got) -> int:
    """By how many frames `got` is late, by correlation of the first two seconds."""
    x, y = (np.asarray(a[: 2 * 48_000], float)[:, 0] for a in (expected, got))
    size = 1 << (len(x) + len(y)).bit_length()
    corr = np.fft.irfft(np.fft.rfft(y, size) * np.conj(np.fft.rfft(x, size)), size)
    at = int(np.argmax(corr))
    return at if at < size // 2 else at - size


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    return folder


def write(path: Path, kind: str, rate: int, channels: int) -> None:
    sound = clicks(5.0, rate, channels)
    layout = "mono" if channels == 1 else "stereo"
    if kind in ("wav", "flac", "aiff") and path.suffix == f".{kind}":
        sf.write(path, sound, rate)
    elif kind == "wav24":
        sf.write(path, sound, rate, subtype="PCM_24")
    elif kind == "float":
        sf.write(path, sound / 32768, rate, subtype="FLOAT", format="WAV")
    elif kind == "opus":
        sf.write(path, sound, rate, format="OGG", subtype="OPUS")
    elif kind == "vorbis":
        sf.write(path, sound, rate, format="OGG", subtype="VORBIS")
    elif kind == "vbr":
        sf.write(path, sound, rate, format="MP3", bitrate_mode="VARIABLE")
    else:
        encode(path, sound, rate, kind, layout)


@pytest.mark.parametrize(
    ("name", "kind", "rate", "channels", "codec"),
    [
        ("a.wav", "wav", 48_000, 1, "wav"),
        ("a.wav", "wav", 44_100, 2, "wav"),
        ("a.wav", "wav24", 44_100, 1, "wav"),
        ("a.wav", "float", 96_000, 1, "wav"),
        ("a.flac", "flac", 44_100, 2, "flac"),
        ("a.opus", "opus", 48_000, 1, "opus"),
        ("a.opus", "opus", 16_000, 1, "opus"),
        ("a.mp3", "libmp3lame", 44_100, 1, "mp3"),
        ("a.mp3", "libmp3lame", 22_050, 2, "mp3"),
    ],
)
def test_formats_with_exact_seeking_stay_as_they_are(
    library: Path, tmp_path: Path, name: str, kind: str, rate: int, channels: int, codec: str
) -> None:
    source = tmp_path / name
    write(source, kind, rate, channels)
    done = bring(library, source)
    assert done["file"] == done["original"]
    assert (library / done["file"]).read_bytes() == source.read_bytes()
    assert (done["codec"], done["rate"], done["channels"]) == (codec, rate, channels)
    assert done["frames"] == 5 * rate
    shape = Peaks.open(library / done["peaks"])
    assert shape.columns(0, done["frames"], 1)[1].max() > 5_000, "its waveform is seen"
    shape.close()
    assert are_whole(library / done["peaks"], rate, done["frames"])
    assert (done["cut"], done["title"], done["gaps"]) == (False, "a", [])
    assert len(files(library)) == 2


@pytest.mark.parametrize(
    ("name", "kind", "rate", "channels"),
    [
        ("a.mp3", "vbr", 44_100, 1),
        ("a.ogg", "vorbis", 44_100, 1),
        ("a.m4a", "aac", 44_100, 1),
        ("a.mp4", "aac", 48_000, 2),
        ("a.m4a", "alac", 44_100, 1),
        ("a.webm", "libopus", 48_000, 1),
        ("a.mka", "libopus", 48_000, 1),
        ("a.mkv", "flac", 44_100, 2),
        ("a.aac", "aac", 48_000, 1),
        ("a.aiff", "aiff", 44_100, 1),
        ("a.caf", "pcm_s16le", 22_050, 1),
        ("a.oga", "flac", 44_100, 1),
    ],
)
def test_other_formats_become_flac_of_their_own_rate(
    library: Path, tmp_path: Path, name: str, kind: str, rate: int, channels: int
) -> None:
    source = tmp_path / name
    write(source, kind, rate, channels)
    done = bring(library, source)
    sound, found_rate = sf.read(library / done["file"], dtype="int16", always_2d=True)
    assert (done["codec"], done["rate"], done["channels"]) == ("flac", rate, channels)
    assert (found_rate, sound.shape) == (rate, (done["frames"], channels))
    assert (library / done["original"]).read_bytes() == source.read_bytes()
    assert done["original"].endswith("." + name.rpartition(".")[2])
    assert not done["cut"]
    assert abs(done["frames"] - 5 * rate) <= 0.1 * rate
    if name != "a.aac":  # ADTS cannot say how much of its beginning is the encoder's
        assert abs(lag(clicks(5.0, rate, channels), sound)) <= rate // 100
    assert are_whole(library / done["peaks"], rate, done["frames"])
    assert len(files(library)) == 3


def test_more_channels_than_two_become_two(library: Path, tmp_path: Path) -> None:
    for name, channels in (("a.wav", 6), ("b.wav", 3), ("c.wav", 11)):
        sf.write(tmp_path / name, clicks(1.0, 48_000, channels), 48_000)
        done = bring(library, tmp_path / name, take=f"{channels:06}")
        assert (done["codec"], done["channels"], done["frames"]) == ("flac", 2, 48_000)
        sound, _rate = sf.read(library / done["file"], dtype="int16")
        assert np.abs(sound).max() > 3000


def test_the_title_is_the_tag_or_the_name(library: Path, tmp_path: Path) -> None:
    encode(tmp_path / "x.mka", clicks(1, 48_000), 48_000, "libopus", title="Pens\nthat <b>hear")
    assert bring(library, tmp_path / "x.mka")["title"] == "Pens that <b>hear"
    talk = (tmp_path / "x.mka").read_bytes()
    (tmp_path / "x.mka").write_bytes(talk.replace(b"<b>hear", b"Gen\xe8ve!"))  # not UTF-8
    assert bring(library, tmp_path / "x.mka", ordinal=2)["title"] == "Pens that Gen�ve!"
    odd = tmp_path / "a\u202eb.m:k?a"
    shutil.copy(tmp_path / "x.mka", odd)
    assert bring(library, odd, take="fffff0")["original"].endswith("original-1-fffff0.mka")


def test_cancelled_before_it_began_nothing_happens(library: Path, tmp_path: Path) -> None:
    write(tmp_path / "a.wav", "wav", 48_000, 1)
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(JobCancelled):
        bring(library, tmp_path / "a.wav", cancelled=cancelled)
    assert files(library) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.wav", "wav"),
        ("a.flac", "flac"),
        ("a.opus", "opus"),
        ("a.ogg", "vorbis"),
        ("a.mp3", "libmp3lame"),
        ("a.mp3", "vbr"),
        ("a.mka", "libopus"),
        ("a.aiff", "aiff"),
    ],
)
def test_of_a_file_cut_in_the_middle_what_is_there_comes_in(
    library: Path, tmp_path: Path, name: str, kind: str
) -> None:
    source = tmp_path / name
    write(source, kind, 48_000, 1)
    data = source.read_bytes()
    source.write_bytes(data[: len(data) * 6 // 10 + 1])
    done = bring(library, source)
    assert done["cut"] is True
    assert 0.35 * 5 <= done["frames"] / 48_000 <= 0.75 * 5
    sound, _rate = sf.read(library / done["file"], dtype="int16", always_2d=True)
    assert len(sound) == done["frames"]
    assert abs(lag(clicks(5.0, 48_000), sound)) <= 480
    assert (library / done["original"]).read_bytes() == source.read_bytes()


def test_a_cut_mp4_with_its_index_in_front_comes_in(library: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.m4a"
    encode(source, clicks(20, 48_000), 48_000, "aac", movflags="faststart")
    data = source.read_bytes()
    source.write_bytes(data[: len(data) * 6 // 10])
    done = bring(library, source)
    assert done["cut"] is True
    assert 8 <= done["frames"] / 48_000 <= 14


def test_a_wav_whose_writer_was_killed_is_read_by_its_length(library: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    write(source, "wav", 48_000, 1)
    data = bytearray(source.read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = bytes(4)
    data[4:8] = bytes(4)
    source.write_bytes(data)
    done = bring(library, source)
    assert done["frames"] == 5 * 48_000


def test_an_outlandish_rate_becomes_an_ordinary_one(library: Path, tmp_path: Path) -> None:
    for name, rate in (("low.wav", 100), ("high.wav", 700_001)):
        sf.write(tmp_path / name, clicks(0.5, 48_000)[: rate // 2], rate)
        done = bring(library, tmp_path / name, take=f"{rate:07}")
        assert (done["codec"], done["rate"]) == ("flac", 48_000)
        assert done["frames"] > 0


HOSTILE = [
    ("empty.wav", b""),
    ("text.mp3", b"Dear diary, this is no sound at all. " * 4000),
    ("zeros.wav", bytes(100_000)),
    ("noise.mp3", random.Random(3).randbytes(300_000)),
    ("noise.m4a", random.Random(4).randbytes(300_000)),
    ("list.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n/etc/passwd\n"),
    ("concat.mp3", b"ffconcat version 1.0\nfile /etc/passwd\n"),
    ("edl.mkv", b"# mpv EDL v0\n/etc/passwd\n"),
    ("head.wav", b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0"),
    ("head.flac", b"fLaC\0\0\0\x22" + bytes(10)),
    ("head.ogg", b"OggS\0\2" + bytes(30)),
    ("sdp.sdp", b"v=0\nm=audio 5004 RTP/AVP 0\nc=IN IP4 127.0.0.1\n"),
]


@pytest.mark.parametrize(("name", "data"), HOSTILE, ids=[name for name, _data in HOSTILE])
def test_what_is_no_sound_gets_one_clear_sentence(
    library: Path, tmp_path: Path, name: str, data: bytes
) -> None:
    source = tmp_path / name
    source.write_bytes(data)
    with pytest.raises(UnusableMedia) as told:
        bring(library, source)
    assert name in told.value.what
    assert told.value.remedy
    assert files(library) == []


def test_a_picture_of_a_film_without_sound_is_refused(library: Path, tmp_path: Path) -> None:
    source = tmp_path / "silent.mkv"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _n in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), "u1"), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(UnusableMedia, match="no sound"):
        bring(library, source)


def test_the_sound_of_a_film_comes_in(library: Path, tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    with av.open(str(source), "w") as container:
        film = container.add_stream("mpeg4", rate=10)
        film.width = film.height = 64
        film.pix_fmt = "yuv420p"
        track = container.add_stream("aac", rate=48_000, layout="mono")
        for _n in range(20):
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), "u1"), format="rgb24")
            container.mux(film.encode(picture))
        sound = clicks(2.0, 48_000).reshape(1, -1)
        for start in range(0, sound.shape[1] - 1023, 1024):
            piece = np.ascontiguousarray(sound[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48_000, start
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=48_000)
            for part in resampler.resample(frame):
                container.mux(track.encode(part))
        for stream in (film, track):
            container.mux(stream.encode(None))
    done = bring(library, source)
    assert abs(done["frames"] / 48_000 - 2.0) < 0.1
    assert not done["cut"]


def test_neither_folder_nor_missing_file_nor_pipe(library: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        bring(library, tmp_path / "nothing.wav")
    with pytest.raises(UnusableMedia):
        bring(library, tmp_path)
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(UnusableMedia):
        bring(library, tmp_path / "pipe.wav")
    assert files(library) == []


def test_damaged_files_never_do_worse_than_a_sentence(library: Path, tmp_path: Path) -> None:
    choice = random.Random(11)
    kinds = [("a.flac", "flac"), ("a.opus", "opus"), ("a.mp3", "libmp3lame"), ("a.m4a", "aac")]
    for number, (name, kind) in enumerate(kinds):
        source = tmp_path / name
        write(source, kind, 48_000, 1)
        data = bytearray(source.read_bytes())
        for _n in range(40):
            data[choice.randrange(len(data))] = choice.randrange(256)
        source.write_bytes(data)
        try:
            done = bring(library, source, take=f"{number:06}")
        except EarmarkError as error:
            assert error.what and error.remedy
        else:
            assert sf.info(library / done["file"]).frames == done["frames"]
    assert not [name for name in files(library) if name.endswith(".part")]


def test_cancelling_leaves_nothing(library: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.m4a"
    encode(source, clicks(60, 48_000), 48_000, "aac")
    cancelled = threading.Event()
    with pytest.raises(JobCancelled):
        bring(library, source, lambda _share: cancelled.set(), cancelled)
    assert files(library) == []


def test_a_decoder_that_crashes_is_an_unusable_file(library: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    write(source, "wav", 48_000, 1)
    argv = (sys.executable, "-c", "import os; os.abort()")
    job = {"job": "import", "library": str(library), "folder": FOLDER, "take": "ab", "ordinal": 1}
    with pytest.raises(UnusableMedia) as told:
        client.run_job({**job, "source": str(source)}, argv=argv)
    assert told.value.remedy


def test_holes_in_a_files_times_are_kept_as_silence(library: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.mka"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        sound = clicks(2.0, 48_000).reshape(1, -1)
        for start in range(0, sound.shape[1], 960):
            piece = np.ascontiguousarray(sound[:, start : start + 960])
            frame = av.AudioFrame.from_ndarray(piece, format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48_000, start
            for packet in stream.encode(frame):
                if start >= 48_000:
                    packet.pts += 3 * 48_000
                    packet.dts = packet.pts
                container.mux(packet)
    done = bring(library, source)
    assert abs(done["frames"] / 48_000 - 5.0) < 0.1
    (gap,) = done["gaps"]
    assert gap["cause"] == "missing"
    assert abs(gap["frame"] / 48_000 - 1.0) < 0.1
    assert abs(gap["frames"] / 48_000 - 3.0) < 0.1
