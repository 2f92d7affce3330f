"""Keeps an exception from leaving a method that Qt calls.

PySide kills the process when an exception born in C (a wrong argument, `int("x")`) leaves an
overridden virtual that Qt called from inside another one. So every overridden virtual is
guarded: the error goes to `sys.excepthook`, as it would from a slot, and Qt gets the default.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, overload

P = ParamSpec("P")
T = TypeVar("T")


@overload
def guard(default: Callable[[], T]) -> Callable[[Callable[P, T]], Callable[P, T]]: ...
@overload
def guard(default: T) -> Callable[[Callable[P, T]], Callable[P, T]]: ...
@overload
def guard() -> Callable[[Callable[P, None]], Callable[P, None]]: ...
def guard(default: Any = None) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Wraps a virtual method: what it raises is reported, and `default` is returned instead.

    A default that is called (`guard(QSize)`) is made anew each time.
    """

    def wrap(method: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(method)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                return method(*args, **kwargs)
            except BaseException:  # noqa: BLE001 - anything that leaves here ends the process
                sys.excepthook(*sys.exc_info())
                return default() if callable(default) else default

        return guarded

    return wrap
