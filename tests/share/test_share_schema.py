"""The published schema and what is written and read agree."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import jsonschema
import pytest
import sharing_back as rig
from hypothesis import given
from test_share_round_trip import sessions

from earmark.model import Session
from earmark.share.content import share_content
from earmark.share.form import pencast_form
from earmark.share.layout import ID, MARKER_TEXT, PLACES
from earmark.share.schema import schema_text

SCHEMA = json.loads(schema_text())
CHECK = jsonschema.Draft202012Validator(SCHEMA)
DOC = Path(__file__).parents[2] / "docs" / "bundle-format.md"


def test_it_accepts_what_is_written_and_refuses_what_is_not(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    session = rig.write_files(tmp_path, rig.rich_session())
    with zipfile.ZipFile(rig.shared(tmp_path, session, "bundle")) as zipped:
        form = json.loads(zipped.read("session.json"))
    CHECK.validate(form)
    assert next(iter(form)) == "schema"
    page = rig.shared(tmp_path, session, "html").read_text("utf-8")
    found = re.search(r'id="earmark">(.*?)</script>', page)
    assert found
    CHECK.validate(json.loads(found[1]))
    form["session"]["lines"][1]["anchor"]["frame"] = -1
    with pytest.raises(jsonschema.ValidationError):
        CHECK.validate(form)


@given(sessions())
def test_it_accepts_any_notes(session: Session) -> None:
    CHECK.validate(json.loads(json.dumps(pencast_form(share_content(session), None))))


def test_the_documentation_names_what_the_program_does() -> None:
    text = DOC.read_text("utf-8")
    assert MARKER_TEXT.decode() in text and ID in text
    assert SCHEMA["$defs"]["id"]["pattern"] == f"^{ID}$"
    for name in ("mimetype", "session.json", "index.html", "audio/take-N", "peaks/take-N.peaks"):
        assert f"`{name}" in text
    assert len(PLACES) == 6
