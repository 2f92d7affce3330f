"""The window's side of the replay process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from earmark.audio.children import Event, JsonChild


class ReplayProcess(JsonChild):
    """A replay process and the wire to it: commands and events as in docs/design.md.

    Start it early: it takes about 0.3 s until `ready`.
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        env: Mapping[str, str] | None = None,
        stderr_log: Path | None = None,
    ) -> None:
        super().__init__([sys.executable, "-m", "earmark.audio.replay"], on_event, env, stderr_log)
