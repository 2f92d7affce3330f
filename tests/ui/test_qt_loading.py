"""What loading Qt leaves behind in Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOADED = """
import linecache

from earmark.ui.qt import load_qt

load_qt()
from PySide6.QtWidgets import QApplication
import earmark.ui.start
print(*(name for name in linecache.cache if "earmark" in name))
"""


def test_qt_does_not_read_the_source_of_what_is_loaded_after_it():
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == []


@pytest.mark.skipif(
    Path(sys.prefix).name != ".venv", reason="only dev.py's environment is laid out for the start"
)
def test_dev_py_lays_out_what_pyside6_would_unpack_at_each_start():
    code = "import shiboken6; from shibokensupport import feature; print(feature.__cached__)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert Path(done.stdout.strip()).is_file()
