"""Text from people is made safe and never refused; times are read as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.model import (
    EarmarkError,
    file_name,
    format_time,
    parse_time,
    safe_line,
    safe_text,
    safe_title,
)

any_text = st.text(st.characters(), max_size=60)


@given(any_text)
def test_safe_text_can_be_stored_and_keeps_its_length(text):
    safe = safe_text(text)
    safe.encode("utf-8")
    assert "\x00" not in safe
    assert len(safe) == len(text)
    assert safe_text(safe) == safe


def test_nul_and_lone_surrogates_become_the_replacement_character():
    assert safe_text("a\x00b\ud800c\U0001f600") == "a\ufffdb\ufffdc\U0001f600"


def test_a_newline_in_a_title_becomes_a_space_and_titles_end_at_500():
    assert safe_title(" one\ntwo\r\nthree ") == "one two three"
    assert len(safe_title("x" * 10_000)) == 500


@given(any_text)
def test_lines_have_no_line_breaks(text):
    assert len(safe_line(text).splitlines()) <= 1


@given(any_text)
def test_file_names_are_never_empty_and_stay_in_their_folder(text):
    name = file_name(text)
    assert name
    assert name not in (".", "..")
    assert not set(name) & set('/\\:*?"<>|\x00')
    assert len(name.encode()) <= 80
    assert name == name.strip(" .")


def test_a_right_to_left_mark_does_not_reach_a_file_name():
    assert file_name("a\u202egpj.exe") == "a gpj.exe"


@pytest.mark.parametrize(
    ("text", "ms"),
    [("5", 5000), ("90", 90_000), ("1:02", 62_000), ("1:02:03.25", 3_723_250), (".5", None),
     ("0:0.5", 500), ("75:10", 4_510_000)],
)  # fmt: skip
def test_times_as_people_write_them(text, ms):
    if ms is None:
        with pytest.raises(EarmarkError):
            parse_time(text)
    else:
        assert parse_time(text) == ms


@pytest.mark.parametrize(
    "text", ["", "abc", "1:60", "1:2:3:4", "-5", "1:75:00", "１２", "1e3", "nan"]
)
def test_what_is_no_time_gets_a_sentence_and_an_example(text):
    with pytest.raises(EarmarkError) as caught:
        parse_time(text)
    assert "12:34" in caught.value.remedy


@given(st.integers(0, 10**9))
def test_a_shown_time_reads_back_as_its_whole_seconds(ms):
    assert parse_time(format_time(ms)) == ms // 1000 * 1000
