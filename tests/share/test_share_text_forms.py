"""WebVTT, SRT, Audacity labels and JSON, read back by parsers that are not ours."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sessions_to_share as made
import srt
import webvtt
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from earmark.model import (
    DiskFull,
    Frames,
    LineKind,
    Segment,
    SegmentId,
    TakeId,
    Transcript,
    Word,
    format_time,
)
from earmark.model.forms import session_form
from earmark.share.content import ShareOptions, share_content
from earmark.share.cues import note_cues, transcript_cues
from earmark.share.formats import ShareForm, form_for
from earmark.share.options import AudioForm
from earmark.share.output_file import ShareCancelled, TargetExists
from earmark.share.plaintext import notes_text
from earmark.share.subtitles import note_labels_text, srt_text, vtt_text

SECOND = 48_000
TEXTS = (ShareForm.WEBVTT, ShareForm.SRT, ShareForm.AUDACITY)


def transcript(*passages):
    """Passages are (take number, start, end, text, speaker), in frames."""
    return Transcript(
        "engine",
        "model",
        "de",
        tuple(
            Segment(
                SegmentId(f"s{i}"),
                TakeId(f"take{n}"),
                Frames(start),
                Frames(end),
                text,
                tuple(Word(w, Frames(start), Frames(end)) for w in text.split()),
                speaker,
            )
            for i, (n, start, end, text, speaker) in enumerate(passages)
        ),
    )


def with_transcript(session, *passages):
    return replace(session, transcript=transcript(*passages))


def content_of(lines, takes=(), passages=(), **more):
    session = with_transcript(made.session(takes, lines, **more), *passages)
    return share_content(session, ShareOptions(audio=False))


@pytest.fixture
def talk():
    """Two takes, equal times, a line at the very end, lines out of order, some without a time."""
    takes = (made.take(1, 20 * SECOND + 7), made.take(2, 10 * 16_000, rate=16_000))
    lines = (
        made.line("h", "Heading", (1, SECOND + 331), kind=LineKind.HEADING1),
        made.line("late", "moved up", (2, 3 * 16_000)),
        made.line("a", "one  two", (1, 2 * SECOND)),
        made.line("b", "the same moment", (1, 2 * SECOND), indent=1),
        made.line("none", "no time"),
        made.line("empty", "", (1, 3 * SECOND)),
        made.line("p", "", (1, 4 * SECOND), kind=LineKind.PICTURE, picture="x"),
        made.line("secret", "private", (1, 5 * SECOND), private=True),
        made.line("end", "at the end", (2, 10 * 16_000)),
    )
    return content_of(
        lines,
        takes,
        [(1, 100, 5 * SECOND, "Well & good <hm>", "Ann --> <B>"), (2, 0, 16_000, "Second.", "")],
    )


EXPECTED = (
    ("Heading", 1.0069),
    ("one  two", 2.0),
    ("the same moment", 2.0),
    ("Picture", 4.0),
    ("moved up", 23.0),
    ("at the end", 30.0),
)


def close(found, expected=EXPECTED):
    """The same texts in order, each within 10 ms, none empty, in order of time."""
    assert [text for text, _start, _end in found] == [text for text, _at in expected]
    for (_text, start, end), (_, at) in zip(found, expected, strict=True):
        assert abs(start - at) <= 0.010
        assert end > start
    starts = [start for _text, start, _end in found]
    assert starts == sorted(starts)


def cues_of_vtt(path):
    return [
        (cue.text, cue.start_in_seconds + cue.start_time.milliseconds / 1000,
         cue.end_in_seconds + cue.end_time.milliseconds / 1000)
        for cue in webvtt.read(path)
    ]  # fmt: skip


def cues_of_srt(path):
    second = timedelta(seconds=1)
    return [
        (cue.content, cue.start / second, cue.end / second)
        for cue in srt.parse(path.read_text("utf-8"))
    ]


def labels(text):
    """The rules of Audacity's import: a line a label, start, tab, end, tab, everything else."""
    found = []
    for each in text.split("\n")[:-1]:
        start, end, words = each.split("\t", 2)
        assert "\t" not in words
        found.append((words, float(start), float(end)))
    return found


def test_webvtt_for_another_parser(tmp_path, talk):
    target = tmp_path / "talk.vtt"
    written = ShareForm.WEBVTT.spec.load_writer()(talk, tmp_path, target)
    close(cues_of_vtt(target))
    spoken = tmp_path / "talk.transcript.vtt"
    assert [cue.voice for cue in webvtt.read(spoken)] == ["Ann --&gt; &lt;B&gt;", None]
    close(cues_of_vtt(spoken), [("Well &amp; good &lt;hm&gt;", 0.002), ("Second.", 20.0)])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["talk.transcript.vtt", "talk.vtt"]
    assert written.bytes == target.stat().st_size + spoken.stat().st_size


def test_srt_for_another_parser(tmp_path, talk):
    target = tmp_path / "talk.srt"
    ShareForm.SRT.spec.load_writer()(talk, tmp_path, target)
    close(cues_of_srt(target))
    spoken = cues_of_srt(tmp_path / "talk.transcript.srt")
    assert spoken[0][0].replace("\u2060", "") == "Ann --> <B>: Well & good <hm>"
    assert "-->" not in spoken[0][0] and "<B" not in spoken[0][0] and "<hm" not in spoken[0][0]


