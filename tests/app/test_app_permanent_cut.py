"""Off the record, cut for good: silence in the sound, no word anywhere, whatever dies when."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import soundfile as sf
from desk import Desk

from earmark.app import permanent_cut
from earmark.app.offrecord import undo
from earmark.app.permanent_cut import CutOffer, CutResult
from earmark.app.transcribe_lock import TranscribeLock
from earmark.audio.manifest import TakeManifest, write_manifest
from earmark.audio.pcm import PartWriter
from earmark.audio.peak_maker import PeakMaker, are_whole, make_peaks
from earmark.audio.worker.jobs import JOBS
from earmark.library import Library, transcripts
from earmark.model import (
    Busy,
    EarmarkError,
    Frames,
    Level,
    SampleRate,
    Segment,
    SegmentId,
    Session,
    SessionId,
    Span,
    Take,
    TakeId,
    TakeState,
    Word,
    new_id,
)

RATE = 8_000
SECONDS = 12
HIDDEN = ("xyzzyquux", "plughfrob")
SPANS = (Span(Frames(0), Frames(2 * RATE)), Span(Frames(7 * RATE), Frames(5 * RATE)))


class Death(BaseException):
    """The process ends here."""


class Talk:
    """A session with one take of which something is off the record, and its transcript."""

    def __init__(self, desk: Desk, name: str = "take", codec: str = "flac") -> None:
        self.desk = desk
        self.folder = desk.earmark.folder
        made = self.run(lambda lib: lib.create_session("A talk"))
        self.id: SessionId = made.id
        self.take = TakeId(new_id())
        self.file = f"{made.folder}/{name}-1-{self.take[:6]}.{codec}"
        random = np.random.default_rng(5)
        self.sound = random.integers(-9000, 9000, (SECONDS * RATE, 1)).astype("<i2")
        sf.write(self.folder / self.file, self.sound, RATE)
        peaks = f"{made.folder}/take-1-{self.take[:6]}.peaks"
        make_peaks(self.folder / self.file, self.folder / peaks)
        take = Take(
            id=self.take,
            ordinal=1,
            sample_rate=SampleRate(RATE),
            channels=1,
            frames=Frames(len(self.sound)),
            started_at=made.created_at,
            state=TakeState.COMPLETE,
            file=self.file,
            codec=codec,
            peaks=peaks,
            original=self.file if name == "original" else None,
        )
        self.run(lambda lib: lib.put_take(self.id, take))
        self.run(lambda lib: lib.set_off_record(self.take, SPANS))
        self.transcribe()

    def run(self, fn: Callable[[Library], Any]) -> Any:
        return self.desk.earmark.library.run(fn).result()

    def transcribe(self) -> None:
        """Twice, the second one mended by hand: rows that were deleted and altered before."""
        for model in ("small", "large"):
            self.run(lambda lib, m=model: lib.begin_transcription(self.take, "e", m, "en"))
            self.run(
                lambda lib, m=model: lib.add_segments(
                    self.take,
                    (
                        self.said(f"{HIDDEN[0]} {m}", 0.5),
                        self.said(f"{m} opens {HIDDEN[1]}", 5.2),
                        self.said(f"wholly {HIDDEN[0]} {HIDDEN[1]}", 9.0, words=False),
                        self.said(f"{m} shown", 3.0),
                    ),
                    Frames(SECONDS * RATE),
                    finished=True,
                )
            )
        whole = self.session()
        assert whole.transcript is not None
        across = next(s for s in whole.transcript.segments if "opens" in s.text)
        self.run(lambda lib: lib.edit_segment(self.id, across.id, "large now opens"))
        self.run(lambda lib: lib.write_session_json(self.id))

    def said(self, text: str, at: float, *, words: bool = True) -> Segment:
        """A second for each word, from there on."""
        start = round(at * RATE)
        times = tuple(
            Word(word, Frames(start + n * RATE), Frames(start + (n + 1) * RATE - RATE // 4))
            for n, word in enumerate(text.split())
        )
        end = Frames(start + len(times) * RATE)
        return Segment(
            SegmentId(new_id()), self.take, Frames(start), end, text, times if words else ()
        )

    def session(self) -> Session:
        found: Session = self.run(lambda lib: lib.session(self.id))
        return found

    def row(self) -> Take:
        (take,) = self.session().takes
        return take

    def heard(self) -> Any:
        return sf.read(self.folder / str(self.row().file), dtype="int16", always_2d=True)[0]

    def texts(self) -> list[str]:
        transcript = self.session().transcript
        return [one.text for one in transcript.segments] if transcript else []

    def offer(self) -> CutOffer:
        return self.desk.earmark.permanent_cut.look(self.id).result()

    def cut(self) -> CutResult:
        return self.desk.earmark.permanent_cut.cut(self.offer()).future.result()

    def names(self) -> set[str]:
        return {p.name for p in (self.folder / self.file).parent.iterdir()}

    def silenced(self) -> Any:
        cut = self.sound.copy()
        for span in SPANS:
            cut[span.frame : span.end] = 0
        return cut

    def files_that_hold(self, word: str) -> list[str]:
        found = [p for p in self.folder.rglob("*") if p.is_file()]
        return [str(p.relative_to(self.folder)) for p in found if word.encode() in p.read_bytes()]

    def assert_cut(self) -> None:
        take = self.row()
        assert (take.frames, take.off_record) == (len(self.sound), SPANS)
        assert np.array_equal(self.heard(), self.silenced())
        assert are_whole(self.folder / str(take.peaks), RATE, len(self.sound))
        assert self.texts() == ["large shown", "large now opens"]
        for word in HIDDEN:
            assert self.files_that_hold(word) == []


@pytest.fixture(autouse=True)
def worker_in_this_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Its process is the subject of the worker's own tests."""
    monkeypatch.setattr(
        "earmark.audio.worker.run_job",
        lambda job, progress, _cancelled: JOBS[job["job"]](job, progress),
    )
    yield
    gc.collect()


