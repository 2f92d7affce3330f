"""A trial of the sound system: opens a stream as a recording does and one as replay does, and
waits until sound flows. What is listed may still not open.
"""

from __future__ import annotations

import threading
from typing import Any

from earmark.audio.capture.device import SystemDevice
from earmark.audio.pulse import PulseState
from earmark.model.devices import Device
from earmark.model.errors import SoundUnavailable
from earmark.model.i18n import _
from earmark.model.units import RECORDING_RATE

SECONDS = 5.0
"""So long a device may take to bring or to ask for its first sound."""


def try_input(state: PulseState) -> Device:
    """The input that a recording would be made from: opened, and heard. Raises
    SoundUnavailable.
    """
    microphones = [one for one in state.inputs if one.name not in state.monitors]
    chosen = next((one for one in state.inputs if one.default), None)
    if not microphones or chosen is None:
        raise SoundUnavailable(
            _("There is no microphone."),
            _("Connect one, or switch it on in the sound settings."),
        )
    heard = threading.Event()
    device = SystemDevice()
    device.open(chosen.name, RECORDING_RATE, 1, lambda _pcm: heard.set(), lambda: None)
    try:
        if not heard.wait(SECONDS):
            raise SoundUnavailable(
                _("The microphone “{label}” brings no sound.").format(label=chosen.label),
                _("Check that it is connected and not switched off in the sound settings."),
            )
        opened = device.source
    finally:
        device.close()
    return state.input(opened) or chosen


def try_output(state: PulseState) -> Device:
    """The output that replay would play to: opened, and asking for sound. Raises
    SoundUnavailable.
    """
    from earmark.audio.replay.output import NoOutput, Outputs

    chosen = next((one for one in state.outputs if one.default), None)
    if chosen is None:
        raise SoundUnavailable(_("There is no output."), _("Plug in headphones to replay."))
    asked = threading.Event()

    def silence(sound: Any, _frames: int, _ahead: float, _ran_dry: bool) -> None:
        sound[:] = bytes(len(sound))
        asked.set()

    try:
        output = Outputs().open(chosen.name, silence, lambda: None)
    except NoOutput as error:
        raise SoundUnavailable(
            _("The output “{label}” cannot be opened: {reason}").format(
                label=chosen.label, reason=error
            ),
            _("Choose another one in the sound settings."),
        ) from error
    try:
        if not asked.wait(SECONDS):
            raise SoundUnavailable(
                _("The output “{label}” takes no sound.").format(label=chosen.label),
                _("Choose another one in the sound settings."),
            )
        opened = output.device
    finally:
        output.close()
    return state.output(opened) or chosen
