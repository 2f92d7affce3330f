"""The .html pencast: one file that anyone can open, with the notes, the sound and the player.

The notes stand in it as plain HTML, complete without scripts; the sound follows as base64 in
inert pieces that the player puts together; the session's form stands in it for programs.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template
from threading import Event
from typing import BinaryIO

from earmark.model import format_time
from earmark.model.i18n import _, ngettext

from .audio import encode
from .content import ShareContent
from .form import inert_json, pencast_form
from .levels import Levels
from .markup import bookmarks_html, joined_parts, notes_html, text
from .opengraph import page_head
from .options import AudioForm, WriteOptions, Written
from .output_file import Progress, go_on, part_of, writing
from .page import page_file, policy
from .pictures import clean_picture
from .sound import Samples, planned_frames, refuse_missing
from .spokenmarkup import transcript_html

PIECE_BYTES = 3 << 20
"""Sound in one piece: a multiple of 3, so that no piece but the last ends in padding."""
_SPEEDS = ("0.5", "0.75", "1", "1.25", "1.5", "1.75", "2", "2.5", "3")
_ENCODING = 0.95
"""The share of the work that encoding is."""


def write_pencast(
    content: ShareContent,
    library: Path,
    target: Path,
    options: WriteOptions | None = None,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes the pencast of `content` to `target`, whole or not at all.

    Raises TargetExists without `replace`, NotFound naming a missing sound file, UnusableMedia,
    DiskFull, EarmarkError for a place that cannot be written, ShareCancelled.
    """
    options = options or WriteOptions()
    with writing(target, replace=replace) as part:
        refuse_missing(content.audio_plan, library)
        sound = part.with_suffix(".sound")
        try:
            levels = ""
            if content.has_audio:
                levels = encode_heard(content, library, sound, options, progress, cancelled)
            with part.open("wb") as file:
                size = sound.stat().st_size if content.has_audio else 0
                base = options.base_url
                head = page_head(content, base, target.name) if base else ""
                page = page_html(content, library, options.form, levels, size, head=head)
                file.write(page.encode("utf-8"))
                if content.has_audio:
                    _append_sound(file, sound, cancelled)
                file.write(b"</body>\n</html>\n")
            go_on(cancelled)
        finally:
            sound.unlink(missing_ok=True)
    if progress is not None:
        progress(1.0)
    return Written(target, target.stat().st_size)


def encode_heard(
    content: ShareContent,
    library: Path,
    sound: Path,
    options: WriteOptions,
    progress: Progress | None,
    cancelled: Event | None,
) -> str:
    """Encodes the sound into the file `sound`; returns its waveform for a page."""
    shape: Levels | None = None

    def heard(rate: int, block: Samples) -> None:
        nonlocal shape
        if shape is None:
            shape = Levels(planned_frames(content.audio_plan, rate))
        shape.add(block)

    encode(
        content.audio_plan,
        library,
        sound,
        options.form,
        bitrate=options.bitrate,
        even_loudness=options.even_loudness,
        heard=heard,
        progress=part_of(progress, 0.0, _ENCODING),
        cancelled=cancelled,
    )
    return shape.text() if shape is not None else ""


@dataclass(frozen=True, slots=True)
class Site:
    """What a page has as one of a site: its sound is the file of this name beside it, the rest is
    HTML that is safe, and more style and script."""

    sound: str
    head: str
    above: str
    below: str
    style: str
    script: str


def page_html(
    content: ShareContent,
    library: Path,
    form: AudioForm,
    levels: str,
    sound_bytes: int,
    site: Site | None = None,
    *,
    head: str = "",
) -> str:
    """The page up to the sound that it holds itself, unless it is one of a site."""
    style = page_file("style.css")
    script = page_file("player.js") + (page_file("words.js") if content.segments else "")
    if site is not None:
        style, script = style + site.style, script + site.script
    return Template(page_file("page.html")).substitute(
        lang=_("en"),
        policy=policy(script, style, beside=site is not None),
        head=site.head if site else head,
        above=site.above if site else "",
        below=site.below if site else "",
        style=style,
        script=script,
        title=text(content.title or _("Untitled")),
        where=text(
            joined_parts((content.event, day_words(content.date.date()), content.session.place))
        ),
        summary=_summary(content),
        about=text(_about(content)),
        noscript=_noscript(content, site),
        notes_label=text(_("Notes")),
        notes="".join(notes_html(content, _Pictures(content, library).source)),
        bookmarks="".join(bookmarks_html(content)),
        layout=' class="with-words"' if content.segments and _says(content) else "",
        transcript="".join(transcript_html(content)),
        dim_label=text(_("Dim notes ahead")),
        nothing=text(_("Nothing found.")),
        keys_label=text(_("Keys")),
        keys="".join(f"<dt>{text(key)}</dt><dd>{text(does)}</dd>" for key, does in _keys()),
        player=_player(content, form, levels, site.sound if site else ""),
        form="" if site else _form(content, form, sound_bytes),
    )


