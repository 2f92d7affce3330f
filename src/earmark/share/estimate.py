"""How big a share will be, before it is made. Loads nothing heavy: an open dialog asks often."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from .content import ShareContent
from .form import inert_json, pencast_form
from .formats import ShareForm
from .options import AAC_BITRATE, OPUS_BITRATE, AudioForm, WriteOptions
from .page import page_file

_OVERSHOOT = {AudioForm.M4A: 1.04, AudioForm.OPUS: 1.02}
"""What encoder and container make of the asked rate, measured with speech."""
_MP3_BITRATE = 64_000
_FILES = ("page.html", "player.html", "player.js", "style.css")
_REST_BYTES = 4_000
_LINE_BYTES = 230
_RUN_BYTES = 28
_CUE_BYTES = 48
_WORD_BYTES = 7


def estimated_bytes(
    content: ShareContent, library: Path, form: ShareForm, write: WriteOptions | None = None
) -> int:
    """About how big what `form` makes of this will be, all its files together."""
    return form.spec.load_estimate()(content, library, write or WriteOptions())


def sound_bytes(
    content: ShareContent, form: AudioForm = AudioForm.M4A, bitrate: int | None = None
) -> int:
    """About how big the encoded sound will be."""
    if not content.has_audio:
        return 0
    rate = bitrate or (AAC_BITRATE if form is AudioForm.M4A else OPUS_BITRATE)
    return round(content.duration_ms / 8_000 * rate * _OVERSHOOT[form])


def pencast_bytes(
    content: ShareContent,
    library: Path,
    form: AudioForm = AudioForm.M4A,
    bitrate: int | None = None,
) -> int:
    """About how big the .html will be: base64 makes four bytes of three."""
    inside = sound_bytes(content, form, bitrate) + _pictures(content, library)
    return _page(content) + inside * 4 // 3


def _page(content: ShareContent) -> int:
    lines = sum(
        _LINE_BYTES + len(line.line.text) + _RUN_BYTES * len(line.runs) for line in content.lines
    )
    return _page_files() + _REST_BYTES + lines + _form(content)


@cache
def _page_files() -> int:
    return sum(len(page_file(name)) for name in _FILES)


def _form(content: ShareContent) -> int:
    return len(inert_json(pencast_form(content)))


def _pictures(content: ShareContent, library: Path) -> int:
    return sum(_size(library, picture.file) for picture in content.pictures)


def _size(library: Path, file: str | None) -> int:
    path = library / file if file else None
    return path.stat().st_size if path is not None and path.is_file() else 0


def _kept_sound(content: ShareContent, library: Path) -> int:
    """The takes' own files; of one that was cut, as much as is shared of it."""
    if not content.has_audio:
        return 0
    total = 0.0
    shared = {take.id: take.frames for take in content.timeline.takes}
    for take in content.takes:
        size = _size(library, take.file) + _size(library, take.peaks)
        if not take.whole:
            whole = max(p.start + p.frames for p in content.audio_plan if p.take == take.id)
            size = round(size * min(1.0, shared[take.id] / max(1, whole)))
        elif take.original != take.file:
            size += _size(library, take.original)
        total += size
    return round(total)


def _cues(content: ShareContent) -> int:
    lines = sum(_CUE_BYTES + len(line.line.text.encode()) for line in content.lines)
    words = sum(
        _CUE_BYTES + len(passage.segment.text.encode()) + _WORD_BYTES * len(passage.words)
        for passage in content.segments
    )
    return lines + words


def html_bytes(content: ShareContent, library: Path, write: WriteOptions) -> int:
    return pencast_bytes(content, library, write.form, write.bitrate)


def bundle_bytes(content: ShareContent, library: Path, write: WriteOptions) -> int:
    """The page stands in it too, with its own, smaller sound and the pictures once more."""
    texts = (_form(content) + _page(content)) // 4
    page = sound_bytes(content, write.form, write.bitrate)
    return _kept_sound(content, library) + page + 2 * _pictures(content, library) + texts


def audio_bytes(content: ShareContent, _library: Path, write: WriteOptions) -> int:
    return sound_bytes(content, write.form, write.bitrate)


def cues_bytes(content: ShareContent, _library: Path, _write: WriteOptions) -> int:
    return _cues(content)


def markdown_bytes(content: ShareContent, library: Path, write: WriteOptions) -> int:
    return _cues(content) + audio_bytes(content, library, write) + _pictures(content, library)


def epub_bytes(content: ShareContent, library: Path, _write: WriteOptions) -> int:
    sound = content.duration_ms * _MP3_BITRATE // 8_000 if content.has_audio else 0
    return sound + _pictures(content, library) + _cues(content) // 2 + _REST_BYTES


def json_bytes(content: ShareContent, _library: Path, _write: WriteOptions) -> int:
    return len(json.dumps(pencast_form(content), indent=2))


def folder_bytes(content: ShareContent, library: Path, write: WriteOptions) -> int:
    """A folder holds one sound file, which its Markdown names."""
    inside = (form for form in ShareForm if form.spec.suffixes and not form.spec.is_pure_sound)
    return sum(estimated_bytes(content, library, form, write) for form in inside)
