"""How big a pencast will be, before it is made; and what mail will say to it."""

from __future__ import annotations

from pathlib import Path

from .audio import AAC_BITRATE, OPUS_BITRATE
from .content import ShareContent
from .form import inert_json, pencast_form
from .kinds import AudioForm
from .page import page_file

MAIL_LIMIT_BYTES = 18_000_000
"""Mail services refuse 20 to 25 MB after their own encoding: about this much of a file."""
_OVERSHOOT = {AudioForm.M4A: 1.04, AudioForm.OPUS: 1.02}
"""What encoder and container make of the asked rate, measured with speech."""
_FILES = ("page.html", "player.html", "player.js", "style.css")
_REST_BYTES = 4_000
_LINE_BYTES = 230
_RUN_BYTES = 28


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
    pictures = sum(
        path.stat().st_size
        for picture in content.pictures
        if (path := library / picture.file).is_file()
    )
    lines = sum(
        _LINE_BYTES + len(line.line.text) + _RUN_BYTES * len(line.runs) for line in content.lines
    )
    notes = lines + len(inert_json(pencast_form(content)))
    page = sum(len(page_file(name)) for name in _FILES)
    return page + _REST_BYTES + notes + (sound_bytes(content, form, bitrate) + pictures) * 4 // 3
