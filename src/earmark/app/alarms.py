"""The sentences for what capture warns about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from earmark.model.i18n import _

from .news import DISK, Alarm, Told


def _sentences(kind: str) -> tuple[str, str]:
    """What is wrong and what to do, for a warning of capture."""
    match kind:
        case "digital-silence":
            return (
                _("The microphone delivers nothing but silence."),
                _("Check its mute switch, or choose another microphone."),
            )
        case "quiet":
            return (
                _("The sound is very quiet."),
                _("Move the microphone closer, or turn its level up."),
            )
        case "clipping":
            return (
                _("The sound is too loud and is being clipped."),
                _("Turn the microphone's level down."),
            )
        case "stalled-write":
            return (
                _("The disk does not take the recording at the moment."),
                _("Nothing is lost yet: it is held in memory until the disk answers."),
            )
        case "low-space":
            return (
                _("There is space for less than 20 minutes of recording."),
                _("Free some space; when the disk is full, recording stops and is kept."),
            )
        case "no-input":
            return (_("No microphone delivers sound."), _("Plug one in, or choose another input."))
        case "no-server":
            return (
                _("The sound system does not answer."),
                _("Recording goes on by itself when it is back."),
            )
        case "disk-full":
            return (
                _("The disk is full: recording stopped, and everything up to here is kept."),
                _("Free some space, then press Record to go on in the same session."),
            )
    return (_("The recording is disturbed."), _("Check the microphone and the disk."))


def alarm(event: Mapping[str, Any]) -> Alarm:
    """The alarm for capture's `warning` event."""
    kind = str(event.get("kind", ""))
    sentence, remedy = _sentences(kind)
    return Alarm(kind, bool(event.get("on", True)), sentence, remedy)


def capture_died(*, again: bool, kept: bool) -> Alarm:
    """The recording process ended by itself. `again`: a new take was started; `kept`: sound had
    been stored by then."""
    if again:
        sentence = (
            _("Recording was interrupted. A new take was started; the one before is kept.")
            if kept
            else _("Recording was interrupted before any sound came. A new take was started.")
        )
        return Alarm("capture-died", True, sentence)
    remedy = (
        _("What was recorded is kept. Run “earmark doctor” to see what is wrong.")
        if kept
        else _("Nothing was recorded. Run “earmark doctor” to see what is wrong.")
    )
    sentence = _("Recording stopped: its process ended again and again.")
    return Alarm("capture-died", True, sentence, remedy)


def full_disk(*, kept: bool) -> Told:
    """The disk ended the recording; `kept`: sound had been stored by then."""
    full = alarm({"kind": "disk-full"})
    sentence = full.sentence if kept else _("The disk is full: nothing was recorded.")
    return Told(sentence, full.remedy, "error", DISK)


def device_news(cause: str, label: str) -> Told | None:
    """One sentence when the recording goes on with another microphone."""
    if cause == "lost":
        sentence = _("The microphone went away. Recording goes on with “{label}”.")
    elif cause == "absent":
        sentence = _("The chosen microphone is not connected. Recording from “{label}”.")
    elif cause == "returned":
        sentence = _("The microphone is back. Recording goes on with “{label}”.")
    elif cause == "chosen":
        sentence = _("Recording goes on with “{label}”.")
    else:
        return None
    kind = "warning" if cause in ("lost", "absent") else "info"
    return Told(sentence.format(label=label), kind=kind, about="microphone")


def may_sleep() -> Told:
    """Nothing here keeps the computer awake: said once by a capture process."""
    return Told(
        _("This computer may fall asleep while it records."),
        _("Switch sleep off in its energy settings, and leave the lid open."),
        "warning",
        "sleep",
    )


def start_failed(event: Mapping[str, Any]) -> Told:
    """The sentence for capture's `error` event: capture says itself what is wrong."""
    message = str(event.get("message") or "")
    if message:
        return Told(message, kind="error")
    return Told(
        _("Recording could not start."), _("Run “earmark doctor” to see what is wrong."), "error"
    )
