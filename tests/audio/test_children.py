"""A JSON-lines child: what is sent arrives, what it says is heard, and its end is told once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from earmark.audio.children import JsonChild
from rigs.waiting import wait_until

ECHO = """
import json, sys
print("no json", flush=True)
for line in sys.stdin:
    got = json.loads(line)
    if got["cmd"] == "quit":
        break
    if got["cmd"] == "die":
        sys.exit(7)
    print(json.dumps({"ev": "echo", "got": got}), flush=True)
print("to the log", file=sys.stderr)
"""
DEAF = 'import time\nprint(\'{"ev":"ready"}\', flush=True)\ntime.sleep(600)'


def start(code: str, log: Path | None = None) -> tuple[JsonChild, list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    return JsonChild([sys.executable, "-c", code], events.append, stderr_log=log), events


def test_children_echo_and_close(tmp_path: Path) -> None:
    log = tmp_path / "child.log"
    child, events = start(ECHO, log)
    assert child.send("say", text="ä", n=1)
    wait_until(lambda: any(e["ev"] == "echo" for e in events))
    child.close()
    child.close()
    assert not child.alive
    assert not child.send("say")
    assert [e["ev"] for e in events] == ["error", "echo", "died"]
    assert events[1]["got"] == {"v": 1, "cmd": "say", "text": "ä", "n": 1}
    assert events[-1] == {"ev": "died", "code": 0, "asked": True}
    assert log.read_text() == "to the log\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_children_own_death_is_told_once() -> None:
    child, events = start(ECHO)
    child.send("die")
    wait_until(lambda: bool(events) and events[-1]["ev"] == "died")
    child.close()
    assert [e for e in events if e["ev"] == "died"] == [{"ev": "died", "code": 7, "asked": False}]


def test_children_kill_says_not_asked() -> None:
    child, events = start(DEAF)
    wait_until(lambda: bool(events))
    child.kill()
    assert events[-1] == {"ev": "died", "code": -9, "asked": False}


@pytest.mark.skipif(os.name == "nt", reason="pipes")
def test_children_a_stuck_child_never_blocks_the_sender() -> None:
    child, events = start(DEAF)
    for n in range(400):
        assert child.send("load", text="x" * 10_000, n=n)
    child.kill()
    assert events[-1]["ev"] == "died"


def test_children_everything_queued_arrives_in_order() -> None:
    child, events = start("import time\ntime.sleep(0.5)\n" + ECHO)
    for n in range(300):
        child.send("say", n=n, text="y" * 1000)
    wait_until(lambda: sum(e["ev"] == "echo" for e in events) == 300)
    child.close()
    assert [e["got"]["n"] for e in events if e["ev"] == "echo"] == list(range(300))
