"""The hardware seam: what capture needs of a sound input, the sound server's and PortAudio's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from earmark.audio import portaudio
from earmark.audio.libpulse import NoServer, RecordStream, StreamError
from earmark.audio.pulse import available
from earmark.model.devices import Device
from earmark.model.errors import SoundUnavailable
from earmark.model.i18n import _

PIECE_SECONDS = 0.05
"""What the sound server is asked to deliver at a time; it keeps 4 MB more while nobody reads."""

LATENCY_SECONDS = 0.5
"""Asked of PortAudio, which then delivers pieces of 125 ms and survives a held interpreter lock."""

CLOSING_SECONDS = 1.5
"""A PortAudio stream may never end: so long it is waited for."""

OnAudio = Callable[[bytes], None]
OnEnd = Callable[[], None]


class CaptureDevice(Protocol):
    """One input at a time. The callbacks come in a thread of the device's own."""

    @property
    def source(self) -> str | None:
        """What the open stream records from just now, by the word of the sound system itself."""

    def open(self, source: str, rate: int, channels: int, on_audio: OnAudio, on_end: OnEnd) -> None:
        """Opens a source by its name and lets it run; never another one in its place.

        Raises SoundUnavailable; the source may have delivered something before that.
        """

    def refresh(self) -> bool:
        """After a failed `open`: looks anew at what there is. Whether another try is worth it."""

    def close(self) -> None:
        """Ends the stream; one that does not end is left to itself after a moment."""

    def inputs_without_server(self) -> tuple[Device, ...]:
        """The inputs to be had where no sound server runs."""


def _not_opened(reason: object) -> SoundUnavailable:
    return SoundUnavailable(
        _("The microphone could not be opened: {reason}").format(reason=reason),
        _("Check that it is connected and not switched off in the sound settings."),
    )


class SystemDevice:
    """Inputs of the sound server, and of PortAudio where none runs."""

    def __init__(self) -> None:
        self._server = available()
        self._answered = False
        """Whether the last `open` was the sound server's affair."""
        self._stream: RecordStream | None = None
        self._direct = PortAudioDevice()

    @property
    def source(self) -> str | None:
        return self._direct.source if self._stream is None else self._stream.device

    def open(self, source: str, rate: int, channels: int, on_audio: OnAudio, on_end: OnEnd) -> None:
        self._answered = self._server
        if self._server:
            stream = RecordStream(source, rate, channels, PIECE_SECONDS, on_audio, on_end)
            try:
                stream.open()
            except NoServer:
                pass
            except StreamError as error:
                raise _not_opened(error) from error
            else:
                self._stream = stream
                return
            self._answered = False
        self._direct.open(source, rate, channels, on_audio, on_end)

    def refresh(self) -> bool:
        return not self._answered and self._direct.refresh()

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
        self._direct.close()

    def inputs_without_server(self) -> tuple[Device, ...]:
        return portaudio.devices("input")


class PortAudioDevice:
    """PortAudio through sounddevice, loaded when it is first needed."""

    def __init__(self) -> None:
        self.source: str | None = None
        self._stream: Any = None
        self._ending: threading.Thread | None = None

    def refresh(self) -> bool:
        if self._ending is not None and self._ending.is_alive():
            return False  # a stream that does not end would hold the library's end too
        return portaudio.look_again()

    def open(self, source: str, rate: int, channels: int, on_audio: OnAudio, on_end: OnEnd) -> None:
        library = portaudio.library()
        if library is None:
            raise SoundUnavailable(
                _("No sound server runs, and PortAudio is not installed."),
                _("Start PipeWire or PulseAudio, or install the package libportaudio2."),
            )
        found = portaudio.find("input", source)
        if found is None:
            raise _not_opened(_("“{name}” is not there").format(name=source))

        def moved(data: Any, _frames: int, _time: Any, _status: Any) -> None:
            on_audio(bytes(data))

        stream = None
        try:
            stream = library.RawInputStream(
                samplerate=rate,
                channels=channels,
                dtype="int16",
                latency=LATENCY_SECONDS,
                device=found[0],
                callback=moved,
                finished_callback=on_end,
            )
            stream.start()
        except library.PortAudioError as error:
            if stream is not None:
                stream.close(ignore_errors=True)
            raise _not_opened(error) from error
        self._stream, self.source = stream, found[1]

    def close(self) -> None:
        stream, self._stream, self.source = self._stream, None, None
        if stream is None:
            return

        def end() -> None:
            # stop() hangs for ever on a stalled source; abort() mostly returns at once.
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)

        self._ending = threading.Thread(target=end, name="stream-end", daemon=True)
        self._ending.start()
        self._ending.join(CLOSING_SECONDS)
