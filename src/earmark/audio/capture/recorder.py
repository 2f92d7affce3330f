"""The engine of the capture process: what its commands do. It belongs to the main thread."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from earmark.audio.clock import SECOND_NS, slept_ns
from earmark.audio.journal import FileLayer
from earmark.audio.manifest import BadManifest, TakeManifest
from earmark.audio.pulse import PulseState
from earmark.model.errors import EarmarkError, SoundUnavailable
from earmark.model.i18n import _
from earmark.model.units import RECORDING_RATE

from .awake import Awake
from .device import CaptureDevice
from .files import TakeFiles
from .input_supervisor import InputSupervisor, Opened, Wanted
from .queue import CaptureQueue
from .space import Reserve, free_bytes
from .take import FULL, Emit, RunningTake
from .writer import Syncer, Writer

OPEN_SECONDS = 10.0
LOW_SPACE_SECONDS = 20 * 60
STALLED_SECONDS = 2.0


class Refused(EarmarkError):
    """A command that could not be done and changed nothing; `kind` for programs."""

    def __init__(self, kind: str, what: str, remedy: str = "") -> None:
        super().__init__(what, remedy)
        self.kind = kind


class Recorder:
    """One take at a time. `emit` may be called from any thread; `wake` makes the main thread call
    `tidy` soon. `server` is what the sound server said last.
    """

    def __init__(
        self,
        library: Path,
        device: CaptureDevice,
        server: Callable[[], PulseState],
        emit: Emit,
        wake: Callable[[], None],
        *,
        uses_server: bool,
        server_answers: Callable[[], bool] = lambda: True,
        layer: FileLayer | None = None,
        slept: Callable[[], int] = slept_ns,
        awake: Awake | None = None,
    ) -> None:
        self._awake = awake or Awake(lambda: emit({"ev": "may-sleep"}))
        self._slept = slept
        self._library, self._device, self._server = library, device, server
        self._emit, self._wake, self._layer = emit, wake, layer
        self._uses_server = uses_server
        self._writer: Writer | None = None
        self._form = (0, 0)
        self._take: RunningTake | None = None
        self._syncer: Syncer | None = None
        self._reserve: Reserve | None = None
        self._monitored: Wanted | None = None
        self._source = Opened("", "", "start")
        self._ran = False
        """Whether the server has called the open source running: one that was idle is told to be
        suspended for a moment longer."""
        self._alarms: set[str] = set()
        self._checked_ns = 0
        self._keeper = InputSupervisor(
            device,
            server,
            lambda _wanted: self._intake(),
            self._opened,
            self._left,
            self._trouble,
            uses_server,
            server_answers,
        )
        self._keeper.start()

    @property
    def recording(self) -> bool:
        return self._take is not None

    def start(self, fields: dict[str, Any], socket: str) -> None:
        """Raises EarmarkError with nothing changed: no input, no space, a take already running."""
        if self._take is not None:
            raise Refused("busy", _("A recording is already running."))
        manifest = _manifest(fields, socket)
        device = fields.get("device") or None
        self._refuse_without_input(device)
        writer = self._prepare(manifest.rate, manifest.channels)
        writer.hold()
        wanted = Wanted(device, manifest.rate, manifest.channels)
        self._keeper.want(wanted)
        files: TakeFiles | None = None
        try:
            files = self._make_files(manifest)
            self._await_input()
        except EarmarkError:
            if files is not None:
                files.undo()
            self._let_reserve_go()
            self._keeper.want(self._monitored)
            writer.release(None)
            raise
        assert self._reserve is not None
        take = RunningTake(manifest, files, self._reserve, self._emit, self._slept)
        self._alarms.clear()
        self._emit({"ev": "armed", "take": manifest.take})
        absent = device is not None and self._source.name != device
        self._emit_device(take, replace(self._source, cause="absent" if absent else "start"), 0)
        self._take = take
        writer.release(take)
        self._syncer = Syncer(take, self._emit, self._library)

    def stop(self, reason: str) -> None:
        """Asks the running take to end with what was captured up to now; `stopped` tells."""
        if self._take is None:
            raise Refused("idle", _("Nothing is being recorded."))
        self._take.finish_at(time.monotonic_ns(), reason)

    def use(self, device: str | None) -> None:
        """The running take goes on from another source."""
        if self._take is None:
            raise Refused("idle", _("Nothing is being recorded."))
        manifest = self._take.manifest
        self._keeper.want(Wanted(device, manifest.rate, manifest.channels))

    def monitor(self, on: bool, device: str | None) -> None:
        """Levels without recording. While a take runs its own levels are told anyway."""
        self._monitored = None
        if on:
            self._monitored = Wanted(device, *(self._form if self._take else (RECORDING_RATE, 1)))
        if self._take is not None:
            return
        if self._monitored is not None:
            self._refuse_without_input(device)
            self._prepare(self._monitored.rate, self._monitored.channels)
        self._keeper.want(self._monitored)

    def server_changed(self, state: PulseState) -> None:
        """News of the sound server (any thread)."""
        take = self._take
        if state.connected and self._source.name not in state.suspended:
            self._ran = True
        elif take is not None and self._ran and state.connected:
            take.finder.cause = "suspended"
        self._keeper.nudge()

    def tidy(self) -> None:
        """After an end: lets go of what the take held."""
        take = self._take
        if take is None or take.ended is None:
            return
        self._take = None
        self._awake.release()
        if self._monitored is not None:
            self._prepare(self._monitored.rate, self._monitored.channels)
        self._keeper.want(self._monitored)
        if self._syncer is not None:
            self._syncer.close()
            self._syncer = None
        self._let_reserve_go()
        for kind in tuple(self._alarms):
            self._alarm(kind, False)

    def check(self) -> None:
        """Call a few times a second while recording: the alarms that no sound brings."""
        take, syncer = self._take, self._syncer
        now = time.monotonic_ns()
        if take is None or syncer is None or take.ended is not None:
            return
        if take.started:  # not before: nothing may make the first frame wait
            self._awake.hold()
        stalled = syncer.stalled_seconds(now)
        self._alarm("stalled-write", stalled > STALLED_SECONDS, seconds=round(stalled, 1))
        if now - self._checked_ns > SECOND_NS:
            self._checked_ns = now
            try:
                free = free_bytes(self._library)
            except OSError:
                return
            left = free // (take.manifest.rate * take.manifest.channels * 2)
            self._alarm("low-space", left < LOW_SPACE_SECONDS, seconds_left=left, free_bytes=free)

    def state_event(self) -> dict[str, Any]:
        """What a window that attaches must know."""
        take = self._take
        event: dict[str, Any] = {"ev": "state", "recording": None, "clock": None, "stored": None}
        if take is not None:
            zero = take.finder.clock.zero_ns
            event |= {
                "recording": take.manifest.to_message(),
                "started": take.started,
                "clock": take.clock_event(),
                "zero_ns": zero,
                "stored": take.journal.position.acknowledged,
                "device": {"name": self._source.name, "label": self._source.label},
            }
        return event

    def close(self) -> bool:
        """Ends the threads; False where a frozen sound server keeps one."""
        self._awake.close()
        self._keeper.want(None)
        done = self._keeper.close()
        if self._writer is not None:
            self._writer.close()
        return done

    def _intake(self) -> CaptureQueue:
        assert self._writer is not None
        return self._writer.intake

    def _prepare(self, rate: int, channels: int) -> Writer:
        if self._writer is None or self._form != (rate, channels):
            if self._writer is not None:
                self._keeper.want(None)
                self._writer.close()
            self._form = (rate, channels)
            intake = CaptureQueue(rate, channels, slept=self._slept)
            self._writer = Writer(intake, rate, channels, self._emit, self._wake)
        return self._writer

    def _refuse_without_input(self, device: str | None) -> None:
        state = self._server()
        if any(d.name == device or d.name not in state.monitors for d in state.inputs):
            return
        if not state.connected and self._device.inputs_without_server():
            return
        if self._uses_server and not state.connected:
            raise Refused(
                "no-server",
                _("There is no sound server, so there is no microphone to record from."),
                _("Start PipeWire or PulseAudio (for example by logging in again), then record."),
            )
        raise Refused(
            "no-input",
            _("There is no microphone to record from."),
            _("Connect one, or switch it on in the sound settings, then record."),
        )

    def _make_files(self, manifest: TakeManifest) -> TakeFiles:
        """And the reserve. Raises Refused with none of them left."""
        files: TakeFiles | None = None
        try:
            files = TakeFiles(self._library, manifest, self._layer)
            self._reserve = Reserve(self._library / "run")
        except OSError as error:
            if files is not None:
                files.undo()
            raise _refusal(error) from error
        return files

    def _let_reserve_go(self) -> None:
        if self._reserve is not None:
            self._reserve.release()
            self._reserve = None

    def _await_input(self) -> None:
        if self._keeper.wait_opened(OPEN_SECONDS):
            return
        failure = self._keeper.failure or SoundUnavailable(
            _("The microphone does not answer."),
            _("Choose another one, or restart the sound server, then record."),
        )
        raise Refused("no-input", failure.what, failure.remedy)

    def _opened(self, opened: Opened) -> None:
        self._source = opened
        self._ran = opened.name not in self._server().suspended
        take = self._take
        if take is not None:
            self._emit_device(take, opened, take.finder.frames)

    def _emit_device(self, take: RunningTake, opened: Opened, frame: int) -> None:
        self._emit(
            {
                "ev": "device",
                "take": take.manifest.take,
                "name": opened.name,
                "label": opened.label,
                "cause": opened.cause,
                "frame": frame,
            }
        )

    def _left(self, cause: str) -> None:
        take = self._take
        if take is not None and not (cause == "stall" and take.finder.cause == "suspended"):
            take.finder.cause = cause

    def _trouble(self, kind: str, on: bool) -> None:
        if self._take is not None or self._monitored is not None:
            self._emit({"ev": "warning", "kind": kind, "on": on})

    def _alarm(self, kind: str, on: bool, **figures: Any) -> None:
        if on != (kind in self._alarms):
            (self._alarms.add if on else self._alarms.discard)(kind)
            self._emit({"ev": "warning", "kind": kind, "on": on, **figures})


def _manifest(fields: dict[str, Any], socket: str) -> TakeManifest:
    """The manifest of the take that is asked for. Raises EarmarkError: what finishing could not
    believe later is not begun."""
    try:
        manifest = TakeManifest.from_message({**fields, "pid": os.getpid(), "socket": socket})
    except BadManifest as error:
        raise EarmarkError(
            _("The recording was not described completely: {problem}").format(problem=error)
        ) from error
    if manifest.channels not in (1, 2) or manifest.rate < 8000:
        raise EarmarkError(_("The recording was not described correctly."))
    return manifest


def _refusal(error: OSError) -> Refused:
    if error.errno in FULL:
        return Refused(
            "disk-full",
            _("The disk is full, so nothing can be recorded."),
            _("Delete something or choose a library folder on another disk, then record."),
        )
    if error.errno == errno.EEXIST:
        return Refused("exists", _("This recording exists already; it was left as it is."))
    return Refused(
        "cannot-write",
        _("The library folder cannot be written: {reason}.").format(
            reason=error.strerror or type(error).__name__
        ),
        _("Check that its disk is connected and that you may write there."),
    )
