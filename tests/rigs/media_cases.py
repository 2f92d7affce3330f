"""Media files that are not as their headers say: made on the spot, with what should come of them.

The sound is a row of tones, each a tenth of a second, in an order that never repeats: any window of
it tells its own place. What is right is said by ffmpeg, which decodes the files before they are
joined, cut or damaged.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import soundfile as sf

from earmark.audio.media import bring_in
from earmark.model.errors import EarmarkError
from earmark.model.units import TakeId

SLOT = 0.1
SECONDS = 12.0
WINDOW = 0.2
_AROUND = 0.15
"""Seconds beside a hole that a decoder may lose too: the blocks it overlaps, its way back in."""
ALIKE = 0.75
_SILENT = 20.0


@dataclass(frozen=True)
class Expected:
    """`pieces`: whole files whose sound, end to end, should come in. `lost`: stretches of it (in
    seconds) that may be silence; `blurred`: that are not looked at. `end`: where it ends, if not
    with the last piece. `slack`: seconds by which places after a hole may be off, `sure` before it.
    `told`: whether it has to be said that something is missing (None: it cannot be known).
    """

    pieces: tuple[Path, ...]
    lost: tuple[tuple[float, float], ...] = ()
    blurred: tuple[tuple[float, float], ...] = ()
    end: float | None = None
    slack: float = 0.0
    told: bool | None = False
    length: float | None = None
    sure: float = 0.012


@dataclass(frozen=True)
class Case:
    kind: str
    name: str
    make: Callable[[Path, str], Expected] = field(compare=False)
    """Called with a folder and the file's name; writes that file."""


@dataclass(frozen=True)
class Seen:
    """What came in of a case."""

    rate: int
    sound: np.ndarray
    gaps: Sequence[tuple[float, float]]
    told: bool


