"""Share as the app offers it: a worker makes it, nothing of a broken-off one is left."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sessions_to_share as made
from desk import Desk
from waiting import wait_until

from earmark.app.jobs import Cancelled, TimeLeft
from earmark.app.news import JobProgress
from earmark.app.sharing import (
    AudioForm,
    Only,
    ShareForm,
    ShareOptions,
    ShareRequest,
    WriteOptions,
    form_for,
)
from earmark.model import (
    Anchor,
    EarmarkError,
    LineId,
    Mark,
    NoteLine,
    NotesEdit,
    NotFound,
    SessionId,
    TakeId,
    TimeRun,
)
from earmark.model.plain import from_plain, to_plain
from earmark.share.output_file import TargetExists
from earmark.share.worker import client
from earmark.worker.client import JobCancelled, WorkerFailed

SECOND = 48_000


def put_session(desk: Desk, seconds: float = 20, title: str = "A talk", **more) -> SessionId:
    """A session with one take of sound and three lines, one of them private."""
    library = desk.earmark.library

    def put(lib):
        event = lib.find_event(more["event"], create=True).id if "event" in more else None
        session = lib.create_session(title, event=event)
        file = f"{session.folder}/take-1.flac"
        take = replace(made.take(1, int(seconds * SECOND)), id=TakeId(f"t{session.id}"), file=file)
        made.write_sound(lib.folder, [take])
        lib.put_take(session.id, take)
        at = Anchor(take.id, take.frames // 2)
        lines = (
            NoteLine(LineId(f"{session.id}a"), "Heading", marks=(Mark.STAR,), anchor=at),
            NoteLine(LineId(f"{session.id}b"), "secret", private=True),
            NoteLine(LineId(f"{session.id}c"), "Words", anchor=at, runs=(TimeRun(0, at),)),
        )
        lib.save_notes(session.id, NotesEdit(tuple(line.id for line in lines), lines))
        return session.id

    return library.run(put).result()


def left(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.name != "library")


def test_a_pencast_is_made_by_the_worker(desk: Desk, tmp_path: Path) -> None:
    session = put_session(desk)
    job = desk.earmark.sharing.share(ShareRequest(session, tmp_path / "talk.html"))
    written = job.future.result(120)
    page = (tmp_path / "talk.html").read_text()
    assert written.bytes == len(page.encode())
    assert "Words" in page and "secret" not in page
    assert left(tmp_path) == ["talk.html"]
    news = [one for one in desk.of(JobProgress) if one.job == job.id]
    assert news[-1].done and not news[-1].failed
    fractions = [one.fraction for one in news if one.fraction is not None]
    assert fractions == sorted(fractions)


def test_what_was_just_typed_is_shared(desk: Desk, tmp_path: Path) -> None:
    session = put_session(desk)
    line = NoteLine(LineId("justnow"), "typed a moment ago")
    order = (*(one.id for one in _session(desk, session).lines), line.id)
    desk.earmark.notes.edit(session, NotesEdit(order, (line,)))
    request = ShareRequest(session, tmp_path / "t.html", options=ShareOptions(audio=False))
    desk.earmark.sharing.share(request).future.result(120)
    assert "typed a moment ago" in (tmp_path / "t.html").read_text()


def test_an_existing_target_stays(desk: Desk, tmp_path: Path) -> None:
    session = put_session(desk)
    target = tmp_path / "talk.html"
    target.write_text("mine")
    request = ShareRequest(session, target, options=ShareOptions(audio=False))
    with pytest.raises(TargetExists):
        desk.earmark.sharing.share(request).future.result(120)
    assert target.read_text() == "mine" and left(tmp_path) == ["talk.html"]
    request = ShareRequest(session, target, options=ShareOptions(audio=False), replace=True)
    desk.earmark.sharing.share(request).future.result(120)
    assert "Words" in target.read_text()


def test_a_missing_sound_file_is_named_and_the_notes_go_alone(desk: Desk, tmp_path: Path) -> None:
    session = put_session(desk)
    file = _session(desk, session).takes[0].file
    (desk.earmark.folder / file).unlink()
    with pytest.raises(EarmarkError, match=Path(file).name) as told:
        desk.earmark.sharing.share(ShareRequest(session, tmp_path / "a.html")).future.result(120)
    assert "notes alone" in told.value.remedy
    request = ShareRequest(session, tmp_path / "a.html", options=ShareOptions(audio=False))
    desk.earmark.sharing.share(request).future.result(120)
    assert left(tmp_path) == ["a.html"]


def test_cancel_takes_less_than_a_second_and_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    session = put_session(desk, 900)
    job = desk.earmark.sharing.share(ShareRequest(session, tmp_path / "long.html"))
    wait_until(lambda: any(one.fraction for one in desk.of(JobProgress) if one.job == job.id))
    assert len(left(tmp_path)) == 2, "the page and its sound are being made"
    asked = time.monotonic()
    job.cancel()
    with pytest.raises(Cancelled):
        job.future.result(60)
    took = time.monotonic() - asked
    assert left(tmp_path) == []
    assert took < 5, took  # the bar is 1 s on a quiet machine
    assert desk.of(JobProgress)[-1].cancelled


def test_closing_the_app_breaks_off_what_is_shared(desk: Desk, tmp_path: Path) -> None:
    session = put_session(desk, 900)
    first = desk.earmark.sharing.share(ShareRequest(session, tmp_path / "a.html"))
    second = desk.earmark.sharing.share(ShareRequest(session, tmp_path / "b.html"))
    wait_until(lambda: any(one.fraction for one in desk.of(JobProgress) if one.job == first.id))
    desk.earmark.sharing.close()
    for job in (first, second):
        assert isinstance(job.future.exception(60), Cancelled)
    late = desk.earmark.sharing.share(ShareRequest(session, tmp_path / "c.html"))
    assert isinstance(late.future.exception(60), Cancelled)
    assert left(tmp_path) == []


def test_a_killed_worker_leaves_nothing_and_is_told(desk: Desk, tmp_path: Path) -> None:
    session = _session(desk, put_session(desk, 600))
    target = tmp_path / "talk.html"

    def kill(_share: float) -> None:
        (part,) = tmp_path.glob(".talk.html.*.part")
        os.kill(int(part.suffixes[-2][1:]), signal.SIGKILL)

    with pytest.raises(WorkerFailed):
        client.run_share(
            session, desk.earmark.folder, target, ShareForm.HTML, ShareOptions(), WriteOptions(),
            on_progress=kill,
        )  # fmt: skip
    assert left(tmp_path) == []


def test_a_share_that_was_faster_than_its_cancel_is_done(desk: Desk, tmp_path: Path) -> None:
    session = _session(desk, put_session(desk))
    target = tmp_path / "x.vtt"
    stop = threading.Event()

    def too_late(_share: float) -> None:
        wait_until(target.exists)
        stop.set()

    written = client.run_share(
        session, desk.earmark.folder, target, ShareForm.WEBVTT, ShareOptions(), WriteOptions(),
        on_progress=too_late, cancelled=stop,
    )  # fmt: skip
    assert written.bytes == target.stat().st_size
    assert left(tmp_path) == ["x.vtt"]


@pytest.mark.parametrize("form", list(ShareForm))
def test_every_form_is_whole_or_not_there(desk: Desk, tmp_path: Path, form: ShareForm) -> None:
    session = _session(desk, put_session(desk, 120))
    target = tmp_path / f"talk{form.spec.suffix()}"
    stop = threading.Event()
    try:
        client.run_share(
            session, desk.earmark.folder, target, form, ShareOptions(), WriteOptions(),
            on_progress=lambda _share: stop.set(), cancelled=stop,
        )  # fmt: skip
    except JobCancelled:
        assert left(tmp_path) == []
    else:
        assert left(tmp_path) == [target.name], "it was faster"


def test_the_window_loads_nothing_heavy_for_it() -> None:
    script = (
        "import sys, earmark.app.sharing, earmark.share.worker.client, earmark.share.estimate;"
        "print([m for m in ('av', 'numpy', 'soundfile', 'pydub') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_a_clip_by_the_ending_of_its_file(desk: Desk, tmp_path: Path) -> None:
    session = put_session(desk)
    lines = [line.id for line in _session(desk, session).lines if not line.private]
    sound = desk.earmark.sharing.clip(session, lines[:1], tmp_path / "clip.m4a")
    page = desk.earmark.sharing.clip(session, lines, tmp_path / "clip.html")
    assert sound.future.result(120).bytes > 5_000
    assert page.future.result(120).bytes > 5_000
    assert "Heading" in (tmp_path / "clip.html").read_text()
    gone = desk.earmark.sharing.clip(session, ["none"], tmp_path / "no.m4a")
    assert isinstance(gone.future.exception(120), NotFound)


def test_an_event_is_shared_oldest_first(desk: Desk, tmp_path: Path) -> None:
    for title in ("Opening", "Middle", "Closing"):
        put_session(desk, 5, title, event="Camp")
    event = desk.earmark.library.run(lambda lib: lib.find_event("Camp")).result().id
    job = desk.earmark.sharing.share_event(event, tmp_path / "site")
    written = job.future.result(120)
    assert written.path == tmp_path / "site"
    pages = sorted(page.name for page in written.path.glob("0*.html"))
    assert pages == ["01-opening.html", "02-middle.html", "03-closing.html"]
    assert left(tmp_path) == ["site"]
    gone = desk.earmark.sharing.share_event("none", tmp_path / "other")
    assert isinstance(gone.future.exception(120), NotFound)


def test_a_cancelled_report_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    put_session(desk, 600, "Long", event="Camp")
    event = desk.earmark.library.run(lambda lib: lib.find_event("Camp")).result().id
    job = desk.earmark.sharing.share_event(event, tmp_path / "site")
    wait_until(lambda: any(one.fraction for one in desk.of(JobProgress) if one.job == job.id))
    job.cancel()
    assert isinstance(job.future.exception(60), Cancelled)
    assert left(tmp_path) == []


@pytest.mark.parametrize("form", [ShareForm.HTML, ShareForm.AUDIO])
def test_the_estimate_is_near(desk: Desk, tmp_path: Path, form: ShareForm) -> None:
    session = put_session(desk, 120)
    target = tmp_path / ("x.html" if form is ShareForm.HTML else "x.m4a")
    job = desk.earmark.sharing.share(ShareRequest(session, target, form))
    true = job.future.result(120).bytes
    guessed = desk.earmark.sharing.estimate(_session(desk, session), form)
    assert 0.8 < guessed / true < 1.25, (guessed, true)
    small = desk.earmark.sharing.estimate(
        _session(desk, session), form, ShareOptions(), WriteOptions(AudioForm.OPUS)
    )
    assert small < guessed


def test_every_form_has_an_estimate(desk: Desk) -> None:
    session = _session(desk, put_session(desk))
    for form in ShareForm:
        assert desk.earmark.sharing.estimate(session, form) > 0, form
        silent = desk.earmark.sharing.estimate(session, form, ShareOptions(audio=False))
        assert 0 <= silent <= desk.earmark.sharing.estimate(session, form)


def test_the_text_reads_as_notes(desk: Desk) -> None:
    text = desk.earmark.sharing.text(_session(desk, put_session(desk)))
    assert text.splitlines()[0] == "A talk"
    assert "00:10  Heading ★" in text and "00:10  Words" in text
    assert "secret" not in text
    marked = desk.earmark.sharing.text(
        _session(desk, put_session(desk)), ShareOptions(only=Only.MARKED)
    )
    assert "Words" not in marked


def test_endings_name_forms() -> None:
    known = {"a.html": "html", "a.earmark": "bundle", "a.MD": "markdown", "a.opus": "audio"}
    assert {name: form_for(Path(name)) for name in known} == known
    assert form_for(Path("a")) is None


def test_time_left_follows_the_pace() -> None:
    left = TimeLeft()
    assert left.after(None, 0.0) is None
    assert left.after(0.1, 10.0) is None
    assert left.after(0.2, 10.5) is None, "half a second says nothing"
    assert left.after(0.2, 15.0) == pytest.approx(40.0)
    assert left.after(1.0, 20.0) == 0.0


def test_values_cross_to_the_worker_without_loss(desk: Desk) -> None:
    session = _session(desk, put_session(desk))
    assert from_plain(type(session), json.loads(json.dumps(to_plain(session)))) == session
    options = ShareOptions(only=Only.LINE, lines=(LineId("a"),), transcript=False)
    assert from_plain(ShareOptions, json.loads(json.dumps(to_plain(options)))) == options
    with pytest.raises(TypeError):
        to_plain(object())
    with pytest.raises(TypeError):
        from_plain(WriteOptions, ["M4A", "many", False, ""])


def _session(desk: Desk, session: SessionId):
    return desk.earmark.library.run(lambda lib: lib.session(session)).result()
