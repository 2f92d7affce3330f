"""The transcript in a pencast, in a real Chromium."""

import axe
import pytest
import sessions_to_share as made
from chromium import Chromium, chromium_path

from earmark.model import LineKind
from earmark.share.content import ShareOptions, share_content
from earmark.share.pencast import write_pencast

SECOND = 48_000
pytestmark = pytest.mark.skipif(chromium_path() is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    flag = "--autoplay-policy=no-user-gesture-required"
    with Chromium(tmp_path_factory.mktemp("profile"), flag) as browser:
        yield browser


def written(folder, **options):
    takes = (made.take(1, 100 * SECOND, off_record=[(50 * SECOND, 10 * SECOND)]),)
    made.write_speech(folder, takes)
    said = [
        made.segment(1, 4 * SECOND, 9 * SECOND, "portable services are the unit", speaker="Ada"),
        made.segment(1, 30 * SECOND, 34 * SECOND, "take any key value store", speaker="Ada"),
        made.segment(1, 49 * SECOND, 53 * SECOND, "open and then secret words"),
        made.segment(1, 70 * SECOND, 75 * SECOND, "<script>bad()</script> question", speaker="Bo"),
    ]
    lines = [
        made.line("a", "services", (1, 5 * SECOND), kind=LineKind.HEADING1),
        made.line("b", "stores", (1, 31 * SECOND)),
    ]
    content = share_content(
        made.session(takes, lines, segments=said), ShareOptions(look_back_ms=1000, **options)
    )
    page = folder / "talk.html"
    write_pencast(content, folder, page)
    return page


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return written(tmp_path_factory.mktemp("talk"))


def opened(browser, page, size=(1400, 900), dark=False):
    browser.size(*size, dark=dark)
    browser.open(page.as_uri())
    browser.until("document.getElementById('audio').readyState >= 1")


def now(browser):
    return browser.run("document.getElementById('audio').currentTime")


def test_the_words_are_there_without_scripts_and_without_what_is_off_the_record(page):
    text = page.read_text("utf-8")
    before_scripts = text[: text.index('id="earmark"')]
    assert ">portable</span>" in before_scripts
    assert ">open</span>" in before_scripts
    assert "secret" not in text
    assert "<script>bad" not in text


def test_a_word_plays_and_lights_up(browser, page):
    opened(browser, page)
    browser.click_on("[data-s='31600']")
    browser.until("!document.getElementById('audio').paused")
    assert 31.3 <= now(browser) < 50
    browser.until("document.querySelector('.passage[aria-current]')")
    browser.run("document.getElementById('audio').pause()")
    lit = browser.run("document.querySelector('.passage[aria-current] [dir]').textContent")
    assert lit == "take any key value store"
    assert (
        browser.run("document.querySelector('#notes [aria-current] .text').textContent") == "stores"
    )
    assert browser.console == []


def test_search_finds_what_was_said_and_enter_plays_it(browser, page):
    opened(browser, page)
    browser.click_on("#find")
    browser.type("question")
    browser.until("document.getElementById('found').textContent === '1 found'")
    assert browser.run("document.querySelectorAll('#transcript .row:not([hidden])').length") == 1
    browser.key("Enter", "Enter", "\r")
    browser.until("!document.getElementById('audio').paused")
    assert 60 <= now(browser) < 80
    browser.run("document.getElementById('audio').pause()")


def test_words_can_be_put_away(browser, page):
    opened(browser, page)
    browser.click_on("#words")
    assert browser.run("document.getElementById('transcript').offsetParent") is None
    assert browser.run("document.getElementById('words').getAttribute('aria-pressed')") == "false"


def test_without_notes_the_transcript_is_the_page_and_is_followed(browser, tmp_path):
    takes = (made.take(1, 100 * SECOND),)
    made.write_speech(tmp_path, takes)
    said = [
        made.segment(1, at * SECOND, (at + 2) * SECOND, f"passage {at} " + "words " * 30)
        for at in range(0, 99, 3)
    ]
    content = share_content(made.session(takes, [], title="No notes", segments=said))
    page = tmp_path / "talk.html"
    write_pencast(content, tmp_path, page)
    for size in ((390, 844), (1400, 900)):
        opened(browser, page, size)
        assert browser.run("document.querySelector('.about').textContent") == (
            "2 minutes of sound, no notes."
        )
        assert browser.run("document.getElementById('find').offsetParent !== null")
        browser.run("location.hash = '#t=80'")
        browser.until("!document.getElementById('audio').paused")
        lit = "document.querySelector('.passage[aria-current]')"
        browser.until(
            f"{lit} && {lit}.getBoundingClientRect().top > 0"
            f" && {lit}.getBoundingClientRect().bottom"
            " < innerHeight - document.getElementById('player').offsetHeight"
        )
        assert browser.run("scrollY") > 0
        browser.run("document.getElementById('audio').pause()")
        assert browser.run("document.querySelector('.saying')") is None
    assert browser.console == []


def test_sound_alone_offers_no_search_and_untimed_notes_no_touch(browser, tmp_path):
    takes = (made.take(1, 20 * SECOND),)
    made.write_speech(tmp_path, takes)
    page = tmp_path / "sound.html"
    write_pencast(share_content(made.session(takes, [])), tmp_path, page)
    opened(browser, page)
    assert browser.run("document.getElementById('find').offsetParent") is None
    browser.key("/", "Slash")
    assert browser.run("document.getElementById('search').hidden")
    browser.click_on("#play")
    browser.until("!document.getElementById('audio').paused")
    browser.click_on("#ahead")
    browser.until("document.getElementById('audio').currentTime >= 10")
    browser.run("document.getElementById('audio').pause()")
    untimed = tmp_path / "untimed.html"
    lines = [made.line("a", "no time")]
    write_pencast(share_content(made.session(takes, lines)), tmp_path, untimed)
    opened(browser, untimed)
    assert browser.run("document.querySelector('.about').textContent") == "20 seconds, 1 note."
    assert browser.console == []


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        (3, "OnMediaSinkAudioError", "No sound comes out here: check the sound output"),
        (4, "no decoder", "This browser cannot play the sound."),
    ],
)
def test_why_nothing_is_heard_is_told(browser, page, code, message, said):
    opened(browser, page)
    browser.run(
        "Object.defineProperty(document.getElementById('audio'), 'error',"
        f" {{ value: {{ code: {code}, message: '{message}' }} }})"
    )
    browser.run("document.getElementById('audio').dispatchEvent(new Event('error'))")
    assert browser.run("document.getElementById('status').textContent").startswith(said)


