"""How long a program takes from exec to a window a person can use."""

from __future__ import annotations

import subprocess
import sys
import time
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
        page = Box(400, 150, 600, 400)
        begun = time.monotonic()
        screen._spawn([sys.executable, "-m", "earmark", "--library", str(library)], "program.log")
        wait_until(lambda: _titled(screen, "earmark"), what="Earmark's window")

        def typed() -> bool:
            """A glyph's worth of pixels changed: more than a blinking caret, less than a paint."""
            before = screen.pixels(page)
            screen.type("m")
            end = time.monotonic() + 0.05
            while time.monotonic() < end:
                after = screen.pixels(page)
                if after != before:
                    old, new = (np.frombuffer(p, dtype=np.uint32) for p in (before, after))
                    if 60 < int(np.count_nonzero(old != new)) < 3000:
                        return True
            return False

        wait_until(typed, what="a key typed to be painted")
        return time.monotonic() - begun


def xournalpp_start(server: sound_rig.SoundServer) -> float:
    """Exec → Xournal++'s window shown and its page painted: the earliest a person could use it."""
    with _Screen(["true"], server.env) as screen:
        page = Box(400, 250, 500, 300)
        empty = screen.pixels(page)
        begun = time.monotonic()
        screen._spawn(["xournalpp"], "program.log")
        wait_until(lambda: _titled(screen, "xournal"), what="Xournal++'s window")
        wait_until(lambda: screen.pixels(page) != empty, what="Xournal++'s page")
        return time.monotonic() - begun
