"""The transcript of a pencast as readable HTML: passages of words, each with its moment."""

from __future__ import annotations

from collections.abc import Iterator

from earmark.model import format_time
from earmark.model.i18n import _

from .content import ShareContent
from .markup import seconds, text
from .shared_words import SharedSegment


def transcript_html(content: ShareContent) -> Iterator[str]:
    """The passages in order; nothing where there is no transcript."""
    if not content.segments:
        return
    yield (
        f'<section id="transcript" tabindex="0" aria-label="{text(_("Transcript"))}">'
        f"<h2>{text(_('Transcript'))}</h2>\n"
    )
    speaker = ""
    for segment in content.segments:
        yield _passage(segment, speaker)
        speaker = segment.segment.speaker
    yield "</section>\n"


def _passage(shared: SharedSegment, before: str) -> str:
    """One passage; its speaker is named where another one spoke before."""
    speaker = shared.segment.speaker
    named = speaker and speaker != before
    who = f'<b class="speaker" dir="auto">{text(speaker)}:</b> ' if named else ""
    return (
        f'<div class="row passage" data-ms="{shared.ms}" data-end="{shared.end_ms}">'
        f'<p><a href="#t={seconds(shared.ms)}"><time class="time" '
        f'datetime="PT{seconds(shared.ms)}S">{format_time(shared.ms)}</time></a> '
        f'<span dir="auto">{who}{_words(shared)}</span></p></div>\n'
    )


def _words(shared: SharedSegment) -> str:
    """Words with times, where they are the passage's text; else its text as a whole."""
    said = " ".join(word.text for word in shared.words)
    if not shared.words or said != shared.segment.text:
        return text(shared.segment.text)
    return " ".join(f'<span data-s="{word.ms}">{text(word.text)}</span>' for word in shared.words)
