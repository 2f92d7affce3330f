"""What is typed between Record and the news of the first frame is made exact afterwards."""

from __future__ import annotations

import time

from desk import Desk

from earmark.model import Anchor, EarlyAnchor


def early(desk: Desk) -> EarlyAnchor:
    found = desk.earmark.typing_anchor()
    assert isinstance(found, EarlyAnchor)
    return found


def test_a_key_before_the_news_of_the_first_frame_gets_its_frame(desk: Desk) -> None:
    recorder = desk.earmark.recording
    _session, take = recorder.start()
    before = early(desk)
    assert recorder.exact(before) is before
    zero = time.monotonic_ns()
    meanwhile = early(desk)
    desk.captures.now.say("recording", take=take, mono_ns=zero + 10**8)
    assert recorder.exact(before) is before, "the first arrival may have come late"
    assert isinstance(desk.earmark.typing_anchor(), EarlyAnchor)
    desk.captures.now.say("clock", take=take, zero_ns=zero, rate=48_000, frames=96_000)
    assert recorder.exact(before) == Anchor(take, 0)
    assert recorder.exact(meanwhile) == Anchor(take, (meanwhile.mono_ns - zero) * 48_000 // 10**9)
    now = desk.earmark.typing_anchor()
    assert type(now) is Anchor
    recorder.stop()
    desk.captures.stop(48_000)
    recorder.start()
    assert recorder.exact(before) == Anchor(take, 0), "known also after the take"


def test_a_pause_before_the_first_frame_awaits_what_capture_says(desk: Desk) -> None:
    recorder = desk.earmark.recording
    _session, take = recorder.start()
    typed = early(desk)
    recorder.pause()
    assert recorder.exact(typed) is typed
    desk.captures.now.say("recording", take=take, mono_ns=typed.mono_ns - 10**9)
    assert recorder.exact(typed) is typed
    desk.captures.stop(96_000, "pause")
    assert recorder.exact(typed) == Anchor(take, 48_000)


def test_a_refused_recording_has_no_moments(desk: Desk) -> None:
    recorder = desk.earmark.recording
    recorder.start()
    typed = early(desk)
    desk.captures.now.say("error", kind="no-input", message="There is no microphone.")
    assert recorder.exact(typed) is None


def test_a_take_that_died_before_its_first_frame_hands_its_moments_on(desk: Desk) -> None:
    recorder = desk.earmark.recording
    recorder.start()
    typed = early(desk)
    desk.captures.now.die()
    assert recorder.exact(typed) is typed
    take, _zero = desk.captures.record()
    assert recorder.exact(typed) == Anchor(take, 0)
