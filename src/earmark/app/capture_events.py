"""Turns what capture says into the news of the application."""

from __future__ import annotations

import dataclasses
import time

from earmark.audio.manifest import TakeManifest
from earmark.model import Frames, Gap, SessionId

from .alarms import alarm, capture_died, device_news, full_disk, may_sleep, start_failed
from .captures import CaptureEvent
from .events import Events
from .news import (
    Alarm,
    DeviceSwitched,
    GapFound,
    Level,
    PeaksGrew,
    Proof,
    TakeArmed,
    TakeBegan,
    TakeStopped,
)

_NOTHING_AMISS = ("idle", "busy")
"""Refusals of a command that was sent while capture was ending or beginning by itself."""
CALM_AFTER_S = 15
"""So many stored seconds after a restart, the alarm about it goes off."""


class CaptureEvents:
    """Keeps the running proof and tells events as news. Called under the recorder's lock."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._proof = Proof()
        self._on: set[str] = set()
        self._kept = False  # whether this recording has stored any sound, also before a death

    def unbound(self, event: CaptureEvent) -> None:
        """An event that belongs to no running take: levels while monitoring, late stragglers."""
        kind = event.get("ev")
        if kind == "level":
            self._level(event)
        elif kind == "warning":
            self._warn(event)
        elif kind == "error":
            self.refused(event)
        elif kind == "may-sleep":
            self._events.tell(may_sleep())

    def of_take(self, manifest: TakeManifest, event: CaptureEvent) -> None:
        """An event of the running take."""
        match event.get("ev"):
            case "armed":
                self._events.tell(TakeArmed(SessionId(manifest.session), manifest.take))
            case "recording":
                self._proof = Proof(take=manifest.take, sample_rate=manifest.rate)
                self._kept = True
                self._events.tell(
                    TakeBegan(SessionId(manifest.session), manifest.take, int(event["mono_ns"]))
                )
            case "level":
                self._level(event)
            case "stored":
                self._kept = True  # also of a take that was begun before this window
                self._stored(manifest, event)
            case "gap":
                gap = Gap(
                    Frames(int(event["frame"])), Frames(int(event["frames"])), str(event["cause"])
                )
                self._events.tell(GapFound(manifest.take, gap))
            case "device":
                self._device(manifest, event)
            case "warning":
                self._warn(event)
            case "may-sleep":
                self._events.tell(may_sleep())

    def stopped(self, manifest: TakeManifest, event: CaptureEvent) -> None:
        self._all_off()
        self._events.tell(
            TakeStopped(
                SessionId(manifest.session),
                manifest.take,
                Frames(int(event.get("frames", 0))),
                str(event.get("reason", "stop")),
                bool(event.get("sealed", True)),
            )
        )
        if event.get("reason") == "disk-full":
            self._events.tell(full_disk(kept=self._kept))
        self._kept = False

    def cut_off(self, manifest: TakeManifest) -> None:
        """Capture died in the middle of a take: what is known of its end."""
        frames = self._proof.stored_frames if self._proof.take == manifest.take else Frames(0)
        self._events.tell(
            TakeStopped(SessionId(manifest.session), manifest.take, frames, "died", False)
        )
        self._all_off()

    def died(self, again: bool) -> None:
        self._on.add("capture-died")
        self._events.tell(capture_died(again=again, kept=self._kept))
        self._kept = self._kept and again

    def refused(self, event: CaptureEvent) -> None:
        if event.get("kind") not in _NOTHING_AMISS:
            self._events.tell(start_failed(event))

    def _all_off(self) -> None:
        """A take's warnings end with it."""
        for kind in sorted(self._on):
            self._events.tell(Alarm(kind, False, ""))
        self._on.clear()

    def _warn(self, event: CaptureEvent) -> None:
        news = alarm(event)
        if news.on:
            self._on.add(news.kind)
        else:
            self._on.discard(news.kind)
        self._events.tell(news)

    def _level(self, event: CaptureEvent) -> None:
        level = Level(
            float(event.get("rms_db", -120.0)),
            float(event.get("peak_db", -120.0)),
            int(event.get("clipped", 0)),
            bool(event.get("speech", False)),
        )
        speech = time.monotonic_ns() if level.speech else self._proof.speech_mono_ns
        self._proof = dataclasses.replace(
            self._proof,
            rms_db=level.rms_db,
            peak_db=level.peak_db,
            clipped=level.clipped,
            speech_mono_ns=speech,
        )
        self._events.tell(level)

    def _stored(self, manifest: TakeManifest, event: CaptureEvent) -> None:
        frames = Frames(int(event["frames"]))
        free = event.get("free_bytes")
        self._proof = dataclasses.replace(
            self._proof,
            take=manifest.take,
            stored_frames=frames,
            stored_mono_ns=int(event.get("mono_ns", time.monotonic_ns())),
            free_bytes=None if free is None else int(free),
            sample_rate=manifest.rate,
        )
        self._events.tell(self._proof)
        self._events.tell(PeaksGrew(manifest.take, frames))
        if "capture-died" in self._on and frames > CALM_AFTER_S * manifest.rate:
            self._on.discard("capture-died")
            self._events.tell(Alarm("capture-died", False, ""))

    def _device(self, manifest: TakeManifest, event: CaptureEvent) -> None:
        switched = DeviceSwitched(
            manifest.take,
            str(event.get("name", "")),
            str(event.get("label", "")),
            str(event.get("cause", "")),
            Frames(int(event.get("frame", 0))),
        )
        self._events.tell(switched)
        told = device_news(switched.cause, switched.label)
        if told is not None:
            self._events.tell(told)
