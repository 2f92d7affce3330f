"""The labels in Audacity itself: what it imports, it exports again the same."""

from __future__ import annotations

import os

import audacity
import pytest
import sessions_to_share as made
from hostile import HOSTILE

from earmark.share.content import ShareOptions, share_content
from earmark.share.cues import note_cues
from earmark.share.subtitles import note_labels_text

SECOND = 48_000


@pytest.mark.slow
@pytest.mark.window
@pytest.mark.skipif(
    "EARMARK_AUDACITY" not in os.environ,
    reason="types into Audacity's dialogs at a pace: EARMARK_AUDACITY=1 on a quiet machine",
)
def test_audacity_imports_the_labels(tmp_path):
    if missing := audacity.missing():
        pytest.skip(f"lacking {missing}: `apt-get install audacity xdotool` to run this")
    texts = ["Einführung", "one\ttab", '"quoted" \\ [x](y) --> 5', "日本語", *HOSTILE[:4]]
    lines = [made.line(str(i), text, (1, i * 50_021)) for i, text in enumerate(texts)]
    lines.append(made.line("same", "the same moment", (1, 50_021)))
    takes = (made.take(1, 600 * SECOND),)
    content = share_content(made.session(takes, lines), ShareOptions(audio=False))
    cues = note_cues(content)
    came = audacity.labels_through_audacity(tmp_path / "home", note_labels_text(cues))
    found = [line.split("\t", 2) for line in came.splitlines()]
    assert sorted(words for _s, _e, words in found) == sorted(cue.text for cue in cues)
    at = {line.line.text: line.ms / 1000 for line in content.lines if line.ms is not None}
    for start, end, words in found:
        assert start == end
        if words in at:
            assert abs(float(start) - at[words]) <= 0.010
