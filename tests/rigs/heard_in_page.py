"""What a page plays, recorded at the sound server's sink and found again in what it was made of."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
from sound import Listener
from waiting import wait_until

from earmark.share.content import ShareContent
from earmark.share.sound import Samples, read_plan

SECOND = 48_000
PART = SECOND // 2
LOUD = 1e-3
LANDING_MS = 50
_NOTE_SEEKING = """(() => {
  const audio = document.getElementById('audio');
  audio.onseeking = () => { audio.dataset.sought = audio.currentTime * 1000; };
})()"""
PIECES = 8
"""What was heard is compared piece by piece: each of about 70 ms."""


def master(folder: Path, content: ShareContent) -> Samples:
    """The shared sound, before any encoding."""
    return np.concatenate(list(read_plan(content.audio_plan, folder, SECOND)))


class NotRecognised(AssertionError):
    """What was heard is not clearly any place of the sound."""


def check_landing(
    browser: Any, listener: Listener, selector: str, whole: Samples, wanted: float
) -> None:
    """What is heard after a click begins at `wanted` ms of the whole, within 50 ms.

    A busy machine may swallow the first of what a browser plays: what is heard late is clicked
    again, five times at most. The place the page itself went to is looked at with every click, so
    that a player which goes to a wrong place has no second try; nothing may be heard early.
    """
    browser.run(_NOTE_SEEKING)
    for _ in range(6):
        place = clicked_place(browser, listener, selector, whole, wanted)
        sought = float(browser.run("document.getElementById('audio').dataset.sought"))
        assert abs(sought - wanted) <= LANDING_MS, (selector, sought, wanted)
        if place <= wanted + LANDING_MS:
            break
    assert abs(place - wanted) <= LANDING_MS, (selector, place, wanted)


def clicked_place(
    browser: Any, listener: Listener, selector: str, whole: Samples, near: float
) -> float:
    """Clicks and gives the milliseconds of the whole at which what is heard then begins.

    Waits for silence at the sink first, so that nothing played before can be meant. A busy machine
    may tear holes into what a browser plays: what is torn or not to be recognised is clicked
    again, five times at most; a wrong place never is.
    """
    for _ in range(5):
        with contextlib.suppress(NotRecognised):
            return _clicked_once(browser, listener, selector, whole, near)
    return _clicked_once(browser, listener, selector, whole, near)


def _clicked_once(
    browser: Any, listener: Listener, selector: str, whole: Samples, near: float
) -> float:
    browser.run("document.getElementById('audio').pause()")
    wait_until(lambda: _silent(listener), what="silence after the pause")
    since = listener.arrived
    browser.click_on(selector)
    wait_until(lambda: len(_begun(listener, since)) >= PART * 1.2, what="sound after the click")
    return place_of(_begun(listener, since), whole, near)


def _silent(listener: Listener) -> bool:
    """Whether the newest third of a second is silent."""
    return _loudest(np.array(listener.samples()[-SECOND // 3 :], dtype=np.float32) / 32768) < LOUD


def _loudest(sound: Samples) -> float:
    return float(np.max(np.abs(sound), initial=0.0))


def _begun(listener: Listener, since: int) -> Samples:
    """What was heard from the first loud sample on; empty while there is none."""
    sound = np.array(listener.samples(since), dtype=np.float32) / 32768
    loud = np.nonzero(np.abs(sound) > LOUD)[0]
    return sound[int(loud[0]) :] if len(loud) else sound[:0]


def place_of(sound: Samples, whole: Samples, near: float) -> float:
    """Where the beginning of what was heard lies in the whole, in milliseconds.

    The first 50 ms may be faded in, so what follows them is looked for.
    """
    skip = SECOND // 20
    part = sound[skip : skip + PART]
    low = max(0, int(near * 48) - 2 * SECOND)
    around = whole[low : int(near * 48) + 4 * SECOND]
    size = 1 << int(np.ceil(np.log2(len(around) + len(part))))
    fit = np.fft.irfft(np.fft.rfft(around, size) * np.conj(np.fft.rfft(part, size)), size)
    fit = fit[: len(around) - len(part) + 1]
    sums = np.concatenate([[0.0], np.cumsum(np.square(around, dtype=np.float64))])
    power = sums[len(part) :] - sums[: -len(part)]
    score = fit / np.sqrt(np.maximum(power[: len(fit)], 1e-9) * float(np.dot(part, part)))
    found = int(np.argmax(score))
    if score[found] <= 0.7:
        raise NotRecognised(f"correlation {score[found]:.2f}")
    start = low + found - skip
    if start >= 0:
        _check_whole(sound[: skip + PART], whole[start : start + skip + PART])
    return start / 48


def _check_whole(heard: Samples, meant: Samples) -> None:
    """Raises NotRecognised where what was heard is not one piece of the sound, from its start.

    A hole moves all that follows it: the best fit is then that of the later part, and the beginning
    would be told to lie as much too early as the hole is long.
    """
    hole = _longest_zeros(heard) - _longest_zeros(meant)
    if hole > SECOND // 200:
        raise NotRecognised(f"a hole of {hole / 48:.0f} ms")
    length = len(heard) // PIECES
    loud = float(np.dot(meant, meant)) / PIECES  # hisses come out of an encoder as other hisses
    for piece in range(PIECES):
        ours = heard[piece * length : (piece + 1) * length]
        theirs = meant[piece * length : (piece + 1) * length]
        power = float(np.dot(theirs, theirs))
        if power < loud:
            continue
        fit = float(np.dot(ours, theirs)) / np.sqrt(power * max(float(np.dot(ours, ours)), 1e-12))
        if fit < 0.5:
            raise NotRecognised(f"piece {piece} fits by {fit:.2f}")


def _longest_zeros(sound: Samples) -> int:
    """The length of the longest run of nothing at all, to 16 bits."""
    ends = np.flatnonzero(np.abs(sound) >= 1 / 32768)
    edges = np.concatenate([[-1], ends, [len(sound)]])
    return int(np.max(np.diff(edges))) - 1
