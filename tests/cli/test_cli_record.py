"""`earmark record` on real sound: what it tells, what it keeps, whatever ends it."""

from __future__ import annotations

import array
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile
from command import Record, read, run
from sound import SoundServer, coded_index
from waiting import wait_until

pytestmark = pytest.mark.sound
NEAR_MS = 30


def samples(library: Path, take: dict[str, object]) -> array.array[int]:
    data, rate = soundfile.read(library / str(take["file"]), dtype="int16")
    assert rate == take["sample_rate"]
    assert len(data) == take["frames"]
    return array.array("h", data.tobytes())


class WakeProbe:
    """A process that waits for a byte and tells when it had it: how late this machine wakes a
    reader just now. That late, the command itself may have read what was typed."""

    _CODE = "import os, time\nwhile os.read(0, 1): os.write(1, b'%d\\n' % time.monotonic_ns())"

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-c", self._CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.late_ms()  # the start of the process itself is no wake-up

    def late_ms(self) -> float:
        assert self._process.stdin is not None and self._process.stdout is not None
        begun = time.monotonic_ns()
        self._process.stdin.write(b"x")
        self._process.stdin.flush()
        return (int(self._process.stdout.readline()) - begun) / 1e6

    def close(self) -> None:
        self._process.communicate()


def test_lines_point_to_the_moment_of_their_first_byte(sound: SoundServer, tmp_path: Path) -> None:
    mic = sound.exact_mic()
    record = Record(tmp_path, "--device", "exact", "--seconds", 4, "--title", "A talk")
    record.wait("recording")
    probe = WakeProbe()
    typed = []
    for count, text in enumerate(("first", "second", "third"), start=1):
        record.wait("stored", count)
        moment = time.monotonic()
        record.type(text + " ")
        typed.append((text + " line", moment, probe.late_ms()))
        record.wait("stored", count + 1) if count == 1 else None
        record.type("line\n")
        record.wait("line", count)
    assert record.end() == 0
    probe.close()
    order = [event["event"] for event in record.events]
    assert order[0] == "session"
    assert order.index("armed") < order.index("recording") < order.index("stored")
    assert order[-1] == "stopped"
    session = read(tmp_path, "show", record.events[0]["session"])
    assert session["title"] == "A talk"
    (take,) = session["takes"]
    assert take["state"] == "complete"
    assert take["codec"] == "flac"
    assert take["frames"] >= 4 * 48_000
    heard = samples(tmp_path, take)
    assert [line["text"] for line in session["lines"]] == [text for text, _, _ in typed]
    for line, (text, moment, late_ms) in zip(session["lines"], typed, strict=True):
        index = coded_index(heard, line["anchor"]["frame"])
        assert index is not None
        off_ms = (index - mic.index_at(moment)) / 48
        assert -NEAR_MS <= off_ms <= NEAR_MS + late_ms, (text, off_ms, late_ms)
        assert line["runs"] == [{"offset": 0, "take": take["id"], "frame": line["anchor"]["frame"]}]
    assert {event["id"] for event in record.of("line")} == {line["id"] for line in session["lines"]}


def test_sigterm_keeps_the_take_and_a_line_without_its_end(
    sound: SoundServer, tmp_path: Path
) -> None:
    record = Record(tmp_path)
    record.wait("stored", 2)
    record.type("whole\nno end")
    assert record.end(signal.SIGTERM) == 0
    assert record.events[-1]["event"] in ("stopped", "line")
    session = read(tmp_path, "show", record.events[0]["session"])
    assert [line["text"] for line in session["lines"]] == ["whole", "no end"]
    assert all(line["anchor"] for line in session["lines"])
    assert session["takes"][0]["state"] == "complete"
    assert session["takes"][0]["frames"] >= record.of("stored")[-1]["frames"]
    assert not list((tmp_path / "run" / "intents").glob("*"))
    assert not list(tmp_path.rglob("*.journal*"))


def test_the_end_of_input_ends_it_when_asked(sound: SoundServer, tmp_path: Path) -> None:
    record = Record(tmp_path, "--until-eof")
    record.wait("stored", 1)
    record.type("a line\nits last has no end")
    assert record.process.stdin is not None
    record.process.stdin.close()
    assert record.end() == 0
    session = read(tmp_path, "show", record.events[0]["session"])
    assert [line["text"] for line in session["lines"]] == ["a line", "its last has no end"]
    assert all(line["anchor"] for line in session["lines"])


def test_an_input_that_ended_before_the_first_frame_has_its_take(
    sound: SoundServer, tmp_path: Path
) -> None:
    record = Record(tmp_path, "--until-eof")
    record.type("at once\n")
    assert record.process.stdin is not None
    record.process.stdin.close()
    assert record.end() == 0
    session = read(tmp_path, "show", record.events[0]["session"])
    (take,) = session["takes"]
    assert take["state"] == "complete"
    assert take["frames"] > 0
    (line,) = session["lines"]
    assert line["text"] == "at once"
    assert line["anchor"]["take"] == take["id"]
    assert 0 <= line["anchor"]["frame"] <= take["frames"]


def test_continue_adds_a_take(sound: SoundServer, tmp_path: Path) -> None:
    first = Record(tmp_path, "--seconds", 1)
    assert first.end() == 0
    id_ = first.events[0]["session"]
    again = Record(tmp_path, "--seconds", 1, "--session", id_[:8])
    again.wait("recording")
    again.type("in the second take\n")
    assert again.end() == 0
    assert again.events[0]["session"] == id_
    session = read(tmp_path, "show", id_)
    one, two = session["takes"]
    assert (one["ordinal"], two["ordinal"]) == (1, 2)
    assert two["start_ms"] == pytest.approx(one["frames"] / 48, abs=1)
    assert session["lines"][0]["anchor"]["take"] == two["id"]
    (row,) = read(tmp_path, "list")
    assert (row["takes"], row["lines"]) == (2, 1)


