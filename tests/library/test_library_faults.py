"""Nothing acknowledged is ever lost: at kill -9, and where any write, sync or rename fails."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from earmark.library import Library
from earmark.model import Level, SessionId

CHILDREN = Path(__file__).parent / "children"


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("no C compiler for the failing disk (gcc on Linux)")
    target = tmp_path_factory.mktemp("shim") / "failio.so"
    source = CHILDREN / "failio.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", target, source, "-ldl"], check=True)
    return target


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("call", "code", "sticky", "step"),
    [
        ("write", errno.ENOSPC, 1, 4),
        ("sync", errno.EIO, 0, 2),
        ("rename", errno.EIO, 1, 1),
        ("truncate", errno.ENOSPC, 0, 1),
        *(
            pytest.param(call, code, sticky, 1, marks=pytest.mark.nightly)
            for call in ("write", "sync", "rename", "truncate")
            for code in (errno.ENOSPC, errno.EIO)
            for sticky in (0, 1)
        ),
    ],
)
def test_every_failing_call_is_survived(
    shim: Path, tmp_path: Path, call: str, code: int, sticky: int, step: int
) -> None:
    kind = (call, str(code), str(sticky), str(step))
    done = subprocess.run(
        [sys.executable, CHILDREN / "sweep.py", shim, tmp_path, *kind],
        env=os.environ | {"LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        timeout=850,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    at_least = {"write": 20, "sync": 10, "rename": 3, "truncate": 0}
    assert int(done.stdout) >= at_least[call]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.nightly)])
def test_acknowledged_lines_outlive_a_killed_writer(tmp_path: Path, kills: int) -> None:
    acknowledged: list[str] = []
    for _ in range(kills):
        child = subprocess.Popen(
            [sys.executable, CHILDREN / "writer.py", tmp_path / "library"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        with child:
            assert child.stdout.readline() == "ready\n"
            lines = random.randrange(0, 25)
            acknowledged += [child.stdout.readline().strip() for _line in range(lines)]
            child.kill()
            # What it printed before it died was durable too.
            acknowledged += [x.strip() for x in child.stdout if x.endswith("\n")]
        with Library.open(tmp_path / "library") as library:
            session = library.session(SessionId("abcdef0123456789"))
            texts = [line.text for line in session.lines]
            unasked = [text for text in texts if text not in set(acknowledged)]
            assert [text for text in texts if text not in unasked] == acknowledged
            assert len(unasked) <= 1  # durable, and killed before it could say so
            acknowledged += unasked
            assert [f.level for f in library.check()] == [Level.GOOD]
    (tmp_path / "library" / "library.db").unlink()
    with Library.open(tmp_path / "library") as library:
        session = library.session(SessionId("abcdef0123456789"))
        assert [line.text for line in session.lines] == acknowledged


def test_many_starting_at_once_make_one_library(tmp_path: Path) -> None:
    children = [
        subprocess.Popen([sys.executable, CHILDREN / "maker.py", tmp_path / "new", f"Talk {n}"])
        for n in range(4)
    ]
    assert [child.wait(120) for child in children] == [0] * 4
    with Library.open(tmp_path / "new") as library:
        assert {s.title for s in library.summaries()} == {f"Talk {n}" for n in range(4)}
