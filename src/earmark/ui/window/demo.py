"""The built-in talk, brought in beside the GUI thread."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from earmark.model.units import SessionId

if TYPE_CHECKING:
    from earmark.app.earmark import Earmark


def demo_session(earmark: Earmark) -> Future[SessionId]:
    """The talk's session, once it is in the library."""
    from earmark.app.demo import open_demo

    future: Future[SessionId] = Future()

    def work() -> None:
        try:
            future.set_result(open_demo(earmark))
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            future.set_exception(error)

    threading.Thread(target=work, name="earmark-demo").start()
    return future
