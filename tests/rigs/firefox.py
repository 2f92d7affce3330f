"""Drives Debian's Firefox ESR through Marionette: JSON with its length in front, over a socket."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from waiting import wait_until

LIMIT = 60
_PREFS = {
    "marionette.port": 0,
    "media.autoplay.default": 0,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "security.fileuri.strict_origin_policy": True,
}


def firefox_path() -> str | None:
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One headless browser with one page; ended by its own process group."""

    def __init__(self, profile: Path, env: Mapping[str, str] | None = None) -> None:
        path = firefox_path()
        assert path
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in _PREFS.items()]
        (profile / "user.js").write_text("\n".join(lines))
        self._process = subprocess.Popen(
            [path, "--headless", "--marionette", "--no-remote", "--profile", str(profile)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "HOME": str(profile), "MOZ_HEADLESS": "1", **(env or {})},
        )
        port_file = profile / "MarionetteActivePort"
        port = wait_until(
            lambda: port_file.exists() and int(port_file.read_text() or 0), LIMIT, "Marionette"
        )
        self._socket = socket.create_connection(("127.0.0.1", port), LIMIT)
        self._waiting = b""
        self._number = 0
        self._receive()
        self.ask("WebDriver:NewSession")

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Firefox:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def ask(self, command: str, **params: Any) -> Any:
        self._number += 1
        data = json.dumps([0, self._number, command, params]).encode()
        self._socket.sendall(b"%d:%s" % (len(data), data))
        _kind, _number, error, result = self._receive()
        assert error is None, f"{command}: {error}"
        return result.get("value") if isinstance(result, dict) else result

    def open(self, address: str) -> None:
        self.ask("WebDriver:Navigate", url=address)

    def run(self, script: str) -> Any:
        """The value of an expression, in the page."""
        return self.ask(
            "WebDriver:ExecuteScript", script=f"return ({script});", args=[], sandbox=None
        )

    def until(self, script: str) -> None:
        wait_until(lambda: self.run(script), LIMIT, script)

    def click_on(self, selector: str) -> None:
        found = self.ask("WebDriver:FindElement", using="css selector", value=selector)
        self.ask("WebDriver:ElementClick", id=next(iter(found.values())))

    def close(self) -> None:
        self._socket.close()
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _receive(self) -> Any:
        while b":" not in self._waiting:
            self._waiting += self._more()
        size, _, rest = self._waiting.partition(b":")
        while len(rest) < int(size):
            rest += self._more()
        self._waiting = rest[int(size) :]
        return json.loads(rest[: int(size)])

    def _more(self) -> bytes:
        data = self._socket.recv(1 << 16)
        assert data, "Firefox is gone"
        return data
