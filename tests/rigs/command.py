"""The command line under test: inside the test's process, or in processes of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from waiting import wait_until

from earmark import cli


def run(
    library: Path,
    *args: object,
    env: dict[str, str] | None = None,
    code: int = 0,
    process: bool = False,
) -> str:
    """Runs `earmark …` on a library and returns what it printed; its exit must be `code`.

    Inside the test's process, as a start costs more than most commands; in one of its own with
    `process` or an environment.
    """
    argv = [*map(str, args), "--library", str(library)]
    alone = process or env is not None
    exit_code, out, err = _in_a_process(argv, env) if alone else _inside(argv)
    assert exit_code == code, (args, exit_code, out, err)
    assert "Traceback" not in err
    if code == 1:
        assert err.strip(), "a problem is told in a sentence"
    return out if code == 0 else err


def _in_a_process(argv: list[str], env: dict[str, str] | None) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "earmark", *argv],
        env={**(env or os.environ)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def _inside(argv: list[str]) -> tuple[int, str, str]:
    def no_window(*_args: object) -> int:
        raise AssertionError("a command opened the window")

    out, err = io.StringIO(), io.StringIO()
    before, stdin = sys.excepthook, sys.stdin
    environment = dict(os.environ)  # a command sets some for the processes that it starts
    with open(os.devnull) as nothing:
        sys.stdin = nothing
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = cli.main(argv, no_window)
        except SystemExit as ended:  # the arguments were wrong
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        finally:
            sys.excepthook, sys.stdin = before, stdin
            os.environ.clear()
            os.environ.update(environment)
    return code, out.getvalue(), err.getvalue()


def read(library: Path, *args: object, process: bool = False) -> Any:
    """The JSON that a command prints."""
    return json.loads(run(library, *args, "--json", process=process))


class Record:
    """A running `earmark record --json`: its events so far, its standard input."""

    def __init__(self, library: Path, *args: object, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "earmark", "record", "--json", "--library", str(library)]
            + [str(arg) for arg in args],
            env={**(env or os.environ)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.events: list[dict[str, Any]] = []
        self.complaint = ""
        """What it said on standard error, once it has ended."""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]

    def wait(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The `count`-th event of a kind, as soon as it is there."""
        wait_until(
            lambda: len(self.of(kind)) >= count or self.process.poll() is not None, what=kind
        )
        found = self.of(kind)
        assert len(found) >= count, (kind, self.events[-5:])
        return found[count - 1]

    def type(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def end(self, signum: int | None = None) -> int:
        """Sends a signal, or waits for the end; closes everything; the exit code."""
        if signum is not None:
            self.process.send_signal(signum)
        try:
            code = self.process.wait(120)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self._reader.join(30)
            assert self.process.stderr is not None
            self.complaint = self.process.stderr.read().decode()
            for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
                assert pipe is not None
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass
        return code

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))
