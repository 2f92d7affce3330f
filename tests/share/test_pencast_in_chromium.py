"""A pencast opened from disk in the real browser: what is seen, pressed and above all heard."""

from pathlib import Path

import axe
import pytest
import sessions_to_share as made
from axe import axe_script
from chromium import Chromium, chromium_path
from heard_in_page import check_landing, master
from hostile import HOSTILE, RUN

from earmark.model import LineKind, Mark
from earmark.share.content import ShareOptions, share_content
from earmark.share.options import AudioForm, WriteOptions
from earmark.share.pencast import write_pencast

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine")
SECOND = 48_000
LOOK_BACK = 3_000


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Chromium(
        tmp_path_factory.mktemp("profile"), "--autoplay-policy=no-user-gesture-required"
    ) as browser:
        yield browser


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """A session of two takes and twenty lines; the library's folder and its page."""
    folder = tmp_path_factory.mktemp("talk")
    takes = (made.take(1, 100 * SECOND, off_record=[(50 * SECOND, 10 * SECOND)]),
             made.take(2, 60 * 16_000, rate=16_000))  # fmt: skip
    made.write_speech(folder, takes)
    (folder / "sessions/s/pictures").mkdir()
    (folder / "sessions/s/pictures/p.png").write_bytes(made.PNG)
    lines = [
        made.line(
            f"l{n}",
            f"line {n} löwenzahn" if n == 7 else f"line {n} some words",
            (1, n * 7 * SECOND) if n < 14 else (2, (n - 13) * 8 * 16_000),
            kind=LineKind.HEADING1 if n % 5 == 0 else LineKind.BULLET,
            indent=n % 3 if n % 5 else 0,
            marks=(Mark.STAR,) if n == 4 else (),
            runs=[(0, 1, n * 7 * SECOND), (7, 1, (n * 7 + 2) * SECOND)] if n == 3 else (),
        )
        for n in range(20)
    ]
    lines.insert(2, made.line("p", "a slide", (1, 9 * SECOND), kind=LineKind.PICTURE, picture="p"))
    content = share_content(
        made.session(takes, lines, title="Talk", summary="What was said.",
                     bookmarks=[(1, 20 * SECOND, "")], pictures=[("p", "pictures/p.png")]),
        ShareOptions(look_back_ms=LOOK_BACK),
    )  # fmt: skip
    page = folder / "talk.html"
    write_pencast(content, folder, page)
    return folder, page, content


def opened(browser, page, fragment="", size=(1280, 900), dark=False):
    browser.size(*size, dark=dark)
    browser.open(page.as_uri() + fragment)
    browser.until("document.getElementById('audio').readyState >= 1")


def now(browser):
    return browser.run("document.getElementById('audio').currentTime")


def quiet(browser):
    """Nothing was complained of, and nothing asked for but the page itself."""
    assert browser.console == []
    assert [r for r in browser.requests if not r.startswith(("file:", "blob:", "data:"))] == []
    assert len([r for r in browser.requests if r.startswith("file:")]) == 1


@pytest.mark.sound
@pytest.mark.parametrize("form", AudioForm)
def test_a_click_on_a_line_plays_what_was_said_then(talk, sound, tmp_path, form):
    folder, page, content = talk
    if form is AudioForm.OPUS:
        page = tmp_path / "opus.html"
        write_pencast(content, folder, page, WriteOptions(form=form))
    whole = master(folder, content)
    listener = sound.capture_monitor()
    with Chromium(tmp_path / "profile", env=sound.env) as browser:
        opened(browser, page)
        for line in content.lines[1::4]:
            wanted = max(0, line.ms - LOOK_BACK)
            check_landing(browser, listener, f'[id="n={line.ordinal}"] .time', whole, wanted)
        browser.run("document.getElementById('audio').pause()")
        quiet(browser)


def test_it_opens_from_disk_without_a_word_to_anybody(browser, talk):
    _folder, page, content = talk
    opened(browser, page)
    assert (
        abs(browser.run("document.getElementById('audio').duration") * 1000 - content.duration_ms)
        < 60
    )
    assert browser.run("document.getElementById('player').hidden") is False
    assert browser.run("document.querySelectorAll('script.sound').length") == 0
    quiet(browser)


