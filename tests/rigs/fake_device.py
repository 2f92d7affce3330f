"""A working fake at the hardware seam: sources that come and go, deliver, stall and lose sound.

Every frame carries its capture time: frame value = (captured ms // 10) % 30000.
"""

from __future__ import annotations

import array
import threading
import time

from earmark.audio.capture.device import OnAudio, OnEnd
from earmark.audio.pulse import PulseState
from earmark.model import Device, SoundUnavailable

PIECE_MS = 50
LOST_BETWEEN_S = 0.06
"""Between an attempt that was given up and the next: too little to be noticed by the clock."""


def stamp(mono_s: float) -> int:
    """What a frame captured at that moment carries."""
    return int(mono_s * 100) % 30000


class FakeSound:
    """Server and device in one. Change `sources`, `default`, `connected`, then call `tell()`."""

    def __init__(self, *sources: str) -> None:
        self.sources = list(sources)
        self.default: str | None = sources[0] if sources else None
        self.connected = True
        self.suspended: set[str] = set()
        self.direct: tuple[Device, ...] = ()
        """The inputs there are while no server is."""
        self.opened: list[str | None] = []
        self.opens_fail = False
        self.starts_given_up = 0
        """So many opens bring some pieces and fail then, as PortAudio's do on a busy machine."""
        self.on_news = lambda _state: None
        self._lock = threading.Lock()
        self._stream: _Stream | None = None
        self.delivering = True
        """False: the open stream falls silent without a word, and what it captures is lost."""

    @property
    def state(self) -> PulseState:
        if not self.connected:
            return PulseState()
        inputs = tuple(Device(s, s.title(), s == self.default) for s in self.sources)
        return PulseState(connected=True, inputs=inputs, suspended=frozenset(self.suspended))

    @property
    def _there(self) -> list[str]:
        return self.sources if self.connected else [one.name for one in self.direct]

    def tell(self) -> None:
        """The server's news: a stream whose source is gone is ended, as servers do."""
        stream = self._stream
        without_server = [one.name for one in self.direct]
        if stream is not None and stream.source not in [*self._there, *without_server]:
            stream.end(tell=True)
        self.on_news(self.state)

    def inputs_without_server(self) -> tuple[Device, ...]:
        return self.direct

    @property
    def source(self) -> str | None:
        return self._stream.source if self._stream is not None else None

    def open(self, source: str, rate: int, channels: int, on_audio: OnAudio, on_end: OnEnd) -> None:
        if self.opens_fail or source not in self._there:
            raise SoundUnavailable("The fake cannot be opened.", "Mend the test.")
        if self.starts_given_up:
            self.starts_given_up -= 1
            self._give_up(_Stream(self, source, rate, channels, on_audio, on_end))
        self.opened.append(source)
        self._stream = _Stream(self, source, rate, channels, on_audio, on_end)

    def refresh(self) -> bool:
        return True

    def _give_up(self, stream: _Stream) -> None:
        brought = threading.Event()
        deliver, left = stream._on_audio, [3]

        def count(pcm: bytes) -> None:
            deliver(pcm)
            left[0] -= 1
            if not left[0]:
                brought.set()

        stream._on_audio = count
        brought.wait(60)
        stream.end(tell=True)
        time.sleep(LOST_BETWEEN_S)  # what is captured meanwhile is lost: the fake's subject
        raise SoundUnavailable("Wait timed out.", "Mend the test.")

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.end(tell=False)


class _Stream:
    def __init__(
        self,
        sound: FakeSound,
        source: str | None,
        rate: int,
        channels: int,
        on_audio: OnAudio,
        on_end: OnEnd,
    ) -> None:
        self.sound, self.source = sound, source
        self._rate, self._channels = rate, channels
        self._on_audio, self._on_end = on_audio, on_end
        self._ending = threading.Event()
        self._tell = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self, *, tell: bool) -> None:
        self._tell = tell
        self._ending.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(10)

    def _run(self) -> None:
        at = time.monotonic()
        while not self._ending.wait(max(0.0, at + PIECE_MS / 1000 - time.monotonic())):
            frames = self._rate * PIECE_MS // 1000
            if self.sound.delivering:
                data = array.array("h")
                for part in range(PIECE_MS // 10):
                    value = stamp(at + part / 100)
                    data.extend([value] * (frames // (PIECE_MS // 10) * self._channels))
                self._on_audio(data.tobytes())
            at += PIECE_MS / 1000
        if self._tell:
            self._on_end()
