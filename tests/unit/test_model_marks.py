"""The table of marks: what every form of a mark is taken from."""

from __future__ import annotations

import json

from earmark.app.notesfile import parse_notes
from earmark.model import Mark, mark_names, mark_with_prefix
from earmark.model.markdown import escaped, unescaped
from earmark.share.schema import schema_text


def test_signs_prefixes_and_chords_tell_marks_apart() -> None:
    for column in ("sign", "markdown_sign", "chord", "name", "title"):
        words = [getattr(mark.spec, column) for mark in Mark]
        assert all(words) and len(set(words)) == len(words), column
    prefixes = [mark.spec.prefix for mark in Mark if mark.spec.prefix]
    assert len(set(prefixes)) == len(prefixes)
    assert all(mark_with_prefix(mark.spec.prefix) is mark for mark in Mark if mark.spec.prefix)
    assert mark_with_prefix("") is None


def test_marks_in_words() -> None:
    assert mark_names(()) == ""
    assert mark_names((Mark.STAR, Mark.TODO)) == "star, to do"


def test_text_that_begins_with_a_sign_is_not_a_mark_in_markdown() -> None:
    for mark in Mark:
        text = f"{mark.spec.markdown_sign} tonight"
        assert unescaped(escaped(text)) == text
        (marked,) = parse_notes(f"- {mark.spec.markdown_sign} tonight")
        (bare,) = parse_notes(f"- {escaped(text)}")
        assert (marked.marks, marked.text) == ((mark,), "tonight")
        assert (bare.marks, bare.text) == ((), text)


def test_the_published_schema_names_every_mark() -> None:
    form = json.loads(schema_text())
    line = form["$defs"]["line"]["properties"]["marks"]
    assert line["items"]["enum"] == [mark.value for mark in Mark]