def tones(seconds: float, rate: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    """Frames of shape (frames, channels)."""
    chance = np.random.default_rng(seed)
    count = round(seconds * rate)
    highest = min(3_000.0, rate * 0.4)
    slots = int(count / (SLOT * rate)) + 1
    pitches = chance.uniform(300, highest, slots)
    slot = np.minimum((np.arange(count) / (SLOT * rate)).astype(int), slots - 1)
    sound = 9_000 * np.sin(2 * np.pi * np.cumsum(pitches[slot]) / rate)
    return np.repeat(sound.astype(np.int16)[:, None], channels, axis=1)


def ffmpeg(*arguments: object, given: bytes | None = None) -> bytes:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    if given is not None:
        command.remove("-nostdin")
    done = subprocess.run(command, input=given, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr.decode(errors='replace')}")
    return done.stdout


@lru_cache(maxsize=256)
def decoded(path: Path, rate: int) -> np.ndarray:
    """A whole file's sound by ffmpeg, mixed to mono."""
    resample = ("-af", f"aresample={rate}:resampler=swr") if rate else ()
    raw = ffmpeg("-i", path, "-map", "0:a:0", *resample, "-ac", 1, "-f", "s16le", "-")
    return np.frombuffer(raw, "<i2")


def encoded(
    path: Path,
    *options: object,
    rate: int = 48_000,
    channels: int = 1,
    seconds: float = SECONDS,
    seed: int = 0,
) -> Path:
    """Writes tones as a file, its form by its ending and ffmpeg's `options`."""
    raw = tones(seconds, rate, channels, seed).tobytes()
    form = ("-f", "s16le", "-ar", rate, "-ac", channels)
    ffmpeg(*form, "-i", "-", "-bitexact", *options, path, given=raw)
    return path


def amr(path: Path, *, wide: bool = False, bits: int = 12_200, **more: object) -> Path:
    """Writes tones as AMR, which Debian's ffmpeg cannot write."""
    rate = 16_000 if wide else 8_000
    sound = tones(float(more.get("seconds", SECONDS)), rate, seed=int(more.get("seed", 0)))
    if wide:
        return _amr_wide(path, sound[:, 0], bits)
    size = rate // 50
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopencore_amrnb", rate=rate, layout="mono")
        stream.codec_context.bit_rate = bits
        for start in range(0, len(sound) - size + 1, size):
            piece = np.ascontiguousarray(sound[start : start + size].reshape(1, -1))
            frame = av.AudioFrame.from_ndarray(piece, "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


_WIDE_BITS = (6_600, 8_850, 12_650, 14_250, 15_850, 18_250, 19_850, 23_050, 23_850)


def can_write_wide() -> bool:
    """Whether AMR-WB can be written here (Debian: libvo-amrwbenc0)."""
    try:
        ctypes.CDLL("libvo-amrwbenc.so.0")
    except OSError:
        return False
    return True


def _amr_wide(path: Path, sound: np.ndarray, bits: int) -> Path:
    library = ctypes.CDLL("libvo-amrwbenc.so.0")
    library.E_IF_init.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.E_IF_init())
    out = ctypes.create_string_buffer(64)
    made = [b"#!AMR-WB\n"]
    for start in range(0, len(sound) - 319, 320):
        piece = np.ascontiguousarray(sound[start : start + 320])
        given = piece.ctypes.data_as(ctypes.c_void_p)
        count = library.E_IF_encode(state, _WIDE_BITS.index(bits), given, out, 0)
        made.append(out.raw[:count])
    library.E_IF_exit(state)
    path.write_bytes(b"".join(made))
    return path


def packets(path: Path) -> list[tuple[int, int, float, float]]:
    """Place, size, time and length of each packet of a whole file's sound, by ffprobe."""
    entries = "packet=pos,size,pts_time,duration_time"
    command = ("ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", entries)
    done = subprocess.run((*command, "-of", "json", str(path)), capture_output=True, check=True)
    rows = json.loads(done.stdout)["packets"]
    found = [
        (int(row["pos"]), int(row["size"]), float(row["pts_time"]), float(row["duration_time"]))
        for row in rows
        if "pos" in row and "pts_time" in row and "duration_time" in row
    ]
    first = found[0][2]
    return [(pos, size, time - first, length) for pos, size, time, length in found]


def lost_in(path: Path, start: int, end: int, more: float = 0.0) -> tuple[float, float]:
    """The seconds of sound in bytes `[start, end)` of a whole file. A page is lost as a whole."""
    rows = packets(path)
    places = sorted({row[0] for row in rows})
    ends = dict(zip(places, [*places[1:], path.stat().st_size], strict=True))
    hit = [row for row in rows if row[0] < end and max(ends[row[0]], row[0] + row[1]) > start]
    return hit[0][2] - more, hit[-1][2] + hit[-1][3] + more


def _end_of(path: Path, size: int) -> float:
    """Where the sound ends of which the first `size` bytes of a whole file are there."""
    rows = packets(path)
    places = sorted({row[0] for row in rows})
    ends = dict(zip(places, [*places[1:], path.stat().st_size], strict=True))
    paged = path.suffix in (".opus", ".ogg", ".oga")
    there = [row for row in rows if (ends[row[0]] if paged else row[0] + row[1]) <= size]
    return there[-1][2] + there[-1][3]


def tried(case: Case, folder: Path) -> list[str]:
    """What is wrong with what comes in of a case, made in that folder."""
    expected = case.make(folder, case.name)
    library = folder / "library"
    try:
        came = bring_in(folder / case.name, library, 1, TakeId("abcdef"), lambda _share: None)
    except EarmarkError as error:
        return [f"refused: {error}"]
    sound, rate = sf.read(library / came.file, dtype="int16", always_2d=True)
    gaps = [(gap.frame / came.rate, gap.frames / came.rate) for gap in came.gaps]
    told = came.cut or any(gap.frame for gap in came.gaps)
    wrong = judged(expected, Seen(rate, sound.astype(float).mean(axis=1), gaps, told))
    if len(sound) != came.frames:
        wrong.append(f"{came.frames} frames said, {len(sound)} there")
    return wrong


def judged(expected: Expected, seen: Seen) -> list[str]:
    """What is wrong with what came in; nothing where all is right."""
    wrong: list[str] = []
    rate, got = seen.rate, seen.sound
    whole = np.concatenate([decoded(piece, rate) for piece in expected.pieces])
    if expected.end is not None:
        whole = whole[: round(expected.end * rate)]
    length = expected.length if expected.length is not None else len(whole) / rate
    allowed = 0.06 + expected.slack
    if abs(len(got) / rate - length) > allowed:
        wrong.append(f"{len(got) / rate:.3f} s long instead of {length:.3f}")
    lost = [(a - _AROUND, b + _AROUND) for a, b in expected.lost]
    worst, away, gone = 0.0, 0, 0
    size = round(WINDOW * rate)
    windows = range(0, len(whole) - size, round(rate * WINDOW * 1.5))
    for start in windows:
        ends = (start + size) / rate
        if any(a < ends and start / rate < b for a, b in (*lost, *expected.blurred)):
            continue
        behind = any(b < start / rate for _a, b in lost)
        late = place(whole[start : start + size], got, start, rate, expected.slack + 0.05)
        if late is None:
            gone += 1
        else:
            limit = expected.slack if behind else 0.0
            away += abs(late) > expected.sure + limit
            worst = max(worst, abs(late))
    if gone:
        wrong.append(f"{gone} of {len(windows)} windows are not there")
    if away:
        wrong.append(f"{away} of {len(windows)} windows lie up to {worst * 1000:.0f} ms off")
    for a, b in expected.lost:
        if not any(start < b + 0.2 and start + size > a - 0.2 for start, size in seen.gaps):
            wrong.append(f"no gap at {a:.2f}-{b:.2f} s")
    for start, size in seen.gaps:
        if not any(a - 0.2 < start + size and start < b + 0.2 for a, b in expected.lost):
            wrong.append(f"a gap at {start:.2f} s of {size:.2f} s where nothing is missing")
    if expected.told is not None and seen.told is not expected.told:
        wrong.append("it is not told" if expected.told else "told though whole")
    return wrong


def place(window: np.ndarray, got: np.ndarray, at: int, rate: int, reach: float) -> float | None:
    """By how many seconds `window` is late in `got`; None where it is not near `at`."""
    margin = round((reach + 0.02) * rate)
    begin = max(0, at - margin)
    part = got[begin : at + len(window) + margin].astype(float)
    if len(part) < len(window):
        return None
    wanted = window.astype(float)
    size = 1 << (len(part) + len(wanted)).bit_length()
    spectrum = np.fft.rfft(part, size) * np.conj(np.fft.rfft(wanted, size))
    corr = np.fft.irfft(spectrum, size)[: len(part) - len(wanted) + 1]
    power = np.concatenate(([0.0], np.cumsum(part * part)))
    energy = power[len(wanted) :] - power[: len(power) - len(wanted)]
    if float(np.sqrt(np.mean(wanted * wanted))) < _SILENT:
        here = got[at : at + len(window)].astype(float)
        return 0.0 if float(np.sqrt(np.mean(here * here))) < 10 * _SILENT else None
    alike = corr / np.sqrt(np.maximum(energy, 1.0) * max(float(wanted @ wanted), 1.0))
    best = int(np.argmax(alike))
    return (begin + best - at) / rate if alike[best] >= ALIKE else None


def joined(target: Path, *pieces: Path | bytes) -> None:
    target.write_bytes(b"".join(p if isinstance(p, bytes) else p.read_bytes() for p in pieces))


def put(target: Path, data: bytes, at: int, new: bytes) -> None:
    target.write_bytes(data[:at] + new + data[at + len(new) :])


def all_cases() -> Iterator[Case]:
    """Every case, by kind."""
    yield from _header_cases()
    yield from _chain_cases()
    yield from _amr_cases()
    yield from _hole_cases()
    yield from _cut_cases()
    yield from _fragment_cases()
    yield from _flac_cases()
    yield from _untagged_cases()


# (a) a header says less than the file holds


def _header_cases() -> Iterator[Case]:
    kind = "declared length"

    def stale(field_: bytes, number: str, share: float, *options: object, skip: int = 0, **more):
        """The size after a chunk's name says `share` of what is there."""

        def make(folder: Path, name: str) -> Expected:
            whole = encoded(folder / f"whole-{name}", *options, **more)
            data = whole.read_bytes()
            at = data.index(field_) + len(field_) + skip
            width = int(number[1:])
            order = "little" if number[0] == "<" else "big"
            size = int.from_bytes(data[at : at + width], order)
            less = int(size * share) // 24 * 24
            put(folder / name, data, at, less.to_bytes(width, order))
            return Expected((whole,), sure=0.0005)

        return make

    yield Case(kind, "stale.wav", stale(b"data", "<4", 0.4))
    yield Case(kind, "stale-stereo.wav", stale(b"data", "<4", 0.9, channels=2, rate=44_100))
    yield Case(kind, "stale-24.wav", stale(b"data", "<4", 0.5, "-c:a", "pcm_s24le"))
    yield Case(kind, "stale-float.wav", stale(b"data", "<4", 0.1, "-c:a", "pcm_f32le"))
    yield Case(kind, "stale-u8.wav", stale(b"data", "<4", 0.3, "-c:a", "pcm_u8", rate=16_000))
    yield Case(kind, "stale-odd.wav", stale(b"data", "<4", 0.99, rate=8_000))
    yield Case(kind, "stale.aiff", stale(b"SSND", ">4", 0.5))
    yield Case(kind, "stale.caf", stale(b"data", ">8", 0.5, "-c:a", "pcm_s16le"))
    w64 = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
    yield Case(kind, "stale.w64", stale(w64, "<8", 0.5))

    def stale_rf64(folder: Path, name: str) -> Expected:
        whole = encoded(folder / f"whole-{name}", "-rf64", "always")
        data = whole.read_bytes()
        size = int.from_bytes(data[28:36], "little")
        put(folder / name, data, 28, (size // 3 // 2 * 2).to_bytes(8, "little"))
        return Expected((whole,), sure=0.0005)

    yield Case(kind, "stale-rf64.wav", stale_rf64)

    def chunks_behind(folder: Path, name: str) -> Expected:
        whole = encoded(folder / f"whole-{name}", rate=44_100)
        more = b"LIST\x1a\0\0\0INFOISFT\x0e\0\0\0a writer  here" + b"id3 \x04\0\0\0abcd"
        joined(folder / name, whole, more)
        return Expected((whole,), sure=0.0005)

    yield Case(kind, "chunks-behind.wav", chunks_behind)

    def flac_total(change: Callable[[int], int], told: bool = False):
        def make(folder: Path, name: str) -> Expected:
            whole = encoded(folder / f"whole-{name}", rate=44_100)
            data = whole.read_bytes()
            packed = int.from_bytes(data[18:26], "big")
            total = packed & (1 << 36) - 1
            put(folder / name, data, 18, (packed - total + change(total)).to_bytes(8, "big"))
            return Expected((whole,), sure=0.0005, told=told)

        return make

    yield Case(kind, "total-half.flac", flac_total(lambda total: total // 2))
    yield Case(kind, "total-one-less.flac", flac_total(lambda total: total - 1))
    yield Case(kind, "total-zero.flac", flac_total(lambda _total: 0))
    yield Case(kind, "total-more.flac", flac_total(lambda total: total * 2, told=True))

    def join(*forms: tuple[dict[str, object], tuple[object, ...]], between: bytes = b""):
        def make(folder: Path, name: str) -> Expected:
            pieces = []
            for number, (more, options) in enumerate(forms):
                piece = folder / f"piece-{number}-{name}"
                pieces.append(encoded(piece, *options, seconds=5.0 + number, seed=number, **more))
            rest = [part for piece in pieces for part in (piece, between)][:-1]
            joined(folder / name, *rest)
            return Expected(tuple(pieces))

        return make

    plain: tuple[dict[str, object], tuple[object, ...]] = ({}, ())
    other = ({"rate": 44_100}, ())
    yield Case(kind, "joined.wav", join(plain, plain))
    yield Case(kind, "joined-rates.wav", join(plain, other, plain))
    yield Case(kind, "joined.aiff", join(plain, plain))
    yield Case(kind, "joined.flac", join(plain, plain))
    yield Case(kind, "joined.m4a", join(plain, plain))
    yield Case(kind, "joined.mka", join(({}, ("-c:a", "libopus")), ({}, ("-c:a", "libopus"))))
    cbr = ({"rate": 44_100}, ("-b:a", "64k"))
    vbr = ({"rate": 44_100}, ("-q:a", 5))
    bare = ({"rate": 44_100}, ("-b:a", "64k", "-id3v2_version", 0))
    silent = ({"rate": 44_100}, ("-b:a", "64k", "-id3v2_version", 0, "-write_xing", 0))
    yield Case(kind, "joined-tags.mp3", join(cbr, cbr))
    yield Case(kind, "joined-info.mp3", join(bare, bare))
    yield Case(kind, "joined-rates.mp3", join(cbr, ({"rate": 48_000}, ("-b:a", "96k"))))
    yield Case(kind, "joined-vbr.mp3", join(cbr, vbr, cbr))
    yield Case(kind, "joined-untagged.mp3", join(bare, silent))
    yield Case(kind, "joined-stereo.mp3", join(cbr, ({"rate": 44_100, "channels": 2}, ())))
    yield Case(kind, "joined-id3v1.mp3", join(bare, bare, between=b"TAG" + bytes(125)))
    yield Case(kind, "joined.aac", join(plain, plain))


# (b) chained Ogg


def _chain_cases() -> Iterator[Case]:
    kind = "chained ogg"

    def chain(*links: tuple[str, dict[str, object]]):
        def make(folder: Path, name: str) -> Expected:
            pieces = []
            for number, (codec, more) in enumerate(links):
                seconds = float(more.get("seconds", 4.0 + number))
                rest = {key: value for key, value in more.items() if key != "seconds"}
                piece = folder / f"link-{number}-{name}"
                options = ("-c:a", codec, "-serial_offset", number, "-f", "ogg")
                encoded(piece, *options, seconds=seconds, seed=number, **rest)
                pieces.append(piece)
            joined(folder / name, *pieces)
            return Expected(tuple(pieces))

        return make

    stereo: dict[str, object] = {"channels": 2}
    yield Case(kind, "channels.opus", chain(("libopus", {}), ("libopus", stereo)))
    yield Case(kind, "channels-back.opus", chain(("libopus", stereo), ("libopus", {})))
    yield Case(kind, "same.opus", chain(("libopus", {}), ("libopus", {}), ("libopus", {})))
    yield Case(kind, "rates.opus", chain(("libopus", {"rate": 16_000}), ("libopus", {})))
    slow: dict[str, object] = {"rate": 22_050}
    yield Case(kind, "rate.ogg", chain(("libvorbis", {}), ("libvorbis", {"rate": 44_100})))
    yield Case(kind, "rate-up.ogg", chain(("libvorbis", slow), ("libvorbis", {})))
    yield Case(kind, "channels.ogg", chain(("libvorbis", {}), ("libvorbis", stereo)))
    yield Case(kind, "same.ogg", chain(("libvorbis", {}), ("libvorbis", {})))
    yield Case(kind, "codecs.ogg", chain(("libvorbis", {}), ("libopus", {}), ("flac", {})))
    yield Case(kind, "short-link.opus", chain(("libopus", {}), ("libopus", {"seconds": 0.5})))
    yield Case(kind, "short-first.ogg", chain(("libvorbis", {"seconds": 0.6}), ("libvorbis", {})))
    yield Case(kind, "rate.oga", chain(("flac", {}), ("flac", {"rate": 44_100})))
    ten = [("libopus", {"seconds": 1.5, "channels": 1 + n % 2}) for n in range(10)]
    yield Case(kind, "ten.opus", chain(*ten))


# (c) AMR with pauses


_NB = (13, 14, 16, 18, 20, 21, 27, 32)


def _amr_cases() -> Iterator[Case]:
    kind = "amr pauses"

    def paused(pattern: Callable[[int], bytes | None], *, bits: int = 12_200, wide: bool = False):
        """Packets for which `pattern` gives another are replaced by it: a pause is silence."""

        def make(folder: Path, name: str) -> Expected:
            whole = amr(folder / f"whole-{Path(name).stem}.amr", wide=wide, bits=bits)
            data = whole.read_bytes()
            head = 9 if wide else 6
            size = len(data[head:]) // round(SECONDS * 50)
            rows = [data[at : at + size] for at in range(head, len(data), size)]
            new = [pattern(n) for n in range(len(rows))]
            made = [
                other if other is not None else row for row, other in zip(rows, new, strict=True)
            ]
            silent = [n for n, other in enumerate(new) if other is not None]
            target = folder / name
            if target.suffix == ".3gp":
                _into_3gp(target, made)
            else:
                target.write_bytes(data[:head] + b"".join(made))
            decoded.cache_clear()
            edges = [n for n in silent if n - 1 not in silent or n + 1 not in silent]
            blurred = tuple((n * 0.02 - 0.02, n * 0.02 + 0.04) for n in edges)
            hushed = _hushed(whole, silent)
            return Expected((hushed,), length=len(rows) * 0.02, blurred=blurred)

        return make

    sid, none = b"\x44" + bytes(5), b"\x7c"
    wsid, wnone = b"\x4c" + bytes(5), b"\x7c"

    def pause(first: int, last: int, sid_: bytes = sid, none_: bytes = none):
        def of(n: int) -> bytes | None:
            if not any(a <= n < b for a, b in [(first, last)]):
                return None
            return sid_ if (n - first) % 8 in (0, 3) else none_

        return of

    wpause = pause(200, 330, wsid, wnone)
    yield Case(kind, "pause.amr", paused(pause(200, 330)))
    yield Case(kind, "pause-first.amr", paused(pause(0, 100)))
    yield Case(kind, "pause-last.amr", paused(pause(500, 600)))
    yield Case(kind, "pauses.amr", paused(lambda n: none if n % 100 < 40 else None))
    yield Case(kind, "sids.amr", paused(lambda n: sid if 100 <= n < 400 else None))
    yield Case(kind, "pause-475.amr", paused(pause(100, 250), bits=4_750))
    yield Case(kind, "pause-795.amr", paused(pause(100, 250), bits=7_950))
    yield Case(kind, "no-pause.amr", paused(lambda _n: None))
    if can_write_wide():
        lost = paused(lambda n: b"\x74" if 300 <= n < 350 else None, bits=12_650, wide=True)
        yield Case(kind, "pause-wide.amr", paused(wpause, bits=23_850, wide=True))
        yield Case(kind, "lost-wide.amr", lost)
    yield Case(kind, "pause.3gp", paused(pause(200, 330)))
    yield Case(kind, "pause-first.3gp", paused(pause(0, 100)))

    def twice(folder: Path, name: str) -> Expected:
        a = amr(folder / "a.amr", seconds=5.0)
        b = amr(folder / "b.amr", seconds=6.0, seed=1)
        joined(folder / name, a, b)
        return Expected((a, b))

    yield Case(kind, "joined.amr", twice)


def _hushed(whole: Path, silent: Sequence[int]) -> Path:
    """A WAV of the decoded sound, silent in these packets and in the one after each."""
    rate = 16_000 if whole.read_bytes()[:9] == b"#!AMR-WB\n" else 8_000
    sound = decoded(whole, rate).copy()
    size = rate // 50
    for n in silent:
        sound[n * size : (n + 1) * size] = 0
    target = whole.with_suffix(".wav")
    ffmpeg("-f", "s16le", "-ar", rate, "-ac", 1, "-i", "-", target, given=sound.tobytes())
    return target


def _into_3gp(target: Path, rows: Sequence[bytes]) -> None:
    with av.open(str(target), "w") as container:
        rate = 8_000
        stream = container.add_stream("libopencore_amrnb", rate=rate, layout="mono")
        for n, row in enumerate(rows):
            packet = av.Packet(row)
            packet.stream, packet.time_base = stream, Fraction(1, rate)
            packet.pts = packet.dts = n * (rate // 50)
            packet.duration = rate // 50
            container.mux(packet)


# (d) damaged in the middle


def _hole_cases() -> Iterator[Case]:
    kind = "hole"

    def hole(
        *options: object,
        at: float = 0.4,
        size: float = 0.2,
        fill: str = "zero",
        slack: float = 0.0,
        wider: float = 0.0,
        twice: bool = False,
        whole_by: Callable[[Path], Path] | None = None,
        **more,
    ):
        def make(folder: Path, name: str) -> Expected:
            whole = folder / f"whole-{name}"
            whole = whole_by(whole) if whole_by else encoded(whole, *options, **more)
            data = whole.read_bytes()
            holes = [(at, size), (at + size + 0.15, size / 2)] if twice else [(at, size)]
            lost = []
            for begin, length in holes:
                start, end = int(len(data) * begin), int(len(data) * (begin + length))
                filled = {
                    "zero": bytes(end - start),
                    "ones": b"\xff" * (end - start),
                    "noise": np.random.default_rng(5).bytes(end - start),
                }[fill]
                data = data[:start] + filled + data[end:]
                lost.append(lost_in(whole, start, end, wider))
            (folder / name).write_bytes(data)
            return Expected((whole,), lost=tuple(lost), told=True, slack=slack)

        return make

    mp3 = {"rate": 44_100}
    yield Case(kind, "cbr.mp3", hole("-b:a", "64k", slack=0.03, **mp3))
    yield Case(kind, "cbr-untagged.mp3", hole("-b:a", "64k", "-write_xing", 0, slack=0.03, **mp3))
    yield Case(kind, "vbr.mp3", hole("-q:a", 4, slack=0.03, **mp3))
    yield Case(kind, "stereo.mp3", hole("-b:a", "128k", slack=0.03, channels=2))
    yield Case(kind, "noise.mp3", hole("-b:a", "64k", slack=0.03, fill="noise", **mp3))
    yield Case(kind, "ones.mp3", hole("-b:a", "64k", slack=0.03, fill="ones", **mp3))
    yield Case(kind, "twice.mp3", hole("-b:a", "64k", slack=0.06, size=0.1, twice=True, **mp3))
    yield Case(kind, "small.mp3", hole("-b:a", "64k", slack=0.03, size=0.02, **mp3))
    yield Case(kind, "hole.aac", hole(slack=0.12))
    yield Case(kind, "stereo.aac", hole(slack=0.12, channels=2))
    yield Case(kind, "noise.aac", hole(slack=0.12, fill="noise"))
    yield Case(kind, "hole.m4a", hole("-c:a", "aac"))
    yield Case(kind, "alac.m4a", hole("-c:a", "alac"))
    yield Case(kind, "hole.opus", hole("-c:a", "libopus"))
    yield Case(kind, "noise.opus", hole("-c:a", "libopus", fill="noise"))
    yield Case(kind, "twice.opus", hole("-c:a", "libopus", size=0.1, twice=True))
    yield Case(kind, "hole.ogg", hole("-c:a", "libvorbis"))
    yield Case(kind, "noise.ogg", hole("-c:a", "libvorbis", fill="noise", rate=44_100))
    yield Case(kind, "twice.ogg", hole("-c:a", "libvorbis", size=0.1, twice=True))
    yield Case(kind, "hole.flac", hole())
    yield Case(kind, "noise.flac", hole(fill="noise", channels=2))
    yield Case(kind, "small.flac", hole(size=0.004))
    yield Case(kind, "twice.flac", hole(size=0.1, twice=True, rate=44_100))
    yield Case(kind, "hole.oga", hole("-c:a", "flac"))
    cluster = ("-cluster_time_limit", 1000)
    yield Case(kind, "hole.mka", hole("-c:a", "libopus", *cluster, wider=1.0))
    yield Case(kind, "hole.webm", hole("-c:a", "libvorbis", *cluster, wider=1.0))
    yield Case(kind, "hole.wma", hole("-c:a", "wmav2"))
    fragments = (
        "-c:a",
        "aac",
        "-movflags",
        "frag_keyframe+empty_moov",
        "-frag_duration",
        1_000_000,
    )
    yield Case(kind, "fragments.mp4", hole(*fragments, wider=1.0))
    yield Case(kind, "hole.amr", hole(slack=0.03, whole_by=lambda path: amr(path)))
    if can_write_wide():
        wide = hole(slack=0.03, whole_by=lambda path: amr(path, wide=True, bits=23_850))
        yield Case(kind, "wide.amr", wide)


# (e) cut, and not cut


def _cut_cases() -> Iterator[Case]:
    kind = "cut or whole"

    def cut(*options: object, share: float = 0.6, by: Callable[[Path], Path] | None = None, **more):
        def make(folder: Path, name: str) -> Expected:
            whole = folder / f"whole-{name}"
            whole = by(whole) if by else encoded(whole, *options, **more)
            data = whole.read_bytes()
            size = int(len(data) * share) | 1
            (folder / name).write_bytes(data[:size])
            end = _end_of(whole, size)
            # a packet of WMA holds pieces of several
            slack = 0.15 if whole.suffix == ".wma" else 0.0
            return Expected((whole,), end=end, length=end, slack=slack, told=True)

        return make

    def as_it_is(*options: object, by: Callable[[Path], Path] | None = None, **more):
        def make(folder: Path, name: str) -> Expected:
            whole = by(folder / name) if by else encoded(folder / name, *options, **more)
            return Expected((whole,))

        return make

    opus = ("-c:a", "libopus")
    wide = {"by": lambda path: amr(path, wide=True, bits=23_850)}
    forms: tuple[tuple[str, tuple[object, ...], dict[str, object]], ...] = (
        ("a.wav", (), {}),
        ("a.caf", ("-c:a", "pcm_s16le"), {}),
        ("a.w64", (), {}),
        ("a.aiff", (), {}),
        ("a.wma", (), {}),
        ("a.aac", (), {}),
        ("a.amr", (), {"by": amr}),
        *([("wide.amr", (), wide)] if can_write_wide() else []),
        ("a.flac", (), {}),
        ("cbr.mp3", ("-b:a", "64k"), {}),
        ("vbr.mp3", ("-q:a", 4), {}),
        ("untagged.mp3", ("-b:a", "64k", "-write_xing", 0), {}),
        ("a.opus", (), {}),
        ("a.ogg", ("-c:a", "libvorbis"), {}),
        ("a.webm", opus, {}),
        ("live.webm", (*opus, "-live", 1, "-cluster_time_limit", 1000), {}),
        ("a.mka", opus, {}),
        ("front.m4a", ("-movflags", "faststart"), {}),
        ("rf64.wav", ("-rf64", "always"), {}),
    )
    for name, options, more in forms:
        yield Case(kind, f"cut-{name}", cut(*options, **more))
        yield Case(kind, f"whole-{name}", as_it_is(*options, **more))

    def unclosed(folder: Path, name: str) -> Expected:
        """As a writer leaves it that was killed between two clusters."""
        whole = encoded(folder / f"whole-{name}", *opus, "-cluster_time_limit", 1000)
        data = bytearray(whole.read_bytes())
        segment = data.index(b"\x18\x53\x80\x67") + 4
        data[segment : segment + 8] = b"\x01" + b"\xff" * 7
        seek, info = data.index(b"\x11\x4d\x9b\x74"), data.index(b"\x15\x49\xa9\x66")
        data[seek:info] = (
            b"\xec\x01" + (info - seek - 9).to_bytes(7, "big") + bytes(info - seek - 9)
        )
        starts = []
        at = data.find(b"\x1f\x43\xb6\x75")
        while at >= 0:
            starts.append(at)
            at = data.find(b"\x1f\x43\xb6\x75", at + 4)
        (folder / name).write_bytes(data[: starts[8]])
        end = max(time + length for pos, _size, time, length in packets(whole) if pos < starts[8])
        return Expected((whole,), end=end, length=end, told=True)

    yield Case(kind, "unclosed.webm", unclosed)
    yield Case(kind, "unclosed.mkv", unclosed)

    def placeholder(field_: bytes, value: bytes, *options: object, **more):
        def make(folder: Path, name: str) -> Expected:
            whole = encoded(folder / f"whole-{name}", *options, **more)
            data = whole.read_bytes()
            put(folder / name, data, data.index(field_) + len(field_), value)
            return Expected((whole,))

        return make

    for value in (0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0):
        name = f"to-a-pipe-{value:08x}.wav"
        yield Case(kind, name, placeholder(b"data", value.to_bytes(4, "little")))
    eight = placeholder(b"data", (0x7FFFF000).to_bytes(4, "little"), "-c:a", "pcm_u8", rate=8_000)
    yield Case(kind, "to-a-pipe-8bit.wav", eight)
    yield Case(kind, "to-a-pipe.caf", placeholder(b"data", b"\xff" * 8, "-c:a", "pcm_s16le"))
    yield Case(kind, "to-a-pipe.aiff", placeholder(b"SSND", (0x7F000008).to_bytes(4, "big")))

    def piped(*options: object, form: str):
        def make(folder: Path, name: str) -> Expected:
            raw = tones(SECONDS, 48_000).tobytes()
            given = ("-f", "s16le", "-ar", 48_000, "-ac", 1, "-i", "-")
            (folder / name).write_bytes(ffmpeg(*given, *options, "-f", form, "-", given=raw))
            return Expected((folder / name,))

        return make

    yield Case(kind, "piped.wav", piped(form="wav"))
    yield Case(kind, "piped.webm", piped(*opus, form="webm"))
    yield Case(kind, "piped.mka", piped(*opus, form="matroska"))
    yield Case(kind, "piped.flac", piped(form="flac"))
    yield Case(kind, "piped.wma", piped("-c:a", "wmav2", form="asf"))
    yield Case(kind, "piped.mp3", piped("-b:a", "64k", form="mp3"))

    def padded(folder: Path, name: str) -> Expected:
        whole = encoded(folder / f"whole-{name}")
        joined(folder / name, whole, bytes(4096))
        return Expected((whole,))

    yield Case(kind, "padded.wav", padded)


# (f) fragmented MP4, torn


def _fragment_cases() -> Iterator[Case]:
    kind = "torn fragments"

    def torn(box: bytes, into: int, *options: object, number: int = 5, **more):
        def make(folder: Path, name: str) -> Expected:
            flags = ("-movflags", "frag_keyframe+empty_moov+default_base_moof")
            cuts = ("-frag_duration", 1_000_000)
            options_ = options or (*flags, *cuts)
            whole = encoded(folder / f"whole-{name}", "-c:a", "aac", *options_, **more)
            data = whole.read_bytes()
            at = -1
            for _n in range(number):
                at = data.index(box, at + 1)
            size = at - 4 + into
            (folder / name).write_bytes(data[:size])
            rows = packets(whole)
            there = [row for row in rows if row[0] + row[1] <= size]
            end = there[-1][2] + there[-1][3]
            return Expected((whole,), end=end, length=end, told=True)

        return make

    yield Case(kind, "in-moof.m4a", torn(b"moof", 100))
    yield Case(kind, "in-head.m4a", torn(b"moof", 6))
    yield Case(kind, "in-trun.m4a", torn(b"moof", 280))
    yield Case(kind, "in-mdat.m4a", torn(b"mdat", 4000))
    yield Case(kind, "in-mdat-head.m4a", torn(b"mdat", 7))
    yield Case(kind, "before-mdat.m4a", torn(b"mdat", 0))
    yield Case(kind, "second.m4a", torn(b"moof", 40, number=2))
    yield Case(kind, "in-moof.mp4", torn(b"moof", 150, channels=2))
    base = ("-movflags", "frag_keyframe+empty_moov", "-frag_duration", 500_000)
    yield Case(kind, "absolute.mp4", torn(b"moof", 90, *base, number=9))
    dash = ("-movflags", "+dash+frag_keyframe", "-frag_duration", 1_000_000)
    yield Case(kind, "dash.mp4", torn(b"moof", 90, *dash))
    plain = ("-movflags", "frag_keyframe", "-frag_duration", 1_000_000)
    yield Case(kind, "with-first.mp4", torn(b"moof", 90, *plain))

    def whole(folder: Path, name: str) -> Expected:
        flags = ("-movflags", "frag_keyframe+empty_moov", "-frag_duration", 1_000_000)
        return Expected((encoded(folder / name, "-c:a", "aac", *flags),))

    yield Case(kind, "whole.m4a", whole)


# (g) FLAC that changes in the middle


def _flac_cases() -> Iterator[Case]:
    kind = "changing flac"

    def change(*forms: dict[str, object], bare: bool):
        def make(folder: Path, name: str) -> Expected:
            pieces, parts = [], []
            for number, more in enumerate(forms):
                more = dict(more)
                seconds = float(more.pop("seconds", 4.0 + number))
                options = tuple(more.pop("options", ()))
                piece = folder / f"piece-{number}-{name}"
                encoded(piece, *options, seconds=seconds, seed=number, **more)
                data = piece.read_bytes()
                pieces.append(piece)
                parts.append(data[_flac_begin(data) :] if bare and number else data)
            joined(folder / name, *parts)
            return Expected(tuple(pieces), sure=0.002)

        return make

    fast, slow = {"rate": 48_000}, {"rate": 44_100}
    yield Case(kind, "slower.flac", change(fast, slow, bare=True))
    yield Case(kind, "faster.flac", change(slow, fast, bare=True))
    yield Case(kind, "much-slower.flac", change(fast, {"rate": 16_000}, bare=True))
    yield Case(kind, "much-faster.flac", change({"rate": 8_000}, fast, bare=True))
    yield Case(kind, "thrice.flac", change(fast, slow, fast, bare=True))
    yield Case(kind, "joined.flac", change(fast, slow, bare=False))
    yield Case(kind, "joined-thrice.flac", change(slow, fast, {"rate": 32_000}, bare=False))
    yield Case(kind, "channels.flac", change(fast, {"channels": 2}, bare=True))
    yield Case(kind, "both.flac", change({"channels": 2}, slow, bare=True))
    deep = {"options": ("-sample_fmt", "s32", "-bits_per_raw_sample", 24)}
    yield Case(kind, "bits.flac", change(fast, deep, bare=True))
    yield Case(kind, "short.flac", change(fast, {"rate": 44_100, "seconds": 1.0}, bare=True))
    yield Case(kind, "steady.flac", change(fast, bare=True))


def _flac_begin(data: bytes) -> int:
    at, last = 4, False
    while not last:
        last = bool(data[at] & 128)
        at += 4 + int.from_bytes(data[at + 1 : at + 4], "big")
    return at


# (h) MP3 that does not say how late its sound begins


def _untagged_cases() -> Iterator[Case]:
    kind = "untagged mp3"

    def plain(*options: object, **more):
        def make(folder: Path, name: str) -> Expected:
            untagged = ("-write_xing", 0, "-id3v2_version", 0)
            return Expected((encoded(folder / name, *options, *untagged, **more),), sure=0.03)

        return make

    for rate, bits in ((48_000, 64), (44_100, 64), (44_100, 128), (32_000, 64), (24_000, 32)):
        yield Case(kind, f"cbr-{rate}-{bits}.mp3", plain("-b:a", f"{bits}k", rate=rate))
    for rate, bits in ((22_050, 32), (16_000, 24), (8_000, 16)):
        yield Case(kind, f"cbr-{rate}-{bits}.mp3", plain("-b:a", f"{bits}k", rate=rate))
    yield Case(kind, "stereo.mp3", plain("-b:a", "128k", channels=2))
    yield Case(kind, "vbr.mp3", plain("-q:a", 4))
    yield Case(kind, "shine.mp3", plain("-c:a", "libshine", "-b:a", "64k", rate=44_100))
