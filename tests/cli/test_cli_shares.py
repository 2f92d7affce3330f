"""`earmark import` of what was shared: bundles, pages, Markdown with its sound."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import sharing_back as rig
from command import read, run

from earmark.share.content import share_content
from earmark.share.markdown import write_markdown


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    return tmp_path / "theirs"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


def test_a_bundle_by_its_content_with_every_answer_to_a_conflict(
    library: Path, theirs: Path, tmp_path: Path
) -> None:
    session = rig.write_files(theirs, rig.rich_session())
    share = tmp_path / "sent"
    shutil.move(rig.shared(theirs, session, "bundle"), share)
    (first,) = read(library, "import", share, process=True)
    assert first == {"id": session.id, "title": session.title, "file": str(share)}
    shown = read(library, "show", first["id"])
    assert [line["text"] for line in shown["lines"]] == [line.text for line in session.lines]
    assert shown["event"] == "The day"
    assert [len(shown["transcript"]["segments"]), shown["place"]] == [2, "Room 1"]
    (skipped,) = read(library, "import", share, "--on-conflict", "skip")
    assert skipped["id"] == first["id"]
    (kept,) = read(library, "import", share, "--title", "Mine", "--event", "Other")
    assert (kept["title"], len(read(library, "list"))) == ("Mine", 2)
    (replaced,) = read(library, "import", share, "--on-conflict", "replace")
    assert {row["id"] for row in read(library, "list")} == {kept["id"], replaced["id"]}
    for take in read(library, "show", replaced["id"])["takes"]:
        assert (library / take["file"]).is_file()


def test_a_bad_share_has_its_sentence_and_the_good_one_comes_in(
    library: Path, theirs: Path, tmp_path: Path
) -> None:
    session = rig.write_files(theirs, rig.rich_session((16_000,) * 2))
    page = rig.shared(theirs, session, "html")
    bad = tmp_path / "bad.earmark"
    bad.write_bytes(b"PK\3\4 and nothing more")
    told = run(library, "import", bad, page, code=1)
    assert "“bad.earmark” is damaged or was not made by Earmark" in told
    (row,) = read(library, "list")
    assert row["id"] == session.id
    notes = tmp_path / "notes.md"
    notes.write_text("- a line")
    assert "--notes" in run(library, "import", page, "--notes", notes, code=1)


def test_markdown_finds_its_sound_beside_it(library: Path, theirs: Path, tmp_path: Path) -> None:
    session = rig.write_files(theirs, rig.rich_session((16_000,) * 2))
    target = tmp_path / "A talk (1).md"
    write_markdown(share_content(session), theirs, target)
    (came,) = read(library, "import", target)
    assert came["file"] == str(target)
    shown = read(library, "show", came["id"])
    assert shown["title"] == session.title
    before = {line.text: line for line in session.lines if line.anchor and line.text}
    timed = [line for line in shown["lines"] if line["anchor"]]
    assert len(timed) == len(before)
    for line in timed:
        ms = session.timeline.to_ms(before[line["text"]].anchor)
        assert abs(line["anchor"]["session_ms"] - ms) <= 10
    assert [line["marks"] for line in shown["lines"] if line["marks"]] == [["star"], ["todo"]]
    target.with_suffix(".m4a").unlink()
    assert "not beside it" in run(library, "import", target, code=1)
    stray = tmp_path / "stray.md"
    stray.write_text("- [0:01](../theirs/x.m4a#t=1) out\n")
    assert "names no sound" in run(library, "import", stray, code=1)
    assert len(json.loads(run(library, "list", "--json"))) == 1
