"""The report of an event: whole or not there, nobody's folder lost, playable from everywhere."""

import json
import threading
from dataclasses import replace
from html import unescape

import axe
import pytest
import sessions_to_share as made
from chromium import Chromium, chromium_path
from firefox import Firefox, firefox_path
from heard_in_page import check_landing, master
from hostile import HOSTILE
from static_host import static_host

from earmark.model import EarmarkError, LineKind, Mark
from earmark.share.content import ShareOptions, share_content
from earmark.share.options import AudioForm, WriteOptions
from earmark.share.output_file import ShareCancelled, TargetExists
from earmark.share.report import length_words
from earmark.share.site import INDEX, MARKER, our_files, page_names, write_site

SECOND = 48_000
BASE = "https://talks.example/2009/"


def contents_in(library, talks, event="CloudCamp Paris", **more):
    """A session for each (title, seconds, summary), with sound and some lines."""
    made_of = []
    for number, (title, seconds, summary) in enumerate(talks, start=1):
        take = replace(made.take(1, int(seconds * SECOND)), file=f"sessions/{number}/take1.flac")
        made.write_sound(library, [take])
        lines = [
            made.line("h", "A heading", (1, 0), kind=LineKind.HEADING1),
            made.line("a", "First words", (1, 10 * SECOND)),
            made.line("p", "hush", (1, 11 * SECOND), private=True),
            made.line("b", "Second words", (1, 20 * SECOND), marks=(Mark.STAR,)),
            made.line("c", "Third words", (1, 30 * SECOND)),
            made.line("d", "Fourth words", (1, 35 * SECOND)),
        ]
        session = made.session([take], lines, title=title, summary=summary, event=event, **more)
        made_of.append(share_content(session))
    return made_of


TALKS = (
    ("Intro & lightning talks", 40, "Clouds defined, then five sponsors."),
    ("The unpanel", 120, "Seven volunteers, seven questions."),
    ("“日本語”", 61, ""),
)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    contents = contents_in(folder, TALKS, place="Institut Telecom, Paris")
    shares = []
    written = write_site(
        "CloudCamp Paris", contents, folder, folder / "site",
        WriteOptions(base_url=BASE), progress=shares.append,
    )  # fmt: skip
    assert shares == sorted(shares) and shares[-1] == 1.0
    return folder, written


def test_files_lie_side_by_side_and_the_marker_names_them(report):
    folder, written = report
    site = folder / "site"
    names = sorted(entry.name for entry in site.iterdir())
    assert names == [
        "01-intro-lightning-talks.html", "01-intro-lightning-talks.m4a",
        "02-the-unpanel.html", "02-the-unpanel.m4a", "03.html", "03.m4a", MARKER, INDEX,
    ]  # fmt: skip
    assert sorted(our_files(site)) == names
    assert written.bytes == sum(entry.stat().st_size for entry in site.iterdir())
    assert sorted(entry.name for entry in folder.iterdir()) == ["sessions", "site"]


def test_the_index_reads_like_a_report(report):
    folder, _written = report
    page = (folder / "site" / INDEX).read_text("utf-8")
    for words in (
        "A day with sound · 3 sessions · 4 min",
        "4 March 2026 · Institut Telecom, Paris",
        "Intro &amp; lightning talks",
        "Clouds defined, then five sponsors.",
        "2 min · 5 notes",
        "Third words",
    ):
        assert words in page, words
    assert "hush" not in page and "Fourth words" not in page
    assert 'href="02-the-unpanel.html#n=3"' in page
    assert page.index("Intro") < page.index("The unpanel")


def test_a_base_address_gives_open_graph_and_a_ready_snippet(report):
    folder, _written = report
    index = (folder / "site" / INDEX).read_text("utf-8")
    talk = (folder / "site" / "02-the-unpanel.html").read_text("utf-8")
    assert f'<meta property="og:url" content="{BASE}">' in index
    assert '<meta property="og:title" content="The unpanel">' in talk
    assert f'<meta property="og:audio" content="{BASE}02-the-unpanel.m4a">' in talk
    assert '<meta property="og:site_name" content="CloudCamp Paris">' in talk
    assert f'<iframe src="{BASE}02-the-unpanel.html"' in unescape(talk)


def test_without_a_base_address_nothing_points_anywhere(tmp_path):
    contents = contents_in(tmp_path, TALKS[:1])
    write_site("E", contents, tmp_path, tmp_path / "site")
    for file in (tmp_path / "site").glob("*.html"):
        page = file.read_text("utf-8")
        assert "og:" not in page and "http:" not in page and "https:" not in page


def test_private_words_and_the_library_are_nowhere_in_it(report):
    folder, _written = report
    for file in (folder / "site").iterdir():
        data = file.read_bytes()
        assert b"hush" not in data and str(folder).encode() not in data, file.name


