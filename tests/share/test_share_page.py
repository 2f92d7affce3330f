"""The page as it is written: nothing of it can be more than text, and it reads without scripts."""

import base64
import hashlib
import json
import re
import threading
from html.parser import HTMLParser

import pytest
import sessions_to_share as made
from hostile import HOSTILE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earmark.model import EarmarkError, LineKind, Mark, safe_text
from earmark.model.forms import session_form
from earmark.share.content import ShareOptions, share_content
from earmark.share.estimate import pencast_bytes
from earmark.share.form import SCHEMA, check_schema, inert_json
from earmark.share.markup import notes_html, seconds, text
from earmark.share.options import AudioForm, WriteOptions
from earmark.share.output_file import ShareCancelled, TargetExists
from earmark.share.pencast import PIECE_BYTES, write_pencast
from earmark.share.pictures import clean_picture

SECOND = 48_000


class Page(HTMLParser):
    """What a parser of HTML sees: elements with their attributes, and the text outside scripts."""

    def __init__(self, markup):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.text, self.blocks, self.wrong = [], [], [], [], []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(t for t, _ in self.open)))
        if tag not in ("meta", "link", "img", "input", "path", "br"):
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag == "path":
            return
        if not self.open or self.open[-1][0] != tag:
            self.wrong.append(tag)
        else:
            self.open.pop()

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(t for t, _ in self.open)))

    def handle_data(self, data):
        if self.open and self.open[-1][0] in ("script", "style"):
            self.blocks.append((self.open[-1], data))
        else:
            self.text.append(data)

    def all(self, tag):
        return [attrs for name, attrs, _ in self.elements if name == tag]


def content_of(lines, takes=(), **more):
    return share_content(made.session(takes, lines, **more), ShareOptions(audio=bool(takes)))


def written(tmp_path, content, **more):
    target = tmp_path / "page.html"
    write_pencast(content, tmp_path, target, replace=True, **more)
    raw = target.read_text("utf-8")
    return raw, Page(raw)


@pytest.fixture
def full(tmp_path):
    takes = (made.take(1, 20 * SECOND), made.take(2, 10 * 16_000, rate=16_000))
    made.write_sound(tmp_path, takes)
    (tmp_path / "sessions/s/pictures").mkdir()
    (tmp_path / "sessions/s/pictures/p.png").write_bytes(made.PNG)
    lines = (
        made.line("h", "Heading", (1, SECOND), kind=LineKind.HEADING1),
        made.line("a", "one two", (1, 2 * SECOND), runs=[(0, 1, 2 * SECOND), (4, 1, 3 * SECOND)]),
        made.line("b", "deeper", (1, 4 * SECOND), indent=2, marks=(Mark.STAR, Mark.QUESTION)),
        made.line("p", "a slide", (1, 5 * SECOND), kind=LineKind.PICTURE, picture="pic"),
        made.line("x", "secret", (1, 6 * SECOND), private=True),
        made.line("c", "back", (2, 16_000)),
        made.line("d", "no time"),
    )
    return share_content(
        made.session(
            takes,
            lines,
            title="Title",
            event="Camp",
            place="Hall",
            summary="Two\nlines",
            bookmarks=[(1, 7 * SECOND, "here")],
            pictures=[("pic", "pictures/p.png")],
        )
    )


