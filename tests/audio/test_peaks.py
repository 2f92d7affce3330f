"""Peaks: made the same by every maker, and read right at every zoom."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

from earmark.audio import peakfile
from earmark.audio.journal import JournalReader, JournalWriter
from earmark.audio.peak_maker import PeakMaker, are_whole, journal_blocks, make_peaks
from earmark.audio.peaks import RECORD, Peaks
from earmark.model.errors import UnusableMedia

RATE = 48_000


def sound(frames: int, channels: int = 1, seed: int = 0):
    chance = np.random.default_rng(seed)
    shape = np.abs(np.sin(np.arange(frames) / 7000))[:, None]
    return (
        (chance.standard_normal((frames, channels)) * 6000 * shape)
        .clip(-32768, 32767)
        .astype("<i2")
    )


def records_of(path: Path):
    return np.frombuffer(path.read_bytes()[peakfile.HEADER.size :], RECORD)


def by_hand(samples, size: int = 480):
    rows = []
    for start in range(0, len(samples), size):
        part = samples[start : start + size].astype(float)
        rows.append((part.min(), part.max(), round(np.sqrt(np.mean(part**2)))))
    return rows


@pytest.mark.parametrize("frames", [1, 479, 480, 481, 123_457])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_mapped_wav_a_decoded_file_and_capture_give_the_same_bins(
    tmp_path: Path, frames: int, channels: int
) -> None:
    samples = sound(frames, channels)
    sf.write(tmp_path / "a.wav", samples, RATE)
    sf.write(tmp_path / "a.flac", samples, RATE)
    for name in ("a.wav", "a.flac"):
        assert make_peaks(tmp_path / name, tmp_path / f"{name}.peaks") == frames
        assert are_whole(tmp_path / f"{name}.peaks", RATE, frames)
    meter = peakfile.BinMeter(RATE, channels)
    writer = peakfile.PeakWriter(tmp_path / "c.peaks", RATE)
    writer.write(meter.add(samples.tobytes()) + meter.finish())
    writer.close()
    wav, flac, capture = (records_of(tmp_path / f"{n}.peaks") for n in ("a.wav", "a.flac", "c"))
    assert np.array_equal(wav, flac)
    for record, low_high_rms in zip(wav, by_hand(samples), strict=True):
        assert (record["low"], record["high"]) == low_high_rms[:2]
        assert abs(int(record["rms"]) - low_high_rms[2]) <= 1
    assert np.array_equal(wav["low"], capture["low"])
    assert np.array_equal(wav["high"], capture["high"])
    assert np.abs(wav["rms"].astype(int) - capture["rms"]).max() <= 1


def test_a_journals_gaps_are_silence_in_its_peaks(tmp_path: Path) -> None:
    samples = sound(9600)
    writer = JournalWriter(tmp_path / "j", "ab", RATE, 1)
    writer.append(samples.tobytes())
    writer.gap(100_000, "overrun")
    writer.append(samples.tobytes())
    writer.close()
    maker = PeakMaker(RATE)
    with JournalReader(tmp_path / "j") as reader:
        for block in journal_blocks(reader, 7001):
            maker.add(block)
    maker.save(tmp_path / "p")
    whole = np.concatenate((samples, np.zeros((100_000, 1), "<i2"), samples))
    assert len(records_of(tmp_path / "p")) == len(by_hand(whole))
    for record, low_high_rms in zip(records_of(tmp_path / "p"), by_hand(whole), strict=True):
        assert (record["low"], record["high"]) == low_high_rms[:2]


def test_full_scale_is_not_wrapped(tmp_path: Path) -> None:
    samples = np.array([[-32768], [32767]] * 24_000, "<i2")
    sf.write(tmp_path / "a.wav", samples, RATE)
    make_peaks(tmp_path / "a.wav", tmp_path / "p")
    with Peaks.open(tmp_path / "p") as peaks:
        low, high, rms = peaks.columns(0, 48_000, 10)
    assert set(low) == {-32768}
    assert set(high) == {32767}
    assert rms.min() >= 32767


@pytest.fixture(scope="module")
def long_peaks(tmp_path_factory: pytest.TempPathFactory):
    """100,000 bins, and their records."""
    chance = np.random.default_rng(5)
    records = np.zeros(100_003, RECORD)
    records["low"] = -chance.integers(0, 32768, len(records))
    records["high"] = chance.integers(0, 32767, len(records))
    records["rms"] = chance.integers(0, 32768, len(records))
    path = tmp_path_factory.mktemp("peaks") / "long.peaks"
    path.write_bytes(peakfile.pack_header(RATE) + records.tobytes())
    return path, records


@given(
    start=st.floats(-1e6, 5.1e7),
    length=st.one_of(st.floats(1, 5e7), st.floats(1, 5000)),
    count=st.integers(1, 2000),
)
def test_columns_never_leave_out_a_bin_and_stay_within_the_span(
    long_peaks, start: float, length: float, count: int
) -> None:
    path, records = long_peaks
    with Peaks.open(path) as peaks:
        low, high, rms = peaks.columns(start, start + length, count)
    assert len(low) == len(high) == len(rms) == count
    first = max(0, int(start // 480))
    last = int(-(-(start + length) // 480))
    inside = records[first : max(first, last)]
    if not len(inside):
        assert not low.any() and not high.any() and not rms.any()
        return
    assert low.min() <= inside["low"].min()
    assert high.max() >= inside["high"].max()
    width = 8 * max(1, int(length / count / 480)) + 8
    around = records[max(0, first - width) : last + width]
    assert low.min() >= around["low"].min()
    assert high.max() <= around["high"].max()
    assert rms.max() <= around["rms"].max()


def test_columns_finer_than_a_bin_show_that_bin(long_peaks) -> None:
    path, records = long_peaks
    with Peaks.open(path) as peaks:
        low, _high, rms = peaks.columns(480 * 7, 480 * 8, 100)
        assert set(low) == {records["low"][7]}
        assert set(rms) == {records["rms"][7]}
        assert peaks.columns(5, 5, 10).low.tolist() == [0] * 10
        assert len(peaks.columns(0, 100, 0).low) == 0


def test_growing_peaks_are_seen_and_a_torn_record_is_not(tmp_path: Path) -> None:
    path = tmp_path / "p"
    writer = peakfile.PeakWriter(path, RATE)
    grown = [peakfile.Bin(-n, n, n // 2) for n in range(5000)]
    with Peaks.open(path) as peaks:
        assert peaks.bins == 0
        assert peaks.columns(0, 480, 3).high.tolist() == [0, 0, 0]
        for end in (1, 9, 64, 700, 2048, 4999, 5000):
            writer.write(grown[peaks.bins : end])
            assert peaks.refresh() == end
            _low, high, _rms = peaks.columns(0, end * 480, 1)
            assert high[0] == end - 1
            assert peaks.columns(0, 5000 * 480, 2).high.max() == end - 1
        with path.open("ab") as file:
            file.write(b"\x01\x02\x03")
        assert peaks.refresh() == 5000
    writer.close()


@pytest.mark.parametrize("data", [b"", b"EMPK", b"RIFF" + bytes(40), bytes(16)])
def test_what_is_no_peaks_file_is_said_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "p").write_bytes(data)
    with pytest.raises(UnusableMedia):
        Peaks.open(tmp_path / "p")
    assert not are_whole(tmp_path / "p", RATE, 1000)
    with pytest.raises(FileNotFoundError):
        Peaks.open(tmp_path / "none")
