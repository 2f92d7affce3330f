"""One reader and one writer of a take's manifest; a damaged one costs nobody a recording."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from fake_device import FakeSound
from hypothesis import example, given
from hypothesis import strategies as st
from recording import take_fields

from earmark.audio import finish
from earmark.audio.capture.recorder import Recorder
from earmark.audio.journal import JournalWriter, lock_journal
from earmark.audio.manifest import (
    ARCHIVE,
    BadManifest,
    TakeManifest,
    read_manifest,
    read_manifests,
    write_manifest,
)
from earmark.audio.salvage import salvaged
from earmark.model import EarmarkError

TAKE = "abcdef0123456789"
FIELDS = {k: v for k, v in take_fields(TAKE).items() if k != "device"}
WRITTEN_BY_AN_OLDER_EARMARK = """{
 "take": "abcdef0123456789",
 "session": "0123456789abcdef",
 "ordinal": 2,
 "title": "Où va l’eau?",
 "event": null,
 "created_at": "2026-01-01T10:00:00+01:00",
 "started_at": "2026-01-01T10:20:00.123456+01:00",
 "folder": "sessions/2026/01/2026-01-01 Où va l’eau_ 012345",
 "journal": "sessions/2026/01/2026-01-01 Où va l’eau_ 012345/take-2-abcdef.journal",
 "peaks": "sessions/2026/01/2026-01-01 Où va l’eau_ 012345/take-2-abcdef.peaks",
 "rate": 48000,
 "channels": 1,
 "codec": "flac",
 "device": "alsa_input.usb",
 "v": 1,
 "pid": 4711,
 "socket": "run/capture-4711.sock"
}"""

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
near_misses = st.sampled_from(
    [
        *("", "../x", "/etc/passwd", "a\\b", "c:/x", "a\x00b", "\ud800", "mp3", "x" * 65),
        *("48000", 48000.0, True, 0, -1, 1 << 40),
        *("2026-01-01", "2026-01-01T10:00:00", "2026-13-01T10:00:00+01:00"),
    ]
)


def captured(library: Path, fields: dict[str, Any]) -> Path:
    """What a capture process leaves of that `start` command when it is killed at once."""
    sound = FakeSound("mic")
    recorder = Recorder(
        library, sound, lambda: sound.state, lambda _e: None, lambda: None, uses_server=True
    )
    try:
        recorder.start(fields, "run/capture-1.sock")
        (path,) = (library / "run/intents").glob("*.json")
        text = path.read_bytes()
        recorder.stop("stop")
    finally:
        recorder.close()
    path.write_bytes(text)
    return path


def left_behind(library: Path, **more: Any) -> TakeManifest:
    """A take whose capture died: journal with a second of sound, and its manifest."""
    manifest = TakeManifest.from_message({**FIELDS, **more})
    (library / manifest.folder).mkdir(parents=True)
    journal = JournalWriter(
        manifest.journal_path(library), manifest.take, manifest.rate, manifest.channels
    )
    journal.append(b"\x01\x02" * 48_000 * manifest.channels)
    journal.sync()
    journal.close()
    write_manifest(library, manifest)
    return manifest


@given(name=st.sampled_from(sorted(FIELDS)), value=near_misses | anything)
@example(name="rate", value="48000")
@example(name="title", value=None)
@example(name="started_at", value="yesterday")
def test_what_capture_begins_finishing_can_read(name: str, value: object) -> None:
    """Either capture refuses the take, and leaves nothing; or whoever finishes it understands."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder)
        try:
            path = captured(library, {**FIELDS, name: value})
        except EarmarkError:
            assert not [one for one in library.rglob("*") if one.is_file()]
            return
        manifest = read_manifest(path)
        assert getattr(manifest, name) == value
        assert manifest.to_message().items() >= {**FIELDS, name: value}.items()
        assert read_manifests(library) == ([manifest], [])


def test_what_an_older_earmark_wrote_is_read(tmp_path: Path) -> None:
    path = tmp_path / "run/intents/abcdef0123456789.json"
    path.parent.mkdir(parents=True)
    path.write_text(WRITTEN_BY_AN_OLDER_EARMARK)
    ((manifest,), damaged) = read_manifests(tmp_path)
    assert not damaged
    assert manifest.title == "Où va l’eau?"
    assert (manifest.ordinal, manifest.rate, manifest.pid) == (2, 48_000, 4711)
    write_manifest(tmp_path, manifest)
    assert read_manifest(path) == manifest


@given(data=st.data())
def test_a_damaged_manifest_never_hides_its_sound(data: st.DataObject) -> None:
    """Whatever bytes stand there, the take is pending with the sound of its journal, and the
    bytes are not thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder)
        whole = left_behind(library, channels=data.draw(st.sampled_from([1, 2])))
        text = whole.path(library).read_bytes()
        wrong = data.draw(
            st.one_of(
                st.binary(max_size=60),
                st.integers(0, len(text) - 1).map(lambda at: text[:at]),
                anything.map(lambda value: json.dumps(value).encode()),
                st.tuples(st.sampled_from(sorted(FIELDS)), near_misses | anything).map(
                    lambda pair: json.dumps({**json.loads(text), pair[0]: pair[1]}).encode()
                ),
                st.just(text.replace(b'"v": 1', b'"v": 2')),
            )
        )
        whole.path(library).write_bytes(wrong)
        (manifest,) = finish.pending(library)
        assert manifest.take == whole.take
        assert manifest.journal_path(library) == whole.journal_path(library)
        assert (manifest.rate, manifest.channels) == (whole.rate, whole.channels)
        believed, damaged = read_manifests(library)
        assert len(believed) + len(damaged) == 1
        if damaged:
            assert salvaged(library, damaged) == [manifest]
            whole.journal_path(library).unlink()
            (library / whole.folder / f"take-1-{TAKE[:6]}.flac").write_bytes(b"fLaC")
            assert finish.pending(library) == []
            assert (library / ARCHIVE / f"{TAKE}.damaged.json").read_bytes() == wrong


def test_fields_that_can_still_be_believed_are(tmp_path: Path) -> None:
    whole = left_behind(tmp_path, title="Ein Vortrag", session="feedfacefeedface")
    message = whole.to_message() | {"started_at": "yesterday", "rate": "48000"}
    whole.path(tmp_path).write_text(json.dumps(message))
    (manifest,) = finish.pending(tmp_path)
    assert dataclasses.replace(manifest, started_at=whole.started_at) == whole


def test_a_running_take_with_a_damaged_manifest_is_left_alone(tmp_path: Path) -> None:
    whole = left_behind(tmp_path)
    whole.path(tmp_path).write_bytes(b"")
    lock = lock_journal(whole.journal_path(tmp_path))
    assert lock is not None
    assert finish.pending(tmp_path) == []
    assert whole.path(tmp_path).exists()


def test_a_manifest_that_cannot_be_read_at_all_does_not_stop_the_others(tmp_path: Path) -> None:
    whole = left_behind(tmp_path)
    (tmp_path / "run/intents/0000000000000000.json").mkdir()
    assert finish.pending(tmp_path) == [whole]
    assert read_manifests(tmp_path)[1] == [tmp_path / "run/intents/0000000000000000.json"]


@pytest.mark.parametrize("name", ["journal", "peaks", "folder"])
def test_paths_stay_inside_the_library(name: str) -> None:
    for path in ("../x", "/x", "a/../../x", "a\\b", "c:/x", ""):
        with pytest.raises(BadManifest):
            TakeManifest.from_message({**FIELDS, name: path})
