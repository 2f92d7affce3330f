"""Files of strangers: refused as a whole, with one sentence, nothing written, little memory."""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import sharing_back as rig

from earmark.model import EarmarkError
from earmark.share.refusals import Refused
from earmark.share.shared_file import is_share, read_share

MIB = 1 << 20


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("theirs")
    session = rig.write_files(folder, rig.rich_session((16_000, 8_000)))
    rig.shared(folder, session, "bundle")
    rig.shared(folder, session, "html")
    return folder


@pytest.fixture(scope="module")
def members(theirs: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(theirs / "shared.earmark") as good:
        return {info.filename: good.read(info) for info in good.infolist()}


Change = Callable[[dict[str, bytes]], Any]


def packed(members: dict[str, bytes], *more: tuple[Any, bytes], method: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as zipped:
        for name, data in [*members.items(), *more]:
            zipped.writestr(name, data)
    return out.getvalue()


def info(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.create_system = 3
    made.external_attr = mode << 16
    return made


BAD_NAMES = (
    "../evil", "/etc/evil", "audio/../../evil", "..\\evil", "C:\\evil", "C:evil", "audio\\x.flac",
    "audio/take-1.flac:stream", "pictures/CON.png.exe", "evil", "audio/take-1.flac ",
    "Session.json", "session.json/x", "audio/evil.flac", "pictures/../p.png", "pictures/.png",
    "audio/take-0.flac", "pictures/p1.svg", "peaks/take-1.flac", "audio/take-１.flac",
    "ѕession.json",
    "index.html\u202e", "pictures/a\u0301.png", "audio/take-99999999.flac",
    "__MACOSX/x", "a" * 5000,
)  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES, ids=range(len(BAD_NAMES)))
def test_a_name_outside_the_layout(name: str, members: dict[str, bytes], tmp_path: Path) -> None:
    refused(tmp_path, packed(members, (info(name), b"x")))


def refused(tmp_path: Path, data: bytes, suffix: str = ".earmark") -> Refused:
    """The file is refused with one sentence, at once or when it is copied out."""
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(data)
    out = tmp_path / "out"
    out.mkdir()
    before = {each for each in tmp_path.rglob("*") if out not in each.parents}
    with pytest.raises(Refused) as told:
        read_share(path).copy_out(out)
    assert f"bad{suffix}" in told.value.what
    assert told.value.what.count(".") <= 2 and told.value.remedy
    assert {each for each in tmp_path.rglob("*") if out not in each.parents} == before
    return told.value


def test_the_good_one_is_read(theirs: Path, tmp_path: Path, members: dict[str, bytes]) -> None:
    for kind in ("earmark", "html"):
        share = read_share(theirs / f"shared.{kind}")
        out = tmp_path / kind
        out.mkdir()
        copied = share.copy_out(out)
        assert len(share.session.lines) == 8
        assert len(copied.pictures) == 1
    again = tmp_path / "again.earmark"
    again.write_bytes(packed(members, (info("audio/", 0o40755), b""), method=8))
    read_share(again).copy_out(tmp_path)
    assert is_share(again) and is_share(theirs / "shared.html")
    sound = tmp_path / "x.wav"
    sound.write_bytes(b"RIFF\0\0\0\0WAVE")
    assert not is_share(sound) and not is_share(tmp_path / "missing.html")


@pytest.mark.parametrize("name", ["session.json", "audio/take-1.flac", "index.html", "mimetype"])
def test_a_name_twice(name: str, members: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = packed(members, (info(name), members[name]))
    refused(tmp_path, data)


def test_a_link_instead_of_a_file(members: dict[str, bytes], tmp_path: Path) -> None:
    link = info("pictures/p1.png", 0o120777)
    rest = {name: data for name, data in members.items() if name != "pictures/p1.png"}
    refused(tmp_path, packed(rest, (link, b"/etc/passwd")))


@pytest.mark.parametrize("name", ["session.json", "index.html", "audio/take-1.flac"])
def test_a_bomb(name: str, members: dict[str, bytes], tmp_path: Path) -> None:
    members = {**members, name: bytes(64 * MIB)}
    refused(tmp_path, packed(members, method=8))


@pytest.mark.parametrize("name", ["session.json", "index.html", "audio/take-1.flac"])
@pytest.mark.parametrize("where", ["both", "table"])
def test_a_header_that_lies(
    name: str, where: str, members: dict[str, bytes], tmp_path: Path
) -> None:
    data = bytearray(packed({**members, name: bytes(8 * MIB)}, method=8))
    true, lie = struct.pack("<L", 8 * MIB), struct.pack("<L", 100)
    at, table = data.find(true), data.rfind(true)
    assert 0 < at < table
    data[table : table + 4] = lie
    if where == "both":
        data[at : at + 4] = lie
    refused(tmp_path, bytes(data))


def test_an_encrypted_member_and_an_unknown_method(
    members: dict[str, bytes], tmp_path: Path
) -> None:
    good = packed(members)
    for at, value in ((8, 1), (10, 12), (10, 14)):
        data = bytearray(good)
        entry = data.rfind(b"PK\1\2")
        data[entry + at] |= value
        (tmp_path / str(at * 100 + value)).mkdir()
        refused(tmp_path / str(at * 100 + value), bytes(data))


def test_one_piece_of_data_under_many_names(members: dict[str, bytes], tmp_path: Path) -> None:
    data = bytearray(packed({**members, "pictures/p2.png": members["pictures/p1.png"]}))
    first = data.find(b"PK\1\2")
    starts = [m.start() for m in re.finditer(b"PK\1\2", data) if m.start() >= first]
    offsets = {bytes(data[s + 46 : s + 61]): s + 42 for s in starts}
    one, other = (offsets[f"pictures/p{n}.png".encode()] for n in (1, 2))
    data[other : other + 4] = data[one : one + 4]
    refused(tmp_path, bytes(data))


@pytest.mark.parametrize("cut", [1, 21, 22, 100, 0.5, 0.99])
def test_a_bundle_that_is_cut_off(cut: float, theirs: Path, tmp_path: Path) -> None:
    data = (theirs / "shared.earmark").read_bytes()
    refused(tmp_path, data[: round(len(data) * cut) if cut < 1 else -int(cut)])


def test_something_before_or_behind_the_zip(theirs: Path, tmp_path: Path) -> None:
    data = (theirs / "shared.earmark").read_bytes()
    refused(tmp_path, data + b"more")


def test_any_flipped_byte_is_noticed_or_changes_nothing(theirs: Path, tmp_path: Path) -> None:
    """Bytes all over the file: the outcome is a refusal, or the same session."""
    good = (theirs / "shared.earmark").read_bytes()
    same = read_share(theirs / "shared.earmark").session
    path = tmp_path / "bad.earmark"
    noticed = 0
    for number, at in enumerate(range(0, len(good), max(1, len(good) // 150))):
        data = bytearray(good)
        data[at] ^= 0x55
        path.write_bytes(data)
        out = tmp_path / str(number)
        out.mkdir()
        try:
            share = read_share(path)
            share.copy_out(out)
        except EarmarkError:
            noticed += 1
        else:
            assert rig.without_ids(share.session.transcript) == rig.without_ids(same.transcript)
            assert share.session.lines == same.lines
    assert noticed > 100


def edited(members: dict[str, bytes], edit: Callable[[Any], Any]) -> bytes:
    form = json.loads(members["session.json"])
    edit(form)
    return json.dumps(form).encode()


def at(path: str, value: Any) -> Callable[[Any], Any]:
    def edit(form: Any) -> None:
        *way, last = (int(key) if key.isdigit() else key for key in path.split("."))
        for key in way:
            form = form[key]
        form[last] = value

    return edit


BAD_VALUES = (
    ("session.lines.1.anchor.frame", float("nan")), ("session.lines.1.anchor.frame", -1),
    ("session.lines.1.anchor.frame", float("inf")), ("session.lines.1.anchor.frame", 10**12),
    ("session.lines.1.anchor.frame", 10**30), ("session.lines.1.anchor.frame", 1.5),
    ("session.lines.1.anchor.frame", "9"), ("session.lines.1.anchor.frame", True),
    ("session.lines.1.anchor.frame", None), ("session.lines.1.anchor.take", "nowhere"),
    ("session.lines.1.anchor.take", "../x"), ("session.lines.1.anchor", []),
    ("session.lines.1.id", ""), ("session.lines.1.id", "a/b"), ("session.lines.1.id", "x" * 65),
    ("session.lines.1.id", None), ("session.lines.1.id", "h1"), ("session.lines.1.id", 7),
    ("session.lines.1.text", None), ("session.lines.1.text", 5), ("session.lines.1.kind", "script"),
    ("session.lines.1.kind", []), ("session.lines.1.indent", 7), ("session.lines.1.indent", -1),
    ("session.lines.1.marks", ["skull"]), ("session.lines.1.marks", "star"),
    ("session.lines.1.private", "no"), ("session.lines.1.checked", 1),
    ("session.lines.1.runs.1.offset", 0), ("session.lines.1.runs.1.offset", 10_000),
    ("session.lines.1.runs.0.offset", 1), ("session.lines.1.runs.0.take", "nowhere"),
    ("session.lines.1.runs", {}), ("session.lines.1", "a line"), ("session.lines", {}),
    ("session.lines", None), ("session.takes.0.id", "take2"), ("session.takes.0.id", "con/x"),
    ("session.takes.0.frames", -5), ("session.takes.0.frames", 2**60),
    ("session.takes.0.sample_rate", 0), ("session.takes.0.sample_rate", 10**9),
    ("session.takes.0.channels", 0), ("session.takes.0.channels", 64),
    ("session.takes.0.state", "half"), ("session.takes.0.started_at", "yesterday"),
    ("session.takes.0.started_at", "9999-12-31T23:59:59-12:00"),
    ("session.takes.0.gaps", [{"frame": 0, "frames": 10**9, "cause": "x"}]),
    ("session.takes.0.ordinal", -1), ("session.takes.0.session", "../../x"), ("session.takes", []),
    ("session.created_at", "2026-03-04T15:30:00"), ("session.created_at", ""),
    ("session.created_at", "0001-01-01T00:00:00+14:00"), ("session.id", "../../../etc"),
    ("session.id", None), ("session.id", "x" * 1000), ("session.title", ["a"]),
    ("session.title", "x" * 20_000), ("session.event", 5), ("session.place", {}),
    ("session.bookmarks.0.take", None), ("session.bookmarks.0.frame", -1),
    ("session.bookmarks.0.id", ".."), ("session.bookmarks", "none"),
    ("session.pictures.0.id", "../p1"), ("session.pictures.0.lines", ["nowhere"]),
    ("session.pictures.0.lines", 3), ("session.pictures", []),
    ("session.transcript.segments.0.start_frame", 10_000_000),
    ("session.transcript.segments.0.take", "nowhere"),
    ("session.transcript.segments.0.words.0.probability", 2),
    ("session.transcript.segments.0.words.0.end_frame", -2), ("session.transcript.segments", 4),
    ("session.transcript", []), ("session.schema", "earmark.session/2"), ("session", []),
    ("session", None), ("audio.takes.0.file", "../../etc/passwd"),
    ("audio.takes.0.file", "pictures/p1.png"), ("audio.takes.0.file", "audio/take-9.flac"),
    ("audio.takes.0.take", "nowhere"), ("audio.takes.1.file", "audio/take-1.flac"),
    ("audio.takes", 3), ("look_back_ms", -1), ("look_back_ms", 10**9),
)  # fmt: skip


@pytest.mark.parametrize(("path", "value"), BAD_VALUES, ids=range(len(BAD_VALUES)))
def test_a_value_that_cannot_be(
    path: str, value: Any, members: dict[str, bytes], tmp_path: Path
) -> None:
    form = edited(members, at(path, value))
    refused(tmp_path, packed({**members, "session.json": form}))


def read(tmp_path: Path, data: bytes) -> Any:
    path = tmp_path / "x.earmark"
    path.write_bytes(data)
    return read_share(path)


BAD_JSON = {
    "nothing": b"", "no object": b"[]", "cut off": b'{"schema": "earmark.pencast/1", "session": {',
    "deep": b'{"schema":"earmark.pencast/1","x":' + b"[" * 300_000,
    "digits": b'{"schema":"earmark.pencast/1","look_back_ms":' + b"9" * 6000 + b"}",
    "nan": b'{"schema":"earmark.pencast/1","look_back_ms":NaN}',
    "twice": b'{"schema":"earmark.pencast/1","only":"a","only":"b"}',
    "no utf-8": b'{"schema":"earmark.pencast/1","only":"\xff"}',
    "schema late": b'{"only":"everything","schema":"earmark.pencast/1"}',
    "behind": b'{"schema":"earmark.pencast/1"} {}',
    "no schema": b"{}",
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_JSON)
def test_json_that_is_none(name: str, members: dict[str, bytes], tmp_path: Path) -> None:
    refused(tmp_path, packed({**members, "session.json": BAD_JSON[name]}))


@pytest.mark.parametrize("schema", [None, "other/1", 5])
def test_a_form_of_something_else(
    schema: object, members: dict[str, bytes], tmp_path: Path
) -> None:
    form = edited(members, at("schema", schema))
    with pytest.raises(EarmarkError, match="holds no notes of Earmark"):
        read(tmp_path, packed({**members, "session.json": form}))


def test_a_newer_version_is_told_apart(members: dict[str, bytes], tmp_path: Path) -> None:
    form = edited(members, at("schema", "earmark.pencast/2"))
    with pytest.raises(EarmarkError) as told:
        read(tmp_path, packed({**members, "session.json": form}))
    assert told.value.what == "This pencast was made by a newer Earmark."
    assert "Update" in told.value.remedy


def test_a_newer_program_of_the_same_version_is_read(
    members: dict[str, bytes], tmp_path: Path
) -> None:
    def edit(form: Any) -> None:
        form["later"] = {"a": [1, [2]]}
        form["session"]["lines"][1]["colour"] = "red"

    share = read(tmp_path, packed({**members, "session.json": edited(members, edit)}))
    assert len(share.session.lines) == 8


def test_text_is_made_safe(members: dict[str, bytes], tmp_path: Path) -> None:
    form = edited(members, at("session.lines.1.text", "a\x00b\ud800" + "x" * 40))
    form = json.dumps({**json.loads(form)}).encode()
    share = read(tmp_path, packed({**members, "session.json": form}))
    assert share.session.lines[1].text.startswith("a\ufffdb\ufffdx")


def test_an_elsewhere_is_for_lines_alone(members: dict[str, bytes], tmp_path: Path) -> None:
    for path in ("session.bookmarks.0.take", "session.transcript.segments.0.take"):
        form = json.loads(edited(members, at(path, "nowhere")))
        form["session"]["elsewhere"] = ["nowhere"]
        place = tmp_path / path
        place.mkdir()
        refused(place, packed({**members, "session.json": json.dumps(form).encode()}))


def test_a_program_before_the_zip_is_neither_zip_nor_page(theirs: Path, tmp_path: Path) -> None:
    for kind in ("earmark", "html"):
        data = (theirs / f"shared.{kind}").read_bytes()
        place = tmp_path / kind
        place.mkdir()
        assert "no notes" in refused(place, b"MZ" * 50 + data).what


def page(theirs: Path) -> bytes:
    return (theirs / "shared.html").read_bytes()


PAGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _p: b"<!DOCTYPE html>",
    "no page": lambda _p: b"\x00\x01",
    "two forms": lambda p: p + p,
    "no form": lambda p: p.replace(b'id="earmark"', b'id="other"'),
    "cut in the form": lambda p: p[: p.index(b'id="earmark"') + 200],
    "cut in the sound": lambda p: p[: p.index(b'class="sound"') + 2000],
    "no sound": lambda p: re.sub(
        rb'<script type="text/plain".*?</script>', b"", p, flags=re.DOTALL
    ),
    "bad base64": lambda p: p.replace(b'class="sound">AAAA', b'class="sound">A**A'),
    "odd base64": lambda p: p.replace(b'class="sound">', b'class="sound">A'),
    "picture of another kind": lambda p: p.replace(b"data:image/png", b"data:image/svg"),
    "picture that is none": lambda p: p.replace(b"base64,iVBOR", b"base64,AAAAA"),
    "picture from elsewhere": lambda p: p.replace(
        b'src="data:image/png;base64,', b'src="file:///etc/passwd'
    ),
    "picture without address": lambda p: p.replace(b"<body>", b"<body><img alt='x'>"),
    "hostile form": lambda p: p.replace(b'"frame":9600', b'"frame":-9600'),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_is_none_of_ours(name: str, theirs: Path, tmp_path: Path) -> None:
    good = page(theirs)
    bad = PAGES[name](good)
    assert bad != good
    refused(tmp_path, bad, ".html")


MEASURE = """
import sys, pathlib
from earmark.share.shared_file import read_share
from earmark.model import EarmarkError
path, out = map(pathlib.Path, sys.argv[1:])
try:
    read_share(path).copy_out(out)
    print("read")
except EarmarkError as error:
    print("refused")
lines = pathlib.Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""


def peak(path: Path, out: Path) -> tuple[str, float]:
    """Whether a process of its own read or refused the file, and its highest memory in MiB."""
    out.mkdir()
    said = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path), str(out)],
        capture_output=True, text=True, check=True, timeout=120,
    ).stdout.split()  # fmt: skip
    return said[0], int(said[1]) / 1024


HEAD = b'{"schema":"earmark.pencast/1","session":{"schema":"earmark.session/1",'
LINE = b'{"id":"%d","kind":"plain","text":"","anchor":null,"runs":[]},'


def many(what: bytes, size: int) -> bytes:
    return what * (size // len(what))


MEMORY: dict[str, Callable[[], bytes]] = {
    "zeros": lambda: bytes(60 * MIB),
    "deep": lambda: HEAD + b'"x":' + many(b"[", 60 * MIB),
    "lists": lambda: HEAD + b'"x":[' + many(b"[],", 60 * MIB),
    "objects": lambda: HEAD + b'"lines":[' + many(b"{},", 60 * MIB),
    "one text": lambda: HEAD + b'"title":"' + many(b"x", 60 * MIB) + b'"',
    "lines in a list": lambda: HEAD + b'"lines":[' + b"[" + many(b'"abcd",', 60 * MIB),
    "emoji": lambda: HEAD + b'"title":"' + many("🎧".encode(), 60 * MIB),
    "numbers": lambda: HEAD + b'"takes":[' + many(b"123456789,", 60 * MIB),
    "members": lambda: HEAD + many(b'"a":1,', 60 * MIB),
    "runs": lambda: HEAD + b'"lines":[{"id":"a","kind":"plain","text":"x","runs":['
    + many(b'{"offset":1,"take":"a","frame":1},', 60 * MIB),
    "lines": lambda: HEAD + b'"lines":[' + b"".join(LINE % n for n in range(700_000)),
}  # fmt: skip


def lying(members: dict[str, bytes]) -> bytes:
    """A bundle whose form is 200 MiB and says that it has 100 bytes."""
    data = bytearray(packed({**members, "session.json": bytes(200 * MIB)}, method=8))
    for found in [m.start() for m in re.finditer(re.escape(struct.pack("<L", 200 * MIB)), data)]:
        data[found : found + 4] = struct.pack("<L", 100)
    return bytes(data)


BUNDLES: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    # stored: no rule about growth
    **{name: lambda m, make=make: packed({**m, "session.json": make()})
       for name, make in MEMORY.items()},
    "packed lists": lambda m: packed({**m, "session.json": MEMORY["lists"]()}, method=8),
    "lying": lying,
    "names": lambda _m: packed({f"audio/take-{n}.flac": b"" for n in range(1, 60_000)}),
}  # fmt: skip
LARGE_PAGES: dict[str, Callable[[bytes, int, int], bytes]] = {
    "lists": lambda p, form, _picture: p[:form] + MEMORY["lists"]() + p[form:],
    "tag": lambda p, form, _picture: p[:form] + b"<img " + many(b"x", 100 * MIB),
    "picture": lambda p, _form, picture: p[:picture] + many(b"AAAA", 100 * MIB) + p[picture:],
    "comment": lambda p, _form, _picture: p[:200] + b"<!--" + many(b"-", 100 * MIB),
    "tags": lambda p, form, _picture: p[:form] + many(b"<", 100 * MIB) + p[form:],
}
EVERYDAY = {"lists", "lines", "packed lists", "comment"}


def of_all(names: Iterable[str]) -> list[Any]:
    """The names of the cases; those that were found to take most run every day."""
    return [
        pytest.param(name, marks=() if name in EVERYDAY else pytest.mark.nightly) for name in names
    ]


@pytest.fixture(scope="module")
def good(theirs: Path, tmp_path_factory: pytest.TempPathFactory) -> float:
    """What reading a good bundle takes, in MiB."""
    told, most = peak(theirs / "shared.earmark", tmp_path_factory.mktemp("good") / "out")
    assert told == "read"
    return most


@pytest.mark.slow
@pytest.mark.parametrize("name", of_all(BUNDLES))
def test_no_bundle_of_a_stranger_takes_much_memory(
    good: float, members: dict[str, bytes], tmp_path: Path, name: str
) -> None:
    path = tmp_path / "bad.earmark"
    path.write_bytes(BUNDLES[name](members))
    told, most = peak(path, tmp_path / "out")
    path.unlink()
    assert told == "refused"
    assert most - good < 50


@pytest.mark.slow
@pytest.mark.parametrize("name", of_all(LARGE_PAGES))
def test_no_page_of_a_stranger_takes_much_memory(
    good: float, theirs: Path, tmp_path: Path, name: str
) -> None:
    html = page(theirs)
    form = html.index(b'id="earmark">') + len(b'id="earmark">')
    picture = html.index(b"base64,", html.index(b"data-picture")) + 7
    path = tmp_path / "bad.html"
    path.write_bytes(LARGE_PAGES[name](html, form, picture))
    told, most = peak(path, tmp_path / "out")
    path.unlink()
    assert told == "refused"
    assert most - good < 50
