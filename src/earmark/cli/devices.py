"""`earmark devices`."""

from __future__ import annotations

from argparse import Namespace

from earmark.app.devices import Device, listed
from earmark.model import SoundUnavailable
from earmark.model.i18n import _

from .output import print_json, print_table


def devices(arguments: Namespace) -> int:
    """Inputs and outputs, the default marked."""
    inputs, outputs = listed()
    if arguments.json:
        print_json({"inputs": list(map(_form, inputs)), "outputs": list(map(_form, outputs))})
        return 0
    if not inputs and not outputs:
        raise SoundUnavailable(
            _("No sound system answers, so there are no devices."),
            _("Start PulseAudio or PipeWire, or plug a device in."),
        )
    rows = [(_("input"), device) for device in inputs]
    rows += [(_("output"), device) for device in outputs]
    print_table(
        ["", "", _("name"), _("label")],
        [(kind, "*" if one.default else " ", one.name, one.label) for kind, one in rows],
    )
    return 0


def _form(device: Device) -> dict[str, object]:
    return {"name": device.name, "label": device.label, "default": device.default}
