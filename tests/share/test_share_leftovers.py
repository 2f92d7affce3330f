"""What a killed writer left: the whole share or nothing, and nobody else's files."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from earmark.share.leftovers import settle
from earmark.share.output_file import writing
from earmark.share.output_files import ASIDE, writing_files, writing_folder

KILLED = """
import os, signal, sys
from pathlib import Path
from earmark.share import output_file, output_files
target, kind, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
moves = 0
real = {name: getattr(Path, name) for name in ("rename", "replace")}
def counting(name):
    def move(self, *args):
        global moves
        if moves == count:
            os.kill(os.getpid(), signal.SIGKILL)
        moves += 1
        return real[name](self, *args)
    return move
for name in real:
    setattr(Path, name, counting(name))
if kind == "files":
    with output_files.writing_files(target, ["a.m4a", "pictures/1.png"], replace=True) as room:
        (room / target.name).write_text("new")
        (room / "a.m4a").write_text("new")
        (room / "pictures").mkdir()
        (room / "pictures" / "1.png").write_text("new")
elif kind == "folder":
    with output_files.writing_folder(target, lambda _name: True, replace=True) as room:
        (room / "index.html").write_text("new")
else:
    with output_file.writing(target, replace=True) as part:
        part.write_text("new")
        part.with_suffix(".sound").write_text("new")
        counting("rename")(part, part)
        part.with_suffix(".sound").unlink()
print(moves)
"""


def killed(target: Path, kind: str, count: int) -> int | None:
    """Writes in a process that is killed before its `count`-th move. Its id; None if it ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(target), kind, str(count)], stdout=subprocess.DEVNULL
    )
    return process.pid if process.wait(60) == -signal.SIGKILL else None


def tree(folder: Path) -> dict[str, str]:
    return {
        entry.relative_to(folder).as_posix(): entry.read_text()
        for entry in sorted(folder.rglob("*"))
        if entry.is_file()
    }


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("kind", ["file", "files", "folder"])
def test_killed_at_any_move_it_is_whole_or_as_before(
    tmp_path: Path, kind: str, there: bool
) -> None:
    for count in range(20):
        place = tmp_path / str(count)
        place.mkdir()
        target = place / ("site" if kind == "folder" else "a.md")
        old = {"site/index.html": "old"} if kind == "folder" else {"a.md": "old"}
        if kind == "files":
            old |= {"a.m4a": "old", "pictures/1.png": "old"}
        new = dict.fromkeys(old, "new")
        theirs = {".a.md.1.part": "theirs", "other.txt": "theirs"}
        for name, text in (theirs | (old if there else {})).items():
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text(text)
        pid = killed(target, kind, count)
        if pid is not None:
            settle(target, pid)
        assert tree(place) in (theirs | new, theirs | (old if there else {})), count
        assert not list(place.rglob(f"*{ASIDE}*")) and not list(place.glob(".*.parts*"))
        if pid is None:
            assert tree(place) == theirs | new
            return
    raise AssertionError("it never came to an end")


def test_what_another_process_makes_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "a.html"
    with writing(target) as part:
        part.write_text("mine")
        settle(target, os.getpid() + 1)
        assert part.exists()
    with writing_files(tmp_path / "b.md", ["b.m4a"]) as room:
        (room / "b.md").write_text("mine")
        settle(tmp_path / "b.md", os.getpid() + 1)
        assert room.exists()
    with writing_folder(tmp_path / "c", lambda _name: True) as room:
        (room / "index.html").write_text("mine")
        settle(tmp_path / "c", os.getpid() + 1)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.html", "b.md", "c"]
