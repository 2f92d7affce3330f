"""A server on the loopback address that has one file, and every way of giving it wrongly."""

from __future__ import annotations

import contextlib
import http.server
import re
import threading
from collections.abc import Iterator
from typing import Any


class ModelServer(http.server.ThreadingHTTPServer):
    """`mode` says how it answers; `asked` are the (path, Range) it was asked for, in order.

    Modes: fine · no_range · flaky (breaks off after a part, each time) · flipped (one bit) · short
    (closes early for good) · silent_short (also says a wrong length) · missing · redirect · away
    (redirects to plain http elsewhere) · hang (sends a part, then nothing) · error · odd_range
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, data: bytes, mode: str = "fine") -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.data = data
        self.mode = mode
        self.asked: list[tuple[str, str | None]] = []
        self.going = threading.Event()
        """Set once a part of the file was sent."""
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up: that is the test."""


class _Answers(http.server.BaseHTTPRequestHandler):
    server: ModelServer

    def log_message(self, *_words: Any) -> None:
        pass

    def do_GET(self) -> None:
        server, mode = self.server, self.server.mode
        wanted = self.headers.get("Range")
        server.asked.append((self.path, wanted))
        if mode == "missing":
            self.send_error(404)
            return
        if mode == "error":
            self.send_error(503)
            return
        if mode == "away" or (mode == "redirect" and not self.path.startswith("/there")):
            where = "http://example.invalid/x" if mode == "away" else "/there" + self.path
            self.send_response(302)
            self.send_header("Location", where)
            self.end_headers()
            return
        data = server.data
        if mode == "flipped":
            data = data[:-5] + bytes([data[-5] ^ 1]) + data[-4:]
        if mode == "silent_short":
            data = data[: len(data) // 2]
        start = 0
        found = re.fullmatch(r"bytes=(\d+)-", wanted or "")
        if found and mode != "no_range":
            start = int(found[1])
            if start >= len(data):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(data)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206)
            told = 0 if mode == "odd_range" else start
            start = told
            self.send_header("Content-Range", f"bytes {told}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        body = data[start:]
        if mode == "flaky":
            body = body[: max(1, len(data) // 3)]
        if mode in ("short", "hang"):
            body = body[: len(data) // 2] if start == 0 else b""
        self.wfile.write(body)
        self.wfile.flush()
        server.going.set()
        if mode == "hang":
            server.over.wait(120)


@contextlib.contextmanager
def model_server(data: bytes, mode: str = "fine") -> Iterator[ModelServer]:
    server = ModelServer(data, mode)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