def test_the_notes_are_complete_and_nested_without_scripts(tmp_path, full):
    raw, page = written(tmp_path, full)
    assert page.wrong == [] and page.open == []
    said = " ".join(" ".join(page.text).split())
    for words in ("Title", "Camp", "4 March 2026", "Hall", "Two lines", "Heading", "deeper",
                  "a slide", "back", "no time", "here", "important", "question"):  # fmt: skip
        assert words in said
    assert "secret" not in raw
    rows = {
        a["id"]: path
        for tag, a, path in page.elements
        if "row" in a.get("class", "").split() and "id" in a
    }
    assert list(rows) == [f"n={n}" for n in range(1, 7)]
    assert [path.count("ul") for path in rows.values()] == [0, 1, 2, 1, 1, 1]
    links = [a for a in page.all("a") if "data-ms" in a]
    assert [(a["href"], a["data-ms"]) for a in links] == [
        ("#n=1", "1000"), ("#n=2", "2000"), ("#n=3", "4000"), ("#n=4", "5000"),
        ("#n=5", "21000"), ("#t=7", "7000"),
    ]  # fmt: skip
    assert [a["data-w"] for a in page.all("span") if "data-w" in a][:3] == ["1000", "2000", "3000"]


def test_the_page_asks_for_nothing_and_names_no_place(tmp_path, full):
    raw, page = written(tmp_path, full)
    for _tag, attrs, _path in page.elements:
        assert not any(name.startswith("on") or name == "style" for name in attrs)
        for name in ("src", "href", "action", "srcset", "poster"):
            assert re.match(r"#|data:", attrs.get(name) or "#"), (name, attrs[name])
    for telling in (str(tmp_path), "sessions/s", "take1.flac"):
        assert telling not in raw


def test_the_policy_allows_this_script_and_style_alone(tmp_path, full):
    raw, page = written(tmp_path, full)
    rules = next(
        a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"
    )
    rules = {part.split()[0]: part.split()[1:] for part in rules.split(";")}

    def hashed(block):
        return f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'"

    styles = [data for (tag, _a), data in page.blocks if tag == "style"]
    scripts = [data for (tag, a), data in page.blocks if tag == "script" and "type" not in a]
    assert rules["style-src"] == [hashed(block) for block in styles] and len(styles) == 1
    assert rules["script-src"] == [hashed(block) for block in scripts] and len(scripts) == 1
    assert rules["default-src"] == ["'none'"] and rules["media-src"] == ["blob:"]
    assert raw.index("Content-Security-Policy") < raw.index("<title>") < raw.index("<style>")
    kinds = {a.get("type") for (tag, a), _ in page.blocks if tag == "script"}
    assert kinds == {None, "application/json", "text/plain"}


def test_the_session_stands_in_it_for_programs(tmp_path, full):
    _raw, page = written(tmp_path, full)
    form = json.loads("".join(data for (tag, a), data in page.blocks if a.get("id") == "earmark"))
    check_schema(form["schema"])
    assert form["schema"] == SCHEMA
    for picture in form["session"]["pictures"]:
        assert picture.pop("lines") == [picture["line"]]
    assert form["session"] == json.loads(json.dumps(session_form(full.session)))
    assert [t["start_ms"] for t in form["audio"]["takes"]] == [0, 20_000]
    sound = b"".join(
        base64.b64decode(data) for (tag, a), data in page.blocks if a.get("class") == "sound"
    )
    assert len(sound) == form["audio"]["bytes"] and sound[4:8] == b"ftyp"
    shown = {a["data-picture"]: a["src"] for a in page.all("img")}
    assert base64.b64decode(shown["pic"].partition(",")[2]) == made.PNG


def test_long_sound_comes_in_pieces_that_can_be_joined(tmp_path, full, monkeypatch):
    assert PIECE_BYTES % 3 == 0
    monkeypatch.setattr("earmark.share.pencast.PIECE_BYTES", 3_000)
    _raw, page = written(tmp_path, full)
    pieces = [data for (tag, a), data in page.blocks if a.get("class") == "sound"]
    assert len(pieces) > 10
    assert base64.b64decode("".join(pieces)) == b"".join(map(base64.b64decode, pieces))


