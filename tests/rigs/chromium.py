"""Drives the installed Chromium over its debugging pipe: no server, no port, no extra package."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

LIMIT = 60
# A page that waits for itself says why it gave up; that answer may come later than its own limit.
_ANSWER_LIMIT = 2 * LIMIT
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--mute-audio", "--remote-debugging-pipe", "about:blank"),
)


def chromium_path() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


class PageFailed(AssertionError):
    """A script raised in the page, or Chromium refused a command."""


_UNTIL = """new Promise((done) => {
  const end = performance.now() + %d;
  const look = () => {
    let why = 'false';
    try { if (%s) return done(''); } catch (error) { why = String(error); }
    if (performance.now() > end) done(why); else setTimeout(look, 20);
  };
  look();
})"""
# Measured as it lies, before anything is done about it: to scroll first would hide that a smooth
# scroll still moves the page. Frames are counted, as a busy machine may draw none in any time.
_STILL = """new Promise((done) => {
  let before = '', still = 0;
  const place = (e) => {
    const b = e.getBoundingClientRect();
    return [b.x + b.width / 2, b.y + b.height / 2];
  };
  const look = () => {
    const e = document.querySelector(%s);
    if (!e) return requestAnimationFrame(look);
    const now = place(e);
    still = String(now) === before ? still + 1 : 0;
    if (still === 5) return done(now);
    if (!still) e.scrollIntoView({ block: 'center', behavior: 'instant' });
    before = String(place(e));
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""


class Chromium:
    """One browser with one page. Ended by its own process group; `close()` waits for it.

    `console` gathers errors and warnings of the page, `requests` every address it asked for.
    """

    def __init__(self, profile: Path, *flags: str, env: Mapping[str, str] | None = None) -> None:
        command_out, command_in = os.pipe()
        answer_out, answer_in = os.pipe()

        def put_pipes() -> None:
            os.dup2(command_out, 3)
            os.dup2(answer_in, 4)

        path = chromium_path()
        assert path
        shown = [flag for flag in _FLAGS if not (env and flag == "--mute-audio")]
        # Both ends are moved out of the way first, so that 3 and 4 are free in the child.
        command_out, answer_in = _high(command_out), _high(answer_in)
        self._process = subprocess.Popen(
            [path, f"--user-data-dir={profile}", *flags, *shown],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            preexec_fn=put_pipes,
            close_fds=False,
            start_new_session=True,
            env={**os.environ, **(env or {})},
        )
        os.close(command_out)
        os.close(answer_in)
        self._out = os.fdopen(command_in, "wb", buffering=0)
        self._in = os.fdopen(answer_out, "rb", buffering=0)
        self._ids = itertools.count(1)
        self._answers: dict[int, dict[str, Any]] = {}
        self._news = threading.Condition()
        self._session = ""
        self._gone = False
        self._loaded = 0
        self.console: list[str] = []
        self.requests: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(t for t in targets if t["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def __enter__(self) -> Chromium:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Sends a command of the protocol and returns its result."""
        number = next(self._ids)
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[self._out.write(data) :]
        with self._news:
            assert self._news.wait_for(
                lambda: number in self._answers or self._gone, _ANSWER_LIMIT
            ), method
            answer = self._answers.pop(number, None)
        if answer is None:
            raise PageFailed(f"{method}: Chromium is gone")
        if "error" in answer:
            raise PageFailed(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, address: str) -> None:
        """Opens an address and waits until it is loaded; forgets what was gathered before."""
        self.ask("Page.navigate", url="about:blank")
        self.console.clear()
        self.requests.clear()
        loaded = self._loaded
        self.ask("Page.navigate", url=address)
        with self._news:
            assert self._news.wait_for(lambda: self._loaded > loaded or self._gone, LIMIT), address
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, script: str) -> Any:
        """The value of an expression (or of the promise it gives), as JSON."""
        answer = self.ask(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in answer:
            raise PageFailed(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def until(self, script: str) -> None:
        """Waits until the expression is true, on whichever page is there by then.

        What cannot be asked yet, because the page is still being read, is not true yet.
        """
        while True:
            try:
                why = self.run(_UNTIL % (LIMIT * 1000, script))
            except PageFailed as failed:
                if "navigated" not in str(failed):
                    raise
            else:
                assert not why, f"not within {LIMIT} s: {script}: {why}"
                return

    def click(self, x: float, y: float) -> None:
        """A real click of the mouse at a place of the view."""
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def click_on(self, selector: str) -> None:
        """Scrolls the element into view and, once it keeps still, clicks into its middle."""
        x, y = self.run(_STILL % json.dumps(selector))
        self.click(x, y)

    def key(self, key: str, code: str = "", text: str = "") -> None:
        """Presses and releases a key."""
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, " ": 32, "ArrowLeft": 37, "ArrowRight": 39}
        number = codes.get(key, ord(key.upper()[0]) if len(key) == 1 else 0)
        down: dict[str, Any] = {
            "type": "keyDown",
            "key": key,
            "code": code or key,
            "windowsVirtualKeyCode": number,
        }
        if text or len(key) == 1:
            down["text"] = text or key
        if key == "Enter":
            down["text"] = "\r"
        self.ask("Input.dispatchKeyEvent", **down)
        self.ask("Input.dispatchKeyEvent", **{**down, "type": "keyUp"})

    def type(self, text: str) -> None:
        self.ask("Input.insertText", text=text)

    def size(self, width: int, height: int, *, dark: bool = False, scale: float = 1) -> None:
        """The view's size in CSS pixels and the colour scheme the system would ask for."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path) -> None:
        """Saves what is seen as PNG."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot")["data"]))

    def pdf(self) -> bytes:
        return base64.b64decode(self.ask("Page.printToPDF")["data"])

    def close(self) -> None:
        """Ends the browser and everything it started."""
        self._session = ""
        try:
            self.ask("Browser.close")
        except (PageFailed, OSError):
            pass
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._reader.join(20)
        self._out.close()
        self._in.close()

    def _read(self) -> None:
        waiting = bytearray()
        while chunk := self._in.read(1 << 16):
            waiting += chunk
            *whole, rest = bytes(waiting).split(b"\0")
            waiting = bytearray(rest)
            for message in whole:
                self._take(json.loads(message))
        with self._news:
            self._gone = True
            self._news.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        with self._news:
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                handle = self._handlers().get(message["method"])
                if handle is not None:
                    handle(message["params"])
            self._news.notify_all()

    def _handlers(self) -> dict[str, Callable[[dict[str, Any]], None]]:
        return {
            "Page.loadEventFired": lambda p: self._count(),
            "Runtime.exceptionThrown": lambda p: self.console.append(
                json.dumps(p["exceptionDetails"])[:500]
            ),
            "Runtime.consoleAPICalled": lambda p: self.console.append(json.dumps(p)[:500]),
            "Log.entryAdded": lambda p: self.console.append(json.dumps(p["entry"])[:500]),
            "Network.requestWillBeSent": lambda p: self.requests.append(p["request"]["url"]),
        }

    def _count(self) -> None:
        self._loaded += 1


def _high(fd: int) -> int:
    """The same pipe under a number from 10 up."""
    import fcntl

    moved = fcntl.fcntl(fd, fcntl.F_DUPFD, 10)
    os.close(fd)
    return moved
