"""`earmark record` on a disk that fails: the lines typed into it are never lost."""

from __future__ import annotations

import signal

import pytest
from command import Record, read
from disk import WAYS, Disk
from sound import SoundServer

pytestmark = pytest.mark.sound


@pytest.mark.parametrize("way", WAYS)
def test_ctrl_c_keeps_the_lines_that_the_library_did_not_take(
    sound: SoundServer, disk: Disk, way: str
) -> None:
    sound.exact_mic()
    record = Record(disk.library, "--device", "exact", "--title", "A talk")
    record.wait("stored")
    record.type("saved\n")
    record.wait("line")
    record.process.send_signal(signal.SIGSTOP)  # a full disk would end it before the typing
    disk.fail(way)
    record.type("typed too late\nand a line without its end")
    record.process.send_signal(signal.SIGCONT)
    code = record.end(signal.SIGINT)
    told = record.complaint
    assert code == 1
    if way != "full":  # there the take's reserve, let go at its end, has room for them at once
        assert "is kept in “" in told
        assert "comes back by itself" in told
    assert "Traceback" not in told
    assert disk.left_at_its_place() == []
    disk.mend()
    session = read(disk.library, "show", record.events[0]["session"])
    assert session["title"] == "A talk"
    assert [line["text"] for line in session["lines"]] == [
        "saved",
        "typed too late",
        "and a line without its end",
    ]
