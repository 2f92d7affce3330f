"""The commands that need no sound: import, list, show, note, recover, doctor, usage."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from command import read, run

RATE = 16_000


def tone(path: Path, seconds: float = 3.0) -> Path:
    t = np.arange(int(seconds * RATE)) / RATE
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 330 * t), RATE)
    return path


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


def test_import_says_its_track_takes_a_date_and_refuses_a_pipe(
    library: Path, tmp_path: Path
) -> None:
    from fractions import Fraction

    import av

    source = tmp_path / "obs.mkv"
    with av.open(str(source), "w") as container:
        streams = [container.add_stream("flac", rate=RATE, layout="mono") for _n in range(2)]
        for number, stream in enumerate(streams):
            wave = (number * 8000 * np.sin(np.arange(RATE) / 9)).astype("i2").reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(wave, "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
            resampler = av.AudioResampler("s16", "mono", RATE, frame_size=4000)
            for part in resampler.resample(frame):
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))
    os.mkfifo(tmp_path / "pipe.wav")
    told = run(
        library, "import", source, tmp_path / "pipe.wav", "--date", "2019-03-04T10:00", code=1
    )
    assert "track 2 was taken" in told
    assert "pipe.wav” is a pipe or a device" in told
    (row,) = read(library, "list")
    assert row["created_at"].startswith("2019-03-04T10:00")
    assert run(library, "import", source, "--track", "3", code=1).count("\n") == 1


def test_wrong_words_and_pipes_are_told_before_anything_opens(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from earmark.cli.run import main

    os.mkfifo(tmp_path / "pipe")
    for words in (["--track", "0"], ["--date", "yesterday"]):
        with pytest.raises(SystemExit) as end:
            main(["import", "a.wav", *words], lambda *_file: 0)
        assert end.value.code == 2
    pipe = str(tmp_path / "pipe")
    for words in (["import", "a.wav", "--notes", pipe], [pipe]):
        assert main(["--library", str(library), *words], lambda *_file: 0) == 1
        assert "“pipe” is a pipe or a device" in capsys.readouterr().err
    assert not library.exists()


def test_import_with_notes_then_show_list_and_note(library: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text(
        "# [00:00] Opening\n\n- [0:01.5] a point\n  - [ ] [2](talk.mp3#t=2.25) to do\nloose\n",
        encoding="utf-8",
    )
    source = tone(tmp_path / "talk.flac")
    of = ("--notes", notes, "--title", "T/1\n", "--event", "Course")
    (came,) = read(library, "import", source, *of, process=True)
    assert came["title"] == "T/1"
    assert came["file"] == str(source)
    (row,) = read(library, "list", "--event", "Course", process=True)
    assert row["id"] == came["id"]
    assert (row["event"], row["duration_ms"], row["takes"], row["lines"]) == ("Course", 3000, 1, 4)
    note = ("note", came["id"][:6], "between", "--at", "0:01", "--mark", "star")
    added = read(library, *note, process=True)
    session = read(library, "show", came["id"][:6], process=True)
    assert [
        (line["kind"], line["indent"], line["text"], line["anchor"] and line["anchor"]["ms"])
        for line in session["lines"]
    ] == [
        ("heading1", 0, "Opening", 0),
        ("plain", 0, "between", 1000),
        ("bullet", 0, "a point", 1500),
        ("check", 1, "to do", 2250),
        ("plain", 0, "loose", None),
    ]
    assert session["lines"][1]["id"] == added["id"]
    assert session["lines"][1]["marks"] == ["star"]
    assert [line["ordinal"] for line in session["lines"]] == [1, 2, 3, 4, 5]
    take = session["takes"][0]
    assert (library / take["file"]).is_file()
    assert take["sample_rate"] == RATE


def test_bad_files_get_their_sentence_and_the_good_come_in(library: Path, tmp_path: Path) -> None:
    text = tmp_path / "not audio.mp3"
    text.write_text("hello")
    empty = tmp_path / "empty.wav"
    empty.touch()
    good = tone(tmp_path / "good.wav")
    told = run(library, "import", text, good, empty, tmp_path / "gone.ogg", code=1)
    lines = told.strip().splitlines()
    assert len(lines) == 3
    assert [str(name) in line for name, line in zip((text, empty), lines, strict=False)] == [
        True,
        True,
    ]
    (row,) = read(library, "list")
    assert row["title"] == "good"


def test_a_missing_notes_file_changes_nothing(library: Path, tmp_path: Path) -> None:
    run(library, "import", tone(tmp_path / "a.wav"), "--notes", tmp_path / "no.md", code=1)
    assert not (library / "library.db").exists()


@pytest.mark.parametrize(
    "args",
    [
        ("show", "beef"),
        ("note", "beef", "text", "--at", "1"),
        ("play", "beef"),
        ("list", "--event", "none"),
    ],
)
def test_what_is_not_there_is_told(library: Path, args: tuple[str, ...]) -> None:
    library.mkdir()
    run(library, *args, code=1)


def test_a_time_that_is_none_and_one_past_the_end(library: Path, tmp_path: Path) -> None:
    (came,) = read(library, "import", tone(tmp_path / "a.wav"))
    run(library, "note", came["id"], "x", "--at", "soon", code=2)
    run(library, "note", came["id"], "x", "--at", "1:00:00", code=1)
    assert read(library, "show", came["id"])["lines"] == []


def test_strange_text_is_taken_in(library: Path, tmp_path: Path) -> None:
    (came,) = read(library, "import", tone(tmp_path / "a.wav"), "--title", "x" * 10_000)
    assert len(came["title"]) == 500
    run(library, "note", came["id"], "two\nlines \u202e \udcff", "--at", "0")
    (line,) = read(library, "show", came["id"])["lines"]
    assert line["text"] == "two lines \u202e \ufffd"
    assert line["runs"][0]["offset"] == 0


def test_a_library_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    run(tmp_path / "vanished" / "library", "list", code=1)
    assert not (tmp_path / "vanished").exists()


def test_an_empty_folder_is_an_empty_library(tmp_path: Path) -> None:
    assert read(tmp_path, "list") == []
    assert read(tmp_path, "recover") == []


def test_a_mistyped_command_opens_no_window(library: Path) -> None:
    told = run(library, "lsit", code=1)
    assert "lsit" in told


def test_wrong_usage_is_2(library: Path) -> None:
    for args in (("show",), ("play", "x", "--rate", "9"), ("note", "a", "b"), ("list", "--no")):
        done = subprocess.run(
            [sys.executable, "-m", "earmark", *args, "--library", str(library)],
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 2


def test_doctor_says_what_to_do(library: Path) -> None:
    library.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "earmark", "doctor", "--json", "--library", str(library)],
        env={**os.environ, "PULSE_SERVER": "unix:/nonexistent"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    import json

    form = json.loads(done.stdout)
    assert set(form) == {"ok", "findings"}
    assert done.returncode == (0 if form["ok"] else 1)
    for finding in form["findings"]:
        assert set(finding) == {"level", "what", "do"}
        assert finding["what"]
        if finding["level"] == "error":
            assert finding["do"]


def test_doctor_sees_a_file_where_the_library_should_be(tmp_path: Path) -> None:
    place = tmp_path / "library"
    place.write_text("no folder")
    done = subprocess.run(
        [sys.executable, "-m", "earmark", "doctor", "--json", "--library", str(place)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    import json

    assert done.returncode == 1
    told = [one["what"] for one in json.loads(done.stdout)["findings"] if one["level"] == "error"]
    assert any(str(place) in what for what in told)
    assert place.read_text() == "no folder"


@pytest.mark.parametrize("args", [("list",), ("doctor",), ("record", "--seconds", "1")])
def test_a_library_that_no_disk_can_hold_is_told(tmp_path: Path, args: tuple[str, ...]) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "earmark", *args, "--library", str(tmp_path / ("x" * 5000))],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    ).stderr
    assert "Something went wrong" not in told
    assert "Traceback" not in told


@pytest.mark.parametrize("args", [(), ("demo",)])
def test_without_a_screen_the_window_is_one_sentence(library: Path, args: tuple[str, ...]) -> None:
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM")
    env = {name: value for name, value in os.environ.items() if name not in screens}
    told = run(library, *args, env=env, code=1)
    assert len(told.splitlines()) == 1
    assert not library.exists()


def test_a_full_output_is_one_sentence(library: Path, tmp_path: Path) -> None:
    read(library, "import", tone(tmp_path / "a.wav"))
    done = subprocess.run(
        f'"{sys.executable}" -m earmark list --library "{library}" > /dev/full',
        shell=True,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Something went wrong" not in done.stderr


def test_the_reader_may_go_away(library: Path, tmp_path: Path) -> None:
    read(library, "import", tone(tmp_path / "a.wav"))
    process = subprocess.Popen(
        [sys.executable, "-m", "earmark", "list", "--json", "--library", str(library)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    process.wait(60)
    assert told == b""


def test_the_environment_names_the_library(tmp_path: Path) -> None:
    read(tmp_path / "here", "import", tone(tmp_path / "a.wav"))
    done = subprocess.run(
        [sys.executable, "-m", "earmark", "list"],
        env={**os.environ, "EARMARK_LIBRARY": str(tmp_path / "here")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "\ta\t" in done.stdout


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv[1:] = ['--version']\n"
        "from earmark.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'PySide6', 'sqlalchemy', 'numpy', 'sounddevice', 'rich', 'av', 'alembic'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True)


def test_a_recording_comes_in_with_the_words_beside_it(library: Path, tmp_path: Path) -> None:
    words = tmp_path / "talk.srt"
    words.write_text("1\n00:00:01,000 --> 00:00:02,000\nGood morning.\n", encoding="utf-8")
    source = tone(tmp_path / "talk.wav")
    (came,) = read(library, "import", source, "--transcript", words)
    (segment,) = read(library, "show", came["id"])["transcript"]["segments"]
    assert (segment["start_frame"], segment["end_frame"]) == (RATE, 2 * RATE)
    assert segment["text"] == "Good morning."
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\0\0")
    told = run(library, "import", source, "--transcript", picture, code=1)
    assert "“a.png” is no transcript" in told


def test_search_finds_a_note_and_says_where_it_can_be_heard(library: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("- [0:01] the Bürget\n- [0:02] other burgets\n", "utf-8")
    sound = tone(tmp_path / "talk.wav")
    (row,) = read(library, "import", sound, "--notes", tmp_path / "notes.md", "--title", "A talk")
    first, second = read(library, "show", row["id"])["lines"]
    hit, other = read(library, "search", "BURG")
    assert hit == {
        "session": row["id"],
        "title": "A talk",
        "kind": "note",
        "snippet": "the Bürget",
        "line": first["id"],
        "take": first["anchor"]["take"],
        "frame": first["anchor"]["frame"],
        "session_ms": 1000,
    }
    assert other["line"] == second["id"]
    assert read(library, "search", "burg", "--in", "transcript,titles") == []
    assert read(library, "search", "nowhere") == []
    assert run(library, "search", "nowhere") == ""
    assert len(read(library, "search", "burg", "--best", "--limit", "1")) == 1
    assert "the Bürget" in run(library, "search", "the", "burg")
    for wrong in (["x", "--in", "pictures"], ["x", "--limit", "0"], []):
        run(library, "search", *wrong, code=2)