def test_lines_words_and_bookmarks_jump_with_their_look_back(browser, talk):
    _folder, page, content = talk
    opened(browser, page)
    browser.click_on('[id="n=5"] .text')
    browser.until("!document.getElementById('audio').paused")
    ms = content.lines[4].ms
    assert ms / 1000 - 3 <= now(browser) < ms / 1000 + 20
    assert browser.run("document.querySelector('[aria-current]').closest('.row').id") == "n=5"
    browser.run("document.getElementById('audio').pause()")
    word = "[data-w='23000']"
    browser.click_on(word)
    browser.until("!document.getElementById('audio').paused")
    assert 20 <= now(browser) < 40
    browser.run("document.getElementById('audio').pause()")
    browser.click_on("a.bookmark .text")
    browser.until("!document.getElementById('audio').paused")
    assert 17 <= now(browser) < 37
    browser.run("document.getElementById('audio').pause()")
    quiet(browser)


def test_the_keyboard_does_everything(browser, talk):
    _folder, page, _content = talk
    opened(browser, page)
    browser.run("document.querySelector('[id=\"n=6\"] a').focus()")
    browser.key("Enter")
    browser.until("!document.getElementById('audio').paused")
    browser.key(" ")
    browser.until("document.getElementById('audio').paused")
    before = now(browser)
    browser.key("ArrowRight")
    browser.until("!document.getElementById('audio').seeking")
    assert now(browser) == pytest.approx(before + 10, abs=0.05)
    browser.key("ArrowLeft")
    browser.until("!document.getElementById('audio').seeking")
    assert now(browser) == pytest.approx(before, abs=0.05)
    browser.key("n")
    browser.until("!document.getElementById('audio').paused")
    browser.key("k")
    browser.until("document.getElementById('audio').paused")
    browser.key("/")
    browser.type("LOWENZAHN")
    browser.until("document.getElementById('found').textContent === '1 found'")
    shown = browser.run(
        "[...document.querySelectorAll('#notes .row')].filter((r) => !r.hidden)"
        ".map((r) => r.firstElementChild.textContent)"
    )
    assert len(shown) <= 3 and sum("line 7" in row for row in shown) == 1
    browser.key("Enter")
    browser.until("!document.getElementById('audio').paused")
    browser.run("document.getElementById('audio').pause()")
    assert 45 <= now(browser) < 66
    browser.key("Escape")
    assert browser.run("document.querySelectorAll('#notes .row[hidden]').length") == 0
    quiet(browser)


def test_speed_keeps_the_pitch_and_the_waveform_can_be_pressed(browser, talk):
    _folder, page, content = talk
    opened(browser, page)
    browser.run("(() => { const s = document.getElementById('speed'); s.value = '1.5';"
                " s.dispatchEvent(new Event('change')); })()")  # fmt: skip
    assert browser.run("[audio.playbackRate, audio.preservesPitch]") == [1.5, True]
    x, y, width = browser.run(
        "(() => { const b = document.getElementById('wave').getBoundingClientRect();"
        " return [b.x, b.y + b.height / 2, b.width]; })()"
    )
    browser.click(x + width / 2, y)
    browser.until("!document.getElementById('audio').seeking")
    assert now(browser) == pytest.approx(content.duration_ms / 2000, abs=0.5)
    quiet(browser)


@pytest.mark.parametrize(
    ("fragment", "at", "row"),
    [
        ("#t=21", 21.0, "n=5"),
        ("#t=0:21.5", 21.5, "n=5"),
        ("#n=6", 25.0, "n=6"),
        ("#t=99999", 150.0, "n=21"),
        ("#t=-1", 0.0, None),
        ("#t=abc", 0.0, None),
        ("#n=<b>", 0.0, None),
    ],
)
def test_deep_links(browser, talk, fragment, at, row):
    _folder, page, _content = talk
    opened(browser, page, fragment)
    browser.until("!document.getElementById('audio').seeking")
    assert now(browser) == pytest.approx(at, abs=0.05)
    lit = browser.run("document.querySelector('[aria-current]')?.closest('.row').id ?? null")
    if row:
        assert lit == row
        assert "Press Play" in browser.run("document.getElementById('status').textContent")
    assert browser.run("document.getElementById('audio').paused")
    quiet(browser)