def _form(content: ShareContent, form: AudioForm, sound_bytes: int) -> str:
    """The session for programs; a page of a site has none, as it does not hold all of it."""
    audio = {"type": form.mime, "bytes": sound_bytes} if content.has_audio else None
    inert = inert_json(pencast_form(content, audio))
    return f'<script type="application/json" id="earmark">{inert}</script>\n'


def _append_sound(file: BinaryIO, sound: Path, cancelled: Event | None) -> None:
    with sound.open("rb") as source:
        while piece := source.read(PIECE_BYTES):
            go_on(cancelled)
            file.write(b'<script type="text/plain" class="sound">')
            file.write(base64.b64encode(piece))
            file.write(b"</script>\n")


class _Pictures:
    """Shows the shared pictures' bytes, cleaned, as addresses."""

    def __init__(self, content: ShareContent, library: Path) -> None:
        self._files = {picture.id: library / picture.file for picture in content.pictures}

    def source(self, picture: str) -> str | None:
        """The `data:` address; None where the file is missing or of no known kind."""
        file = next((f for key, f in self._files.items() if key == picture), None)
        if file is None or not file.is_file():
            return None
        cleaned = clean_picture(file.read_bytes())
        if cleaned is None:
            return None
        mime, data = cleaned
        return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"


def day_words(day: date) -> str:
    """“11 June 2009”."""
    months = (
        *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July")),
        *(_("August"), _("September"), _("October"), _("November"), _("December")),
    )
    return _("{day} {month} {year}").format(day=day.day, month=months[day.month - 1], year=day.year)


def _summary(content: ShareContent) -> str:
    if not content.session.summary:
        return ""
    return f'<p class="summary" dir="auto">{text(content.session.summary)}</p>\n'


def _about(content: ShareContent) -> str:
    """“52 minutes, 11 notes: touch one to hear it.”; true also where there is none to touch."""
    notes = sum(1 for line in content.lines if line.line.text)
    counted = ngettext("{count} note", "{count} notes", notes).format(count=notes)
    if not content.has_audio:
        return _("{notes}, without sound.").format(notes=counted)
    length = _length(content.duration_ms)
    if not _says(content):
        return _("{length} of sound, no notes.").format(length=length)
    if all(line.ms is None for line in content.lines):
        return _("{length}, {notes}.").format(length=length, notes=counted)
    return _("{length}, {notes}: touch one to hear it.").format(length=length, notes=counted)


def _says(content: ShareContent) -> bool:
    """Whether there is any note to read or see."""
    return any(line.line.text or line.line.picture for line in content.lines)


def _length(ms: int) -> str:
    minutes = round(ms / 60_000)
    if minutes < 1:
        whole = max(1, round(ms / 1000))
        return ngettext("{count} second", "{count} seconds", whole).format(count=whole)
    return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)


def _noscript(content: ShareContent, site: Site | None) -> str:
    if not content.has_audio:
        return ""
    if site is not None:
        return f'<noscript><audio controls="" src="{text(site.sound)}"></audio></noscript>\n'
    said = _("To hear the sound, open this file in a web browser that runs its player.")
    return f"<noscript><p>{text(said)}</p></noscript>\n"


def _keys() -> tuple[tuple[str, str], ...]:
    return (
        (_("Space"), _("play or pause")),
        ("← →", _("10 seconds back or on")),
        ("P N", _("play the previous or next note")),
        ("Enter", _("play the chosen note, or the first one found")),
        ("/", _("search")),
        ("Esc", _("end the search")),
    )


def _words_button(content: ShareContent) -> str:
    if not content.segments:
        return ""
    return (
        f'<button type="button" id="words" aria-pressed="true" hidden>{text(_("Words"))}</button>\n'
    )


def _player(content: ShareContent, form: AudioForm, levels: str, file: str) -> str:
    chosen = ' selected=""'
    speeds = "".join(
        f'<option value="{speed}"{chosen if speed == "1" else ""}>{speed}×</option>'
        for speed in _SPEEDS
    )
    said = {
        "player_label": _("Player"),
        "of": _("{time} of {length}"),
        "ready": _("Ready at {time}. Press Play to listen."),
        "unplayable": _("This browser cannot play the sound. Try another one."),
        "unheard": _("No sound comes out here: check the sound output of this device."),
        "loading": _("The sound is being loaded…"),
        "found": _("{count} found"),
        "none": _("none found"),
        "search_label": _("Search the notes"),
        "close_label": _("End the search"),
        "follow_label": _("Go to the current note"),
        "seek_label": _("Place in the sound"),
        "back_label": _("10 seconds back"),
        "ahead_label": _("10 seconds on"),
        "play_label": _("Play"),
        "pause_label": _("Pause"),
        "find_label": _("Search"),
        "speed_label": _("Speed"),
    }
    return Template(page_file("player.html")).substitute(
        {name: text(value) for name, value in said.items()},
        duration=content.duration_ms if content.has_audio else 0,
        look_back=content.look_back_ms,
        levels=levels,
        words=_words_button(content),
        type=form.mime,
        file=f' data-file="{text(file)}"' if file else "",
        length=format_time(content.duration_ms),
        speeds=speeds,
    )
