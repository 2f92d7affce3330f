"""Shares come back as the sessions they were made of: whole, or not at all."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
import sessions_to_share as made
import sharing_back as rig
import soundfile

from earmark.app import Earmark
from earmark.app.doctor import examine
from earmark.app.jobs import Cancelled, Job
from earmark.audio.peak_maker import are_whole
from earmark.model import EarmarkError, Frames, Level, Span, UnusableMedia
from earmark.share.bundle import write_bundle
from earmark.share.content import Only, ShareOptions, share_content
from earmark.share.options import AudioForm, WriteOptions
from earmark.share.pencast import write_pencast


@pytest.fixture
def earmark(tmp_path: Path) -> Iterator[Earmark]:
    opened = rig.application(tmp_path / "library")
    yield opened
    opened.close()


def made_share(tmp_path: Path, kind: str, session=None, **options):
    folder = tmp_path / "theirs"
    session = rig.write_files(folder, session or rig.rich_session())
    return folder, session, rig.shared(folder, session, kind, **options)


def test_a_bundle_comes_back_whole(earmark: Earmark, tmp_path: Path) -> None:
    theirs, before, share = made_share(tmp_path, "bundle")
    after = rig.bring(earmark, share)
    rig.same_notes(before, after)
    assert after.id == before.id
    for old, new in zip(before.takes, after.takes, strict=True):
        assert rig.sha(earmark.folder / new.file) == rig.sha(theirs / old.file)
        assert are_whole(earmark.folder / new.peaks, new.sample_rate, new.frames)
        assert new.channels == old.channels and new.codec == "flac"
    picture = earmark.folder / after.folder / after.pictures[0].file
    assert picture.read_bytes() == made.PNG
    assert (earmark.folder / after.folder / "session.json").is_file()
    assert not list((earmark.folder / "run" / "importing").iterdir())
    found = earmark.library.run(lambda lib: lib.check()).result()
    assert [finding.level for finding in found] == [Level.GOOD]


def test_a_page_comes_back_and_every_line_lands_where_it_was(
    earmark: Earmark, tmp_path: Path
) -> None:
    theirs, before, share = made_share(tmp_path, "html")
    after = rig.bring(earmark, share)
    rig.same_notes(before, after)
    for old, new in zip(before.takes, after.takes, strict=True):
        was, now = rig.sound_of(theirs / old.file), rig.sound_of(earmark.folder / new.file)
        assert len(now) == len(was)
        assert abs(lag(was, now)) <= new.sample_rate // 1000


@pytest.mark.parametrize("kind", ["bundle", "html"])
def test_what_points_to_a_session_that_is_not_here_can_be_shared_on(
    kind: str, earmark: Earmark, tmp_path: Path
) -> None:
    """Theirs had the other session, this library has not: the link stays, and comes in again."""
    session = rig.rich_session()
    pasted = made.line("l9", "pasted words", (9, 700), runs=[(0, 9, 700), (7, 1, 50)])
    foreign = made.take(9, 48_000, session="0ther5e55")
    session = dataclasses.replace(
        session, lines=(*session.lines, pasted), takes=(*session.takes, foreign)
    )
    _theirs, _before, share = made_share(tmp_path, kind, session)
    first = rig.bring(earmark, share)
    assert first.lines[-1] == pasted
    on = tmp_path / "on"
    on.mkdir()
    write = write_bundle if kind == "bundle" else write_pencast
    target = on / share.name
    write(share_content(first), earmark.folder, target, WriteOptions())
    second_library = rig.application(tmp_path / "second")
    second = rig.bring(second_library, target)
    second_library.close()
    assert second.lines == first.lines


def lag(was: np.ndarray, now: np.ndarray) -> int:
    """By how many samples `now` comes later than `was`."""
    size = 1 << (len(was) * 2).bit_length()
    product = np.fft.irfft(np.fft.rfft(now, size) * np.conj(np.fft.rfft(was, size)), size)
    at = int(np.argmax(product))
    return at if at < size // 2 else at - size


def test_off_the_record_sound_is_not_in_the_bundle_and_the_rest_moves_up(
    earmark: Earmark, tmp_path: Path
) -> None:
    session = rig.rich_session()
    cut = dataclasses.replace(session.takes[0], off_record=(Span(Frames(60_000), Frames(30_001)),))
    session = dataclasses.replace(session, takes=(cut, session.takes[1]))
    theirs, before, share = made_share(tmp_path, "bundle", session)
    after = rig.bring(earmark, share)
    expected = share_content(before).session
    assert after.lines == expected.lines
    first, second = after.takes
    assert first.frames == 4 * 48_000 - 30_001
    was = soundfile.read(theirs / before.takes[0].file, dtype="int16")[0]
    now = soundfile.read(earmark.folder / first.file, dtype="int16")[0]
    assert np.array_equal(now, np.concatenate((was[:60_000], was[90_001:])))
    assert rig.sha(earmark.folder / second.file) == rig.sha(theirs / before.takes[1].file)


@pytest.mark.parametrize("rates", [(44_100, 16_000), (22_050,) * 2])
@pytest.mark.parametrize("form", list(AudioForm))
def test_a_page_of_either_sound_and_any_rates(
    form: AudioForm, rates: tuple[int, int], earmark: Earmark, tmp_path: Path
) -> None:
    session = rig.rich_session(rates)
    theirs = tmp_path / "theirs"
    session = rig.write_files(theirs, session)
    page = tmp_path / "page.html"
    write_pencast(share_content(session), theirs, page, WriteOptions(form))
    after = rig.bring(earmark, page)
    assert after.lines == session.lines
    for old, new in zip(session.takes, after.takes, strict=True):
        was, now = rig.sound_of(theirs / old.file), rig.sound_of(earmark.folder / new.file)
        assert len(now) == len(was)
        assert abs(lag(was, now)) <= new.sample_rate // 1000


def test_an_imported_recording_travels_with_its_original(earmark: Earmark, tmp_path: Path) -> None:
    theirs = rig.application(tmp_path / "theirs")
    try:
        stereo = np.stack((rig.made.chirps(2, 44_100, 1), rig.made.chirps(2, 44_100, 2)), 1)
        talk, wav = tmp_path / "talk.m4a", tmp_path / "talk.wav"
        soundfile.write(wav, stereo, 44_100, "PCM_24")
        with av.open(str(talk), "w") as out:
            stream = out.add_stream("aac", rate=44_100, layout="stereo")
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(stereo.T), "fltp", "stereo")
            frame.sample_rate = 44_100
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        for source in (talk, wav):
            before = theirs.imports.import_file(source).future.result(60)
            share = tmp_path / f"{source.suffix}.earmark"
            write_bundle(share_content(before), theirs.folder, share)
            after = rig.bring(earmark, share)
            (old,), (new,) = before.takes, after.takes
            for name in ("file", "original", "peaks"):
                mine, yours = getattr(new, name), getattr(old, name)
                assert rig.sha(earmark.folder / mine) == rig.sha(theirs.folder / yours), name
            assert (new.original == new.file) == (old.original == old.file)
            assert (new.channels, new.codec) == (old.channels, old.codec)
    finally:
        theirs.close()


def test_notes_alone_and_a_session_without_anything(earmark: Earmark, tmp_path: Path) -> None:
    for kind in ("bundle", "html"):
        for number, session in enumerate((rig.rich_session(), made.session((), ()))):
            session = dataclasses.replace(session, id=f"{kind}{number}")
            _theirs, _before, share = made_share(tmp_path, kind, session, audio=False)
            after = rig.bring(earmark, share)
            assert [line.text for line in after.lines] == [line.text for line in session.lines]
            assert all(take.file is None for take in after.takes)
            assert len(after.takes) == len(session.takes)


def everything(earmark: Earmark) -> list[str]:
    return sorted(
        each.relative_to(earmark.folder).as_posix()
        for each in (earmark.folder / "sessions").rglob("*")
        if each.is_file()
    )


def sessions(earmark: Earmark) -> dict[str, object]:
    found = earmark.library.run(lambda lib: lib.summaries()).result()
    return {each.id: each for each in found}


def test_imported_twice_both_are_kept_and_know_their_own_takes(
    earmark: Earmark, tmp_path: Path
) -> None:
    _theirs, _before, share = made_share(tmp_path, "bundle")
    preview = earmark.imports.look(share).result(60)
    assert (preview.title, preview.event, preview.kind) == (
        "A talk / with: a name", "The day", "bundle",
    )  # fmt: skip
    counts = (preview.takes, preview.lines, preview.pictures, preview.duration_ms)
    assert (*counts, preview.has_transcript) == (2, 8, 1, 8_000, True)
    assert preview.conflict is None
    first = rig.bring(earmark, share)
    assert earmark.imports.look(share).result(60).conflict.id == first.id
    second = rig.bring(earmark, share, "keep")
    assert len(sessions(earmark)) == 2
    assert first == earmark.library.run(lambda lib: lib.session(first.id)).result()
    ids = [{first.id}, *({x.id for x in part} for part in (first.takes, first.lines))]
    others = [{second.id}, *({x.id for x in part} for part in (second.takes, second.lines))]
    assert not any(mine & yours for mine, yours in zip(ids, others, strict=True))
    renamed = dict(zip((t.id for t in first.takes), (t.id for t in second.takes), strict=True))
    for old, new in zip(first.lines, second.lines, strict=True):
        assert (old.anchor and renamed[old.anchor.take]) == (new.anchor and new.anchor.take)
        assert [r.anchor and r.anchor.frame for r in old.runs] == [
            r.anchor and r.anchor.frame for r in new.runs
        ]
    for line in second.lines:
        if line.picture:
            assert line.picture == second.pictures[0].id
    assert len(second.late_refused) == 1
    assert first.event == second.event


def test_skip_leaves_what_is_there(earmark: Earmark, tmp_path: Path) -> None:
    _theirs, _before, share = made_share(tmp_path, "html")
    first = rig.bring(earmark, share)
    files = everything(earmark)
    assert rig.bring(earmark, share, "skip") == first
    assert everything(earmark) == files
    assert list(sessions(earmark)) == [first.id]


def test_replace_bins_the_old_one_once_the_new_one_is_whole(
    earmark: Earmark, tmp_path: Path
) -> None:
    _theirs, _before, share = made_share(tmp_path, "bundle")
    first = rig.bring(earmark, share)
    files = set(everything(earmark))
    second = rig.bring(earmark, share, "replace")
    assert list(sessions(earmark)) == [second.id]
    assert files < set(everything(earmark))
    (binned,) = earmark.library.run(lambda lib: lib.binned()).result()
    assert binned.id == first.id
    third = rig.bring(earmark, share, "replace")
    assert list(sessions(earmark)) == [third.id]
    assert len(earmark.library.run(lambda lib: lib.binned()).result()) == 2


LIES = {
    "other length": ("session.takes.0.frames", 4 * 48_000 + 1),
    "shorter": ("session.takes.0.frames", 4 * 48_000 - 1),
    "other rate": ("session.takes.0.sample_rate", 44_100),
    "other channels": ("session.takes.0.channels", 2),
}


@pytest.mark.parametrize("name", [*LIES, "no sound", "half a sound", "a sound of another kind"])
def test_sound_that_is_not_what_the_notes_say_keeps_everything_out(
    name: str, earmark: Earmark, tmp_path: Path
) -> None:
    _theirs, _before, share = made_share(tmp_path, "bundle")
    first = rig.bring(earmark, share)
    files = everything(earmark)
    with zipfile.ZipFile(share) as zipped:
        members = {info.filename: zipped.read(info) for info in zipped.infolist()}
    form = json.loads(members["session.json"])
    sound = "audio/take-1.flac"
    if name in LIES:
        path, value = LIES[name]
        form["session"]["takes"][0][path.rpartition(".")[2]] = value
    elif name == "no sound":
        members[sound] = b"fLaC" + bytes(5_000)
    elif name == "half a sound":
        members[sound] = members[sound][: len(members[sound]) // 2]
    else:
        members[sound] = b"#EXTM3U\nfile:///etc/passwd\n"
    members["session.json"] = json.dumps(form).encode()
    with zipfile.ZipFile(share, "w") as zipped:
        for member, data in members.items():
            zipped.writestr(member, data)
    for on_conflict in ("keep", "replace"):
        with pytest.raises(EarmarkError) as told:
            rig.bring(earmark, share, on_conflict)
        assert told.value.what.endswith(".")
    assert list(sessions(earmark)) == [first.id]
    assert everything(earmark) == files
    assert not list((earmark.folder / "run" / "importing").iterdir())


def test_a_page_whose_sound_is_too_short_keeps_out(earmark: Earmark, tmp_path: Path) -> None:
    _theirs, _before, share = made_share(tmp_path, "html")
    page = share.read_bytes()
    share.write_bytes(page.replace(b'"frames":192000', b'"frames":19200000'))
    with pytest.raises(UnusableMedia):
        rig.bring(earmark, share)
    assert sessions(earmark) == {} and everything(earmark) == []


def test_a_cancelled_import_leaves_nothing(
    earmark: Earmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("bundle", "html"):
        _theirs, _before, share = made_share(tmp_path, kind)
        with monkeypatch.context() as patched:
            real = Job.progress

            def cancel(job: Job, fraction: float | None, real=real) -> None:
                job.cancel()
                real(job, fraction)

            patched.setattr(Job, "progress", cancel)
            with pytest.raises(Cancelled):
                rig.bring(earmark, share)
        assert sessions(earmark) == {} and everything(earmark) == []
        assert not list((earmark.folder / "run" / "importing").iterdir())


KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import sharing_back as rig
from earmark.app import shareimports, sharestage
from earmark.library import Library
library, share, place = Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
def die(*_a, **_k):
    os._exit(9)
if place == "copying":
    from earmark.share import shared_file
    shared_file._Out.picture = die
elif place == "decoding":
    sharestage.run_job = die
elif place == "in place":
    real = sharestage.put_in_place
    def put(*a):
        real(*a)
        die()
    sharestage.put_in_place = put
elif place == "rows":
    Library.enter_session = die
elif place == "after":
    Library.write_session_json = die
earmark = rig.application(library)
rig.bring(earmark, share)
"""