def test_hostile_words_stay_words_everywhere(tmp_path):
    takes = (made.take(1, SECOND),)
    made.write_sound(tmp_path, takes)
    for bad in (HOSTILE, tuple(reversed(HOSTILE))):
        lines = [
            made.line(str(i), words, (1, i), kind=kind)
            for i, (words, kind) in enumerate(zip(bad, [*LineKind] * 9, strict=False))
        ]
        clean = made.session(takes, [made.line(x.id, "x", (1, 0), kind=x.kind) for x in lines])
        content = content_of(
            lines, takes, title=bad[0], event=bad[1], place=bad[2], summary=bad[3],
            bookmarks=[(1, i, words) for i, words in enumerate(bad)],
        )  # fmt: skip
        _raw, page = written(tmp_path, content)
        _raw, expected = written(tmp_path, share_content(clean))
        assert page.wrong == [] and page.open == []
        allowed = {(tag, *sorted(attrs)) for tag, attrs, _ in expected.elements}
        found = {(tag, *sorted(attrs)) for tag, attrs, _ in page.elements}
        assert {tag for tag, *_ in found} <= {tag for tag, *_ in allowed} | {"section"}
        for _tag, attrs, _path in page.elements:
            assert not any(name.startswith("on") for name in attrs)
        form = json.loads("".join(d for (t, a), d in page.blocks if a.get("id") == "earmark"))
        assert [x["text"] for x in form["session"]["lines"]] == list(bad)


anything = st.text(st.characters(), max_size=60) | st.sampled_from(HOSTILE)


@given(st.lists(st.tuples(anything, st.sampled_from(LineKind), st.integers(0, 6)), max_size=12))
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_any_notes_are_whole_html_with_their_words_in_order(rows):
    lines = [
        made.line(str(i), words, (1, i) if i % 3 else None, kind=kind, indent=indent)
        for i, (words, kind, indent) in enumerate(rows)
    ]
    content = content_of(lines, (made.take(1, SECOND),))
    page = Page("".join(notes_html(content, lambda _: None)))
    assert page.wrong == [] and page.open == []
    assert {tag for tag, _, _ in page.elements} <= {
        "ul",
        "li",
        "h2",
        "h3",
        "h4",
        "a",
        "span",
        "time",
    }
    shown = "".join("".join(page.text).split())
    at = 0
    for words, _kind, _indent in rows:
        wanted = "".join(Page(text(words)).text)
        wanted = "".join(wanted.split())
        at = shown.index(wanted, at) + len(wanted)
    for _tag, _attrs, path in page.elements:
        assert path.count("ul") <= 7


@given(anything)
def test_text_is_only_ever_text(words):
    markup = text(words)
    assert not set(markup) & set("<>\"'\x00\u202e\u2066\u2028")
    page = Page(f'<p title="{markup}">{markup}</p>')
    assert page.elements == [("p", {"title": page.elements[0][1]["title"]}, ())]
    markup.encode("utf-8")


@given(st.dictionaries(anything, anything))
def test_json_in_the_page_is_inert_and_exact(form):
    block = inert_json(form)
    assert block.isascii() and not set(block) & set("<>&")
    assert json.loads(block) == form


@given(st.integers(0, 10**9))
def test_seconds_of_a_link_are_exact(ms):
    assert round(float(seconds(ms)) * 1000) == ms
    assert re.fullmatch(r"\d+(\.\d{0,2}[1-9])?", seconds(ms))


def test_notes_without_sound_and_sound_without_notes(tmp_path, full):
    notes = content_of((made.line("a", "only words"),))
    raw, page = written(tmp_path, notes)
    assert "1 note, without sound." in raw and 'data-duration="0"' in raw
    assert "script.sound" in raw and 'class="sound"' not in raw
    takes = (made.take(1, 20 * SECOND),)
    raw, page = written(tmp_path, content_of((), takes))
    assert "20 seconds" in raw and page.wrong == []


