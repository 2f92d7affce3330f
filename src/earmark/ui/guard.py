"""Keeps an exception from leaving a method that Qt calls.

PySide kills the process when an exception born in C (a wrong argument, `int("x")`) leaves an
overridden virtual that Qt called from inside another one. So every overridden virtual is
guarded: the error goes to `sys.excepthook`, as it would from a slot, and Qt gets the default.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def guard(default: T) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Wraps a virtual method: what it raises is reported, and `default` is returned instead."""

    def wrap(method: Callable[P, T]) -> Callable[P, T]:
        @wraps(method)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return method(*args, **kwargs)
            except BaseException:  # noqa: BLE001 - anything that leaves here ends the process
                sys.excepthook(*sys.exc_info())
                return default

        return guarded

    return wrap