def test_the_lit_line_is_followed_until_the_reader_scrolls(browser, talk):
    _folder, page, _content = talk
    opened(browser, page, size=(390, 500))
    browser.run("document.getElementById('audio').muted = true")
    seen = (
        "(() => { const b = document.querySelector('[aria-current]').getBoundingClientRect();"
        " const bar = document.getElementById('player').getBoundingClientRect();"
        " return b.top >= 0 && b.bottom <= bar.top; })()"
    )
    browser.run("document.getElementById('audio').play()")
    browser.run("seek.value = '126000'; seek.dispatchEvent(new Event('input'))")
    browser.until(f"document.querySelector('[aria-current]') && {seen}")
    lit = "document.querySelector('[aria-current]').closest('.row').id"
    before = browser.run(lit)
    browser.ask("Input.dispatchMouseEvent", type="mouseWheel", x=100, y=200, deltaX=0, deltaY=-400)
    browser.until("document.getElementById('follow').hidden === false")
    browser.run("scrollTo({ top: 0, behavior: 'instant' })")
    browser.until(f"{lit} !== '{before}'")
    assert not browser.run(seen)
    browser.click_on("#follow")
    browser.until(seen)
    assert browser.run("document.getElementById('follow').hidden")
    browser.run("document.getElementById('audio').pause()")


def test_notes_ahead_can_be_dimmed(browser, talk):
    _folder, page, _content = talk
    opened(browser, page, "#n=10")
    later = "document.querySelectorAll('.dim .later').length"
    assert browser.run(later) == 0
    browser.click_on("#dim")
    browser.until(f"{later} === 11")
    assert browser.run("document.getElementById('dim').getAttribute('aria-pressed')") == "true"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [(320, 568), (390, 844), (1280, 900), (3840, 2160)])
def test_it_fits_every_screen_with_controls_for_fingers(browser, talk, size, dark):
    _folder, page, _content = talk
    opened(browser, page, size=size, dark=dark)
    assert browser.run("document.documentElement.scrollWidth") <= size[0]
    small = browser.run(
        "[...document.querySelectorAll('button, select, summary, #seek')]"
        ".filter((e) => e.offsetParent).map((e) => [e.id, e.offsetWidth, e.offsetHeight])"
        ".filter(([id, w, h]) => w < 44 || h < 43.5)"
    )
    assert small == []
    outside = browser.run(
        "[...document.querySelectorAll('#player *')].filter((e) => e.offsetParent)"
        ".map((e) => e.getBoundingClientRect())"
        ".filter((b) => b.right > innerWidth + 1 || b.left < -1).length"
    )
    assert outside == 0


CONTRAST = """(() => {
  const parts = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = (c) => { const [r, g, b] = parts(c).slice(0, 3).map((v) => { v /= 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (e) => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor;
    if (parts(c)[3] !== 0) return c; } return 'rgb(255, 255, 255)'; };
  const bad = [];
  for (const e of document.querySelectorAll('body *')) {
    const words = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!e.offsetParent || !words) continue;
    const a = light(getComputedStyle(e).color), b = light(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push([e.className, e.textContent.slice(0, 20), ratio]);
  }
  return bad;
})()"""


@pytest.mark.parametrize("dark", [False, True])
def test_everything_can_be_read_and_is_named(browser, talk, dark):
    _folder, page, _content = talk
    opened(browser, page, "#n=5", dark=dark)
    assert browser.run(CONTRAST) == []
    browser.click_on("#dim")
    assert browser.run(CONTRAST) == []
    nodes = browser.ask("Accessibility.getFullAXTree")["nodes"]
    controls = ("button", "slider", "link", "combobox", "searchbox", "image")
    named = [
        (n["role"]["value"], n.get("name", {}).get("value", ""))
        for n in nodes
        if not n["ignored"] and n["role"]["value"] in controls
    ]
    assert {role for role, _ in named} >= {"button", "slider", "link", "combobox", "image"}
    assert [role for role, name in named if not name.strip()] == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [(320, 568), (390, 844), (1280, 900)])