def test_refusals_leave_nothing_behind(tmp_path, full):
    target = tmp_path / "out" / "x.html"
    target.parent.mkdir()
    stop = threading.Event()

    def progress(share):
        if share > 0.3:
            stop.set()

    with pytest.raises(ShareCancelled):
        write_pencast(full, tmp_path, target, progress=progress, cancelled=stop)
    (tmp_path / "sessions/s/take2.flac").unlink()
    with pytest.raises(EarmarkError, match="take2"):
        write_pencast(full, tmp_path, target)
    assert list(target.parent.iterdir()) == []
    target.write_text("mine")
    with pytest.raises(TargetExists):
        write_pencast(full, tmp_path, target)
    assert target.read_text() == "mine"


def test_a_newer_pencast_is_told_from_a_foreign_file():
    with pytest.raises(EarmarkError, match="newer"):
        check_schema("earmark.pencast/2")
    for other in (None, 3, "x", "earmark.session/1"):
        with pytest.raises(EarmarkError, match="no notes"):
            check_schema(other)


def jpeg(*segments):
    body = b"".join(bytes([0xFF, m]) + (len(d) + 2).to_bytes(2, "big") + d for m, d in segments)
    return b"\xff\xd8" + body + b"\xff\xda\x00\x02pixels\xff\x00more\xff\xd9"


def test_pictures_lose_what_a_camera_wrote_but_not_their_turn():
    tiff = b"II*\x00\x08\x00\x00\x00\x02\x00" + b"\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"
    exif = (
        b"Exif\x00\x00" + tiff + b"\x25\x88\x04\x00\x01\x00\x00\x00\x1a\x00\x00\x00 GPS Home street"
    )
    photo = jpeg((0xE0, b"JFIF\0"), (0xE1, exif), (0xFE, b"by me"), (0xDB, b"table"))
    mime, cleaned = clean_picture(photo + b"PK\x03\x04 hidden")
    assert mime == "image/jpeg"
    assert b"street" not in cleaned and b"by me" not in cleaned and b"hidden" not in cleaned
    assert b"JFIF" in cleaned and b"table" in cleaned and cleaned.endswith(b"more\xff\xd9")
    assert clean_picture(cleaned) == (mime, cleaned)
    assert b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in cleaned

    words = b"tEXtAuthor\0Me"
    chunk = (len(words) - 4).to_bytes(4, "big") + words + b"\0\0\0\0"
    mime, cleaned = clean_picture(made.PNG[:33] + chunk + made.PNG[33:] + b"behind")
    assert (mime, cleaned) == ("image/png", made.PNG)


def test_pictures_of_unknown_or_torn_kinds_stay_out():
    for bad in (
        b"",
        b"<svg onload=x>",
        b"%PDF-1",
        made.PNG[:40],
        b"\xff\xd8\xff",
        b"MZ" + bytes(99),
    ):
        assert clean_picture(bad) is None


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1", b"RIFF\x20\0\0\0WEBP"]),
)
def test_any_bytes_make_a_picture_or_none(data, head):
    found = clean_picture(head + data)
    assert found is None or found[0].startswith("image/")


def test_lone_halves_of_characters_do_not_stop_the_page(tmp_path):
    raw, _page = written(tmp_path, content_of((made.line("a", "x\ud800y"),), title="\udfff"))
    assert safe_text("x\ud800y") in raw


@pytest.mark.parametrize("form", AudioForm)
def test_the_size_told_beforehand_is_about_the_true_one(tmp_path, form):
    takes = (made.take(1, 100 * SECOND),)
    made.write_speech(tmp_path, takes)
    lines = [made.line(str(n), f"line {n} of some words", (1, n * SECOND)) for n in range(90)]
    content = share_content(made.session(takes, lines))
    done = write_pencast(content, tmp_path, tmp_path / "x.html", WriteOptions(form=form))
    assert pencast_bytes(content, tmp_path, form) == pytest.approx(done.bytes, rel=0.05)
    notes = share_content(made.session(takes, lines), ShareOptions(audio=False))
    done = write_pencast(notes, tmp_path, tmp_path / "y.html")
    assert pencast_bytes(notes, tmp_path) == pytest.approx(done.bytes, rel=0.15)
