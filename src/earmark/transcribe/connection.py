"""Opening an address: https only, or plain http to this very computer where that was asked for."""

from __future__ import annotations

import contextlib
import functools
import http.client
import ipaddress
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from email.message import Message
from typing import IO, Any
from urllib.error import URLError
from urllib.parse import urlsplit

from earmark.model import EarmarkError
from earmark.model.i18n import _

TIMEOUT_S = 20.0
"""How long a server may be silent."""
CONNECT_S = 8.0
"""How long it may take to answer at all: nothing can cut that short."""
_LOOK_S = 0.1


def is_loopback(url: str) -> bool:
    """Whether `url` is http or https on this computer's own loopback address."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https"):
            return False
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_base(url: str) -> str:
    """Another host than the pinned one, without its last slash. Raises EarmarkError."""
    if not is_loopback(url):
        raise EarmarkError(
            _("Speech models come from “{url}” only if that is this computer.").format(url=url),
            _("Leave it out: then they come from the known place."),
        )
    return url.rstrip("/")


class Connection:
    """Opens addresses; `cancel_when` ends a transfer that hangs within a moment."""

    def __init__(self, *, local: bool) -> None:
        self._local = local
        self._sockets: list[socket.socket] = []
        handlers: list[urllib.request.BaseHandler] = [_Http(self._sockets), _Https(self._sockets)]
        handlers.append(_Redirects(self._allowed))
        if local:
            handlers.append(urllib.request.ProxyHandler({}))  # no proxy stands in between here
        self._opener = urllib.request.build_opener(*handlers)

    def open(self, url: str, start: int) -> Any:
        """The response for the bytes from `start` on. Raises OSError (also HTTPError)."""
        if not self._allowed(url):
            raise URLError("not an https address")
        headers = {"User-Agent": "Earmark", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - checked above
        return self._opener.open(request, timeout=TIMEOUT_S)

    @contextlib.contextmanager
    def cancel_when(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        """While this lasts, `cancelled` is asked often, and a yes cuts the connection."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_LOOK_S):
                if cancelled():
                    self._cut()

        watcher = threading.Thread(target=watch, name="earmark-download-watch")
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def _cut(self) -> None:
        for one in list(self._sockets):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)

    def _allowed(self, url: str) -> bool:
        return urlsplit(url).scheme == "https" or (self._local and is_loopback(url))


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows where it may."""

    def __init__(self, allowed: Callable[[str], bool]) -> None:
        self._allowed = allowed

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not self._allowed(newurl):
            fp.close()
            raise URLError("a redirect away from https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _kept(kind: type[http.client.HTTPConnection], sockets: list[socket.socket]) -> Any:
    """A kind of connection that leaves its socket in `sockets`, so that it can be cut."""

    class Kept(kind):  # type: ignore[valid-type,misc]
        def connect(self) -> None:
            self.timeout = CONNECT_S
            super().connect()
            self.sock.settimeout(TIMEOUT_S)
            sockets.append(self.sock)

    return functools.partial(Kept)


class _Http(urllib.request.HTTPHandler):
    def __init__(self, sockets: list[socket.socket]) -> None:
        super().__init__()
        self._sockets = sockets

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_kept(http.client.HTTPConnection, self._sockets), req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, sockets: list[socket.socket]) -> None:
        super().__init__()
        self._sockets = sockets

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_kept(http.client.HTTPSConnection, self._sockets), req)
