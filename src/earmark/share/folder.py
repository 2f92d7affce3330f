"""A folder with every form: the page to open, and beside it whatever other programs take."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event

from .bundle import write_bundle
from .content import ShareContent
from .epub import write_epub
from .jsonform import write_json
from .markdown import write_markdown
from .options import WriteOptions, Written
from .output_file import Progress, go_on, part_of
from .output_files import file_bytes, writing_folder
from .pencast import write_pencast
from .sound import refuse_missing
from .subtitles import write_audacity, write_srt, write_webvtt

_PARTS = (
    ("index.html", write_pencast, 0.25),
    ("notes.md", write_markdown, 0.25),
    ("notes.epub", write_epub, 0.25),
    ("notes.earmark", write_bundle, 0.25),
    ("notes.vtt", write_webvtt, 0.0),
    ("notes.srt", write_srt, 0.0),
    ("labels.txt", write_audacity, 0.0),
    ("notes.json", write_json, 0.0),
)
"""Each file, what writes it (and others beside it), and its share of the work."""
_OURS = re.compile(
    r"index\.html|notes\.(md|epub|earmark|json|m4a|opus)|notes(\.transcript)?\.(vtt|srt)"
    r"|labels(\.transcript)?\.txt|notes-pictures/picture-\d+\.(png|jpg|gif|webp)"
)


def write_folder(
    content: ShareContent,
    library: Path,
    target: Path,
    options: WriteOptions | None = None,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes the folder `target`, whole or not at all. The sound, with chapters, is `notes.m4a`.

    With `replace` only an earlier share (or an empty folder) is replaced: a folder that holds
    other files raises TargetExists. Raises what the other writers raise.
    """
    with writing_folder(target, _is_ours, replace=replace) as room:
        refuse_missing(content.audio_plan, library)
        done = 0.0
        for name, write, part in _PARTS:
            go_on(cancelled)
            write(
                content,
                library,
                room / name,
                options,
                progress=part_of(progress, done, part),
                cancelled=cancelled,
            )
            done += part
    return Written(target, file_bytes([target]))


def _is_ours(name: str) -> bool:
    return _OURS.fullmatch(name) is not None
