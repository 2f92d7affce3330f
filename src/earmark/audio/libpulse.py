"""Streams of PulseAudio and PipeWire, through libpulse itself.

Why not a binding from elsewhere: docs/decisions/0016. No callback of Python's is handed to the
library: each stream has a connection and a thread of its own, which looks after every turn of
the library's loop at what there is to do. So a frozen server holds nobody, and the name of the
device is the server's own word for what this stream is connected to, followed when it is moved.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_int, c_int64, c_size_t, c_uint8, c_uint32, c_uint64
from ctypes import c_void_p as pointer
from typing import Any

from earmark.model.i18n import _

APPLICATION = "Earmark"
OPEN_SECONDS = 5.0
"""A server that has not opened a stream by then does not answer."""
CLOSE_SECONDS = 1.5

_UNSET = 0xFFFFFFFF
_CONTEXT_READY, _CONTEXT_ENDED = 4, (5, 6)
_STREAM_READY, _STREAM_FAILED, _STREAM_ENDED = 2, 3, 4
_NO_AUTOSPAWN = 1
_INTERPOLATE_TIMING, _AUTO_TIMING_UPDATE = 0x0002, 0x0008
_ADJUST_LATENCY = 0x2000
_CONNECTION_REFUSED = 6
_FAILED = c_size_t(-1).value
S16LE = 3
FLOAT32 = 5 if sys.byteorder == "little" else 6
_SAMPLE_BYTES = {S16LE: 2, FLOAT32: 4}


class _SampleSpec(ctypes.Structure):
    _fields_ = [("format", c_int), ("rate", c_uint32), ("channels", c_uint8)]


class _BufferAttr(ctypes.Structure):
    _fields_ = [
        (name, c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")
    ]


_FUNCTIONS: dict[str, tuple[Any, list[Any]]] = {
    "pa_strerror": (c_char_p, [c_int]),
    "pa_mainloop_new": (pointer, []),
    "pa_mainloop_get_api": (pointer, [pointer]),
    "pa_mainloop_iterate": (c_int, [pointer, c_int, POINTER(c_int)]),
    "pa_mainloop_wakeup": (None, [pointer]),
    "pa_mainloop_free": (None, [pointer]),
    "pa_proplist_new": (pointer, []),
    "pa_proplist_sets": (c_int, [pointer, c_char_p, c_char_p]),
    "pa_proplist_free": (None, [pointer]),
    "pa_context_new_with_proplist": (pointer, [pointer, c_char_p, pointer]),
    "pa_context_connect": (c_int, [pointer, c_char_p, c_int, pointer]),
    "pa_context_get_state": (c_int, [pointer]),
    "pa_context_errno": (c_int, [pointer]),
    "pa_context_disconnect": (None, [pointer]),
    "pa_context_unref": (None, [pointer]),
    "pa_stream_new_with_proplist": (
        pointer,
        [pointer, c_char_p, POINTER(_SampleSpec), pointer, pointer],
    ),
    "pa_stream_connect_record": (c_int, [pointer, c_char_p, POINTER(_BufferAttr), c_int]),
    "pa_stream_connect_playback": (
        c_int,
        [pointer, c_char_p, POINTER(_BufferAttr), c_int, pointer, pointer],
    ),
    "pa_stream_get_state": (c_int, [pointer]),
    "pa_stream_get_device_name": (c_char_p, [pointer]),
    "pa_stream_readable_size": (c_size_t, [pointer]),
    "pa_stream_peek": (c_int, [pointer, POINTER(pointer), POINTER(c_size_t)]),
    "pa_stream_drop": (c_int, [pointer]),
    "pa_stream_writable_size": (c_size_t, [pointer]),
    "pa_stream_write": (c_int, [pointer, pointer, c_size_t, pointer, c_int64, c_int]),
    "pa_stream_get_latency": (c_int, [pointer, POINTER(c_uint64), POINTER(c_int)]),
    "pa_stream_get_underflow_index": (c_int64, [pointer]),
    "pa_stream_disconnect": (c_int, [pointer]),
    "pa_stream_unref": (None, [pointer]),
}

_library: Any = None


def _pulse() -> Any:
    """The library, loaded at first use. Raises OSError where it is not installed."""
    global _library
    if _library is None:
        library = ctypes.CDLL("libpulse.so.0")
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        _library = library
    return _library


class StreamError(Exception):
    """The stream cannot be opened, or ended: the server's reason."""


