"""An application under test and everything it told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fakes import FakeCaptures, FakeLink

from earmark.app import Earmark
from earmark.app.executors import InlineExecutor


@dataclass
class Desk:
    """An application under test and everything it told."""

    earmark: Earmark
    captures: FakeCaptures
    replays: list[FakeLink]
    lane: InlineExecutor
    news: list[Any] = field(default_factory=list)

    def of(self, kind: type) -> list[Any]:
        return [one for one in self.news if isinstance(one, kind)]
