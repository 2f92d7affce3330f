"""A disk of its own for a library, that fills up, goes away or turns read-only, as real ones do.

An ext4 image on a loop device: mounting needs root, and a machine that lets it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from waiting import wait_until

WAYS = ("full", "detached", "read-only", "renamed")
SIZE = 24 << 20


def available() -> str:
    """Empty where disks can be mounted, else what is missing."""
    if os.geteuid() != 0:
        return "mounting a disk needs root"
    missing = [c for c in ("mkfs.ext4", "mount", "umount", "losetup") if shutil.which(c) is None]
    if missing:
        return f"no {', '.join(missing)}"
    if _run("losetup", "-f").returncode != 0:
        return "this machine has no loop devices"
    return ""


class Disk:
    """`library` is a folder on it; `fail(way)` makes it unwritable, `mend()` brings it back."""

    def __init__(self, place: Path) -> None:
        self._image = place / "disk.img"
        self._mount = place / "disk"
        self._filler = self._mount / "filler"
        self._way = ""
        self.library = self._mount / "library"
        with self._image.open("wb") as file:
            file.truncate(SIZE)
        self._mount.mkdir()
        _sure("mkfs.ext4", "-q", "-F", "-m", "0", self._image)
        self._attach()

    def fail(self, way: str) -> None:
        self._way = way
        if way == "full":
            self._fill()
        elif way == "detached":
            _sure("umount", "-l", self._mount)
        elif way == "read-only":
            _run("mount", "-o", "remount,abort", self._mount)
            wait_until(lambda: not self._takes(), what="a read-only disk")
        else:
            self.library.rename(self._mount / "elsewhere")

    def mend(self) -> None:
        """Where the disk itself was the matter, once nobody has anything open on it."""
        way, self._way = self._way, ""
        if way == "full":
            self._filler.unlink()
        elif way == "renamed":
            (self._mount / "elsewhere").rename(self.library)
        elif way:
            if way == "read-only":
                _sure("umount", self._mount)
            wait_until(lambda: not _run("losetup", "-j", self._image).stdout, what="a free disk")
            _run("e2fsck", "-p", self._image)
            self._attach()

    def left_at_its_place(self) -> list[Path]:
        """What stands where the disk was mounted, while it is detached."""
        return sorted(self._mount.rglob("*")) if self._way == "detached" else []

    def close(self) -> None:
        _run("umount", "-l", self._mount)

    def _attach(self) -> None:
        _sure("mount", "-o", "loop", self._image, self._mount)

    def _fill(self) -> None:
        with contextlib.suppress(OSError), self._filler.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"\xff" * size)
            os.fsync(file.fileno())

    def _takes(self) -> bool:
        try:
            (self._mount / "probe").touch()
        except OSError:
            return False
        return True


@contextlib.contextmanager
def disk(place: Path) -> Iterator[Disk]:
    made = Disk(place)
    try:
        yield made
    finally:
        made.close()


def _run(*command: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(list(map(str, command)), capture_output=True, check=False, timeout=60)


def _sure(*command: object) -> None:
    done = _run(*command)
    if done.returncode != 0:
        raise AssertionError((command, done.stderr))