class NoServer(StreamError):
    """There is no sound server to connect to."""


class _Stream:
    """One stream, from `open` to `close` or its end. `on_end` is called in its thread, for an end
    that is not `close`'s.
    """

    def __init__(
        self,
        device: str | None,
        rate: int,
        channels: int,
        sample_format: int,
        on_end: Callable[[], None],
    ) -> None:
        self._asked = device
        self._spec = _SampleSpec(sample_format, rate, channels)
        self._frame_bytes = channels * _SAMPLE_BYTES[sample_format]
        self._on_end = on_end
        self._lock = threading.Lock()
        self._loop: int | None = None
        self._context: int | None = None
        self._stream: int | None = None
        self._device: str | None = None
        self._closing = False
        self._settled = threading.Event()
        self._failure: StreamError | None = None
        self._thread = threading.Thread(target=self._run, name="sound-stream", daemon=True)

    @property
    def device(self) -> str | None:
        """The source or sink this stream is connected to, by the server's word; None: not open."""
        return self._device

    def open(self) -> None:
        """Raises NoServer or StreamError: also where the server opened another device than asked
        for. Sound may flow before this returns, but never another device's.
        """
        self._thread.start()
        if not self._settled.wait(OPEN_SECONDS):
            self.close()
            raise StreamError(_("the sound server does not answer"))
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Ends at once. Does nothing where it ended by itself."""
        self._closing = True
        with self._lock:
            if self._loop is not None:
                _pulse().pa_mainloop_wakeup(self._loop)
        if threading.current_thread() is not self._thread:
            self._thread.join(CLOSE_SECONDS)

    # Within the stream's thread

    def _connect(self, library: Any, stream: int) -> int:
        raise NotImplementedError

    def _serve(self, library: Any, stream: int) -> None:
        raise NotImplementedError

    _role = b""
    _title = b""

    def _run(self) -> None:
        opened = False
        try:
            library = _pulse()
            with self._lock:
                self._loop = library.pa_mainloop_new()
            try:
                opened = self._follow(library)
            finally:
                self._free(library)
        except OSError as error:
            self._failure = NoServer(str(error))
        except StreamError as error:
            self._failure = error
            opened = self._settled.is_set()
        finally:
            self._device = None
            self._settled.set()
            if opened and not self._closing:
                self._on_end()

    def _follow(self, library: Any) -> bool:
        """Until the end; whether the stream was ever open. Raises StreamError."""
        self._context = context = self._make_context(library)
        if library.pa_context_connect(context, None, _NO_AUTOSPAWN, None) < 0:
            raise self._reason(library)
        while not self._closing:
            if library.pa_mainloop_iterate(self._loop, 1, None) < 0:
                raise StreamError("pa_mainloop_iterate")
            state = library.pa_context_get_state(context)
            if state in _CONTEXT_ENDED:
                raise self._reason(library)
            if state != _CONTEXT_READY:
                continue
            if self._stream is None:
                self._stream = self._make_stream(library)
            state = library.pa_stream_get_state(self._stream)
            if state == _STREAM_FAILED:
                raise self._reason(library)
            if state == _STREAM_ENDED:
                break
            if state == _STREAM_READY:
                self._know_device(library)
                self._serve(library, self._stream)
        return self._settled.is_set()

    def _know_device(self, library: Any) -> None:
        found = library.pa_stream_get_device_name(self._stream) or b""
        device = found.decode("utf-8", "replace")
        if not self._settled.is_set():
            if self._asked is not None and device != self._asked:
                # PipeWire connects to its default where the one asked for has just gone.
                raise StreamError(
                    _("the sound server opened “{other}” in its place").format(other=device)
                )
            self._device = device
            self._settled.set()
        self._device = device

    def _make_context(self, library: Any) -> int:
        properties = library.pa_proplist_new()
        for key, value in ((b"application.icon_name", b"earmark"), (b"media.role", self._role)):
            library.pa_proplist_sets(properties, key, value)
        context: int = library.pa_context_new_with_proplist(
            library.pa_mainloop_get_api(self._loop), APPLICATION.encode(), properties
        )
        library.pa_proplist_free(properties)
        return context

    def _make_stream(self, library: Any) -> int:
        stream: int | None = library.pa_stream_new_with_proplist(
            self._context, self._title, byref(self._spec), None, None
        )
        if stream is None or self._connect(library, stream) < 0:
            raise self._reason(library)
        return stream

    def _reason(self, library: Any) -> StreamError:
        number = library.pa_context_errno(self._context)
        said = library.pa_strerror(number).decode("utf-8", "replace")
        return (NoServer if number == _CONNECTION_REFUSED else StreamError)(said)

    def _free(self, library: Any) -> None:
        if self._stream is not None:
            library.pa_stream_disconnect(self._stream)
            library.pa_stream_unref(self._stream)
        if self._context is not None:
            library.pa_context_disconnect(self._context)
            library.pa_context_unref(self._context)
        with self._lock:
            loop, self._loop = self._loop, None
        library.pa_mainloop_free(loop)

    def _device_name(self) -> bytes | None:
        return self._asked.encode() if self._asked is not None else None


class RecordStream(_Stream):
    """Sound of a source as 16-bit PCM, in pieces of `piece_seconds` or more."""

    _role, _title = b"production", b"Recording"

    def __init__(
        self,
        device: str | None,
        rate: int,
        channels: int,
        piece_seconds: float,
        on_audio: Callable[[bytes], None],
        on_end: Callable[[], None],
    ) -> None:
        super().__init__(device, rate, channels, S16LE, on_end)
        self._piece_bytes = int(rate * piece_seconds) * self._frame_bytes
        self._on_audio = on_audio

    def _connect(self, library: Any, stream: int) -> int:
        attributes = _BufferAttr(_UNSET, _UNSET, _UNSET, _UNSET, self._piece_bytes)
        connected: int = library.pa_stream_connect_record(
            stream, self._device_name(), byref(attributes), _ADJUST_LATENCY
        )
        return connected

    def _serve(self, library: Any, stream: int) -> None:
        readable = library.pa_stream_readable_size(stream)
        if readable == _FAILED or readable < self._piece_bytes:
            return  # some sources deliver a few milliseconds at a time
        data, size = pointer(), c_size_t()
        found = []
        while library.pa_stream_peek(stream, byref(data), byref(size)) >= 0 and size.value:
            if data.value is not None:  # else a hole: the clock tells what is missing
                found.append(ctypes.string_at(data.value, size.value))
            library.pa_stream_drop(stream)
        self._on_audio(b"".join(found))


Fill = Callable[[bytearray, int, float, bool], None]
"""Fills a buffer with so many frames, heard so many seconds from now; and whether the device ran
dry before."""


class PlaybackStream(_Stream):
    """Sound for a sink as 32-bit floats, asked for by `fill`, `latency` seconds ahead."""

    _role, _title = b"music", b"Replay"

    def __init__(
        self,
        device: str | None,
        rate: int,
        channels: int,
        latency: float,
        fill: Fill,
        on_end: Callable[[], None],
    ) -> None:
        super().__init__(device, rate, channels, FLOAT32, on_end)
        self._latency_bytes = int(rate * latency) * self._frame_bytes
        self._fill = fill
        self._ran_dry = -1

    def _connect(self, library: Any, stream: int) -> int:
        attributes = _BufferAttr(
            _UNSET, self._latency_bytes, _UNSET, self._latency_bytes // 4, _UNSET
        )
        connected: int = library.pa_stream_connect_playback(
            stream,
            self._device_name(),
            byref(attributes),
            _ADJUST_LATENCY | _INTERPOLATE_TIMING | _AUTO_TIMING_UPDATE,
            None,
            None,
        )
        return connected

    def _serve(self, library: Any, stream: int) -> None:
        latency, negative = c_uint64(), c_int()
        if library.pa_stream_get_latency(stream, byref(latency), byref(negative)) < 0:
            return  # the server's first word on its timing is under way
        room = library.pa_stream_writable_size(stream)
        frames = room // self._frame_bytes
        if room == _FAILED or not frames:
            return
        ran_dry = library.pa_stream_get_underflow_index(stream)
        dry, self._ran_dry = ran_dry != self._ran_dry, ran_dry
        sound = bytearray(frames * self._frame_bytes)
        ahead = 0.0 if negative.value else latency.value / 1e6
        self._fill(sound, frames, ahead, dry)
        raw = (ctypes.c_char * len(sound)).from_buffer(sound)
        library.pa_stream_write(stream, ctypes.addressof(raw), len(sound), None, 0, 0)
