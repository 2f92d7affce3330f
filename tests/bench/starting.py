"""How long a program takes from exec to a window a person can use."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import sound as sound_rig
from waiting import wait_until
from window import Box, Window


class _Screen(Window):
    """A private screen without a program yet, so that only the program's own start is timed."""

    def start_program(self) -> subprocess.Popen[bytes]:
        return self._spawn(["true"], "none.log")


def _titled(screen: Window, part: str) -> bool:
    root = screen.display.screen().root
    stack = list(root.query_tree().children)
    while stack:
        window = stack.pop()
        try:
            name = window.get_wm_name() or ""
            shown = window.get_attributes().map_state == 2
            stack += window.query_tree().children
        except Exception:  # noqa: BLE001 - windows come and go while we look
            continue
        if shown and part.lower() in str(name).lower():
            return True
    return False


def earmark_start(server: sound_rig.SoundServer, library: Path) -> float:
    """Exec → the list drawn, the caret in the notes and a key typed painted (seconds)."""
    with _Screen(["true"], server.env) as screen:
        screen.env.pop("QT_LINUX_ACCESSIBILITY_ALWAYS_ON")
        page = Box(300, 165, 300, 60)  # where the first line of the notes begins
        empty = screen.pixels(page)
        begun = time.monotonic()
        screen._spawn([sys.executable, "-m", "earmark", "--library", str(library)], "program.log")
        wait_until(lambda: _titled(screen, "earmark"), what="Earmark's window")
        wait_until(lambda: screen.pixels(page) != empty, what="Earmark's page")

        def typed() -> bool:
            before = _grid(screen, page)
            screen.type("m")
            return _within(screen, page, lambda new: _is_typed(before, new))

        wait_until(typed, what="a key typed to be painted")
        return time.monotonic() - begun


def xournalpp_start(server: sound_rig.SoundServer) -> tuple[float, float]:
    """Exec → Xournal++'s page painted, and → a pen stroke drawn on it (seconds).

    The stroke is what a typed key is to Earmark: the moment a person can use it.
    """
    with _Screen(["true"], server.env) as screen:
        page = Box(400, 250, 500, 300)
        empty = screen.pixels(page)
        begun = time.monotonic()
        screen._spawn(["xournalpp"], "program.log")
        wait_until(lambda: _titled(screen, "xournal"), what="Xournal++'s window")
        wait_until(lambda: screen.pixels(page) != empty, what="Xournal++'s page")
        painted = time.monotonic() - begun
        rows = itertools.cycle(range(300, 500, 10))

        def drawn() -> bool:
            row = next(rows)
            before = _grid(screen, page)
            screen.drag((500, row), (700, row), steps=6)
            return _within(screen, page, lambda new: _is_stroke(before != new, row - page.y))

        wait_until(drawn, what="a stroke on Xournal++'s page")
        return painted, time.monotonic() - begun


def _grid(screen: Window, page: Box) -> np.ndarray:
    """The page's pixels, by row and column."""
    return np.frombuffer(screen.pixels(page), dtype=np.uint32).reshape(page.height, page.width)


def _within(screen: Window, page: Box, wanted: Callable[[np.ndarray], bool]) -> bool:
    """Whether the page looks as wanted within 50 ms."""
    end = time.monotonic() + 0.05
    while time.monotonic() < end:
        if wanted(_grid(screen, page)):
            return True
    return False


def _is_typed(before: np.ndarray, new: np.ndarray) -> bool:
    """Whether a letter or two came (wider than a blinking caret, less than a paint): alone, or
    with the first letter the words went that invite to write there."""
    changed = before != new
    return bool(changed.any()) and (_is_letter(changed) or _is_letter(new != new[-1, -1]))


def _is_letter(mask: np.ndarray) -> bool:
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(columns):
        return False
    wide, high = int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    return 5 <= wide <= 80 and 5 <= high <= 40


def _is_stroke(new: np.ndarray, row: int) -> bool:
    """Whether what changed is a level line of 200 pixels at this row, and little else."""
    level = new[max(0, row - 3) : row + 4]
    return int(level.any(axis=0).sum()) > 150 and int(np.count_nonzero(new)) < 5000
