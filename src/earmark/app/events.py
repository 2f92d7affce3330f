"""The one place where services tell their news."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .news import News

Listener = Callable[[News], None]


class Events:
    """Subscribers are called on whichever thread the news comes from, in order of subscription."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener(news)` from now on; returns the function that ends it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def end() -> None:
            with self._lock:
                self._listeners = tuple(one for one in self._listeners if one is not listener)

        return end

    def tell(self, news: News) -> None:
        for listener in self._listeners:
            listener(news)
