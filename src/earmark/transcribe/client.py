"""The parent's side of the transcribing process."""

from __future__ import annotations

import base64
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from earmark.model.errors import Busy, DiskFull, EarmarkError, NotFound, UnusableMedia
from earmark.model.i18n import _

from .engines import AUTO, EngineFailed

ARGV = (sys.executable, "-m", "earmark.transcribe.child")
QUIET_SECONDS = 240.0
"""A child that works says something at least every 5 s; one that is silent for so long is gone."""
MOST_UNSENT = 32 << 20
_LOOK_SECONDS = 0.1
_NO_MEMORY = re.compile(
    r"bad_alloc|insufficient memory|alloc\w* failed|failed to alloc|out of memory", re.IGNORECASE
)
"""What engines print before they give up for lack of memory."""
_ERRORS = {
    kind.__name__: kind
    for kind in (Busy, DiskFull, EarmarkError, EngineFailed, NotFound, UnusableMedia)
}


class Cancelled(Exception):
    """`cancel` was called: the process is gone, its memory is free."""


class Engine:
    """One transcribing process. Made with the process started; `close` or `cancel` ends it.

    `load`, then for each take `begin` and iterate `events()`. One thread calls those; `pcm`,
    `end`, `prompt` and `cancel` may be called from any, and never wait for the engine.
    """

    def __init__(self, argv: Sequence[str] = ARGV, quiet: float = QUIET_SECONDS) -> None:
        """Raises EngineFailed where no process can be started."""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this
        self._quiet = quiet
        self._cancelled = False
        self._pending = b""
        try:
            self._process = subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=_environment(),
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            self._errors.close()
            raise EngineFailed(
                _("The transcribing process could not be started."),
                _("Close some programs and try again; nothing was changed."),
            ) from error
        self._unsent: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._sending = threading.Condition()
        self._closed = False
        self._writer = threading.Thread(target=self._write, name="transcribe-writer")
        self._writer.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def load(
        self,
        model: Path,
        *,
        engine: str | None = None,
        language: str = AUTO,
        threads: int | None = None,
        live: bool = False,
    ) -> dict[str, Any]:
        """Loads a checked model and returns the `loaded` event. Raises EarmarkError, Cancelled."""
        self.send(
            "load",
            engine=engine,
            model=str(model),
            language=language,
            threads=threads,
            live=live,
        )
        for event in self._events():
            if event["ev"] == "loaded":
                return event
        raise AssertionError  # pragma: no cover - it ends by an event or an exception

    def begin(
        self,
        take: str,
        rate: int,
        channels: int = 1,
        *,
        file: Path | None = None,
        start: int = 0,
        prompts: Iterable[tuple[int, str]] = (),
        live: bool = False,
        window: float | None = None,
    ) -> None:
        """Begins a take at frame `start`; without a file its sound comes by `pcm` and `end`.

        `prompts`: (frame, text of a note line). `window`: seconds of speech given to the engine
        at once, at most (28 where None).
        """
        self.send(
            "take",
            take=take,
            rate=rate,
            channels=channels,
            file=str(file) if file else None,
            start=start,
            prompts=[{"frame": frame, "text": text} for frame, text in prompts],
            live=live,
            window=window,
        )

    def events(self) -> Iterator[dict[str, Any]]:
        """`segments`, `partial` and `progress` of the take, `finished` last.

        Raises EarmarkError when it failed or the engine broke down, Cancelled after `cancel`:
        every `segments` until then counts.
        """
        yield from self._events()

    def pcm(self, data: bytes) -> bool:
        """Sends sound (s16le). False when the child does not take it any more: stop, it is lost
        to this process, and is to be told from the last `done` on by another."""
        return self.send("pcm", data=base64.b64encode(data).decode())

    def end(self) -> None:
        """No more sound comes for this take; `finished` follows."""
        self.send("end")

    def prompt(self, frame: int, text: str) -> None:
        self.send("prompt", frame=frame, text=text)

    def send(self, do: str, **fields: object) -> bool:
        """Queues one command; never waits. False when the child is gone or too far behind."""
        line = json.dumps({"do": do, **fields}).encode() + b"\n"
        with self._sending:
            if self._closed or self._unsent_bytes + len(line) > MOST_UNSENT:
                return False
            self._unsent.append(line)
            self._unsent_bytes += len(line)
            self._sending.notify()
        return True

    def cancel(self) -> None:
        """Ends the process now, from any thread; returns when it is gone. Idempotent."""
        self._cancelled = True
        self._end()

    def close(self) -> None:
        """Ends the process (at rest or not) and gives everything back. Idempotent."""
        self._end()
        self._writer.join()
        for pipe in (self._process.stdout, self._errors):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _end(self) -> None:
        with self._sending:
            self._closed = True
            self._unsent.clear()
            self._sending.notify()
        # It writes no files and has nothing to say goodbye to: killing it is its way out.
        self._process.kill()
        self._process.wait()

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        try:
            while True:
                with self._sending:
                    while not self._unsent and not self._closed:
                        self._sending.wait()
                    if self._closed:
                        return
                    data = self._unsent.popleft()
                view = memoryview(data)
                while view:
                    view = view[pipe.write(view) or 0 :]
                with self._sending:
                    self._unsent_bytes -= len(data)
        except OSError:
            with self._sending:
                self._closed = True
        finally:
            try:
                pipe.close()
            except OSError:
                pass

    def _events(self) -> Iterator[dict[str, Any]]:
        for line in self._lines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if not isinstance(event, dict) or "ev" not in event:
                continue
            if event["ev"] == "failed":
                kind = _ERRORS.get(str(event.get("kind")), EngineFailed)
                raise kind(str(event.get("what", "")), str(event.get("remedy", "")))
            yield event
            if event["ev"] in ("finished", "loaded"):
                return
        raise self._death()

    def _lines(self) -> Iterator[bytes]:
        """Whole lines until the output ends. Kills a child that stays silent."""
        out = self._process.stdout
        assert out is not None
        heard = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(out, selectors.EVENT_READ)
            while True:
                while b"\n" in self._pending:
                    line, self._pending = self._pending.split(b"\n", 1)
                    yield line
                    heard = time.monotonic()
                if not selector.select(_LOOK_SECONDS):
                    if time.monotonic() - heard > self._quiet:
                        self._process.kill()
                    continue
                chunk = os.read(out.fileno(), 1 << 16)
                if not chunk:
                    return
                heard = time.monotonic()
                self._pending += chunk

    def _death(self) -> Exception:
        code = self._process.wait()
        if self._cancelled or self._closed_by_us():
            return Cancelled()
        kept = _("What was transcribed until then is kept; try again, or with a smaller model.")
        if _NO_MEMORY.search(self.what_it_printed()):
            return EngineFailed(_("There was not enough memory for the speech model."), kept)
        if code == -signal.SIGKILL:
            return EngineFailed(
                _("Transcribing was stopped from outside, most likely because memory ran out."),
                kept,
            )
        return EngineFailed(
            _("The speech engine broke down (code {code}).").format(code=code), kept
        )

    def _closed_by_us(self) -> bool:
        return self._errors.closed

    def what_it_printed(self) -> str:
        """The end of the process's own messages: for a report, not for the person."""
        if self._errors.closed:
            return ""
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - 8000))
        return self._errors.read().decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    """Linear algebra outside the engine stays on one thread; a crash calls no debugger."""
    return {
        **os.environ,
        "GGML_NO_BACKTRACE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "PYTHONUNBUFFERED": "1",
    }
