"""What the desktop is told about `.earmark` files agrees with the bundles themselves."""

from __future__ import annotations

import configparser
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from earmark.share.layout import MARKER, MARKER_TEXT

ASSETS = Path(__file__).parents[2] / "assets"
TYPE = MARKER_TEXT.decode()
SPACE = "{http://www.freedesktop.org/standards/shared-mime-info}"


def test_the_type_is_the_one_a_bundle_begins_with():
    root = ElementTree.parse(ASSETS / "earmark-mime.xml").getroot()
    (kind,) = root.findall(f"{SPACE}mime-type")
    assert kind.get("type") == TYPE
    first = kind.find(f"{SPACE}magic/{SPACE}match")
    assert first is not None
    inner = first.find(f"{SPACE}match")
    assert inner is not None
    assert (inner.get("offset"), inner.get("value")) == ("30", MARKER + TYPE)
    assert [glob.get("pattern") for glob in kind.findall(f"{SPACE}glob")] == ["*.earmark"]


def test_the_desktop_entry_opens_that_type_with_one_file():
    entry = configparser.RawConfigParser()
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(ASSETS / "earmark.desktop", encoding="utf-8")
    said = entry["Desktop Entry"]
    assert said["Exec"] == "earmark %f"
    assert TYPE in said["MimeType"].split(";")
    assert said["MimeType"].endswith(";")


def test_the_desktops_own_tool_takes_the_type(tmp_path: Path):
    tool = shutil.which("update-mime-database")
    if tool is None:
        pytest.skip("no update-mime-database on this machine")
    (tmp_path / "packages").mkdir()
    shutil.copy(ASSETS / "earmark-mime.xml", tmp_path / "packages" / "earmark.xml")
    done = subprocess.run([tool, str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert f"{TYPE}:*.earmark" in (tmp_path / "globs").read_text()
