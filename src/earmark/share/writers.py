"""Every form of Share: its writer (loaded when asked for), its ending, its name for people."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from threading import Event
from typing import Protocol, cast

from earmark.model.i18n import _

from .content import ShareContent
from .kinds import ShareForm, WriteOptions, Written, form_for

__all__ = ["Writer", "carries_sound", "form_for", "suffix", "title", "writer"]


class Writer(Protocol):
    """Writes one form: all of it at `target`, or nothing."""

    def __call__(
        self,
        content: ShareContent,
        library: Path,
        target: Path,
        options: WriteOptions | None = None,
        *,
        replace: bool = False,
        progress: Callable[[float], None] | None = None,
        cancelled: Event | None = None,
    ) -> Written:
        """Raises TargetExists, NotFound, Busy, UnusableMedia, DiskFull, another EarmarkError,
        ShareCancelled."""
        ...


_WRITERS = {
    ShareForm.HTML: ("pencast", "write_pencast"),
    ShareForm.BUNDLE: ("bundle", "write_bundle"),
    ShareForm.MARKDOWN: ("markdown", "write_markdown"),
    ShareForm.AUDIO: ("audiofile", "write_audio"),
    ShareForm.CHAPTERS: ("audiofile", "write_chapters"),
    ShareForm.WEBVTT: ("subtitles", "write_webvtt"),
    ShareForm.SRT: ("subtitles", "write_srt"),
    ShareForm.AUDACITY: ("subtitles", "write_audacity"),
    ShareForm.EPUB: ("epub", "write_epub"),
    ShareForm.JSON: ("jsonform", "write_json"),
    ShareForm.FOLDER: ("folder", "write_folder"),
}
_SUFFIXES = {
    ShareForm.HTML: ".html",
    ShareForm.BUNDLE: ".earmark",
    ShareForm.MARKDOWN: ".md",
    ShareForm.WEBVTT: ".vtt",
    ShareForm.SRT: ".srt",
    ShareForm.AUDACITY: ".txt",
    ShareForm.EPUB: ".epub",
    ShareForm.JSON: ".json",
    ShareForm.FOLDER: "",
}
_SILENT = (ShareForm.WEBVTT, ShareForm.SRT, ShareForm.AUDACITY, ShareForm.JSON)


def writer(form: ShareForm) -> Writer:
    """The function that writes this form."""
    module, name = _WRITERS[form]
    return cast(Writer, getattr(import_module(f"{__package__}.{module}"), name))


def suffix(form: ShareForm, options: WriteOptions | None = None) -> str:
    """The usual ending, with its dot; empty for a folder."""
    if form in (ShareForm.AUDIO, ShareForm.CHAPTERS):
        return f".{(options or WriteOptions()).form.suffix}"
    return _SUFFIXES[form]


def carries_sound(form: ShareForm) -> bool:
    """Whether the sound goes with it (then a missing sound file stops it)."""
    return form not in _SILENT


def title(form: ShareForm) -> str:
    """What people read in a list of the forms."""
    return {
        ShareForm.HTML: _("Pencast: one page with notes and sound"),
        ShareForm.BUNDLE: _("Earmark bundle: everything, to be imported again"),
        ShareForm.MARKDOWN: _("Markdown with the sound beside it"),
        ShareForm.AUDIO: _("Sound alone"),
        ShareForm.CHAPTERS: _("Sound with chapters"),
        ShareForm.WEBVTT: _("WebVTT cues"),
        ShareForm.SRT: _("SRT subtitles"),
        ShareForm.AUDACITY: _("Audacity labels"),
        ShareForm.EPUB: _("EPUB book that reads along"),
        ShareForm.JSON: _("JSON for programs"),
        ShareForm.FOLDER: _("Folder with all of these"),
    }[form]
