"""The log tells kinds and places in the code, never what the person wrote or where it lies."""

from __future__ import annotations

import logging
from pathlib import Path

from earmark.ui.logs import BareFormatter, start_log


def test_an_exceptions_own_words_stay_out(tmp_path: Path):
    record = None
    try:
        (tmp_path / "my secret talk.wav").read_bytes()
    except OSError as error:
        info = (type(error), error, error.__traceback__)
        record = logging.LogRecord("earmark", logging.ERROR, "x", 1, "failed", (), info)
    assert record is not None
    text = BareFormatter("%(message)s").format(record)
    assert "FileNotFoundError errno 2 at pathlib.py:" in text
    assert "secret" not in text and str(tmp_path) not in text


def test_the_log_is_private_and_a_large_one_makes_room(tmp_path: Path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "window.log").write_bytes(b"x" * 1_000_001)
    root = logging.getLogger("earmark")
    before = list(root.handlers)
    try:
        start_log(folder)
        logging.getLogger("earmark.ui").info("started")
        for handler in root.handlers:
            handler.flush()
        assert (folder / "window.log").stat().st_size < 1000
        assert (folder / "window.log").stat().st_mode & 0o777 == 0o600
        assert (folder / "window.log.1").stat().st_size == 1_000_001
    finally:
        for handler in [h for h in root.handlers if h not in before]:
            root.removeHandler(handler)
            handler.close()
