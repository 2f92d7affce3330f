"""Finishing takes: whatever is killed when, the sound is there and comes out bit for bit."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from earmark.audio import finish
from earmark.audio.journal import JournalWriter, journal_files
from earmark.audio.manifest import TakeManifest, read_manifests, write_manifest
from earmark.audio.peak_maker import are_whole
from earmark.audio.worker import JobCancelled, WorkerFailed
from earmark.model.errors import Busy, EarmarkError
from earmark.model.takes import Gap
from earmark.model.units import Frames, SampleRate, SessionId, TakeId

FOLDER = "sessions/2026/03/2026-03-01 A talk abcdef"


def speechlike(seconds: float, rate: int = 48_000, channels: int = 1, seed: int = 1):
    """A buzz with syllables: what speech coders are made for."""
    random_numbers = np.random.default_rng(seed)
    t = np.arange(int(seconds * rate)) / rate
    pitch = 120 + 30 * np.sin(2 * np.pi * 0.7 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    buzz = sum(np.sin(k * phase) / k for k in range(1, 20))
    sound = buzz * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * t)) * 5000
    sound += random_numbers.standard_normal(len(t)) * 20
    return np.repeat(sound.astype("<i2")[:, None], channels, axis=1)


def make_manifest(library: Path, codec: str = "flac", channels: int = 1) -> TakeManifest:
    manifest = TakeManifest(
        take=TakeId("abcdef0123456789"),
        session=SessionId("fedcba9876543210"),
        ordinal=1,
        title="A talk",
        created_at="2026-03-01T10:00:00+01:00",
        started_at="2026-03-01T10:00:01+01:00",
        folder=FOLDER,
        journal=f"{FOLDER}/take-1-abcdef.journal",
        peaks=f"{FOLDER}/take-1-abcdef.peaks",
        rate=SampleRate(48_000),
        channels=channels,
        codec=codec,
    )
    (library / FOLDER).mkdir(parents=True, exist_ok=True)
    write_manifest(library, manifest)
    return manifest


def record(library: Path, manifest: TakeManifest, sound, *, seal: bool = True, gap: int = 0):
    """Writes a journal as capture would; what must come out of it."""
    writer = JournalWriter(
        manifest.journal_path(library), manifest.take, manifest.rate, manifest.channels
    )
    half = len(sound) // 2
    for start in range(0, half, 6000):
        writer.append(sound[start : min(start + 6000, half)].tobytes())
    if gap:
        writer.gap(gap, "device-lost")
    for start in range(half, len(sound), 6000):
        writer.append(sound[start : start + 6000].tobytes())
    if seal:
        writer.seal("stop")
    writer.sync()
    writer.close()
    return np.concatenate((sound[:half], np.zeros((gap, sound.shape[1]), "<i2"), sound[half:]))


def leftovers(library: Path) -> list[str]:
    return [path.name for path in library.rglob("*") if path.name.endswith(".part")]


def test_a_take_is_kept_bit_for_bit_and_then_its_journal_goes(tmp_path: Path) -> None:
    manifest = make_manifest(tmp_path)
    sound = record(tmp_path, manifest, speechlike(3.3), gap=1234)
    assert finish.pending(tmp_path) == [manifest]
    shares: list[float] = []
    kept = finish.keep_take(tmp_path, manifest, shares.append)
    assert kept.file == f"{FOLDER}/take-1-abcdef.flac"
    assert (kept.codec, kept.frames, kept.sealed, kept.reason) == ("flac", len(sound), True, "stop")
    assert kept.gaps == (Gap(Frames(79_200), Frames(1234), "device-lost"),)
    decoded, rate = sf.read(tmp_path / kept.file, dtype="int16", always_2d=True)
    assert rate == 48_000
    assert np.array_equal(decoded, sound)
    assert are_whole(tmp_path / manifest.peaks, 48_000, len(sound))
    assert (tmp_path / kept.file).stat().st_mode & 0o777 == 0o600
    assert shares == sorted(shares)
    finish.forget(tmp_path, manifest)
    assert not journal_files(manifest.journal_path(tmp_path))
    assert finish.pending(tmp_path) == []
    assert read_manifests(tmp_path) == ([], [])
    finish.forget(tmp_path, manifest)


def test_stereo_and_an_unsealed_torn_journal(tmp_path: Path) -> None:
    manifest = make_manifest(tmp_path, channels=2)
    sound = record(tmp_path, manifest, speechlike(1.0, channels=2), seal=False)
    with manifest.journal_path(tmp_path).open("ab") as file:
        file.write(b"EMBK\x09\x00")
    kept = finish.keep_take(tmp_path, manifest)
    assert not kept.sealed
    decoded, _rate = sf.read(tmp_path / str(kept.file), dtype="int16", always_2d=True)
    assert np.array_equal(decoded, sound)
    finish.forget(tmp_path, manifest)
    assert finish.pending(tmp_path) == []


def test_opus_is_verified_by_likeness(tmp_path: Path) -> None:
    manifest = make_manifest(tmp_path, codec="opus")
    sound = record(tmp_path, manifest, speechlike(12.1))
    kept = finish.keep_take(tmp_path, manifest)
    assert kept.codec == "opus"
    assert sf.info(tmp_path / str(kept.file)).frames == len(sound) == kept.frames
    finish.forget(tmp_path, manifest)
    assert finish.pending(tmp_path) == []


def test_sound_that_opus_cannot_keep_becomes_flac(tmp_path: Path) -> None:
    manifest = make_manifest(tmp_path, codec="opus")
    noise = np.random.default_rng(2).integers(-32768, 32767, (48_000 * 6, 1)).astype("<i2")
    sound = record(tmp_path, manifest, noise)
    kept = finish.keep_take(tmp_path, manifest)
    decoded, _rate = sf.read(tmp_path / str(kept.file), dtype="int16", always_2d=True)
    if kept.codec == "flac":
        assert np.array_equal(decoded, sound)
    assert len(decoded) == len(sound)
    assert not leftovers(tmp_path)


def test_a_take_that_is_still_recorded_is_left_alone(tmp_path: Path) -> None:
    manifest = make_manifest(tmp_path)
    writer = JournalWriter(manifest.journal_path(tmp_path), manifest.take, 48_000, 1)
    writer.append(bytes(9600))
    assert finish.pending(tmp_path) == []
    with pytest.raises(Busy):
        finish.keep_take(tmp_path, manifest)
    with pytest.raises(Busy):
        finish.forget(tmp_path, manifest)
    writer.close()
    assert finish.pending(tmp_path) == [manifest]


def test_forget_refuses_while_the_kept_file_is_missing_or_short(tmp_path: Path) -> None:
    manifest = make_manifest(tmp_path)
    record(tmp_path, manifest, speechlike(1.0))
    with pytest.raises(EarmarkError):
        finish.forget(tmp_path, manifest)
    sf.write(tmp_path / FOLDER / "take-1-abcdef.flac", speechlike(0.5), 48_000)
    with pytest.raises(EarmarkError):
        finish.forget(tmp_path, manifest)
    assert finish.pending(tmp_path) == [manifest]
    kept = finish.keep_take(tmp_path, manifest)
    assert sf.info(tmp_path / str(kept.file)).frames == 48_000
    finish.forget(tmp_path, manifest)


def test_an_empty_take_goes_without_a_trace(tmp_path: Path) -> None:
    manifest = make_manifest(tmp_path)
    assert finish.pending(tmp_path) == [manifest]
    assert finish.keep_take(tmp_path, manifest).frames == 0
    record(tmp_path, manifest, speechlike(0.0))
    kept = finish.keep_take(tmp_path, manifest)
    assert (kept.frames, kept.file) == (0, None)
    finish.forget(tmp_path, manifest)
    assert finish.pending(tmp_path) == []
    assert not (tmp_path / finish.ARCHIVE).exists()


def test_bytes_nobody_can_read_are_archived(tmp_path: Path) -> None:
    manifest = make_manifest(tmp_path)
    record(tmp_path, manifest, speechlike(30.0))
    path = manifest.journal_path(tmp_path)
    data = bytearray(path.read_bytes())
    data[200_000] ^= 1
    path.write_bytes(data)
    kept = finish.keep_take(tmp_path, manifest)
    assert 0 < kept.frames < 30 * 48_000
    finish.forget(tmp_path, manifest)
    archive = tmp_path / finish.ARCHIVE
    assert (archive / f"{manifest.take}.journal").read_bytes() == bytes(data)
    assert (archive / f"{manifest.take}.json").exists()
    assert finish.pending(tmp_path) == []


def test_a_killed_forget_is_completed(tmp_path: Path) -> None:
    manifest = make_manifest(tmp_path)
    record(tmp_path, manifest, speechlike(1.0))
    finish.keep_take(tmp_path, manifest)
    manifest.journal_path(tmp_path).unlink()
    assert finish.pending(tmp_path) == []
    assert read_manifests(tmp_path) == ([], [])


def test_a_manifest_that_leads_out_of_the_library_is_not_followed(tmp_path: Path) -> None:
    manifest = make_manifest(tmp_path)
    text = manifest.path(tmp_path).read_text()
    for wrong in (text.replace(manifest.journal, "../../etc/passwd"), text[:50]):
        manifest.path(tmp_path).write_text(wrong)
        assert finish.pending(tmp_path) == []
        assert read_manifests(tmp_path) == ([], [manifest.path(tmp_path)])


def test_cancelling_leaves_the_journal_and_nothing_else(tmp_path: Path) -> None:
    manifest = make_manifest(tmp_path)
    record(tmp_path, manifest, speechlike(20.0))
    cancelled = threading.Event()
    with pytest.raises(JobCancelled):
        finish.keep_take(tmp_path, manifest, lambda _share: cancelled.set(), cancelled)
    assert not leftovers(tmp_path)
    assert finish.pending(tmp_path) == [manifest]


KEEPER = """
import sys
from pathlib import Path
from earmark.audio import finish
library = Path(sys.argv[1])
for manifest in finish.pending(library):
    print("at it", flush=True)
    finish.keep_take(library, manifest, lambda share: print(share, flush=True))
    print("kept", flush=True)
    finish.forget(library, manifest)