@pytest.fixture
def talk(desk: Desk) -> Talk:
    return Talk(desk)


def test_the_words_are_everywhere_before(talk: Talk) -> None:
    """The other tests would show nothing otherwise."""
    for word in HIDDEN:
        files = talk.files_that_hold(word)
        assert any("library.db" in name for name in files)
        assert any(name.endswith("session.json") for name in files)
    assert talk.texts() == ["large shown", "large now opens"]


def test_sound_and_words_are_gone_from_every_file(talk: Talk) -> None:
    offer = talk.offer()
    assert (offer.seconds, offer.spans) == (7, {talk.take: SPANS})
    result = talk.cut()
    assert (result.seconds, result.originals, result.copies) == (7, (), ())
    talk.assert_cut()
    assert talk.row().file == talk.file
    assert (talk.folder / "library.db-wal").stat().st_size < 100_000
    talk.desk.earmark.close()
    for word in HIDDEN:
        assert talk.files_that_hold(word) == []


def test_put_back_on_the_record_there_is_silence(talk: Talk) -> None:
    talk.cut()
    undo(talk.desk.earmark.library, {talk.take: ()}).result()
    assert talk.row().off_record == ()
    assert np.array_equal(talk.heard(), talk.silenced())
    assert talk.texts() == ["large shown", "large now opens"]


STEPS: tuple[tuple[Any, str], ...] = (
    (PartWriter, "place"),
    (PeakMaker, "save"),
    (Library, "put_take"),
    (Library, "write_session_json"),
    (permanent_cut, "_remove"),
    (Library, "purge_words"),
    (Library, "wipe"),
    (permanent_cut, "_result"),
)


