"""The worker process itself: its limits, its priority, its manners when it or its asker dies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from waiting import wait_until

from earmark.audio.media import decoder as decoding
from earmark.audio.media.packets import survey
from earmark.audio.media.structure import read_structure
from earmark.audio.media.views import FileBytes, FileView
from earmark.audio.peak_maker import are_whole
from earmark.audio.riff import wav_sound
from earmark.audio.worker import WorkerFailed, client, run_job
from earmark.model.errors import DiskFull, UnusableMedia


def test_it_runs_in_the_background_within_limits() -> None:
    script = (
        "import os, resource as r; from earmark.worker import limits;"
        "before = os.nice(0); limits.into_the_background(); limits.limit(7200);"
        "names = ('AS', 'CPU', 'FSIZE', 'NOFILE', 'CORE');"
        "soft = [r.getrlimit(getattr(r, 'RLIMIT_' + name))[0] for name in names];"
        "print(os.nice(0) - before, *soft)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    nice, *limits = (int(word) for word in done.stdout.split())
    assert nice >= min(10, 19 - os.nice(0))
    assert all(0 <= value < 1 << 40 for value in limits)
    assert limits[-1] == 0


def test_peaks_are_made_again(tmp_path: Path) -> None:
    sf.write(tmp_path / "a.flac", np.zeros((100_000, 2), "i2"), 48_000)
    job = {"job": "peaks", "library": str(tmp_path), "source": "a.flac", "target": "a.peaks"}
    shares: list[float] = []
    assert run_job(job, shares.append) == {"peaks": "a.peaks", "frames": 100_000}
    assert are_whole(tmp_path / "a.peaks", 48_000, 100_000)
    (tmp_path / "a.flac").write_bytes(b"gone")
    with pytest.raises(UnusableMedia):
        run_job(job)


def answers(*lines: str, code: int = 0) -> tuple[str, ...]:
    """A worker that only says these lines."""
    script = f"import sys; sys.stdin.readline(); print({chr(10).join(lines)!r}); sys.exit({code})"
    return (sys.executable, "-c", script)


def test_progress_never_falls_and_strange_lines_are_skipped() -> None:
    shares: list[float] = []
    argv = answers(
        '{"progress":0.5}',
        "not json",
        "[1]",
        '{"progress":0.2}',
        '{"progress":7}',
        '{"done":{"a":1}}',
    )
    assert run_job({"job": "peaks"}, shares.append, argv=argv) == {"a": 1}
    assert shares == [0.5, 1.0]


def test_errors_keep_their_kind() -> None:
    failed = json.dumps({"failed": {"kind": "DiskFull", "what": "Full.", "remedy": "Free some."}})
    with pytest.raises(DiskFull) as told:
        run_job({"job": "keep"}, argv=answers(failed, code=1))
    assert (told.value.what, told.value.remedy) == ("Full.", "Free some.")


def test_a_bug_is_told_as_a_failure_with_its_trace() -> None:
    argv = (sys.executable, "-c", "raise KeyError('inside')")
    with pytest.raises(WorkerFailed) as told:
        run_job({"job": "keep"}, argv=argv)
    assert "inside" in told.value.detail
    assert "inside" not in str(told.value)


def test_a_worker_that_cannot_be_started_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkerFailed):
        run_job({"job": "keep"}, argv=(str(tmp_path / "none"),))


def test_the_worker_stops_when_its_asker_is_gone(tmp_path: Path) -> None:
    """The asker is killed while the worker is busy; the worker notices at its next report."""
    script = (
        "import time; from earmark.audio.worker import __main__ as worker, jobs\n"
        "def busy(job, progress):\n"
        "    open(job['target'], 'w').write(str(__import__('os').getpid()))\n"
        "    while True:\n"
        "        progress(0.5); time.sleep(0.01)\n"
        "jobs.JOBS['peaks'] = busy\n"
        "worker.main()\n"
    )
    target = tmp_path / "pid"
    asker = (
        "import sys; from earmark.audio.worker import run_job;"
        f"run_job({{'job': 'peaks', 'target': {str(target)!r}}},"
        f" argv=(sys.executable, '-c', {script!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", asker])
    try:
        wait_until(lambda: target.exists() and target.read_text() != "")
    finally:
        process.kill()
        process.wait()
    worker = int(target.read_text())

    def gone() -> bool:
        try:
            state = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        return state == "Z"

    wait_until(gone)


def test_the_client_is_light() -> None:
    """Capture's neighbours and the command line load it: no numpy, no decoder."""
    script = (
        "import sys, earmark.audio.finish;"
        "print([m for m in ('numpy', 'soundfile', 'av', 'sounddevice') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_a_file_longer_than_any_recording_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sf.write(tmp_path / "a.flac", np.zeros(48_000, "i2"), 48_000)
    monkeypatch.setattr(decoding, "MAX_HOURS", 0.5 / 3600)
    with (
        decoding.Decoder(tmp_path / "a.flac") as decoder,
        pytest.raises(UnusableMedia, match="longer"),
    ):
        list(decoder.blocks())


@pytest.mark.parametrize("seed", range(30))
def test_header_readers_survive_anything(tmp_path: Path, seed: int) -> None:
    chance = np.random.default_rng(seed)
    path = tmp_path / "x"
    starts = (
        b"RIFF\xff\xff\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\xbb\0\0",
        b"FORM\0\0\0\0AIFF",
        b"FORM\0\0\0\0AIFFSSND\0\0\0\x40",
        b"caff\0\1\0\0data",
        b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0",
        bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"),
        b".snd\0\0\0\x18",
        b"#!AMR\n",
        b"OggS\0\2" + bytes(21),
        b"ID3\4\0\0\0\0\0\0\xff\xfb\x90\x40",
        b"\x1aE\xdf\xa3\x80\x18\x53\x80\x67",
        b"\0\0\0\x10ftypM4A \0\0\0\0\0\0\0\1mdat",
        b"",
    )
    size = int(chance.integers(0, 3000))
    path.write_bytes(starts[seed % len(starts)] + chance.bytes(size))
    wav_sound(path)
    found = read_structure(path)
    assert found.cut in (True, False)
    for part in found.parts:
        with FileView(path, part.pieces) as view:
            assert view.size <= path.stat().st_size + 100
    for kind in ("mp3", "aac", "amrnb", "amrwb"):
        with FileBytes(path) as data:
            assert survey(data, kind).packets >= 0


def test_the_sweep_touches_this_take_only(tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    ours = ("take-1-abcdef.flac", "original-1-abcdef.mp3", ".take-1-abcdef.flac.9.part")
    theirs = ("take-1-abcdee.flac", "take-2-abcdef.flac", ".take-11-abcdef.flac.9.part", "notes")
    for name in (*ours, *theirs):
        (folder / name).touch()
    job = {
        "job": "import",
        "library": str(tmp_path),
        "folder": "f",
        "take": "abcdef01",
        "ordinal": 1,
    }
    with pytest.raises(UnusableMedia):
        client.run_job(job, argv=(sys.executable, "-c", "raise SystemExit(3)"))
    # What stood there before the job is not its own; part files of killed runs are.
    assert sorted(p.name for p in folder.iterdir()) == sorted((*ours[:2], *theirs))


def test_a_decoder_that_never_ends_is_stopped(tmp_path: Path) -> None:
    script = "import earmark.worker.limits as limits; limits.limit(1)\nwhile True: pass"
    job = {"job": "import", "library": str(tmp_path), "folder": "f", "take": "ab", "ordinal": 1}
    with pytest.raises(UnusableMedia, match="without end"):
        client.run_job({**job, "source": "x"}, argv=(sys.executable, "-c", script))
