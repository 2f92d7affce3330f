"""Clips: chosen lines as a short sound file, and marked lines as a reel of highlights.

Each stretch fades in and out, is brought to the loudness of speech, and stands between short
silences. pydub does it a few seconds at a time, so that memory stays small.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from earmark.model import EarmarkError
from earmark.model.i18n import _

from .audiofile import encode_tagged, fitting
from .content import AudioPiece, Only, ShareContent
from .cues import line_words
from .markup import seen
from .options import WriteOptions, Written
from .output_file import Progress, writing
from .sound import Samples, read_piece, refuse_missing

FADE_MS = 40
LOUDNESS_DB, PEAK_DB = -20.0, -1.5
"""A stretch is brought to this RMS (dBFS), but its loudest sample no higher than the peak."""
_MOST_GAIN_DB = 18.0
_SILENT_DB = -60.0
"""Where nobody speaks nothing is made louder."""
_FULL_SCALE = 32_768
_HELD_MS = 2_000
_MAX_TITLE = 200


def write_clip(
    content: ShareContent,
    library: Path,
    target: Path,
    options: WriteOptions | None = None,
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes the sound of a selection to `target`; each line is a chapter of its name.

    Raises what the other writers raise; EarmarkError where the lines have no sound.
    """
    if not content.has_audio:
        raise EarmarkError(
            _("There is no sound at these lines."), _("Choose a line with a time beside it.")
        )
    refuse_missing(content.audio_plan, library)
    with writing(target, replace=replace) as part:
        encode_tagged(
            content,
            library,
            part,
            fitting(target, options),
            chapters=True,
            progress=progress,
            cancelled=cancelled,
            title=clip_title(content),
            read_piece=dressed,
        )
    if progress is not None:
        progress(1.0)
    return Written(target, target.stat().st_size)


def clip_title(content: ShareContent) -> str:
    """The first line's text; of a reel the session's title."""
    texts = [words for line in content.lines if (words := line_words(line))]
    if content.options.only is Only.MARKED or not texts:
        return seen(content.title)
    return texts[0][:_MAX_TITLE]


def dressed(piece: AudioPiece, library: Path) -> Iterator[Samples]:
    """One stretch, faded in and out and brought to the loudness of speech: as long as before."""
    gain: float | None = None
    for first, last, segment in _segments(piece, library):
        if gain is None:
            gain = _gain(piece, library)
        if first:
            segment = segment.fade_in(FADE_MS)
        if last:
            segment = segment.fade_out(FADE_MS)
        raw = np.frombuffer(segment.apply_gain(gain).raw_data, np.int16)
        yield raw.astype(np.float32) / np.float32(_FULL_SCALE)


def _gain(piece: AudioPiece, library: Path) -> float:
    """How many dB bring the stretch to the loudness of speech without clipping it."""
    power, peak, frames = 0.0, -math.inf, 0
    for _first, _last, segment in _segments(piece, library):
        count = int(segment.frame_count())
        power += float(segment.rms) ** 2 * count
        peak = max(peak, segment.max_dBFS)
        frames += count
    rms = math.sqrt(power / max(1, frames)) / _FULL_SCALE
    loudness = 20 * math.log10(max(rms, 1e-6))
    if loudness < _SILENT_DB:
        return 0.0
    return min(LOUDNESS_DB - loudness, PEAK_DB - peak, _MOST_GAIN_DB)


def _segments(piece: AudioPiece, library: Path) -> Iterator[tuple[bool, bool, Any]]:
    """The stretch as pydub's segments of some seconds: whether first, whether last, segment."""
    segment_of = _pydub()

    def segment(block: Samples) -> Any:
        raw = np.rint(np.clip(block, -1, 1) * (_FULL_SCALE - 1)).astype(np.int16).tobytes()
        return segment_of(data=raw, sample_width=2, frame_rate=piece.sample_rate, channels=1)

    held: Any = None
    first = True
    for block in read_piece(piece, library):
        # Two seconds are held back, so that the last segment is never shorter than its fade.
        if held is not None and len(held) >= _HELD_MS:
            yield first, False, held
            first, held = False, None
        made = segment(block)
        held = made if held is None else held.append(made, crossfade=0)
    if held is not None:
        yield first, True, held


def _pydub() -> Any:
    """pydub's segment. It warns that no ffmpeg is installed: none is needed here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    return AudioSegment
