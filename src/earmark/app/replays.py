"""The seam to the replay process, and the playlist it is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from earmark.model import Take

ReplayEvent = dict[str, Any]


class ReplayLink(Protocol):
    """A connection to one replay process. `on_event` gets `{"ev": "died"}` as its last call."""

    def send(self, cmd: str, **fields: object) -> bool:
        """Writes one command; False when the process can no longer be written to."""

    def close(self) -> None:
        """Asks it to end and waits for it."""


SpawnReplay = Callable[[Callable[[ReplayEvent], None]], ReplayLink]


def playlist(folder: Path, takes: tuple[Take, ...]) -> list[dict[str, object]]:
    """The takes as `load` wants them: in order, each as its file or its running journal."""
    entries: list[dict[str, object]] = []
    for take in takes:
        path = take.file or take.journal
        if path is None:
            continue
        entries.append(
            {
                "id": take.id,
                "path": str(folder / path),
                "kind": "file" if take.file else "journal",
                "rate": take.sample_rate,
                "frames": take.frames,
                "off_record": [[span.frame, span.frames] for span in take.off_record],
                "gain_db": 0.0,
                "peaks": str(folder / take.peaks) if take.peaks else None,
            }
        )
    return entries