@pytest.mark.parametrize("codec", ["flac", "wav"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[1])
def test_killed_at_any_step_it_is_old_or_new_and_asked_again_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str], when: str, codec: str
) -> None:
    talk = Talk(desk, codec=codec)
    real = getattr(*step)

    def dies(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            real(*args, **kwargs)
        raise Death

    monkeypatch.setattr(*step, dies)
    died = False
    try:
        talk.cut()
    except Death:
        died = True
    monkeypatch.setattr(*step, real)
    assert died
    heard = talk.heard()
    assert np.array_equal(heard, talk.sound) or np.array_equal(heard, talk.silenced())
    assert talk.row().off_record == SPANS
    assert talk.texts() == ["large shown", "large now opens"]
    talk.cut()
    talk.assert_cut()
    short = f"take-1-{talk.take[:6]}"
    assert talk.names() == {f"{short}.flac", f"{short}.peaks", "session.json"}


def test_killed_inside_the_transaction_no_row_has_changed(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second row is not reached: the first is as it was."""
    calls: list[Any] = []
    real = transcripts.on_record

    def dies(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise Death
        return real(*args)

    monkeypatch.setattr(transcripts, "on_record", dies)
    with pytest.raises(Death):
        talk.run(lambda lib: lib.purge_words(talk.id, {talk.take: SPANS}))
    monkeypatch.undo()
    for word in HIDDEN:
        assert "library.db" in " ".join(talk.files_that_hold(word))
    talk.run(lambda lib: lib.set_off_record(talk.take, ()))
    assert any(HIDDEN[0] in text for text in talk.texts())


@pytest.mark.parametrize("codec", ["flac", "wav"])
def test_an_imported_file_goes_when_that_is_asked_for(desk: Desk, codec: str) -> None:
    talk = Talk(desk, "original", codec)
    before = (talk.folder / talk.file).read_bytes()
    result = talk.cut()
    assert result.originals == (talk.file,)
    talk.assert_cut()
    assert talk.row().file == str(talk.file).replace("original-", "take-").replace(codec, "flac")
    assert (talk.folder / talk.file).read_bytes() == before
    assert talk.row().original == talk.file
    desk.earmark.permanent_cut.remove_originals(result).result()
    assert talk.row().original is None
    assert not (talk.folder / talk.file).exists()
    findings = desk.earmark.library.run(lambda lib: lib.check()).result()
    assert {finding.level for finding in findings} == {Level.GOOD}
    talk.assert_cut()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", [(Library, "put_take"), (permanent_cut, "_remove")])
def test_killed_while_the_imported_file_goes_no_row_names_what_is_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str], when: str
) -> None:
    talk = Talk(desk, "original", "wav")
    result = talk.cut()
    real = getattr(*step)

    def dies(*args: Any, **kwargs: Any) -> Any:
        if when == "after":
            real(*args, **kwargs)
        raise Death

    monkeypatch.setattr(*step, dies)
    with pytest.raises(Death):
        desk.earmark.permanent_cut.remove_originals(result).result()
    monkeypatch.setattr(*step, real)
    named = talk.row().original
    assert named is None or (talk.folder / named).exists()
    desk.earmark.permanent_cut.remove_originals(talk.cut()).result()
    assert not (talk.folder / talk.file).exists()
    talk.assert_cut()


def test_what_else_can_hold_it_is_named_and_left(talk: Talk) -> None:
    backup = talk.run(lambda lib: lib.backup("before"))
    replaced = talk.folder / "library-20260101T000000Z-replaced.db"
    replaced.write_bytes(HIDDEN[0].encode())
    archived = talk.folder / "run/archived" / f"{talk.take}.journal"
    archived.parent.mkdir(parents=True)
    archived.write_bytes(b"sound")
    (archived.parent / "0123456789abcdef.journal").write_bytes(b"another take's")
    result = talk.cut()
    named = {
        backup.relative_to(talk.folder).as_posix(),
        replaced.name,
        archived.relative_to(talk.folder).as_posix(),
    }
    assert set(result.copies) == named
    assert all((talk.folder / name).exists() for name in named)
    for word in HIDDEN:
        assert set(talk.files_that_hold(word)) <= named


def test_busy_while_it_is_recorded(talk: Talk) -> None:
    earmark = talk.desk.earmark
    earmark.recording.start(talk.id)
    talk.desk.captures.record()
    with pytest.raises(Busy, match="being recorded"):
        talk.offer()


def test_busy_until_every_take_is_in_its_kept_form(talk: Talk) -> None:
    offer = talk.offer()
    manifest = TakeManifest(
        talk.take,
        talk.id,
        1,
        "A talk",
        "2026-03-01T10:00:00+01:00",
        "2026-03-01T10:00:00+01:00",
        "sessions/x",
        "sessions/x/y.journal",
        "sessions/x/y.peaks",
        SampleRate(RATE),
        1,
    )
    write_manifest(talk.folder, manifest)
    with pytest.raises(Busy, match="kept form"):
        talk.offer()
    with pytest.raises(Busy, match="kept form"):
        talk.desk.earmark.permanent_cut.cut(offer).future.result()
    assert np.array_equal(talk.heard(), talk.sound)
    manifest.path(talk.folder).unlink()
    running = replace(
        talk.row(),
        id=TakeId(new_id()),
        ordinal=2,
        file=None,
        journal="sessions/x/z.journal",
        state=TakeState.SEALED,
    )
    talk.run(lambda lib: lib.put_take(talk.id, running))
    with pytest.raises(Busy, match="kept form"):
        talk.offer()


def test_busy_while_recordings_are_transcribed(talk: Talk) -> None:
    offer = talk.offer()
    another = TranscribeLock(talk.folder)
    assert another.take()
    with pytest.raises(Busy, match="transcribed"):
        talk.desk.earmark.permanent_cut.cut(offer).future.result()
    assert np.array_equal(talk.heard(), talk.sound)
    another.give_back()
    talk.cut()
    assert another.take()
    another.give_back()


def test_only_what_was_asked_is_cut(talk: Talk) -> None:
    """Something more went off the record between the question and the press."""
    offer = talk.offer()
    talk.run(lambda lib: lib.set_off_record(talk.take, SPANS[:1]))
    with pytest.raises(EarmarkError, match="nothing was cut"):
        talk.desk.earmark.permanent_cut.cut(offer).future.result()
    assert np.array_equal(talk.heard(), talk.sound)


def test_a_missing_file_changes_nothing(talk: Talk) -> None:
    (talk.folder / talk.file).unlink()
    with pytest.raises(EarmarkError, match="missing"):
        talk.offer()
    assert HIDDEN[0] in str((talk.folder / talk.file).with_name("session.json").read_text())


def test_a_session_without_anything_off_the_record_offers_nothing(talk: Talk) -> None:
    talk.run(lambda lib: lib.set_off_record(talk.take, ()))
    offer = talk.offer()
    assert (offer.takes, offer.seconds) == ((), 0)


def test_other_sessions_keep_theirs(talk: Talk) -> None:
    other = Talk(talk.desk)
    talk.cut()
    assert np.array_equal(other.heard(), other.sound)
    other.run(lambda lib: lib.set_off_record(other.take, ()))
    assert any(HIDDEN[0] in text for text in other.texts())


def test_replay_lets_go_of_the_file_first_and_loads_it_anew(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay = talk.desk.earmark.replay
    replay.load(talk.id).result()
    replay.prepare()
    (process,) = talk.desk.replays
    offer = talk.offer()
    seen: list[Any] = []

    def silence(job: Any, progress: Any, _cancelled: Any) -> Any:
        seen.append(process.last("load")["takes"])
        replay.resume()
        return JOBS["silence"](job, progress)

    monkeypatch.setattr("earmark.audio.worker.run_job", silence)
    before = process.count("load")
    talk.desk.earmark.permanent_cut.cut(offer).future.result()
    assert seen == [[]]
    assert process.count("play") == 0 and not replay.state.playing
    assert process.count("load") > before + 1
    (entry,) = process.last("load")["takes"]
    assert entry["id"] == talk.take
