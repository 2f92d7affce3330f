"""Chapters and tags of the shared sound, from the notes' headings; without any, from the lines."""

from __future__ import annotations

from collections.abc import Sequence

from .audio import Chapter
from .content import ShareContent
from .cues import line_words
from .markup import joined_parts, seen

_TITLE_BYTES = 200
"""Players' lists hold 255 bytes of a chapter's title at most."""
_CLOSE_MS = 9
"""Chapters of one time begin a millisecond after each other, this much at most."""


def sound_chapters(content: ShareContent) -> tuple[Chapter, ...]:
    """The chapters in order of time; the first begins at 0 (players put it there in any case).

    Lines of one time make a chapter each, a millisecond apart; more than ten share the last.
    """
    if not content.has_audio or content.duration_ms <= 0:
        return ()
    timed = [
        (line.ms, line.line.kind.is_heading, words)
        for line in content.lines
        if line.ms is not None and (words := line_words(line))
    ]
    if any(heading for _ms, heading, _words in timed):
        timed = [each for each in timed if each[1]]
    timed.sort(key=lambda each: each[0])
    if not timed:
        return ()
    begins: list[tuple[int, str]] = []
    if timed[0][0] > 0:
        begins.append((0, seen(content.title) or timed[0][2]))
    for ms, _heading, words in timed:
        at = max(min(ms, content.duration_ms - 1), begins[-1][0] + 1 if begins else 0)
        if at - ms > _CLOSE_MS or at >= content.duration_ms:
            last_ms, last = begins.pop()
            begins.append((last_ms, f"{last} · {words}"))
        else:
            begins.append((at, words))
    ends = [*(at for at, _words in begins[1:]), content.duration_ms]
    return tuple(
        Chapter(at, end, _shortened(words)) for (at, words), end in zip(begins, ends, strict=True)
    )


def chapter_comments(chapters: Sequence[Chapter]) -> dict[str, str]:
    """The chapters as Vorbis comments: FFmpeg's own for Ogg were up to a second off (measured).

    Their numbers have three digits: the first 999.
    """
    comments: dict[str, str] = {}
    for number, chapter in enumerate(chapters[:999], start=1):
        seconds, rest = divmod(chapter.start_ms, 1000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
        comments[f"CHAPTER{number:03}"] = clock
        comments[f"CHAPTER{number:03}NAME"] = chapter.title
    return comments


def sound_tags(content: ShareContent) -> dict[str, str]:
    """What the sound says of itself. Nothing of the person, the machine or a path; no artist, as
    who spoke is not known."""
    about = joined_parts((seen(content.session.place), seen(content.session.summary)))
    tags = {
        "title": seen(content.title),
        "album": seen(content.event),
        "date": f"{content.date:%Y-%m-%d}",
        "comment": about,
    }
    return {name: value for name, value in tags.items() if value}


def _shortened(words: str) -> str:
    raw = words.encode("utf-8")
    if len(raw) <= _TITLE_BYTES:
        return words
    return raw[: _TITLE_BYTES - 3].decode("utf-8", "ignore") + "…"
