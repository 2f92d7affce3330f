"""Show in folder: the file browser on the session's bus, and what happens without one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

jeepney = pytest.importorskip(
    "jeepney", reason="no D-Bus client: `python3 dev.py test` installs it"
)
PROGRAM = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
app = QCoreApplication([])
from earmark.ui.share import reveal
def opened(path):
    print("opened", path, flush=True)
    app.quit()
    return False
reveal.open_file = opened
reveal.show_in_folder(Path(sys.argv[1]), app, lambda: print("failed", flush=True))
QTimer.singleShot(60_000, app.quit)
sys.stdin.close()
app.exec()
"""


@pytest.fixture
def bus() -> Iterator[str]:
    """The address of a private session bus."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("no dbus-daemon on this machine")
    daemon = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert daemon.stdout is not None
    yield daemon.stdout.readline().decode().strip()
    daemon.terminate()
    daemon.wait(60)
    daemon.stdout.close()


def program(address: str, path: Path) -> subprocess.Popen[str]:
    env = {**os.environ, "DBUS_SESSION_BUS_ADDRESS": address}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path)], env=env, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip


def test_the_file_browser_is_asked_to_show_the_file(bus: str, tmp_path: Path):
    from jeepney import HeaderFields, new_method_return
    from jeepney.bus_messages import message_bus
    from jeepney.io.blocking import open_dbus_connection

    connection = open_dbus_connection(bus)
    connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.FileManager1"))
    asked: list[Any] = []

    def serve() -> None:
        while not asked:
            message = connection.receive(timeout=120)
            if message.header.fields.get(HeaderFields.member) == "ShowItems":
                asked.append((message.header.fields[HeaderFields.signature], message.body))
                connection.send(new_method_return(message))

    thread = threading.Thread(target=serve)
    thread.start()
    running = program(bus, tmp_path / "a b.html")
    thread.join(120)
    running.terminate()
    running.communicate(timeout=60)
    connection.close()
    assert asked == [("ass", ([f"{tmp_path.as_uri()}/a%20b.html"], ""))]


def test_without_a_file_browser_the_folder_is_opened_and_failing_that_it_is_said(
    bus: str, tmp_path: Path
):
    running = program(bus, tmp_path / "a.html")
    said, _errors = running.communicate(timeout=120)
    assert said.splitlines() == [f"opened {tmp_path}", "failed"]