def test_only_an_earlier_report_is_replaced(tmp_path):
    contents = contents_in(tmp_path, TALKS[:2])
    site = tmp_path / "site"
    write_site("E", contents, tmp_path, site)
    with pytest.raises(TargetExists):
        write_site("E", contents, tmp_path, site)
    write_site("E", contents[:1], tmp_path, site, replace=True)
    assert not list(site.glob("02-*"))
    (site / "thesis.txt").write_text("mine")
    with pytest.raises(TargetExists, match="other files"):
        write_site("E", contents, tmp_path, site, replace=True)
    assert (site / "thesis.txt").read_text() == "mine" and (site / INDEX).exists()
    theirs = tmp_path / "homepage"
    theirs.mkdir()
    (theirs / INDEX).write_text("my homepage")
    with pytest.raises(TargetExists):
        write_site("E", contents, tmp_path, theirs, replace=True)
    assert (theirs / INDEX).read_text() == "my homepage"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["homepage", "sessions", "site"]


@pytest.mark.parametrize(
    "marker",
    ["", "no json", "[]", '{"schema": "other", "files": ["index.html"]}',
     '{"schema": "earmark.report/1", "files": 3}', '{"schema": "earmark.report/1"}'],
)  # fmt: skip
def test_a_strange_marker_makes_a_folder_nobodys(tmp_path, marker):
    (tmp_path / MARKER).write_text(marker)
    assert our_files(tmp_path) == ()


def test_a_missing_sound_file_names_its_session(tmp_path):
    contents = contents_in(tmp_path, TALKS[:2])
    (tmp_path / "sessions/2/take1.flac").unlink()
    with pytest.raises(EarmarkError, match=r"unpanel.*take1\.flac"):
        write_site("E", contents, tmp_path, tmp_path / "site")
    assert [entry.name for entry in tmp_path.iterdir()] == ["sessions"]


def test_cancelled_in_the_middle_it_leaves_nothing(tmp_path):
    contents = contents_in(tmp_path, TALKS)
    stop = threading.Event()

    def reached(share):
        if share > 0.5:
            stop.set()

    with pytest.raises(ShareCancelled):
        write_site(
            "E", contents, tmp_path, tmp_path / "site", progress=reached, cancelled=stop
        )  # fmt: skip
    assert [entry.name for entry in tmp_path.iterdir()] == ["sessions"]


def test_an_event_without_sessions_is_told(tmp_path):
    with pytest.raises(EarmarkError, match="no sessions"):
        write_site("E", [], tmp_path, tmp_path / "site")


def test_names_that_every_host_takes(tmp_path):
    titles = ["../../etc/passwd", "C:\\x", "été", "", "a" * 300, "same", "same"]
    contents = [share_content(made.session([], [], title=title)) for title in titles]
    names = page_names(contents)
    assert len(set(names)) == len(names)
    assert names[:3] == ["01-etc-passwd", "02-c-x", "03-ete"]
    assert all(len(name) < 60 and name.replace("-", "").isalnum() for name in names)


def test_lengths_are_words():
    assert [length_words(ms) for ms in (40_000, 38 * 60_000, 131 * 60_000)] == [
        "40 s", "38 min", "2 h 11 min",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if chromium_path() is None:
        pytest.skip("no Chromium on this machine")
    flag = "--autoplay-policy=no-user-gesture-required"
    with Chromium(tmp_path_factory.mktemp("profile"), flag) as browser:
        yield browser


def test_it_plays_from_disk_and_from_a_host_without_ranges(browser, tmp_path):
    contents = contents_in(tmp_path, TALKS[:2])
    write_site("Camp", contents, tmp_path, tmp_path / "site", WriteOptions(AudioForm.M4A))
    with static_host(tmp_path / "site") as host:
        for base in ((tmp_path / "site").as_uri() + "/", host):
            browser.size(1280, 900)
            browser.open(base + INDEX)
            browser.click_on(".card:nth-child(2) h2 a")
            browser.until("location.pathname.endsWith('02-the-unpanel.html')")
            browser.until("document.getElementById('audio').readyState >= 1")
            browser.click_on('[id="n=4"] .time')
            browser.until("document.getElementById('audio').currentTime > 27.1")
            assert browser.run("document.getElementById('audio').currentTime") < 34
            browser.run("document.getElementById('play').click()")
            browser.click_on("#ahead")
            browser.open(f"{base}02-the-unpanel.html#t=110")
            browser.until("document.getElementById('audio').currentTime > 109.9")
            asked = [a for a in browser.requests if not a.startswith(("blob:", "data:"))]
            page, sound = f"{base}02-the-unpanel.html", f"{base}02-the-unpanel.m4a"
            assert asked[0].startswith(page) and set(asked[1:]) == {sound}
            assert browser.console == []
            snippet = browser.run("document.querySelector('.embed-this code').textContent")
            assert (f'src="{page}"' in snippet) == (base == host), snippet


def test_it_shows_inside_another_page(browser, tmp_path):
    contents = contents_in(tmp_path, TALKS[:1])
    (tmp_path / "site").mkdir()
    write_site("Camp", contents, tmp_path, tmp_path / "site" / "inner")
    with static_host(tmp_path / "site") as host:
        browser.open(f"{host}inner/{INDEX}")
        snippet = browser.run("document.querySelector('code').textContent")
        (tmp_path / "site" / "blog.html").write_text(f"<!DOCTYPE html><title>b</title>{snippet}")
        browser.open(f"{host}blog.html")
        browser.run("document.querySelector('iframe').scrollIntoView()")
        browser.until(
            "(document.querySelector('iframe').contentDocument || document)"
            ".querySelectorAll('.card').length === 1"
        )


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [(320, 568), (390, 844), (1280, 900), (3840, 2160)])
@pytest.mark.parametrize("name", [INDEX, "01-intro-lightning-talks.html"])
def test_axe_has_nothing_to_say_and_it_fits(browser, report, name, size, dark):
    folder, _written = report
    browser.size(*size, dark=dark)
    browser.open((folder / "site" / name).as_uri())
    browser.run("document.querySelector('.embed-this').open = true")
    browser.run(axe.axe_script())
    assert browser.run(axe.RUN) == []
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")
    assert browser.console == []


