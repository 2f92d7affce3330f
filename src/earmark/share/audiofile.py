"""The sound alone, or with chapters: a file that every player plays."""

from __future__ import annotations

from dataclasses import replace as replaced
from pathlib import Path
from threading import Event

from earmark.model import EarmarkError
from earmark.model.i18n import _

from .audio import coding, encode_as
from .chapters import chapter_comments, sound_chapters, sound_tags
from .content import ShareContent
from .options import AudioForm, WriteOptions, Written
from .output_file import Progress, writing
from .sound import ReadPiece, refuse_missing

_ENDINGS = {
    ".m4a": AudioForm.M4A,
    ".mp4": AudioForm.M4A,
    ".opus": AudioForm.OPUS,
    ".ogg": AudioForm.OPUS,
}
_SMALL_AAC = 32_000


def write_audio(
    content: ShareContent,
    library: Path,
    target: Path,
    options: WriteOptions | None = None,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes the sound with its title, event and date. Raises EarmarkError if there is none."""
    return _write(content, library, target, options, False, replace, progress, cancelled)


def write_chapters(
    content: ShareContent,
    library: Path,
    target: Path,
    options: WriteOptions | None = None,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """The same with a chapter for each heading; without headings, for each line."""
    return _write(content, library, target, options, True, replace, progress, cancelled)


def fitting(target: Path, options: WriteOptions | None) -> WriteOptions:
    """The options with the form that the target's ending says; Opus asked for in an .m4a becomes
    AAC at a smaller rate."""
    options = options or WriteOptions()
    form = _ENDINGS.get(target.suffix.lower(), options.form)
    if form is options.form:
        return options
    small = _SMALL_AAC if form is AudioForm.M4A else None
    return replaced(options, form=form, bitrate=options.bitrate or small)


def encode_tagged(
    content: ShareContent,
    library: Path,
    part: Path,
    options: WriteOptions,
    *,
    chapters: bool,
    progress: Progress | None,
    cancelled: Event | None,
    title: str = "",
    read_piece: ReadPiece | None = None,
) -> None:
    """Encodes the shared sound with its tags into `part`. Raises what `encode` does.

    `title`: another one than the session's, which is the album then (if no event is).
    """
    parts = sound_chapters(content) if chapters else ()
    tags = sound_tags(content)
    if title and title != tags.get("title"):
        tags = {"album": content.title, **tags, "title": title}
    if options.form is AudioForm.OPUS:
        tags |= chapter_comments(parts)
        parts = ()
    encode_as(
        coding(content.audio_plan, options.form, options.bitrate),
        content.audio_plan,
        library,
        part,
        even_loudness=options.even_loudness,
        tags=tags,
        chapters=parts,
        read_piece=read_piece,
        progress=progress,
        cancelled=cancelled,
    )


def _write(
    content: ShareContent,
    library: Path,
    target: Path,
    options: WriteOptions | None,
    chapters: bool,
    replace: bool,
    progress: Progress | None,
    cancelled: Event | None,
) -> Written:
    if not content.has_audio:
        raise EarmarkError(
            _("There is no sound to share."), _("Share the notes, for example as a page.")
        )
    with writing(target, replace=replace) as part:
        refuse_missing(content.audio_plan, library)
        encode_tagged(
            content,
            library,
            part,
            fitting(target, options),
            chapters=chapters,
            progress=progress,
            cancelled=cancelled,
        )
    return Written(target, target.stat().st_size)