def test_capture_killed_goes_on_with_a_new_take(sound: SoundServer, tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.wait("stored", 2)
    os.kill(capture_of(tmp_path), signal.SIGKILL)
    assert record.wait("warning")["kind"] == "capture-died"
    record.wait("recording", 2)
    record.type("said afterwards\n")
    record.wait("line")
    assert record.end(signal.SIGINT) == 0
    session = read(tmp_path, "show", record.events[0]["session"])
    assert [take["state"] for take in session["takes"]] == ["recovered", "complete"]
    assert session["takes"][0]["frames"] >= 48_000
    assert session["lines"][0]["anchor"]["take"] == session["takes"][1]["id"]


def test_everything_killed_is_restored_by_recover(sound: SoundServer, tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.wait("recording")
    record.type("kept\n")
    record.wait("line")
    record.wait("stored", 2)
    capture = capture_of(tmp_path)
    os.kill(record.process.pid, signal.SIGKILL)
    os.kill(capture, signal.SIGKILL)
    record.end()
    stored = record.of("stored")[-1]["frames"]
    id_ = record.events[0]["session"]
    (waiting,) = wait_until(lambda: read(tmp_path, "recover", "--list"))
    assert (waiting["session"], waiting["state"]) == (id_, "waiting")
    (before,) = read(tmp_path, "show", id_)["takes"]
    assert before["file"] is None
    assert before["state"] == "recording"
    assert run(tmp_path, "recover", process=True).startswith(id_)
    session = read(tmp_path, "show", id_, process=True)
    (take,) = session["takes"]
    assert take["state"] == "recovered"
    assert take["frames"] >= stored
    assert [line["text"] for line in session["lines"]] == ["kept"]
    assert read(tmp_path, "recover") == []


def test_the_command_alone_killed_leaves_a_take_that_recover_awaits(
    sound: SoundServer, tmp_path: Path
) -> None:
    record = Record(tmp_path)
    record.wait("stored", 2)
    os.kill(record.process.pid, signal.SIGKILL)
    record.end()
    (done,) = read(tmp_path, "recover")
    assert done["state"] == "restored"
    (take,) = read(tmp_path, "show", record.events[0]["session"])["takes"]
    assert take["state"] == "complete"
    assert take["frames"] >= record.of("stored")[-1]["frames"]


def test_a_running_take_grows_in_show_and_takes_notes(sound: SoundServer, tmp_path: Path) -> None:
    record = Record(tmp_path)
    record.wait("stored", 3)
    id_ = record.events[0]["session"]
    (take,) = read(tmp_path, "show", id_)["takes"]
    assert (take["state"], take["file"]) == ("recording", None)
    assert take["frames"] >= record.of("stored")[1]["frames"]
    read(tmp_path, "note", id_, "from elsewhere", "--at", "0.5")
    (left,) = read(tmp_path, "recover")
    assert left["state"] == "recording"
    record.type("from here\n")
    record.wait("line")
    assert record.end(signal.SIGTERM) == 0
    session = read(tmp_path, "show", id_)
    assert [line["text"] for line in session["lines"]] == ["from elsewhere", "from here"]
    assert session["lines"][0]["anchor"]["frame"] == 24_000


def test_a_row_that_was_never_written_is_made_by_recover(
    sound: SoundServer, tmp_path: Path
) -> None:
    record = Record(tmp_path, "--title", "Lost rows")
    record.wait("stored", 2)
    capture = capture_of(tmp_path)
    os.kill(record.process.pid, signal.SIGKILL)
    os.kill(capture, signal.SIGKILL)
    record.end()
    for file in tmp_path.glob("library.db*"):
        file.unlink()
    run(tmp_path, "recover")
    (row,) = read(tmp_path, "list")
    assert row["title"] == "Lost rows"
    assert row["id"] == record.events[0]["session"]


def test_no_microphone_is_one_sentence_and_nothing_is_left(
    sound: SoundServer, tmp_path: Path
) -> None:
    sound.stop()
    told = run(tmp_path, "record", "--seconds", 1, code=1)
    assert len(told.strip().splitlines()) == 1
    assert read(tmp_path, "list") == []


def test_a_microphone_that_delivers_nothing_is_told_and_nothing_is_called_kept(
    sound: SoundServer, tmp_path: Path
) -> None:
    sound.pactl("suspend-source", "fakemic", "1")
    record = Record(tmp_path)
    record.wait("armed")
    assert record.end(signal.SIGINT) == 1
    told = record.complaint
    assert "Nothing was recorded" in told and "kept" not in told
    assert read(tmp_path, "list") == []


@pytest.mark.parametrize("output", ["> /dev/full", ">&-"])
def test_recording_goes_on_where_nothing_can_be_printed(
    sound: SoundServer, tmp_path: Path, output: str
) -> None:
    done = subprocess.run(
        f'"{sys.executable}" -m earmark record --json --seconds 1 --library "{tmp_path}" {output}',
        shell=True,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0
    assert "Something went wrong" not in done.stderr
    (row,) = read(tmp_path, "list")
    assert row["duration_ms"] >= 1000


def test_an_input_that_is_not_there_is_told(sound: SoundServer, tmp_path: Path) -> None:
    told = run(tmp_path, "record", "--seconds", 1, "--device", "nobody", code=1)
    assert "nobody" in told
    assert read(tmp_path, "list") == []


def capture_of(library: Path) -> int:
    """The capture process, by the manifest it wrote."""
    import json

    (manifest,) = wait_until(lambda: list((library / "run" / "intents").glob("*.json")))
    return int(json.loads(manifest.read_text())["pid"])
