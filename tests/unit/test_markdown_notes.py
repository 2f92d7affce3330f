"""Notes files: every line of Markdown is taken in, whatever it looks like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earmark.app.notesfile import note_lines, parse_notes
from earmark.model import MAX_INDENT, LineKind, Timeline
from earmark.model.markdown import escaped


@pytest.mark.parametrize(
    ("line", "kind", "indent", "checked", "ms", "text"),
    [
        ("Only words", LineKind.PLAIN, 0, False, None, "Only words"),
        ("# [0:05] Beginning", LineKind.HEADING1, 0, False, 5_000, "Beginning"),
        ("### Deep", LineKind.HEADING3, 0, False, None, "Deep"),
        ("#### Too deep", LineKind.PLAIN, 0, False, None, "#### Too deep"),
        ("- [1:02:03.5] late", LineKind.BULLET, 0, False, 3_723_500, "late"),
        ("* [75] star", LineKind.BULLET, 0, False, 75_000, "star"),
        ("    - two in", LineKind.BULLET, 2, False, None, "two in"),
        ("\t- one in", LineKind.BULLET, 1, False, None, "one in"),
        ("- [ ] [0:10] to do", LineKind.CHECK, 0, False, 10_000, "to do"),
        ("- [x] done", LineKind.CHECK, 0, True, None, "done"),
        ("- [0:10](talk.html#t=12.25) link", LineKind.BULLET, 0, False, 12_250, "link"),
        ("[0:10](my talk (1).html#a=b&t=7,9) link", LineKind.PLAIN, 0, False, 7_000, "link"),
        ("[0:10](talk.html) link", LineKind.PLAIN, 0, False, 10_000, "link"),
        ("[0:99] no time", LineKind.PLAIN, 0, False, None, "[0:99] no time"),
        ("[see](http://a.b) text", LineKind.PLAIN, 0, False, None, "[see](http://a.b) text"),
        ("see [0:10] inside", LineKind.PLAIN, 0, False, None, "see [0:10] inside"),
    ],
)  # fmt: skip
def test_a_line(
    line: str, kind: LineKind, indent: int, checked: bool, ms: float | None, text: str
) -> None:
    (found,) = parse_notes(line)
    assert (found.kind, found.indent, found.checked) == (kind, indent, checked)
    assert (found.ms, found.text) == (ms, text)


@pytest.mark.parametrize(
    ("line", "private", "text"),
    [
        ("- [0:06] % between us", True, "between us"),
        ("% # all of it", True, "# all of it"),
        ("## [0:06] ★ %\tbetween us", True, "between us"),
        ("- 50 % of them", False, "50 % of them"),
        ("- %PATH% is set", False, "%PATH% is set"),
        ("- \\% no sign", False, "% no sign"),
    ],
)
def test_a_percent_sign_makes_a_line_private(line: str, private: bool, text: str) -> None:
    (found,) = parse_notes(line)
    assert (found.private, found.text) == (private, text)
    (made,) = note_lines((found,), Timeline(()))
    assert made.private is private


def test_public_text_that_looks_private_stays_public_in_markdown() -> None:
    (found,) = parse_notes("- " + escaped("% of all votes"))
    assert (found.private, found.text) == (False, "% of all votes")


MARKDOWN = st.text(alphabet="#-*[]% xX()=&t.:0123456789\t\n\x00\ud800é", max_size=200)


@given(st.one_of(st.text(), MARKDOWN))
def test_any_text_is_taken_in(text: str) -> None:
    for line in parse_notes(text):
        assert 0 <= line.indent <= MAX_INDENT
        assert line.ms is None or line.ms >= 0
        assert not {"\x00", "\n", "\r"} & set(line.text)
        line.text.encode()


def test_no_line_is_lost() -> None:
    text = "\n\n".join(f"{'#' * (n % 5)}{' ' * (n % 7)}word{n}" for n in range(200))
    found = parse_notes(text)
    assert len(found) == 200
    assert all(f"word{n}" in line.text for n, line in enumerate(found))


@pytest.mark.parametrize("piece", ["#", "#t=", "(", "[", " ", "[0:1](", "&", "\t", "- "])
def test_a_million_characters_in_a_line_cost_no_more_than_reading_them(piece: str) -> None:
    """Ends at all: a pattern that backtracks over them would take hours."""
    assert len(parse_notes("[0:10](" + piece * (1_000_000 // len(piece)))) == 1
    assert len(parse_notes("[0:10](" + piece * (1_000_000 // len(piece)) + ")")) == 1