def test_hostile_words_are_words_only(browser, tmp_path):
    lines = [made.line(str(n), words) for n, words in enumerate(HOSTILE)]
    contents = [
        share_content(made.session([], lines, title=words, summary=words, place=words))
        for words in HOSTILE
    ]
    write_site(HOSTILE[1], contents, tmp_path, tmp_path / "site", WriteOptions(base_url=BASE))
    for name in (INDEX, min(p.name for p in (tmp_path / "site").glob("02*.html"))):
        browser.size(1280, 900)
        browser.open((tmp_path / "site" / name).as_uri())
        assert browser.run("window.stolen ?? null") is None
        assert [a for a in browser.requests if not a.startswith(("data:", "file:"))] == []
        assert browser.console == []
    browser.open((tmp_path / "site" / INDEX).as_uri())
    assert browser.run("document.querySelectorAll('.card').length") == len(HOSTILE)
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")


def test_it_is_a_report_of_notes_where_nothing_was_recorded(browser, tmp_path):
    content = share_content(
        made.session([], [made.line("a", "Only words")], title="T"), ShareOptions()
    )
    write_site("Camp", [content], tmp_path, tmp_path / "site")
    browser.open((tmp_path / "site" / INDEX).as_uri())
    seen = browser.run("document.body.innerText")
    assert "A day in notes · 1 session" in seen and "Only words" in seen
    assert json.loads((tmp_path / "site" / MARKER).read_text())["files"] == [
        "01-t.html", MARKER, INDEX,
    ]  # fmt: skip


@pytest.mark.skipif(firefox_path() is None, reason="no Firefox on this machine")
def test_firefox_plays_it_from_disk_and_from_a_host(tmp_path):
    contents = contents_in(tmp_path, TALKS[1:2])
    write_site("Camp", contents, tmp_path, tmp_path / "site")
    profile = tmp_path / "profile"
    profile.mkdir()
    with static_host(tmp_path / "site") as host, Firefox(profile) as browser:
        for base in ((tmp_path / "site").as_uri() + "/", host):
            browser.open(f"{base}01-the-unpanel.html#t=100")
            browser.until("document.getElementById('audio').readyState >= 1")
            browser.until("!document.getElementById('audio').seeking")
            at = browser.run("document.getElementById('audio').currentTime")
            assert at == pytest.approx(100, abs=0.05), base
            browser.click_on('[id="n=4"] .time')
            browser.until("!document.getElementById('audio').seeking")
            assert 26.9 <= browser.run("document.getElementById('audio').currentTime") < 60


@pytest.mark.sound
@pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine")
def test_a_line_sounds_as_it_did_from_a_host_without_ranges(tmp_path, sound):
    take = replace(made.take(1, 100 * SECOND), file="sessions/1/take1.flac")
    made.write_speech(tmp_path, [take])
    lines = [made.line(str(n), f"line {n}", (1, n * 9 * SECOND)) for n in range(11)]
    content = share_content(made.session([take], lines, title="T"))
    write_site("Camp", [content], tmp_path, tmp_path / "site")
    whole = master(tmp_path, content)
    listener = sound.capture_monitor()
    with (
        static_host(tmp_path / "site") as host,
        Chromium(tmp_path / "profile", env=sound.env) as browser,
    ):
        browser.size(1280, 900)
        browser.open(f"{host}01-t.html")
        browser.until("document.getElementById('audio').readyState >= 1")
        for line in content.lines[2::4]:
            wanted = max(0, line.ms - content.look_back_ms)
            check_landing(browser, listener, f'[id="n={line.ordinal}"] .time', whole, wanted)
