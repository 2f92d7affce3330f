"""The same page in Firefox: it opens from disk, lands where it is clicked, and nothing runs."""

import pytest
import sessions_to_share as made
from firefox import Firefox, firefox_path
from heard_in_page import check_landing, master
from hostile import HOSTILE

from earmark.share.content import share_content
from earmark.share.pencast import write_pencast

pytestmark = pytest.mark.skipif(firefox_path() is None, reason="no Firefox on this machine")
SECOND = 48_000


def test_a_pencast_of_hostile_words_plays_where_it_is_touched(tmp_path):
    takes = (made.take(1, 100 * SECOND),)
    made.write_speech(tmp_path, takes)
    lines = [made.line(str(n), words, (1, n * 2 * SECOND)) for n, words in enumerate(HOSTILE)]
    content = share_content(made.session(takes, lines, title=HOSTILE[0]))
    page = tmp_path / "talk.html"
    write_pencast(content, tmp_path, page)
    profile = tmp_path / "profile"
    profile.mkdir()
    with Firefox(profile) as browser:
        browser.open(page.as_uri() + "#t=20")
        browser.until("document.getElementById('audio').readyState >= 1")
        browser.until("!document.getElementById('audio').seeking")
        assert browser.run("document.getElementById('audio').currentTime") == pytest.approx(
            20, abs=0.05
        )
        assert browser.run("document.querySelector('[aria-current]').closest('.row').id") == "n=11"
        assert abs(browser.run("document.getElementById('audio').duration") - 100) < 0.06
        browser.click_on('[id="n=31"] .time')
        browser.until("!document.getElementById('audio').seeking")
        assert 57 - 0.05 <= browser.run("document.getElementById('audio').currentTime") < 100
        assert browser.run("document.querySelector('[aria-current]').closest('.row').id") == "n=31"
        assert browser.run("location.hash") == "#n=31"
        assert browser.run("window.stolen ?? null") is None
        assert browser.run("document.querySelectorAll('#notes a.line').length") == len(HOSTILE)
        asked = "performance.getEntriesByType('resource').map((e) => e.name)"
        assert [
            name for name in browser.run(asked) if not name.startswith(("blob:", "data:"))
        ] == []
        assert browser.run("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.sound
def test_a_click_on_a_line_plays_what_was_said_then(tmp_path, sound):
    takes = (made.take(1, 100 * SECOND, off_record=[(40 * SECOND, 10 * SECOND)]),)
    made.write_speech(tmp_path, takes)
    lines = [made.line(str(n), f"line {n}", (1, n * 9 * SECOND)) for n in range(11)]
    content = share_content(made.session(takes, lines))
    page = tmp_path / "talk.html"
    write_pencast(content, tmp_path, page)
    profile = tmp_path / "profile"
    profile.mkdir()
    whole = master(tmp_path, content)
    with Firefox(profile, sound.env) as browser:
        browser.open(page.as_uri())
        browser.until("document.getElementById('audio').readyState >= 1")
        listener = sound.capture_monitor()
        for line in content.lines[1::2]:
            wanted = max(0, line.ms - content.look_back_ms)
            check_landing(browser, listener, f'[id="n={line.ordinal}"] .time', whole, wanted)
