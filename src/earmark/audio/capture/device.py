"""The hardware seam: what capture needs of a sound input, and PortAudio behind it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, Protocol

from earmark.audio.pulse import CLIENT_NAME
from earmark.model.errors import SoundUnavailable
from earmark.model.i18n import _

LATENCY_SECONDS = 0.5
"""Arrives in pieces of 125 ms; a held interpreter lock of seconds is survived by the server."""

CLOSING_SECONDS = 1.5
"""A stream whose server died in a bad moment may never end: so long it is waited for."""

OnAudio = Callable[[bytes], None]
OnEnd = Callable[[], None]


class CaptureDevice(Protocol):
    """One input at a time. The callbacks come in a thread of the device's own."""

    def open(
        self, source: str | None, rate: int, channels: int, on_audio: OnAudio, on_end: OnEnd
    ) -> None:
        """Opens a source by its name (None: the default) and lets it run.

        Raises SoundUnavailable; a source may have delivered something before that.
        """

    def refresh(self) -> bool:
        """After a failed `open`: looks anew at what there is. Whether another try is worth it."""

    def close(self) -> None:
        """Ends the stream; one that does not end is left to itself after a moment."""

    def inputs_without_server(self) -> bool:
        """Whether there is an input even where no sound server runs."""


class PortAudioDevice:
    """PortAudio through sounddevice; a PulseAudio source is chosen through ALSA's `pulse`."""

    def __init__(self) -> None:
        os.environ["PULSE_PROP_OVERRIDE"] = (
            f"application.name={CLIENT_NAME} application.icon_name=earmark media.role=production"
        )
        self._library: Any = None
        self._stream: Any = None
        self._ending: threading.Thread | None = None
        self._load()

    def _load(self) -> None:
        try:
            import sounddevice
        except OSError:  # PortAudio itself is not installed
            return
        self._library = sounddevice

    def refresh(self) -> bool:
        """PortAudio lists devices once, at its start: begin again to see what came later."""
        if self._library is None or (self._ending is not None and self._ending.is_alive()):
            return False  # a stream that does not end would hold the library's end too
        try:
            self._library._terminate()
            self._library._initialize()
        except self._library.PortAudioError:
            return False
        return True

    def _find(self, *, pulse: bool) -> int | None:
        devices = list(self._library.query_devices())
        usable = [i for i, d in enumerate(devices) if d["max_input_channels"] > 0]
        for index in usable:
            name = devices[index]["name"]
            # ALSA's `default` is most often the server again.
            if name == "pulse" if pulse else name not in ("pulse", "default"):
                return index
        return None

    def inputs_without_server(self) -> bool:
        return self._library is not None and self._find(pulse=False) is not None

    def open(
        self, source: str | None, rate: int, channels: int, on_audio: OnAudio, on_end: OnEnd
    ) -> None:
        if self._library is None:
            raise SoundUnavailable(
                _("PortAudio is not installed, so nothing can be recorded."),
                _("Install the package libportaudio2."),
            )
        try:
            self._start(source, rate, channels, on_audio, on_end)
        except self._library.PortAudioError as error:
            raise SoundUnavailable(
                _("The microphone could not be opened: {reason}").format(reason=error),
                _("Check that it is connected and not switched off in the sound settings."),
            ) from error

    def _start(
        self, source: str | None, rate: int, channels: int, on_audio: OnAudio, on_end: OnEnd
    ) -> None:
        # libpulse reads this when ALSA's plug-in connects.
        if source is None:
            os.environ.pop("PULSE_SOURCE", None)
        else:
            os.environ["PULSE_SOURCE"] = source

        def moved(data: Any, _frames: int, _time: Any, _status: Any) -> None:
            on_audio(bytes(data))

        stream = self._library.RawInputStream(
            samplerate=rate,
            channels=channels,
            dtype="int16",
            latency=LATENCY_SECONDS,
            device=self._find(pulse=source is not None),
            callback=moved,
            finished_callback=on_end,
        )
        try:
            stream.start()
        except self._library.PortAudioError:
            stream.close(ignore_errors=True)
            raise
        self._stream = stream

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is None:
            return

        def end() -> None:
            # stop() hangs for ever on a stalled source; abort() mostly returns at once.
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)

        self._ending = threading.Thread(target=end, name="stream-end", daemon=True)
        self._ending.start()
        self._ending.join(CLOSING_SECONDS)
