"""`earmark export` as a person and a script use it."""

import json
import os
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import av
import command
import numpy as np
import pytest
import soundfile as sf
from sound import SoundServer
from waiting import wait_until

from earmark.app.take_plan import ensure_session, take_of
from earmark.audio.journal import JournalWriter
from earmark.audio.manifest import TakeManifest, write_manifest
from earmark.cli import export, run
from earmark.library import Library
from earmark.model import LineId, NoteLine, NotesEdit, SampleRate, SessionId, TakeId

NOTES = """# Opening
- [0:05] first thing
- [0:12] second thing
- [0:20] third thing
"""


def imported(folder: Path, library: Path, seconds: float = 30, title: str = "A talk", *more) -> str:
    """A session with sound and four lines."""
    wav, notes = folder / f"{title}.wav", folder / "notes.md"
    rate = 16_000
    tone = np.sin(np.arange(int(seconds * rate)) * 0.11) * 0.3
    sf.write(wav, tone, rate, "PCM_16")
    notes.write_text(NOTES)
    args = ("import", wav, "--notes", notes, "--title", title, *more)
    (made,) = command.read(library, *args)
    return made["id"]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("talk")
    library = folder / "library"
    return library, imported(folder, library, 30, "A talk", "--event", "Camp")


def test_a_page_by_its_ending(talk: tuple[Path, str], tmp_path: Path) -> None:
    library, session = talk
    page = tmp_path / "talk.html"
    told = command.read(library, "export", session[:6], "--to", page, process=True)
    assert told == {"path": str(page), "bytes": page.stat().st_size}
    assert "second thing" in page.read_text()
    assert [entry.name for entry in tmp_path.iterdir()] == ["talk.html"]


def test_what_is_there_stays_without_force(talk: tuple[Path, str], tmp_path: Path) -> None:
    library, session = talk
    page = tmp_path / "talk.html"
    page.write_text("mine")
    assert "is there already" in command.run(library, "export", session, "--to", page, code=1)
    assert page.read_text() == "mine"
    command.run(library, "export", session, "--to", page, "--force", "--no-audio")
    assert "second thing" in page.read_text()


def test_a_circle_of_links_is_told(talk: tuple[Path, str], tmp_path: Path) -> None:
    (tmp_path / "circle").symlink_to("circle")
    told = command.run(talk[0], "export", talk[1], "--to", tmp_path / "circle" / "x.html", code=1)
    assert "cannot be written" in told or "is not there" in told


def test_a_slash_at_the_end_says_a_folder(talk: tuple[Path, str], tmp_path: Path) -> None:
    command.run(talk[0], "export", talk[1], "--to", f"{tmp_path}/all/", "--no-audio")
    assert (tmp_path / "all" / "index.html").is_file()


@pytest.mark.parametrize("kind", ["html", "folder"])
def test_a_name_as_long_as_a_disk_takes(talk: tuple[Path, str], tmp_path: Path, kind: str) -> None:
    target = tmp_path / ("\N{HEADPHONE}" * 63)
    for more in ((), ("--force",)):
        command.run(
            talk[0], "export", talk[1], "--to", target, "--format", kind, "--no-audio", *more
        )
    assert [entry.name for entry in tmp_path.iterdir()] == [target.name]


def test_the_library_itself_is_never_replaced(tmp_path: Path) -> None:
    library = tmp_path / "library"
    session = imported(tmp_path, library, 3)
    sound = library / command.read(library, "show", session)["takes"][0]["file"]
    (tmp_path / "way").symlink_to(library)
    before = sound.read_bytes()
    for target in (
        library / "library.db",
        library / "settings.json",
        tmp_path / "way" / "library.db",
        sound,
        sound.with_name("notes"),
        library,
    ):
        for more in (("--format", "html"), ("--format", "folder", "--no-audio")):
            told = command.run(library, "export", session, "--to", target, "--force", *more, code=1)
            assert "place of the library itself" in told
    assert sound.read_bytes() == before
    assert len(command.read(library, "list")) == 1
    command.run(library, "export", session, "--to", library / "mine.html", "--no-audio")


def test_one_line_and_smaller_and_without_sound(talk: tuple[Path, str], tmp_path: Path) -> None:
    library, session = talk
    sizes = {}
    for name, more in {
        "whole": (),
        "smaller": ("--smaller",),
        "line": ("--only", "line:3"),
        "silent": ("--no-audio",),
    }.items():
        page = tmp_path / f"{name}.html"
        sizes[name] = command.read(library, "export", session, "--to", page, *more)["bytes"]
    assert sizes["whole"] > sizes["smaller"] > sizes["silent"]
    assert sizes["whole"] > sizes["line"] > sizes["silent"]
    line = (tmp_path / "line.html").read_text()
    assert "second thing" in line and "third thing" not in line