print("end", flush=True)
"""


def test_killed_at_random_moments_it_finishes_in_the_end(tmp_path: Path) -> None:
    """The finishing process with its worker, and the worker alone, die; a later run succeeds."""
    manifest = make_manifest(tmp_path)
    sound = record(tmp_path, manifest, speechlike(40.0), gap=4800)
    choice = random.Random(7)
    for _attempt in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", KEEPER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        lines = choice.randrange(1, 9)
        for line in process.stdout:
            lines -= 1
            if lines <= 0 or line == "end\n":
                break
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        journal = manifest.journal_path(tmp_path).exists()
        assert journal or finish.kept_files(tmp_path, manifest)
        if not journal:
            break
    subprocess.run([sys.executable, "-c", KEEPER, str(tmp_path)], check=True, capture_output=True)
    decoded, _rate = sf.read(
        tmp_path / FOLDER / "take-1-abcdef.flac", dtype="int16", always_2d=True
    )
    assert np.array_equal(decoded, sound)
    assert are_whole(tmp_path / manifest.peaks, 48_000, len(sound))
    assert read_manifests(tmp_path) == ([], [])


def test_a_worker_that_is_killed_is_told_of_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = make_manifest(tmp_path)
    sound = record(tmp_path, manifest, speechlike(20.0))
    worker: list[int] = []
    popen = subprocess.Popen

    def started(*args, **kwargs):
        process = popen(*args, **kwargs)
        worker.append(process.pid)
        return process

    monkeypatch.setattr("earmark.worker.client.subprocess.Popen", started)

    def kill(_share: float) -> None:
        os.kill(worker[-1], signal.SIGKILL)

    with pytest.raises(WorkerFailed) as told:
        finish.keep_take(tmp_path, manifest, kill)
    assert "journal" in told.value.remedy
    assert not leftovers(tmp_path)
    kept = finish.keep_take(tmp_path, manifest)
    decoded, _rate = sf.read(tmp_path / str(kept.file), dtype="int16", always_2d=True)
    assert np.array_equal(decoded, sound)


def test_a_full_disk_keeps_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file-size limit stands in for the disk's end: writing fails at the same place."""
    manifest = make_manifest(tmp_path)
    record(tmp_path, manifest, speechlike(20.0))
    script = (
        "import sys, resource; import earmark.worker.limits as limits;"
        "limits.FILE_BYTES = 50_000;"
        "from earmark.audio.worker.__main__ import main; sys.exit(main())"
    )
    import earmark.audio.worker.client as client

    def run(job, on_progress=None, cancelled=None):
        return client.run_job(job, on_progress, cancelled, argv=(sys.executable, "-c", script))

    monkeypatch.setattr(finish, "run_job", run)
    with pytest.raises(EarmarkError):
        finish.keep_take(tmp_path, manifest)
    assert not leftovers(tmp_path)
    assert finish.pending(tmp_path) == [manifest]
    monkeypatch.undo()
    assert finish.keep_take(tmp_path, manifest).frames == 20 * 48_000


def test_of_two_takes_the_older_comes_first(tmp_path: Path) -> None:
    first = make_manifest(tmp_path)
    second = replace(first, take=TakeId("0123"), ordinal=2, journal=f"{FOLDER}/take-2-0123.journal")
    write_manifest(tmp_path, second)
    assert finish.pending(tmp_path) == [first, second]
