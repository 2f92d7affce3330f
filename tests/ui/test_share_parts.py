"""The thinking parts of Share: what can leave, what it comes to, where it goes, how long."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sessions_to_share import line, session, take

from earmark.app.sharing import AudioForm, Only, ShareForm
from earmark.model import Frames, LineId, Mark, Segment, SegmentId, TakeId, TakeState, Transcript
from earmark.ui.share.choice import Choice, ShareOutlook, facts_of, outlook
from earmark.ui.share.preview_loader import together
from earmark.ui.share.target import Target, first_folder, short_path, suggested_name
from earmark.ui.share.words import TimeLeftWords, contents_words, size_words, wait_words

SECOND = 48_000


def talk():
    lines = [
        line("one", "first", (1, 0)),
        line("two", "marked", (1, SECOND), marks=(Mark.STAR,)),
        line("empty", ""),
        line("secret", "not yours", (1, 2 * SECOND), private=True, marks=(Mark.STAR,)),
    ]
    return session([take(1, 4 * SECOND)], lines, title="A talk")


def spoken(made):
    segment = Segment(SegmentId("s1"), TakeId("take1"), Frames(0), Frames(SECOND), "said this")
    return replace(made, transcript=Transcript("engine", "model", "en", (segment,)))


def none(*_asked: object) -> int:
    return 7


def test_only_public_lines_that_say_something_count():
    facts = facts_of(talk(), [LineId("two")])
    assert (facts.lines, facts.marked, facts.private) == (2, 1, 1)
    assert facts.chosen == ("two",) and facts.chosen_text == "marked"
    for nothing in ("secret", "empty", "gone"):
        assert facts_of(talk(), [LineId(nothing)]).chosen == ()
    several = facts_of(talk(), [LineId(name) for name in ("two", "secret", "empty", "one")])
    assert several.chosen == ("one", "two") and several.chosen_private == 1


def test_a_transcript_is_offered_only_where_there_is_one_and_can_be_left_out(tmp_path: Path):
    assert not facts_of(talk()).has_transcript
    made = spoken(talk())
    assert facts_of(made).has_transcript
    assert outlook(made, Choice(audio=False), 3000, tmp_path, none).transcript
    without = Choice(audio=False, transcript=False)
    assert not outlook(made, without, 3000, tmp_path, none).transcript


def test_what_is_missing_is_named_and_what_needs_no_sound_does_not_care(tmp_path: Path):
    found = outlook(talk(), Choice(), 3000, tmp_path, none)
    assert found.missing == ("take1.flac",)
    assert outlook(talk(), Choice(audio=False), 3000, tmp_path, none).missing == ()
    (tmp_path / "sessions/s").mkdir(parents=True)
    (tmp_path / "sessions/s/take1.flac").write_bytes(b"x")
    found = outlook(talk(), Choice(), 3000, tmp_path, none)
    assert (found.missing, found.duration_ms, found.bytes) == ((), 4000, 7)


def test_sound_still_being_saved_is_refused_and_notes_would_help(tmp_path: Path):
    waiting = replace(take(1, SECOND, state=TakeState.SEALED), file=None)
    found = outlook(session([waiting], talk().lines), Choice(), 3000, tmp_path, none)
    assert found.refused is not None and found.notes_help
    sound_only = Choice(form=ShareForm.AUDIO)
    found = outlook(session([waiting], talk().lines), sound_only, 3000, tmp_path, none)
    assert found.refused is not None and not found.notes_help


def test_the_sound_of_a_report_counts_as_it_is_not_as_text(tmp_path: Path):
    def guess(_session, form, options, _write) -> int:
        return {ShareForm.AUDIO: 1000, ShareForm.HTML: 1333 if options.audio else 50}[form]

    found = outlook(talk(), Choice(), 3000, tmp_path, guess, sound_beside=True)
    assert found.bytes == 1050


def test_several_sessions_come_together_and_one_refusal_stands_for_all():
    busy = outlook(
        session([take(1, 9, state=TakeState.RECORDING)], []), Choice(), 0, Path("/"), none
    )
    both = together(
        [ShareOutlook(lines=2, bytes=10), ShareOutlook(lines=3, bytes=5, duration_ms=7)]
    )
    assert (both.lines, both.bytes, both.duration_ms, both.refused) == (5, 15, 7, None)
    assert together([ShareOutlook(lines=2), busy]).refused is busy.refused


def test_smaller_counts_only_where_sound_is_made_anew():
    assert Choice(smaller=True).write().form is AudioForm.OPUS
    assert Choice(form=ShareForm.BUNDLE, smaller=True).write().form is AudioForm.M4A
    assert not Choice(form=ShareForm.BUNDLE, even_loudness=True).write().even_loudness
    assert ShareForm.AUDIO.spec.suffix(AudioForm.OPUS) == ".opus"


@pytest.mark.parametrize(
    ("title", "name"), [("../../etc/passwd", "etc passwd"), ("", "untitled"), ("a\x00b", "a�b")]
)
def test_a_hostile_title_becomes_a_safe_name(title: str, name: str):
    facts = replace(facts_of(talk()), title=title)
    assert Target(Path("/there"), suggested_name(facts, Choice())).path == Path(
        f"/there/{name}.html"
    )


def test_a_line_is_named_by_its_words():
    facts = facts_of(talk(), [LineId("two")])
    assert suggested_name(facts, Choice(only=Only.LINE)) == "A talk – marked"


def test_an_ending_given_already_is_not_doubled_and_a_free_name_is_found(tmp_path: Path):
    target = Target(tmp_path, "x").given(tmp_path / "Talk.HTML")
    assert target.path == tmp_path / "Talk.html"
    (tmp_path / "Talk 2.html").write_text("")
    assert target.beside().path == tmp_path / "Talk 3.html"


def test_the_folder_used_last_is_offered_while_it_is_there(tmp_path: Path):
    assert first_folder(str(tmp_path)) == tmp_path
    assert first_folder(str(tmp_path / "gone")) != tmp_path / "gone"
    assert short_path(Path.home() / "a" / "b") == "~/a/b"
    assert short_path(Path("/elsewhere")) == "/elsewhere"


def test_the_time_left_is_told_once_it_can_be():
    clock = [0.0]
    left = TimeLeftWords(lambda: clock[0])
    assert left.seconds(None) is None
    assert left.seconds(0.1) is None
    clock[0] = 10.0
    assert left.seconds(0.5) == pytest.approx(12.5)
    assert wait_words(3) == "A few seconds left"
    assert wait_words(42) == "About 40 s left"
    assert wait_words(150) == "About 2 min left"


def test_sizes_and_contents_in_words():
    assert size_words(900) == "1 kB"
    assert size_words(18_000_000) == "18.0 MB"
    assert size_words(2_500_000_000) == "2.50 GB"
    words = contents_words(lines=1, pictures=2, duration_ms=61_000, transcript=True, private=2)
    assert words == (
        "1 line · 2 pictures · 01:01 of sound · transcript. 2 private lines stay here."
    )
    alone = contents_words(lines=0, pictures=0, duration_ms=61_000, transcript=False)
    assert alone == "no notes · 01:01 of sound"
