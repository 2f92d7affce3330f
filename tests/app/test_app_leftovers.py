"""Kills in the middle of an import, and half-written files: nothing stays, nothing else goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sharing_back as rig
import soundfile

from earmark.app.doctor import examine
from earmark.app.leftovers import clear_parts, imports_left, parts_left

KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import sharing_back as rig
library, source, place = Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
def die(*_a, **_k):
    os.kill(os.getpid(), signal.SIGKILL)
from earmark.app import imports
from earmark.app.jobs import Job
from earmark.library import Library
if place == "in the worker":
    Job.progress = lambda job, share: die() if share else None
elif place == "before the rename":
    imports.put_in_place = die
elif place == "before the rows":
    Library.create_session = die
earmark = rig.application(library)
earmark.imports.import_file(source).future.result(300)
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "talk.mp3"
    sound = 0.2 * np.sin(np.arange(48_000 * 60) / 9)
    soundfile.write(path, sound, 48_000, format="MP3")
    return path


@pytest.fixture
def gone() -> int:
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def files(library: Path) -> list[str]:
    return sorted(p.name for p in (library / "sessions").rglob("*") if p.is_file())


@pytest.mark.parametrize("place", ["in the worker", "before the rename", "before the rows"])
def test_an_import_that_is_killed_leaves_nothing_in_the_sessions(
    place: str, tmp_path: Path, source: Path
) -> None:
    library = tmp_path / "library"
    rigs = str(Path(rig.__file__).parent)
    argv = [sys.executable, "-c", KILLED, rigs, str(library), str(source), place]
    died = subprocess.run(argv, check=False, timeout=300)
    assert died.returncode == -9
    orphans = [f for f in examine(library) if "is not in the library" in f.what]
    if place == "before the rows":
        assert len(orphans) == 1, "whole, and named"
    else:
        assert orphans == []
        assert [name for name in files(library) if name != "events.json"] == []
        assert len(imports_left(library)) == 1
        assert any("interrupted" in finding.what for finding in examine(library))
    earmark = rig.application(library)
    try:
        session = earmark.imports.import_file(source).future.result(300)
        (take,) = session.takes
        assert all((library / str(f)).is_file() for f in (take.file, take.peaks, take.original))
        assert imports_left(library) == ()
        assert list((library / "run" / "importing").iterdir()) == []
    finally:
        earmark.close()


def test_a_start_clears_what_a_killed_import_left(tmp_path: Path, gone: int) -> None:
    library = tmp_path / "library"
    earmark = rig.application(library)
    try:
        dead = library / "run" / "importing" / f"5e55-{gone}"
        living = library / "run" / "importing" / f"5e55-{os.getppid()}"
        for folder in (dead, living):
            folder.mkdir(parents=True)
            (folder / "take-1.flac").write_bytes(b"x")
        earmark.finishing.restore(list_only=True).result(60)
        assert dead.exists()
        earmark.finishing.restore().result(60)
        assert not dead.exists() and living.exists()
    finally:
        earmark.close()


def test_only_half_written_files_of_the_dead_are_cleared(tmp_path: Path, gone: int) -> None:
    library = tmp_path / "library"
    earmark = rig.application(library)
    earmark.close()
    folder = library / "sessions" / "2026" / "01" / "a session"
    folder.mkdir(parents=True)
    ours = [
        folder / f".take-1-abcdef.flac.{gone}.part",
        folder / f".session.json.{gone}.part",
        library / f".settings.json.{gone}.part",
        library / "run" / f".x.json.{gone}.part",
    ]
    others = [
        folder / f".take-1-abcdef.flac.{os.getpid()}.part",
        folder / f"take-1-abcdef.flac.{gone}.part",
        folder / ".download.part",
        folder / f"notes.{gone}",
        folder / "take-1-abcdef.journal",
        tmp_path / f".elsewhere.{gone}.part",
    ]
    for path in (*ours, *others):
        path.write_bytes(b"x")
    (folder / f".link.{gone}.part").symlink_to(others[-1])
    (folder / f".folder.{gone}.part").mkdir()
    assert sorted(parts_left(library)) == sorted(ours)
    assert any("Half-written" in finding.what for finding in examine(library))
    assert clear_parts(library) == len(ours)
    assert not any(path.exists() for path in ours)
    assert all(path.exists() for path in others)
    assert not any("Half-written" in finding.what for finding in examine(library))
