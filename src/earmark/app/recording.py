"""The recorder: starts at once, knows the frame being captured, goes on when capture dies."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from earmark.audio.manifest import TakeManifest
from earmark.model import (
    Anchor,
    Busy,
    EarlyAnchor,
    EarmarkError,
    EventId,
    Frames,
    SessionId,
    TakeId,
    new_id,
)
from earmark.model.i18n import _

from .capture_events import CaptureEvents
from .captures import CaptureEvent, CaptureLink, Captures, spawned
from .clock import FrameClock
from .events import Events
from .librarylane import LibraryLane
from .news import RecordingPhase, RecordingState, Told
from .restarts import Restarts
from .settings import SettingsStore
from .take_plan import TakePlan, begin_take, session_of

_WORTH_A_NEW_PROCESS = ("start", "monitor")
"""Commands that do not concern a running take: its death is told, and answered, by itself."""
SURE_S = 2
"""So much sound in, the clock is true: on a busy machine the first arrivals alone were measured to
put it up to 0.55 s late."""
END_LIMIT_S = 30.0
"""So long a sealing that waits for the disk is awaited at the end."""


class Recorder:
    """Steers the capture process. Calls return at once; what happens is told as news.

    `ended(manifest, frames)` is called when a take's journal is complete, however it ended:
    `frames` is what capture said it sealed, or None when it died, or 0 when it never began.
    """

    def __init__(
        self,
        library: LibraryLane,
        events: Events,
        settings: SettingsStore,
        captures: Captures,
        ended: Callable[[TakeManifest, int | None], None],
    ) -> None:
        self._library = library
        self._events = events
        self._settings = settings
        self._captures = captures
        self._ended = ended
        self._lock = threading.RLock()
        self._link: CaptureLink | None = None
        self._state = RecordingState()
        self._clock: FrameClock | None = None
        self._clocks: dict[TakeId, FrameClock] = {}
        self._sure: set[TakeId] = set()
        """Takes whose clock is settled: the first arrivals may come late."""
        self._heirs: dict[TakeId, TakeId] = {}
        """The take begun instead of one that never had a frame."""
        self._manifest: TakeManifest | None = None
        self._sitting: TakePlan | None = None
        self._device: str | None = None
        self._restarts = Restarts()
        self._closing = False
        self._gone = threading.Event()
        self._news = CaptureEvents(events)

    @property
    def state(self) -> RecordingState:
        return self._state

    # --- what a person asks for -----------------------------------------------------------

    def prepare(self) -> None:
        """Starts the capture process beforehand, so that Record need not wait for it."""
        with self._lock:
            if self._link is None and not self._closing:
                self._link = spawned(self._captures, self._hear)

    def start(
        self,
        session: SessionId | None = None,
        title: str | None = None,
        event: EventId | None = None,
        device: str | None = None,
    ) -> tuple[SessionId, TakeId]:
        """Records, into a new session or as a further take of `session`; ids are known at once.

        The row is written meanwhile. `device` is a source's name (None: as set, else the
        default). Raises Busy while something is being recorded.
        """
        with self._lock:
            phase = self._state.phase
            if self._state.live or phase is RecordingPhase.STOPPING:
                raise Busy(
                    _("A recording is already running."), _("Stop it first, then press Record.")
                )
            take = TakeId(new_id())
            self._device = device if device is not None else self._settings.value.input
            last = self._sitting
            known = self._library.fresh.pop(session, None) if session is not None else None
            if known is None and last is not None and last.session == session:
                known = last.after()
            self._manifest = None
            self._clock = None
            here = session or SessionId(new_id())
            self._set(RecordingState(RecordingPhase.ARMED, here, take))
            ready = TakePlan.new(here, title, event) if session is None else known
            if ready is not None and self._library.is_usable:
                self._begin(ready, take)
            else:  # nothing is written into a folder that may prove to be no library of ours
                self._library.run(
                    lambda library: ready or TakePlan.of(library, here)
                ).add_done_callback(lambda future: self._begin_known(future, take))
            return here, take

    def pause(self) -> None:
        """Ends the running take; `resume` begins the next. Nothing happens unless recording."""
        self._end_take("pause", RecordingPhase.PAUSED)

    def resume(self) -> None:
        """Goes on in the paused session with a new take."""
        with self._lock:
            if self._state.phase is RecordingPhase.PAUSED and self._state.session:
                self.start(self._state.session, device=self._device)

    def stop(self) -> None:
        """Ends the recording; the take is finished meanwhile."""
        with self._lock:
            if self._state.phase is RecordingPhase.PAUSED:
                self._set(RecordingState())
                return
        self._end_take("stop", RecordingPhase.STOPPING)

    def use_device(self, name: str | None) -> None:
        """Records from another source from now on, also in the running take; None: default."""
        with self._lock:
            self._device = name
            self._settings.change(input=name)
            if self._state.live:
                self._send("device", device=name)

    def monitor(self, on: bool, device: str | None = None) -> None:
        """Has the level told (`Level`) without recording, for the choice of a microphone."""
        self._send("monitor", on=on, device=device)

    # --- moments --------------------------------------------------------------------------

    def now(self) -> Anchor | None:
        """The frame being captured at this moment; None unless recording."""
        return self.anchor_at_time(time.monotonic_ns())

    def anchor_at_time(self, mono_ns: int) -> Anchor | None:
        """The frame captured at a `time.monotonic_ns()`; frame 0 while armed; None if idle."""
        state, clock = self._state, self._clock
        if not state.live or state.take is None:
            return None
        if clock is None or clock.take != state.take:
            return Anchor(state.take, Frames(0))
        return clock.at(mono_ns)

    def anchor_for_typing(self) -> Anchor | None:
        """Recording: now; in its first moments one to be made `exact` later. Paused: that point."""
        state, mono_ns = self._state, time.monotonic_ns()
        anchor = self.anchor_at_time(mono_ns) if state.live else state.pause_point
        if anchor is not None and state.live and anchor.take not in self._sure:
            return EarlyAnchor(anchor.take, anchor.frame, mono_ns)
        return anchor

    def exact(self, early: EarlyAnchor) -> Anchor | None:
        """The frame captured at that moment (0 before the first); `early` itself while it is not
        known yet, None when that take never began."""
        with self._lock:
            take = early.take
            while take in self._heirs:
                take = self._heirs[take]
            clock = self._clocks.get(take)
            if clock is not None and take in self._sure:
                return clock.at(early.mono_ns)
            awaited = self._state.take if self._state.live else None
            if self._manifest is not None:
                awaited = self._manifest.take
            if take == awaited:
                return early
            return None if clock is None else clock.at(early.mono_ns)

    # --- life -----------------------------------------------------------------------------

    def attach(self, manifest: TakeManifest) -> bool:
        """Goes on with a recording whose window died. False when there is none to be had."""
        with self._lock:
            if self._manifest is not None or self._state.live:
                return False
            box: list[CaptureLink] = []
            link = self._captures.attach(manifest, lambda ev: self._hear(box[0], ev))
            if link is None:
                return False
            box.append(link)
            spare, self._link = self._link, link
            self._manifest, self._sitting = manifest, TakePlan.by(manifest)
            self._library.run(begin_take, manifest)
            self._set(RecordingState(RecordingPhase.RECORDING, manifest.session, manifest.take))
        if spare is not None:
            spare.close()
        return True

    def close(self) -> None:
        """Seals a running take and ends the capture process: waits for both."""
        with self._lock:
            self._closing = True
            link = self._link
            going = link is not None and link.send("quit")
        if going:
            self._gone.wait(END_LIMIT_S)
        if link is not None:
            link.close()

    def _send(self, cmd: str, **fields: object) -> None:
        with self._lock:
            if self._closing:
                return
            if self._link is None:
                self._link = spawned(self._captures, self._hear)
            if not self._link.send(cmd, **fields) and cmd in _WORTH_A_NEW_PROCESS:
                self._link = spawned(self._captures, self._hear)
                self._link.send(cmd, **fields)

    def _set(self, state: RecordingState) -> None:
        self._state = state
        self._events.tell(state)

    def _begin_known(self, future: Future[TakePlan], take: TakeId) -> None:
        error = None if future.cancelled() else future.exception()
        with self._lock:
            if self._state.take != take or self._state.phase is not RecordingPhase.ARMED:
                return
            if future.cancelled() or error is not None:
                if isinstance(error, EarmarkError):
                    self._events.tell(Told(error.what, error.remedy, "error"))
                    self._set(RecordingState())
                    return
                self._set(RecordingState())
                raise AssertionError("the session could not be read") from error
            self._begin(future.result(), take)

    def _begin(self, sitting: TakePlan, take: TakeId) -> None:
        """Sends `start`, then has the rows written. Under the lock."""
        settings = self._settings.value
        manifest = sitting.manifest(take, settings.codec, settings.channels)
        self._sitting, self._manifest = sitting, manifest
        message = {k: v for k, v in manifest.to_message().items() if k != "v"}
        self._send("start", **message, device=self._device, library=self._library.id)
        self._library.outbox.put(session_of(manifest))

    def _end_take(self, cmd: str, phase: RecordingPhase) -> None:
        with self._lock:
            if not self._state.live:
                return
            state, point = self._state, self.now()
            if self._manifest is None:  # still waiting for the library: nothing was started
                self._set(RecordingState())
                return
            self._set(RecordingState(phase, state.session, state.take, point, state.device))
            self._send(cmd)

    # --- what capture says ----------------------------------------------------------------

    def _hear(self, link: CaptureLink | None, event: CaptureEvent) -> None:
        with self._lock:
            if link is not None and link is not self._link:
                return
            kind = event.get("ev")
            manifest = self._manifest
            if kind == "died":
                self._died()
            elif manifest is None or event.get("take", manifest.take) != manifest.take:
                self._news.unbound(event)
            elif kind == "error":
                self._refused(event)
            elif kind == "stopped":
                self._stopped(manifest, event)
            else:
                self._running(manifest, event)

    def _running(self, manifest: TakeManifest, event: CaptureEvent) -> None:
        kind = event.get("ev")
        zero = event.get("mono_ns" if kind == "recording" else "zero_ns")
        if kind in ("recording", "clock", "state") and zero is not None:
            self._clock = FrameClock(manifest.take, int(zero), manifest.rate)
            self._clocks[manifest.take] = self._clock
            if kind == "state" or int(event.get("frames") or 0) >= SURE_S * manifest.rate:
                self._sure.add(manifest.take)
        if kind == "recording" and self._state.phase is RecordingPhase.ARMED:
            self._set(dataclasses.replace(self._state, phase=RecordingPhase.RECORDING))
            self._library.run(begin_take, manifest)
        device = event if kind == "device" else event.get("device")
        if isinstance(device, dict):
            self._set(dataclasses.replace(self._state, device=str(device.get("label", ""))))
        self._news.of_take(manifest, event)

    def _stopped(self, manifest: TakeManifest, event: CaptureEvent) -> None:
        """The state comes last: whoever waits for the end then knows why it ended, and finds the
        take among those being finished."""
        frames = int(event.get("frames", 0))
        state = self._state
        self._manifest = None
        self._ended(manifest, frames)
        self._news.stopped(manifest, event)
        if state.phase is RecordingPhase.PAUSED and state.take == manifest.take:
            point = state.pause_point
            if point is None or point.frame > frames:
                point = Anchor(manifest.take, Frames(frames))
            self._set(dataclasses.replace(state, pause_point=point))
        else:
            self._set(RecordingState())

    def _refused(self, event: CaptureEvent) -> None:
        """Capture could not do what it was told; before the first frame, nothing was begun."""
        self._news.refused(event)  # before the state: whoever waits for the end knows why
        manifest = self._manifest
        if manifest is not None and self._state.phase is RecordingPhase.ARMED:
            self._manifest = None
            self._sitting = None
            self._ended(manifest, 0)
            self._set(RecordingState())

    def _died(self) -> None:
        self._link = None
        manifest, self._manifest = self._manifest, None
        live, state = self._state.live, self._state
        if manifest is not None:
            self._ended(manifest, None)
            self._news.cut_off(manifest)
        if self._closing:
            self._set(RecordingState())
            self._gone.set()
            return
        again = self._restarts.again()
        if manifest is not None or live:
            self._news.died(again and live)
        if not again:
            self._set(RecordingState())
            return
        self._link = spawned(self._captures, self._hear)
        if live and state.session is not None and self._sitting is not None:
            take = TakeId(new_id())
            if state.take is not None and state.take not in self._clocks:
                self._heirs[state.take] = take
            self._clock = None
            self._set(RecordingState(RecordingPhase.ARMED, state.session, take, None, state.device))
            self._begin(self._sitting.after(), take)
        elif state.phase is not RecordingPhase.PAUSED:
            self._set(RecordingState())
