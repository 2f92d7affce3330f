"""The seam to the capture process: what the recorder needs of it, and the real one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from earmark.audio.manifest import TakeManifest, read_manifests
from earmark.model import TakeId

CaptureEvent = dict[str, Any]
OnEvent = Callable[[CaptureEvent], None]


class CaptureLink(Protocol):
    """A connection to one capture process. `on_event` gets `{"ev": "died"}` as its last call."""

    def send(self, cmd: str, **fields: object) -> bool:
        """Writes one command; False when the process can no longer be written to."""

    def close(self) -> None:
        """Asks it to end (a running take is sealed) and waits for it."""


class Captures(Protocol):
    """Where capture processes come from."""

    def spawn(self, on_event: OnEvent) -> CaptureLink:
        """Starts a process, with its libraries loaded and the microphone closed."""

    def attach(self, manifest: TakeManifest, on_event: OnEvent) -> CaptureLink | None:
        """Connects to the process that records `manifest`, if nobody steers it; else None."""


def spawned(
    captures: Captures, hear: Callable[[CaptureLink | None, CaptureEvent], None]
) -> CaptureLink:
    """A new process whose events come with the link they came by (None: before it is known)."""
    box: list[CaptureLink] = []
    link = captures.spawn(lambda event: hear(box[0] if box else None, event))
    box.append(link)
    return link


def abandoned(captures: Captures, library: Path, take: TakeId) -> bool:
    """Whether a live capture process records this take and nobody steers it."""
    manifest = next((one for one in read_manifests(library)[0] if one.take == take), None)
    link = None if manifest is None else captures.attach(manifest, lambda _event: None)
    if link is not None:
        link.close()
    return link is not None
