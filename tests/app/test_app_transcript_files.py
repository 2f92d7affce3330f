"""Transcript files beside a recording: SRT, WebVTT and text, in whatever coding they come."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk import Desk
from test_app_imports import tone

from earmark.app.news import Told
from earmark.app.transcriptfile import parse_transcript, transcript_of
from earmark.model import EarmarkError, Frames, SampleRate, Take, TakeId, TakeState

SRT = """1
00:00:00,500 --> 00:00:01,250
<i>Hello</i> there,
everybody.

2
00:00:01,500 --> 00:00:01,900
{\\an8}Goodbye.

3
00:00:09,000 --> 00:00:10,000
too late
"""
VTT = """WEBVTT

NOTE nothing of this

first
00:00.500 --> 00:01.250 align:start
<v.loud Ann>Hello <b>there</b> &amp; all

00:00:01.500 --> 00:00:01.900
- Goodbye
"""
TAKE = Take(
    id=TakeId("t"),
    ordinal=1,
    sample_rate=SampleRate(16_000),
    channels=1,
    frames=Frames(32_000),
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    state=TakeState.COMPLETE,
)


def segments(data: bytes | str):
    raw = data.encode() if isinstance(data, str) else data
    return transcript_of(parse_transcript(raw, "talk.srt"), TAKE).segments


def test_srt_and_webvtt_have_their_times_speakers_and_words() -> None:
    first, second = segments(SRT)
    assert (first.start, first.end, first.text) == (8_000, 20_000, "Hello there, everybody.")
    assert [word.text for word in first.words] == ["Hello", "there,", "everybody."]
    assert first.words[0].start == 8_000 and first.words[-1].end == 20_000
    assert (second.text, second.end) == ("Goodbye.", 30_400)
    first, second = segments(VTT)
    assert (first.start, first.text, first.speaker) == (8_000, "Hello there & all", "Ann")
    assert (second.start, second.text, second.speaker) == (24_000, "- Goodbye", "")
    assert all(one.edited for one in (first, second)), "no later transcription writes over them"


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_coding_and_line_ending(coding: str) -> None:
    text = SRT.replace("Goodbye", "Grüße").replace("\n", "\r\n")
    assert segments(text.encode(coding))[1].text == "Grüße."


def test_text_with_times_and_without() -> None:
    first, second = segments("[0:00.5] Hello\nthere\n\n(00:01) Goodbye\n")
    assert (first.start, first.end, first.text) == (8_000, 16_000, "Hello there")
    assert (second.start, second.end, second.text) == (16_000, 32_000, "Goodbye")
    first, second = segments("Three words here\n\nthree words more\n")
    assert (first.start, first.end, second.end) == (0, 16_000, 32_000)


@pytest.mark.parametrize("data", [b"", b"  \n", b"WEBVTT\n\n", b"\x89PNG\0\0", b"WEBVTTnonsense"])
def test_what_holds_no_words_is_refused(data: bytes) -> None:
    with pytest.raises(EarmarkError, match=r"talk\.srt") as told:
        segments(data)
    assert told.value.remedy


def test_a_recording_comes_in_with_its_transcript(desk: Desk, tmp_path: Path) -> None:
    words = tmp_path / "talk.srt"
    words.write_text(SRT, encoding="utf-8")
    job = desk.earmark.imports.import_file(tone(tmp_path / "talk.wav"), transcript=words)
    session = job.future.result(60)
    assert session.transcript is not None
    assert (session.transcript.engine, session.transcript.model) == ("import", "srt")
    assert [one.text for one in session.transcript.segments][1] == "Goodbye."
    (told,) = desk.of(Told)
    assert told.sentence.startswith("1 passage of the transcript begins after")