def test_a_clip_and_a_reel(talk: tuple[Path, str], tmp_path: Path) -> None:
    library, session = talk
    clip = tmp_path / "clip.m4a"
    command.run(library, "export", session, "--to", clip, "--only", "line:2", "--format", "audio")
    with av.open(str(clip)) as container:
        assert container.metadata["title"] == "first thing"
        assert container.duration is not None
        assert abs(container.duration / 1_000_000 - 13) < 0.2  # from 2 s to 15 s
    command.run(library, "note", session, "marked line", "--at", "0:10", "--mark", "star")
    reel = tmp_path / "reel.opus"
    command.run(library, "export", session, "--to", reel, "--only", "marked", "--format", "audio")
    with av.open(str(reel)) as container:
        assert container.streams.audio[0].metadata["title"] == "A talk"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--to", "x.html", "--only", "line:99"), "no line 99"),
        (("--to", "x.thing"), "--format"),
        (("--to", "none/x.html"), "not there"),
        (("--to", "."), "is there already"),
        (("--to", ".", "--format", "html"), "is a folder"),
        ((f"--to={__file__}/x.html",), "is not there"),
        ((f"--to={__file__}/x/",), "is not there"),
    ],
)
def test_problems_are_sentences(
    talk: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    library, session = talk
    monkeypatch.chdir(tmp_path)
    assert sentence in command.run(library, "export", session, *arguments, code=1)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--to", "x.html"),
        ("ID", "--event", "E", "--to", "x"),
        ("ID",),
        ("ID", "--to", "x", "--format", "pdf"),
        ("ID", "--to", "", "--format", "html"),
        ("ID", "--to", "x", "--only", "some"),
        ("ID", "--to", "x", "--only", "line:0"),
        ("ID", "--to", "x", "--base-url", "ftp://x"),
        ("ID", "--to", "x", "--base-url", "https://x/?page=1"),
        ("ID", "--to", "x", "--base-url", 'https://"><script>'),
        ("--event", "E", "--to", "x", "--only", "marked"),
    ],
)
def test_wrong_usage_is_told(talk: tuple[Path, str], arguments: tuple[str, ...]) -> None:
    command.run(talk[0], "export", *arguments, code=2)


def test_lines_typed_with_a_percent_sign_are_private_and_never_leave(tmp_path: Path) -> None:
    library = tmp_path / "library"
    session = imported(tmp_path, library)
    command.run(library, "note", session, "% W1SPERED aside", "--at", "0:07", "--mark", "star")
    shown = command.read(library, "show", session)["lines"]
    assert [line["text"] for line in shown if line["private"]] == ["W1SPERED aside"]
    assert "% W1SPERED aside" in command.run(library, "show", session)
    command.run(library, "export", session, "--to", tmp_path / "all", "--format", "folder")
    command.run(library, "export", session, "--to", tmp_path / "x.html", "--only", "line:3", code=1)
    for file in (tmp_path / "all").rglob("*"):
        if file.is_file() and file.suffix in (".html", ".md", ".vtt", ".srt", ".txt", ".json"):
            assert "W1SPERED" not in file.read_text()
        if file.suffix in (".earmark", ".epub"):
            with zipfile.ZipFile(file) as zipped:
                assert all(b"W1SPERED" not in zipped.read(name) for name in zipped.namelist())


def test_private_lines_never_leave(tmp_path: Path) -> None:
    library = tmp_path / "library"
    session = imported(tmp_path, library)
    opened = Library.open(library)
    try:
        lines = opened.session(session).lines
        hidden = replace(lines[2], private=True, text="S3CRET words")
        opened.save_notes(session, NotesEdit(tuple(line.id for line in lines), (hidden,)))
    finally:
        opened.close()
    page = tmp_path / "talk.html"
    command.run(library, "export", session, "--to", page)
    assert "S3CRET" not in page.read_text()
    told = command.run(
        library, "export", session, "--to", tmp_path / "l.html", "--only", "line:3", code=1
    )
    assert "private" in told and not (tmp_path / "l.html").exists()


def test_a_missing_sound_file_is_named(tmp_path: Path) -> None:
    library = tmp_path / "library"
    session = imported(tmp_path, library)
    (take,) = command.read(library, "show", session)["takes"]
    (library / take["file"]).unlink()
    page = tmp_path / "talk.html"
    told = command.run(library, "export", session, "--to", page, code=1)
    assert Path(take["file"]).name in told and "--no-audio" in told
    assert not page.exists()
    command.run(library, "export", session, "--to", page, "--no-audio")
    assert page.exists()


def test_nothing_recorded_shares_the_notes(tmp_path: Path) -> None:
    library = tmp_path / "library"
    opened = Library.open(library)
    try:
        session = opened.create_session("Only notes").id
        line = NoteLine(LineId("aa"), "some words")
        opened.save_notes(session, NotesEdit((line.id,), (line,)))
    finally:
        opened.close()
    page = tmp_path / "notes.html"
    command.run(library, "export", session, "--to", page)
    assert "some words" in page.read_text()
    told = command.run(library, "export", session, "--to", tmp_path / "x.m4a", code=1)
    assert "no sound" in told


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_broken_off_export_leaves_nothing(tmp_path: Path, signum: int) -> None:
    library, out = tmp_path / "library", tmp_path / "out"
    session = imported(tmp_path, library, 1200)
    out.mkdir()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "earmark", "export", session),
            *("--to", str(out / "x.html"), "--library", str(library)),
        ],
        env=dict(os.environ),
        stderr=subprocess.PIPE,
    )
    try:
        wait_until(lambda: any(entry.suffix == ".sound" for entry in out.iterdir()))
        process.send_signal(signum)
        _out, told = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert process.returncode != 0
    assert b"Traceback" not in told
    wait_until(lambda: not list(out.iterdir()))