@pytest.mark.parametrize("place", ["copying", "decoding", "in place", "rows", "after"])
def test_killed_anywhere_it_is_whole_or_not_there(place: str, tmp_path: Path) -> None:
    _theirs, before, share = made_share(tmp_path, "bundle")
    rigs = str(Path(rig.__file__).parent)
    library = tmp_path / "library"
    died = subprocess.run(
        [sys.executable, "-c", KILLED, rigs, str(library), str(share), place], check=False
    )
    assert died.returncode == 9
    earmark = rig.application(library)
    try:
        there = sessions(earmark)
        assert len(there) == (1 if place == "after" else 0)
        orphans = [f for f in examine(library) if "is not in the library" in f.what]
        assert len(orphans) == (1 if place in ("in place", "rows") else 0)
        after = rig.bring(earmark, share, "keep")
        if place != "after":
            assert [x.text for x in after.lines] == [x.text for x in before.lines]
        assert not list((library / "run" / "importing").iterdir())
        for session in sessions(earmark):
            whole = earmark.library.run(lambda lib, s=session: lib.session(s)).result()
            assert all((library / take.file).is_file() for take in whole.takes)
    finally:
        earmark.close()


def test_a_file_that_is_not_as_long_as_its_take_is_made_so(
    earmark: Earmark, tmp_path: Path
) -> None:
    theirs, before, _share = made_share(tmp_path, "bundle")
    path = theirs / before.takes[0].file
    sound = soundfile.read(path, dtype="int16")[0]
    soundfile.write(path, sound[:-1_000], 48_000, "PCM_16")
    share = rig.shared(theirs, before, "bundle")
    after = rig.bring(earmark, share)
    now = soundfile.read(earmark.folder / after.takes[0].file, dtype="int16")[0]
    assert np.array_equal(now[:-1_000], sound[:-1_000]) and not now[-1_000:].any()
    assert after.lines == before.lines


def test_marked_lines_alone_come_back_with_the_sound_around_them(
    earmark: Earmark, tmp_path: Path
) -> None:
    for kind in ("bundle", "html"):
        _theirs, before, share = made_share(tmp_path, kind, only=Only.MARKED, look_back_ms=100)
        expected = share_content(before, ShareOptions(Only.MARKED, look_back_ms=100)).session
        after = rig.bring(earmark, share)
        assert [line.text for line in after.lines] == [line.text for line in expected.lines]
        assert [t.frames for t in after.takes] == [t.frames for t in expected.takes]
        for take in after.takes:
            assert soundfile.info(earmark.folder / take.file).frames == take.frames


def test_doctor_tells_of_an_import_that_was_killed_early(tmp_path: Path) -> None:
    library = tmp_path / "library"
    earmark = rig.application(library)
    earmark.close()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = library / "run" / "importing" / f"5e55-{gone.pid}"
    left.mkdir(parents=True)
    assert any("interrupted" in finding.what for finding in examine(library))