SAYING = "document.querySelector('.line[aria-current] + .saying')"


def test_where_it_has_no_column_what_is_said_stands_under_the_lit_note(browser, page):
    opened(browser, page, (390, 844))
    assert browser.run(SAYING) is None
    browser.click_on("[id='n=1'] .time")
    browser.until(f"{SAYING}?.textContent === 'Ada: portable services are the unit'")
    weight = f"getComputedStyle({SAYING}.querySelector('[data-s]')).fontWeight"
    assert browser.run(weight) == "400"
    browser.click_on("[id='n=2'] .time")
    browser.until(f"{SAYING}?.textContent === 'take any key value store'")
    browser.until(f"{SAYING}.querySelector('.said')")
    lit = "document.querySelectorAll('#transcript .said')"
    assert browser.run(f"{lit}.length") == 1
    browser.run("document.getElementById('audio').pause()")
    assert browser.run(f"{SAYING}.getAttribute('aria-hidden')") == "true"
    browser.click_on(".saying [data-s='31600']")
    browser.until("!document.getElementById('audio').paused")
    assert 31.3 <= now(browser) < 50
    browser.run("document.getElementById('audio').pause()")
    browser.run(axe.axe_script())
    assert browser.run(axe.RUN) == []
    browser.click_on("#words")
    assert browser.run("document.querySelector('.saying')") is None
    browser.click_on("#words")
    assert browser.run(f"{SAYING} !== null")
    browser.size(1400, 900)
    browser.run("dispatchEvent(new Event('resize'))")
    browser.click_on("[id='n=2'] .time")
    browser.until("document.querySelector('.saying') === null")
    browser.run("document.getElementById('audio').pause()")
    assert browser.console == []


def test_on_the_narrowest_screen_all_controls_stand_in_one_row(browser, page):
    opened(browser, page, (320, 568))
    tops = browser.run(
        "[...document.querySelectorAll('.controls > button, .controls > select')]"
        ".filter((one) => one.offsetParent).map((one) => Math.round("
        "one.getBoundingClientRect().top + one.offsetHeight / 2))"
    )
    assert len(tops) == 6 and max(tops) - min(tops) <= 1
    assert browser.run("document.getElementById('player').offsetHeight") < 150


def test_without_a_transcript_nothing_speaks_of_one(tmp_path):
    text = written(tmp_path, transcript=False).read_text("utf-8")
    assert 'id="transcript"' not in text
    assert 'id="words"' not in text
    assert "portable" not in text


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [(320, 568), (390, 844), (1400, 900), (3840, 2160)])
def test_it_fits_and_axe_has_nothing_to_say(browser, page, size, dark):
    opened(browser, page, size, dark)
    wide = browser.run("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    browser.run(axe.axe_script())
    assert browser.run(axe.RUN) == []


def test_headings_go_down_one_at_a_time_however_notes_begin(browser, tmp_path):
    kinds = (LineKind.HEADING3, LineKind.HEADING2, LineKind.HEADING3, LineKind.HEADING1)
    lines = [made.line(str(n), f"heading {n}", kind=kind) for n, kind in enumerate(kinds)]
    page = tmp_path / "notes.html"
    write_pencast(share_content(made.session((), lines)), tmp_path, page)
    browser.open(page.as_uri())
    assert browser.run("[...document.querySelectorAll('#notes .row')].map((r) => r.tagName)") == [
        "H2", "H3", "H4", "H2",
    ]  # fmt: skip
    browser.run(axe.axe_script())
    assert browser.run(axe.RUN) == []
