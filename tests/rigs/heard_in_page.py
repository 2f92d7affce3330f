"""What a page plays, taken behind its audio element and found again in the sound it was made of."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np

from earmark.share.content import ShareContent
from earmark.share.sound import Samples, read_plan

SECOND = 48_000

LISTEN = """(() => {
  const audio = document.getElementById('audio');
  const context = new AudioContext({ sampleRate: 48000 });
  const tap = context.createScriptProcessor(4096, 1, 1);
  window.taken = [];
  tap.onaudioprocess = (event) => window.taken.push(event.inputBuffer.getChannelData(0).slice());
  context.createMediaElementSource(audio).connect(tap);
  tap.connect(context.destination);
  return context.resume();
})()"""
TAKEN = """(() => {
  const whole = new Float32Array(window.taken.length * 4096);
  window.taken.forEach((part, i) => whole.set(part, i * 4096));
  const bytes = new Uint8Array(whole.buffer);
  let text = '';
  for (let i = 0; i < bytes.length; i += 32768)
    text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
})()"""
HEARD = "window.taken.filter((part) => part.some((x) => Math.abs(x) > 1e-4)).length"


def taken(browser: Any) -> Samples:
    """What was heard since `window.taken` was emptied: mono, 48 kHz."""
    return np.frombuffer(base64.b64decode(browser.run(TAKEN)), np.float32)


def master(folder: Path, content: ShareContent) -> Samples:
    """The shared sound, before any encoding."""
    return np.concatenate(list(read_plan(content.audio_plan, folder, SECOND)))


class NotRecognised(AssertionError):
    """What was taken is not clearly any place of the sound."""


def clicked_place(browser: Any, selector: str, whole: Samples, near: float) -> float:
    """Clicks and gives the milliseconds at which what is heard begins.

    On a loaded machine about one capture in a hundred was not recognisable (why is not known:
    the tap or the browser), so it is taken up to three times; a wrong place is never retried.
    """
    for attempt in range(3):
        browser.run("document.getElementById('audio').pause()")
        browser.run("new Promise((done) => setTimeout(done, 300))")
        browser.run("window.taken.length = 0")
        browser.click_on(selector)
        browser.until(f"{HEARD} >= 8")
        try:
            return place_of(taken(browser), whole, near)
        except NotRecognised:
            if attempt == 2:
                raise
    raise NotRecognised


def place_of(sound: Samples, whole: Samples, near: float) -> float:
    """Where the beginning of what was heard lies in the whole, in milliseconds."""
    loud = np.nonzero(np.abs(sound) > 1e-3)[0]
    start = int(loud[0]) + 2_400
    part = sound[start : start + SECOND // 2]
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
    return (low + found - 2_400) / 48
