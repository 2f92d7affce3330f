"""The journal keeps every whole block, whatever happens to the end of its file, and never more."""

from __future__ import annotations

import errno
import os
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earmark.audio.journal import (
    DAMAGED,
    FileLayer,
    JournalReader,
    JournalWriter,
    journal_files,
    lock_journal,
    scan_journal,
)
from earmark.model import UnusableMedia

HEADER = 64
TAKE = "0123456789abcdef"
Step = tuple[str, int]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pcm"), st.integers(1, 40)),
        st.tuples(st.just("gap"), st.integers(1, 50)),
    ),
    max_size=8,
)


def pcm(frames: int, seed: int, channels: int = 1) -> bytes:
    return bytes((seed * 31 + i * 7 + 1) % 251 for i in range(frames * channels * 2))


def write(path: Path, steps: list[Step], *, channels: int = 1, seal: bool = False) -> bytes:
    """Writes a journal; the PCM it must give back."""
    writer = JournalWriter(path, TAKE, 48_000, channels)
    whole = b""
    for number, (kind, frames) in enumerate(steps):
        if kind == "pcm":
            data = pcm(frames, number, channels)
            writer.append(data)
        else:
            data = bytes(frames * channels * 2)
            writer.gap(frames, "stall")
        whole += data
    if seal:
        writer.seal("stop")
    writer.sync()
    writer.close()
    return whole


def content(path: Path) -> bytes:
    with JournalReader(path) as reader:
        return reader.read(0, reader.frames)