def test_labels_by_the_rules_of_their_format(tmp_path, talk):
    target = tmp_path / "talk.txt"
    ShareForm.AUDACITY.spec.load_writer()(talk, tmp_path, target)
    found = labels(target.read_bytes().decode("utf-8"))
    assert all(start == end for _text, start, end in found)
    close([(text, start, end + 1) for text, start, end in found])
    spoken = labels((tmp_path / "talk.transcript.txt").read_text("utf-8"))
    assert [(round(s, 3), round(e, 3)) for _text, s, e in spoken] == [(0.002, 5.0), (20.0, 21.0)]


def test_json_is_the_form_of_show(tmp_path, talk):
    target = tmp_path / "talk.json"
    ShareForm.JSON.spec.load_writer()(talk, tmp_path, target)
    form = json.loads(target.read_text("utf-8"))
    assert form == session_form(talk.session)
    assert form["schema"] == "earmark.session/1"
    assert "private" not in [line["text"] for line in form["lines"]]
    assert all(take["file"] is None for take in form["takes"])


@given(st.lists(st.text(max_size=40) | st.sampled_from(HOSTILE), min_size=1, max_size=6))
def test_no_text_breaks_out_of_its_cue(texts):
    lines = [made.line(f"l{i}", text, (1, i * SECOND)) for i, text in enumerate(texts)]
    takes = (made.take(1, 600 * SECOND),)
    content = content_of(lines, takes, [(1, 0, SECOND, texts[0], texts[-1])])
    cues = note_cues(content)
    spoken = transcript_cues(content)
    assert len(list(webvtt.from_string(vtt_text(cues)))) == len(cues)
    assert len(list(webvtt.from_string(vtt_text(spoken)))) == len(spoken)
    found = list(srt.parse(srt_text(cues)))
    assert [c.start for c in found] == [timedelta(milliseconds=c.start_ms) for c in cues]
    assert [c.content.replace("\u2060", "") for c in found] == [c.text for c in cues]
    assert [words for words, _s, _e in labels(note_labels_text(cues))] == [c.text for c in cues]
    for cue in cues:
        assert not {"\n", "\r", "\t", "\x00", "\x85", "\u2028", "\u202e"} & set(cue.text)


def test_nothing_recorded_gives_files_without_cues(tmp_path):
    content = content_of([made.line("a", "only words")])
    for form in TEXTS:
        target = tmp_path / f"x{form.spec.suffix()}"
        form.spec.load_writer()(content, tmp_path, target)
        assert target.is_file()
    assert len(webvtt.read(tmp_path / "x.vtt")) == 0
    assert (tmp_path / "x.srt").read_text() == (tmp_path / "x.txt").read_text() == ""


@pytest.mark.parametrize("form", TEXTS)
def test_all_files_or_none(tmp_path, talk, form):
    suffix = form.spec.suffix()
    target, second = tmp_path / f"t{suffix}", tmp_path / f"t.transcript{suffix}"
    write = form.spec.load_writer()
    second.write_text("somebody's")
    for again in (False, True):
        with pytest.raises(TargetExists, match="transcript"):
            write(talk, tmp_path, target, replace=again)
    target.write_text("earlier")
    with pytest.raises(TargetExists):
        write(talk, tmp_path, target)
    stop = threading.Event()
    stop.set()
    with pytest.raises(ShareCancelled):
        write(talk, tmp_path, target, replace=True, cancelled=stop)
    assert (target.read_text(), second.read_text()) == ("earlier", "somebody's")
    write(talk, tmp_path, target, replace=True)
    assert "somebody's" not in second.read_text() and len(list(tmp_path.iterdir())) == 2


def test_a_move_that_fails_half_way_leaves_everything_as_it_was(tmp_path, talk, monkeypatch):
    target = tmp_path / "t.vtt"
    target.write_text("earlier")
    (tmp_path / "t.transcript.vtt").write_text("earlier too")
    real = Path.rename

    def rename(self, to):
        if Path(to) == tmp_path / "t.transcript.vtt" and "parts/t." in str(self):
            raise OSError(28, "No space left on device")
        return real(self, to)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(DiskFull):
        ShareForm.WEBVTT.spec.load_writer()(talk, tmp_path, target, replace=True)
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {
        "t.vtt": "earlier",
        "t.transcript.vtt": "earlier too",
    }


def test_plain_text_holds_the_notes_and_what_was_said(talk, tmp_path):
    target = tmp_path / "talk.txt"
    written = ShareForm.TEXT.spec.load_writer()(talk, tmp_path, target)
    text = target.read_text("utf-8")
    assert written.bytes == len(text.encode())
    assert text.startswith(notes_text(talk))
    notes, _heading, spoken = text.rpartition("\nTranscript\n\n")
    assert notes and len(spoken.splitlines()) == len(talk.segments) > 0
    for line, passage in zip(spoken.splitlines(), talk.segments, strict=True):
        assert line.endswith(passage.segment.text) and format_time(passage.ms) in line


def test_every_form_has_a_name_an_ending_and_a_way_back_from_it(tmp_path):
    for form in ShareForm:
        assert form.spec.name and form.spec.sentence
        if suffix := form.spec.suffix():
            found = form_for(tmp_path / f"x{suffix}")
            shared = {ShareForm.CHAPTERS: ShareForm.AUDIO, ShareForm.AUDACITY: ShareForm.TEXT}
            assert found is shared.get(form, form)
    assert ShareForm.AUDIO.spec.suffix(AudioForm.OPUS) == ".opus"
    assert form_for(tmp_path) is ShareForm.FOLDER
    assert form_for(tmp_path / "unknown.xyz") is None
    assert form_for(tmp_path / "X.HTM") is ShareForm.HTML
