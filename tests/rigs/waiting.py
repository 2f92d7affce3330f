"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(
    condition: Callable[[], T], limit: float = 60.0, what: str = "", pause: float = 0.01
) -> T:
    """Calls `condition` every `pause` seconds until it gives something true, and returns that.

    Raises AssertionError after `limit` seconds: generous, because no test may depend on speed.
    """
    end = time.monotonic() + limit
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit} s: {what or condition}")
        time.sleep(pause)