@given(steps=STEPS, channels=st.sampled_from([1, 2]), seal=st.booleans())
def test_gives_back_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], channels: int, seal: bool
) -> None:
    path = tmp_path_factory.mktemp("j") / "take.journal"
    whole = write(path, steps, channels=channels, seal=seal)
    scan = scan_journal(path)
    assert (scan.take, scan.rate, scan.channels) == (TAKE, 48_000, channels)
    assert (scan.frames, scan.sealed, scan.torn) == (len(whole) // (2 * channels), seal, False)
    assert sum(g.frames for g in scan.gaps) == sum(n for kind, n in steps if kind == "gap")
    assert content(path) == whole


@settings(max_examples=settings.default.max_examples // 10)
@given(steps=STEPS)
def test_cut_at_every_byte_a_prefix_of_whole_blocks_is_kept(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step]
) -> None:
    folder = tmp_path_factory.mktemp("j")
    whole = write(folder / "whole", steps, seal=True)
    raw = (folder / "whole").read_bytes()
    lengths = []
    for size in range(len(raw) + 1):
        cut = folder / "cut"
        cut.write_bytes(raw[:size])
        if size < HEADER:
            with pytest.raises(UnusableMedia):
                scan_journal(cut)
            continue
        kept = content(cut)
        assert whole.startswith(kept)
        lengths.append(len(kept))
    assert lengths == sorted(lengths)
    assert lengths[-1] == len(whole)


@given(steps=STEPS.filter(bool), where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_ends_the_take_there_and_invents_nothing(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], where: float, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("j")
    whole = write(folder / "whole", steps)
    raw = bytearray((folder / "whole").read_bytes())
    at = HEADER + int((len(raw) - HEADER) * where)
    raw[at] ^= 1 << bit
    (folder / "bad").write_bytes(raw)
    kept = content(folder / "bad")
    assert whole.startswith(kept)
    assert len(kept) < len(whole)


@given(steps=STEPS, start=st.integers(-5, 300), count=st.integers(0, 300))
def test_any_stretch_can_be_read(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], start: int, count: int
) -> None:
    path = tmp_path_factory.mktemp("j") / "take.journal"
    whole = write(path, steps)
    first = max(0, start)
    with JournalReader(path) as reader:
        assert reader.read(start, count) == whole[2 * first : 2 * (first + count)]


def test_a_running_take_can_be_followed(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "j", TAKE, 48_000, 1)
    writer.append(pcm(100, 1))
    with JournalReader(tmp_path / "j", verify=False) as reader:
        assert reader.frames == 100
        writer.append(pcm(50, 2))
        writer.gap(25, "device-lost")
        assert reader.refresh() == 175
        assert reader.read(100, 75) == pcm(50, 2) + bytes(50)
        writer.seal("stop")
        reader.refresh()
        assert reader.sealed
        assert reader.reason == "stop"
        assert [(g.frame, g.frames, g.cause) for g in reader.gaps] == [(150, 25, "device-lost")]
    writer.close()


def test_the_writer_holds_the_lock_until_it_closes(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "j", TAKE, 48_000, 1)
    assert lock_journal(tmp_path / "j") is None
    writer.close()
    fd = lock_journal(tmp_path / "j")
    assert fd is not None
    os.close(fd)


def test_an_existing_journal_is_never_written_over(tmp_path: Path) -> None:
    whole = write(tmp_path / "j", [("pcm", 10)])
    with pytest.raises(FileExistsError):
        JournalWriter(tmp_path / "j", TAKE, 48_000, 1)
    assert content(tmp_path / "j") == whole


def test_a_gap_longer_than_a_day_is_one_gap(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path / "j", TAKE, 48_000, 1)
    writer.gap(5_000_000_000, "server-lost")
    writer.close()
    scan = scan_journal(tmp_path / "j")
    assert [(g.frame, g.frames) for g in scan.gaps] == [(0, 5_000_000_000)]


class FailingLayer(FileLayer):
    """The `at`-th call fails with `error`. A write leaves half of its bytes behind; a sync loses
    what was not synced before, as a kernel does that drops the pages it could not write.
    """

    def __init__(self, call: str, at: int, error: int, *, sticky: bool = False) -> None:
        self.call, self.at, self.error, self.sticky = call, at, error, sticky
        self.calls = 0
        self.healed = False
        self.synced: dict[int, int] = {}

    def _fails(self, call: str) -> bool:
        if call != self.call:
            return False
        self.calls += 1
        hit = self.calls >= self.at if self.sticky else self.calls == self.at
        return hit and not self.healed

    def write(self, fd: int, data: bytes) -> int:
        if self._fails("write"):
            super().write(fd, data[: len(data) // 2])
            raise OSError(self.error, os.strerror(self.error))
        return super().write(fd, data)

    def sync(self, fd: int) -> None:
        if self._fails("sync"):
            os.ftruncate(fd, self.synced.get(fd, 0))
            raise OSError(self.error, os.strerror(self.error))
        super().sync(fd)
        self.synced[fd] = os.fstat(fd).st_size

    def close(self, fd: int) -> None:
        self.synced.pop(fd, None)
        super().close(fd)


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize("call", ["write", "sync"])
@pytest.mark.parametrize("sticky", [False, True])
@pytest.mark.parametrize("at", range(1, 21))
def test_whatever_call_fails_nothing_acknowledged_is_lost(
    tmp_path: Path, call: str, at: int, error: int, sticky: bool
) -> None:
    layer = FailingLayer(call, at, error, sticky=sticky)
    path = tmp_path / "j"
    try:
        writer = JournalWriter(path, TAKE, 48_000, 1, layer=layer)
    except OSError:
        assert at == 1
        return  # not even the header: nothing was promised
    whole, acknowledged = b"", 0
    for number in range(15):
        data = pcm(20, number)
        for _attempt in range(3):
            try:
                writer.append(data)
            except OSError:
                continue
            whole += data
            break
        if number % 2:
            try:
                acknowledged = writer.sync()
            except OSError:
                pass
        if sticky and number == 11:
            layer.healed = True
    writer.close()
    assert len(journal_files(path)) == writer.segments
    kept = content(path)
    assert whole.startswith(kept)
    assert len(kept) >= 2 * acknowledged
    assert acknowledged > 0


def test_after_a_failed_sync_the_old_file_is_left_alone(tmp_path: Path) -> None:
    layer = FailingLayer("sync", 3, errno.EIO)
    writer = JournalWriter(tmp_path / "j", TAKE, 48_000, 1, layer=layer)
    writer.append(pcm(20, 0))
    assert writer.sync() == 20
    writer.append(pcm(20, 1))
    assert writer.sync() == 40
    before = zlib.crc32((tmp_path / "j").read_bytes())
    writer.append(pcm(20, 2))
    writer.seal("stop")
    writer.sync()
    writer.close()
    assert zlib.crc32((tmp_path / "j").read_bytes()) == before
    assert writer.segments == 2
    assert content(tmp_path / "j") == pcm(20, 0) + pcm(20, 1) + pcm(20, 2)
    assert scan_journal(tmp_path / "j").sealed


def test_a_reader_follows_into_a_new_segment(tmp_path: Path) -> None:
    layer = FailingLayer("sync", 3, errno.EIO)
    writer = JournalWriter(tmp_path / "j", TAKE, 48_000, 1, layer=layer)
    writer.append(pcm(20, 0))
    writer.sync()
    with JournalReader(tmp_path / "j") as reader:
        writer.append(pcm(20, 1))
        reader.refresh()
        writer.sync()
        writer.append(pcm(20, 2))
        assert reader.refresh() == 60
        assert reader.read(0, 60) == pcm(20, 0) + pcm(20, 1) + pcm(20, 2)
    writer.close()


def test_a_new_segment_that_was_cut_while_made_takes_nothing_away(tmp_path: Path) -> None:
    layer = FailingLayer("sync", 2, errno.EIO)
    writer = JournalWriter(tmp_path / "j", TAKE, 48_000, 1, layer=layer)
    for number in range(4):
        writer.append(pcm(20, number))
    old = (tmp_path / "j").read_bytes()
    writer.sync()
    writer.append(pcm(20, 4))
    writer.sync()
    writer.close()
    new = (tmp_path / "j.1").read_bytes()
    (tmp_path / "j").write_bytes(old)
    expected = b"".join(pcm(20, n) for n in range(4))
    for size in range(0, len(new) + 1, 7):
        (tmp_path / "j.1").write_bytes(new[:size])
        assert content(tmp_path / "j").startswith(expected)


def test_what_only_the_later_segment_holds_keeps_its_position(tmp_path: Path) -> None:
    writer = JournalWriter(
        tmp_path / "j", TAKE, 48_000, 1, layer=FailingLayer("sync", 3, errno.EIO)
    )
    writer.append(pcm(20, 0))
    writer.sync()
    writer.append(pcm(20, 1))
    writer.sync()
    writer.close()
    raw = bytearray((tmp_path / "j").read_bytes())
    raw[HEADER + 6] ^= 1
    (tmp_path / "j").write_bytes(raw)
    scan = scan_journal(tmp_path / "j")
    assert [(g.frame, g.frames, g.cause) for g in scan.gaps] == [(0, 20, DAMAGED)]
    assert content(tmp_path / "j") == bytes(40) + pcm(20, 1)