def test_axe_has_nothing_to_say(browser, talk, size, dark):
    _folder, page, _content = talk
    opened(browser, page, "#n=5", size=size, dark=dark)
    browser.run(axe_script())
    for press in (None, "#find", "#dim"):
        if press:
            browser.click_on(press)
        found = browser.run(axe.RUN)
        assert found == [], press


def test_print_has_the_notes_and_no_player(browser, talk):
    _folder, page, _content = talk
    opened(browser, page)
    browser.ask("Emulation.setEmulatedMedia", media="print")
    assert browser.run("getComputedStyle(document.getElementById('player')).display") == "none"
    assert browser.run("document.querySelector('[id=\"n=3\"]').offsetHeight") > 0
    browser.ask("Emulation.setEmulatedMedia", media="")


def test_notes_alone_are_a_page_with_search(browser, tmp_path):
    content = share_content(made.session((), (made.line("a", "only words"),)))
    page = tmp_path / "notes.html"
    write_pencast(content, tmp_path, page)
    browser.size(390, 844)
    browser.open(page.as_uri())
    browser.click_on("#find")
    browser.type("only")
    browser.until("document.getElementById('found').textContent === '1 found'")
    assert browser.run("document.getElementById('play').offsetParent") is None
    quiet(browser)


def test_hostile_words_do_nothing_and_break_nothing(browser, tmp_path):
    takes = (made.take(1, 60 * SECOND),)
    made.write_sound(tmp_path, takes)
    kinds = [kind for kind in LineKind if kind is not LineKind.PICTURE]
    lines = [
        made.line(str(i), words, (1, i * SECOND), kind=kinds[i % len(kinds)], indent=i % 7)
        for i, words in enumerate(HOSTILE)
    ]
    for n in range(3):
        bad = HOSTILE[n::3]
        content = share_content(
            made.session(takes, lines, title=bad[0], event=bad[1], place=bad[2], summary=bad[3],
                         bookmarks=[(1, 0, words) for words in HOSTILE]),
        )  # fmt: skip
        page = tmp_path / f"hostile{n}.html"
        write_pencast(content, tmp_path, page)
        opened(browser, page, size=(320, 568))
        browser.click_on('[id="n=1"] .time')
        browser.until("!document.getElementById('audio').paused")
        browser.run("document.getElementById('audio').pause()")
        assert browser.run("window.stolen ?? null") is None
        assert browser.run(
            "document.querySelectorAll('#notes a.line:not(.bookmark)').length"
        ) == len(HOSTILE)
        assert browser.run("document.documentElement.scrollWidth") <= 320
        assert (
            browser.run(
                "document.querySelectorAll('#notes img, #notes iframe, #notes form').length"
            )
            == 0
        )
        quiet(browser)


def test_the_hostile_words_would_run_if_they_were_not_escaped(browser, tmp_path):
    """The control: the same corpus put into a page as it is does what it wants."""
    ran = 0
    for number, words in enumerate(w for w in HOSTILE if RUN in w):
        page = Path(tmp_path / f"control{number}.html")
        page.write_text(f"<!DOCTYPE html><body><p title='x'>{words}</p>", "utf-8", "replace")
        browser.open(page.as_uri())
        browser.run("new Promise((done) => setTimeout(done, 50))")
        ran += browser.run("window.stolen ?? 0")
    assert ran >= 8


def test_what_gets_in_all_the_same_is_stopped_by_the_policy(browser, talk, tmp_path):
    """The second line of defence alone: a script put into the finished page does not run."""
    _folder, page, _content = talk
    broken = tmp_path / "broken.html"
    raw = page.read_text("utf-8")
    broken.write_text(
        raw.replace(
            '<section id="notes"',
            f"<script>{RUN}</script><img src=x onerror='{RUN}'><section id=\"notes\"",
            1,
        ),
        "utf-8",
    )
    browser.open(broken.as_uri())
    browser.until("document.getElementById('audio').readyState >= 1")
    assert browser.run("window.stolen ?? null") is None
    assert any("Content Security Policy" in said for said in browser.console)
