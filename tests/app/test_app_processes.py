"""The capture process that is started before anybody asks for it."""

import os

from waiting import wait_until

from earmark.app.processes import CaptureProcesses


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_warm_process_is_given_out_with_all_it_said(tmp_path):
    captures = CaptureProcesses(tmp_path)
    captures.warm()
    heard = []
    link = captures.spawn(heard.append)
    wait_until(lambda: any(event["ev"] == "ready" for event in heard), what="ready")
    link.close()
    assert sum(event["ev"] == "ready" for event in heard) == 1


def test_what_it_said_before_it_was_asked_for_is_not_lost(tmp_path):
    captures = CaptureProcesses(tmp_path)
    captures.warm()
    other = CaptureProcesses(tmp_path)
    first, late = [], []
    beside = other.spawn(first.append)
    wait_until(lambda: first, what="a process started later to be ready")
    beside.close()
    link = captures.spawn(late.append)
    wait_until(lambda: any(event["ev"] == "ready" for event in late), what="ready")
    link.close()


def test_the_second_spawn_is_a_process_of_its_own(tmp_path):
    captures = CaptureProcesses(tmp_path)
    captures.warm()
    one, two = captures.spawn(lambda _event: None), captures.spawn(lambda _event: None)
    assert one.pid != two.pid
    one.close()
    two.close()


def test_a_warm_process_nobody_asked_for_ends(tmp_path):
    captures = CaptureProcesses(tmp_path)
    captures.warm()
    link = captures._warm[0]
    captures.close()
    wait_until(lambda: _gone(link.pid), what="the process to end")
    captures.close()
