"""Where sound goes out: a sink of the sound server, or PortAudio's device where none runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from earmark.audio import portaudio
from earmark.audio.libpulse import Fill, NoServer, PlaybackStream, StreamError
from earmark.audio.pulse import available
from earmark.model.i18n import _

from .units import RATE

LATENCY = 0.06
"""Seconds asked of the device."""


class NoOutput(Exception):
    """The device cannot be opened: why."""


class Output(Protocol):
    """An open output stream, mono."""

    @property
    def device(self) -> str | None:
        """What the sound goes to just now, by the word of the sound system itself."""

    def close(self) -> None:
        """Stops at once: what the device still held is not heard."""


class Outputs:
    """Opens the sound server's outputs, or PortAudio's where none has ever answered: what was
    begun in headphones must not go on from a card's loudspeakers because the server went away.
    """

    def __init__(self) -> None:
        self._served = False

    def open(
        self, name: str | None, fill: Fill, on_end: Callable[[], None], *, anew: bool = False
    ) -> Output:
        """Opens an output by its name (None: the default one); never another one in its place.

        `fill` and `on_end` are called in a thread of the stream's own; `anew` looks first which
        devices there are now. Raises NoOutput.
        """
        if available():
            stream = PlaybackStream(name, RATE, 1, LATENCY, fill, on_end)
            try:
                stream.open()
            except NoServer as error:
                if self._served:
                    raise NoOutput(str(error)) from error
            except StreamError as error:
                raise NoOutput(str(error)) from error
            else:
                self._served = True
                return stream
        if anew:
            portaudio.look_again()
        return _PortAudioOutput(name, fill, on_end)


class _PortAudioOutput:
    def __init__(self, name: str | None, fill: Fill, on_end: Callable[[], None]) -> None:
        library = portaudio.library()
        if library is None:
            raise NoOutput(_("No sound server runs, and PortAudio is not installed."))
        found = portaudio.find("output", name)
        if found is None:
            raise NoOutput(
                _("There is no output.")
                if name is None
                else _("The output “{name}” is not there.").format(name=name)
            )
        index, self.device = found

        def asked(out: Any, frames: int, times: Any, status: Any) -> None:
            ahead = max(0.0, times.outputBufferDacTime - times.currentTime)
            fill(out, frames, ahead, bool(status.output_underflow))

        self._error = library.PortAudioError
        stream = None
        try:
            stream = library.RawOutputStream(
                samplerate=RATE,
                blocksize=0,
                device=index,
                channels=1,
                dtype="float32",
                latency=LATENCY,
                callback=asked,
                finished_callback=on_end,
            )
            stream.start()
        except (library.PortAudioError, ValueError) as error:
            if stream is not None:
                stream.close(ignore_errors=True)
            raise NoOutput(str(error)) from error
        self._stream = stream

    def close(self) -> None:
        try:
            self._stream.abort()
        except self._error:
            pass  # the device is gone already
        self._stream.close()
