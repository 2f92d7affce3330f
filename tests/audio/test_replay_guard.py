"""When an output counts as lost: judged from the states of the sound server."""

from __future__ import annotations

from dataclasses import replace

from earmark.audio.pulse import PulseState
from earmark.audio.replay.guard import Back, Lost, OutputGuard
from earmark.model.devices import Device

CARD, USB = Device("card", "Loudspeakers", True), Device("usb", "Headset")
BOTH = PulseState(connected=True, outputs=(CARD, USB))
ON_USB = replace(BOTH, output_in_use="usb")


def playing_on_usb() -> OutputGuard:
    guard = OutputGuard()
    guard.opened(None)
    assert guard.see(BOTH, True) == []
    assert guard.see(ON_USB, True) == []
    return guard


def test_guard_sees_an_output_go_and_come_back() -> None:
    guard = playing_on_usb()
    gone = replace(BOTH, outputs=(CARD,), output_in_use="card")
    assert guard.see(gone, True) == [Lost("usb", "Headset")]
    assert guard.missing("usb")
    assert not guard.missing(None)
    assert guard.see(gone, False) == []
    assert guard.see(BOTH, False) == [Back("usb", "Headset")]
    assert guard.see(BOTH, False) == []


def test_guard_lets_a_person_move_the_stream() -> None:
    guard = playing_on_usb()
    assert guard.see(replace(BOTH, output_in_use="card"), True) == []
    assert guard.see(replace(BOTH, outputs=(CARD,), output_in_use="card"), True) == []


def test_guard_waits_for_a_server_that_is_away() -> None:
    guard = playing_on_usb()
    assert guard.see(PulseState(), True) == []
    assert not guard.missing("usb")
    back = replace(BOTH, outputs=(CARD,), output_in_use="card")
    assert guard.see(back, True) == [Lost("usb", "Headset")]


def test_guard_sees_headphones_pulled_out_of_a_card() -> None:
    phones = ("card", "headphones", "Headphones")
    speaker = ("card", "speaker", "Speaker")
    plugged = replace(BOTH, output_in_use="card", ports=(phones,))
    pulled = replace(plugged, ports=(speaker,), unplugged=frozenset({("card", "headphones")}))
    guard = OutputGuard()
    guard.opened(None)
    assert guard.see(plugged, True) == []
    assert guard.see(pulled, True) == [Lost("card", "Headphones")]
    # chosen by hand while still plugged in: no loss
    guard.opened(None)
    assert guard.see(plugged, True) == []
    assert guard.see(replace(plugged, ports=(speaker,)), True) == []
