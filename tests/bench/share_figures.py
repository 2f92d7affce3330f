"""What a pencast plays in real browsers, what it costs to open and search, and to make."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sessions_to_share as made
import sound as sound_rig
import soundfile as sf
from chromium import Chromium, chromium_path
from figures import Figure, Skipped, spread
from firefox import Firefox, firefox_path
from heard_in_page import clicked_place, master
from waiting import wait_until

from earmark.share.content import ShareContent, share_content
from earmark.share.pencast import write_pencast

SECOND = 48_000
TAKE_MINUTES = 10


def pencast_sound() -> Iterator[Figure]:
    """Clicks on 20 lines of a 10-min and a 2-h pencast, heard at the sound server's sink."""
    for minutes in (10, 120):
        with tempfile.TemporaryDirectory() as name, sound_rig.sound_server() as server:
            folder = Path(name)
            content, page = _talk(folder, minutes)
            whole, listener = master(folder, content), server.capture_monitor()
            for browser_name, browser in _browsers(folder, server.env):
                with browser:
                    browser.open(page.as_uri())
                    browser.until("document.getElementById('audio').readyState >= 1")
                    off = []
                    for line in content.lines:
                        wanted = max(0, (line.ms or 0) - content.look_back_ms)
                        where = f'[id="n={line.ordinal}"] .time'
                        found = clicked_place(browser, listener, where, whole, wanted)
                        off.append(abs(found - wanted))
                yield Figure(
                    f"click on a line → the sound at the sink, {browser_name}, {minutes} min",
                    spread(off, "ms off"),
                    "≤ 50 ms",
                )


def page_figures() -> Iterator[Figure]:
    """A page with 5,000 lines: typing in its search; Firefox's memory with 2 h of sound."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _content, page = _talk(folder, 10, lines=5_000)
        for browser_name, browser in _browsers(folder, {}):
            with browser:
                browser.open(page.as_uri())
                browser.until("document.getElementById('audio').readyState >= 1")
                browser.click_on("#find")
                took = [browser.run(_TYPED % text) for text in _growing("line 4", "words 77", "x")]
            yield Figure(
                f"a key in the search of 5,000 lines, {browser_name} (script, style and layout)",
                spread(took, "ms"),
                "≤ 100 ms",
            )
    if firefox_path() is None:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _content, page = _talk(folder, 120)
        with _firefox(folder, {}) as browser:
            before = _memory(browser.pid)
            browser.open(page.as_uri())
            browser.until("document.getElementById('audio').readyState >= 1")
            wait_until(lambda: browser.run("document.querySelector('script.sound') === null"))
            most = max(_memory(browser.pid) for _ in range(20))
        yield Figure(
            f"memory of Firefox with a 2-h pencast of {page.stat().st_size >> 20} MiB open",
            f"{most} MB in all, {most - before} MB more than empty (PSS of all its processes)",
            "< 1 GB",
        )


def export_of_three_hours() -> Iterator[Figure]:
    """Three hours of FLAC to .html, beside ffmpeg making the same AAC, in turn."""
    if shutil.which("ffmpeg") is None:
        raise Skipped("ffmpeg is not installed (Debian's package ffmpeg)")
    minutes = int(os.environ.get("EXPORT_MINUTES", "180"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        take = made.take(1, minutes * 60 * SECOND)
        path = folder / str(take.file)
        path.parent.mkdir(parents=True)
        talk, rate = sf.read(made.DEMO_TALK, dtype="float32")
        whole = np.resize(talk, 60 * rate)
        with sf.SoundFile(path, "w", rate, 1, "PCM_16", format="FLAC") as file:
            for _ in range(minutes):
                file.write(whole)
        content = share_content(made.session([take], [made.line("a", "a line", (1, SECOND))]))
        ours, theirs = [], []
        for turn in range(2):
            ours.append(_timed(lambda t=turn: write_pencast(content, folder, folder / f"{t}.html")))
            theirs.append(_timed(lambda t=turn: _ffmpeg(path, folder / f"{t}.m4a")))
        yield Figure(
            f"export of {minutes} min to .html beside ffmpeg making its sound",
            f"{min(ours):.1f} s against {min(theirs):.1f} s: {min(ours) / min(theirs):.2f} ×",
            "≤ 1.15 ×",
        )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        yield Figure("memory of this process at its highest", f"{peak} MB", "no bar")


def _talk(folder: Path, minutes: int, lines: int = 20) -> tuple[ShareContent, Path]:
    """A pencast of takes of 10 minutes, its lines spread over it; the content and the page."""
    takes = [made.take(n, TAKE_MINUTES * 60 * SECOND) for n in range(1, minutes // 10 + 1)]
    made.write_sound(folder, takes)
    frames = TAKE_MINUTES * 60 * SECOND
    step = len(takes) * frames // lines
    notes = [
        made.line(
            str(n),
            f"line {n} some words {n * 7}",
            (1 + n * step // frames, max(4 * SECOND, n * step % frames)),
        )
        for n in range(lines)
    ]
    content = share_content(made.session(takes, notes))
    page = folder / "talk.html"
    write_pencast(content, folder, page)
    return content, page


def _browsers(folder: Path, env: dict[str, str]) -> Iterator[tuple[str, Any]]:
    if chromium_path() is not None:
        yield "Chromium", Chromium(folder / "chromium", env=env)
    if firefox_path() is not None:
        yield "Firefox", _firefox(folder, env)


def _firefox(folder: Path, env: dict[str, str]) -> Firefox:
    (folder / "firefox").mkdir()
    return Firefox(folder / "firefox", env)


_TYPED = """(() => new Promise((done) => {
  const box = document.getElementById('query'), found = document.getElementById('found');
  const later = setTimeout;
  box.value = '%s';
  const timers = [];
  window.setTimeout = (work) => { timers.push(work); return 0; };
  const begun = performance.now();
  box.dispatchEvent(new Event('input'));
  window.setTimeout = later;
  for (const work of timers) work();
  document.body.offsetHeight;
  requestAnimationFrame(() => later(() => done(performance.now() - begun)));
}))()"""
"""What one key costs: the waiting for further keys is taken out, the painting is in."""


def _growing(*texts: str) -> Iterator[str]:
    for text in texts:
        for end in range(1, len(text) + 1):
            yield text[:end]


def _memory(pid: int) -> int:
    """Megabytes (PSS) of a process and all its children."""
    total, waiting = 0, [pid]
    while waiting:
        each = waiting.pop()
        try:
            for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
            for task in Path(f"/proc/{each}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return total // 1000


def _ffmpeg(source: Path, target: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-i", source, "-c:a", "aac", "-b:a", "64k", target]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def _timed(work: Any) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun
