"""A Markdown file as Share writes it: its times are links to the sound that lies beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from earmark.model import NotFound, safe_line, safe_title
from earmark.model.files import is_there
from earmark.model.i18n import _
from earmark.model.markdown import BEGIN, unescaped

_ENDINGS = (".md", ".markdown")
_LINK = re.compile(r"\]\(<?(?P<name>[^()<>#\s]*(?:\([^()]*\)[^()<>#\s]*)*)>?#t=")
_SOUND = re.compile(r"^\[[^\[\]]*\]\(<?(?P<name>[^()<>#\s]+)>?\)$", re.MULTILINE)
"""The link to the sound itself, above the notes: there may be no line with a time."""
_HEADING = re.compile(r"^# +(?P<title>.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class NotesWithSound:
    """The sound that the notes point to, the title they give, and the notes without it."""

    sound: Path
    title: str
    text: str


def is_notes_file(path: Path) -> bool:
    """By its ending: Markdown has no first bytes of its own."""
    return path.suffix.lower() in _ENDINGS


def notes_with_sound(path: Path, text: str) -> NotesWithSound:
    """The sound beside the notes file. Raises NotFound where it names none or it is not there.

    Only a file in the same folder counts: notes of a stranger lead nowhere else.
    """
    above, begin, _notes = text.partition(BEGIN)
    found = _LINK.search(text) or (_SOUND.search(above) if begin else None)
    name = unquote(found["name"]) if found else ""
    if not name or name != Path(name).name or name in (".", "..") or "\\" in name or "\x00" in name:
        raise NotFound(
            _("“{name}” names no sound that lies beside it.").format(name=_shown(path.name)),
            _("Import the recording and give the notes with --notes."),
        )
    sound = path.parent / name
    if not is_there(sound):
        raise NotFound(
            _("The sound “{sound}” of “{name}” is not beside it.").format(
                sound=_shown(name), name=_shown(path.name)
            ),
            _("Put both files into one folder and import the notes again."),
        )
    title = _HEADING.search(above) if begin else None
    named = safe_title(unescaped(title["title"])) if title else ""
    return NotesWithSound(sound, named or safe_title(path.stem), text)


def _shown(name: str) -> str:
    return safe_line(name)[:80]
