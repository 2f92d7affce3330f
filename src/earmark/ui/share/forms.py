"""The forms of Share as people choose them: a name, one sentence what it is for, what it can take.

The .html comes first: it is what opens everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from earmark.app.sharing import AudioForm, ShareForm
from earmark.model.i18n import _


@dataclass(frozen=True, slots=True)
class FormSpec:
    """One form. `suffix` is empty for a folder.

    `sound`: sound can be inside; `encodes`: "smaller" and "even the loudness" change it;
    `notes`: it can be made without any sound; `transcript`: a transcript can be inside.
    """

    form: ShareForm
    name: str
    sentence: str
    suffix: str
    sound: bool = True
    encodes: bool = True
    notes: bool = True
    transcript: bool = True


@cache
def forms() -> tuple[FormSpec, ...]:
    """Every form, the ones people need most first."""
    f = FormSpec
    return (
        f(
            ShareForm.HTML,
            _("One web page"),
            _("Opens with a double click in any browser, no network needed; a click plays."),
            ".html",
        ),
        f(
            ShareForm.BUNDLE,
            _("Earmark file"),
            _("Comes back into Earmark whole, with the original sound. Open layout."),
            ".earmark",
            encodes=False,
        ),
        f(
            ShareForm.MARKDOWN,
            _("Markdown"),
            _("For editors and note apps: times link into the sound that lies beside it."),
            ".md",
        ),
        f(
            ShareForm.CHAPTERS,
            _("Audio with chapters"),
            _("For podcast apps and players: each heading is a chapter."),
            ".m4a",
            notes=False,
            transcript=False,
        ),
        f(
            ShareForm.AUDIO,
            _("Audio alone"),
            _("One sound file with its title, for every player."),
            ".m4a",
            notes=False,
            transcript=False,
        ),
        f(
            ShareForm.WEBVTT,
            _("WebVTT subtitles"),
            _("Notes as timed lines for video players and web pages."),
            ".vtt",
            sound=False,
            encodes=False,
            notes=False,
        ),
        f(
            ShareForm.SRT,
            _("SRT subtitles"),
            _("Notes as timed lines for older players and video editors."),
            ".srt",
            sound=False,
            encodes=False,
            notes=False,
        ),
        f(
            ShareForm.AUDACITY,
            _("Audacity labels"),
            _("Notes as a label track, to edit the recording by them."),
            ".txt",
            sound=False,
            encodes=False,
            notes=False,
        ),
        f(
            ShareForm.EPUB,
            _("E-book"),
            _("EPUB 3 that reads along: book apps light each note as it sounds."),
            ".epub",
        ),
        f(
            ShareForm.JSON,
            _("JSON"),
            _("Everything as data, for programs: lines, times and transcript."),
            ".json",
            sound=False,
            encodes=False,
        ),
        f(
            ShareForm.FOLDER,
            _("Folder with everything"),
            _("All of these forms beside each other in one folder."),
            "",
        ),
    )


def spec_of(form: ShareForm) -> FormSpec:
    """What is known of a form."""
    return next(spec for spec in forms() if spec.form is form)


def suffix_of(spec: FormSpec, audio: AudioForm) -> str:
    """The ending of the file's name; pure sound is named by its own form."""
    if spec.form in (ShareForm.AUDIO, ShareForm.CHAPTERS):
        return f".{audio.suffix}"
    return spec.suffix