def test_the_size_that_mail_refuses_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    library = tmp_path / "library"
    session = imported(tmp_path, library)
    monkeypatch.setattr(export, "MAIL_LIMIT_BYTES", 1000)
    page = str(tmp_path / "x.html")
    argv = ["export", session, "--to", page, "--library", str(library), "--json"]
    assert run.main(argv, lambda *_args: 0) == 0
    printed = capsys.readouterr()
    assert "--smaller" in printed.err
    assert json.loads(printed.out)["bytes"] == Path(page).stat().st_size


def test_an_event_is_a_report_in_a_folder(talk: tuple[Path, str], tmp_path: Path) -> None:
    library, _session = talk
    site = tmp_path / "site"
    told = command.read(library, "export", "--event", "Camp", "--to", site, "--smaller")
    assert told["path"] == str(site)
    assert sorted(entry.name for entry in site.iterdir()) == [
        *("01-a-talk.html", "01-a-talk.opus", "earmark-report.json", "index.html"),
    ]
    again = ("export", "--event", "Camp", "--to", site)
    assert "is there already" in command.run(library, *again, code=1)
    base = "https://talks.example/camp"
    command.run(library, *again, "--force", "--base-url", base)
    assert f'content="{base}/01-a-talk.m4a"' in (site / "01-a-talk.html").read_text()
    (site / "mine.txt").write_text("mine")
    assert "other files" in command.run(library, *again, "--force", code=1)
    assert (site / "mine.txt").exists()
    none = command.run(library, "export", "--event", "Nowhere", "--to", tmp_path / "x", code=1)
    assert "event" in none and not (tmp_path / "x").exists()


def test_what_a_crash_left_is_restored_and_shared(tmp_path: Path) -> None:
    """Only a journal and its manifest are there, as after a power cut in the middle of a talk."""
    library = tmp_path / "library"
    folder = "sessions/2026/03/talk"
    manifest = TakeManifest(
        take=TakeId("abcdef0123456789"),
        session=SessionId("fedcba9876543210"),
        ordinal=1,
        title="Cut off",
        created_at="2026-03-01T10:00:00+01:00",
        started_at="2026-03-01T10:00:01+01:00",
        folder=folder,
        journal=f"{folder}/take-1-abcdef.journal",
        peaks=f"{folder}/take-1-abcdef.peaks",
        rate=SampleRate(48_000),
        channels=1,
        codec="flac",
    )
    (library / folder).mkdir(parents=True)
    opened = Library.open(library)
    try:
        ensure_session(opened, manifest)
        opened.begin_take(manifest.session, take_of(manifest))
    finally:
        opened.close()
    write_manifest(library, manifest)
    writer = JournalWriter(manifest.journal_path(library), manifest.take, manifest.rate, 1)
    writer.append(np.zeros(6 * 48_000, np.int16).tobytes())
    writer.sync()
    writer.close()
    page = tmp_path / "talk.html"
    command.run(library, "export", manifest.session, "--to", page)
    assert 'data-duration="6000"' in page.read_text()


@pytest.mark.sound
def test_a_take_still_recording_is_refused(sound: SoundServer, tmp_path: Path) -> None:
    library, page = tmp_path / "library", tmp_path / "talk.html"
    record = command.Record(library, "--title", "Now")
    try:
        record.wait("stored", 2)
        session = record.of("session")[0]["session"]
        told = command.run(library, "export", session, "--to", page, code=1)
        assert "is being recorded" in told and not page.exists()
    finally:
        code = record.end(signal.SIGINT)
    assert code == 0
    command.run(library, "export", session, "--to", page)
    assert page.exists()


def test_a_page_that_will_stand_somewhere_says_so(talk: tuple[Path, str], tmp_path: Path) -> None:
    library, session = talk
    base = ("--base-url", "https://example.org/talks", "--no-audio")
    for name in ("a talk.html", "talk.earmark"):
        command.run(library, "export", session, "--to", tmp_path / name, *base)
    page = (tmp_path / "a talk.html").read_text()
    assert 'property="og:url" content="https://example.org/talks/a%20talk.html"' in page
    assert 'property="og:title" content="A talk"' in page
    with zipfile.ZipFile(tmp_path / "talk.earmark") as zipped:
        assert b"example.org" not in zipped.read("index.html")
    command.run(library, "export", session, "--to", tmp_path / "plain.html", "--no-audio")
    assert "og:" not in (tmp_path / "plain.html").read_text()
