"""Takes through the real transcribing process; what it tells compared with what was said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from tinymodel import RATE, Sound, Spoken, edits, resampled

from earmark.transcribe.client import Engine

Message = dict[str, Any]


def write(path: Path, sound: Sound, rate: int = RATE, channels: int = 1) -> Path:
    """The clip (16 kHz) as a file of that rate; its second channel holds nothing but room."""
    wide = sound if rate == RATE else resampled(sound, RATE, rate)
    if channels == 2:
        wide = np.stack([wide, wide * np.float32(0.8)], axis=1)
    soundfile.write(path, wide, rate)
    return path


def run(engine: Engine, take: str, rate: int, file: Path, **more: Any) -> list[Message]:
    """All messages of one take, `finished` last."""
    engine.begin(take, rate, file=file, **more)
    return list(engine.events())


def passages(messages: Iterable[Message]) -> list[Message]:
    told = (message for message in messages if message["ev"] == "segments")
    return [segment for message in told for segment in message["segments"]]


def words(segments: Iterable[Message]) -> list[str]:
    return " ".join(segment["text"] for segment in segments).split()


def word_error(spoken: Iterable[Spoken], segments: Iterable[Message]) -> tuple[int, int]:
    """Words wrong, and words said."""
    said = " ".join(one.text for one in spoken).split()
    return edits(said, words(segments)), len(said)


def time_errors(spoken: Iterable[Spoken], segments: Sequence[Message], rate: int) -> list[float]:
    """Seconds by which starts and ends are off, of each phrase against the passage over it."""
    off = []
    for one in spoken:
        over = max(
            segments,
            key=lambda s: min(s["end"] / rate, one.end) - max(s["start"] / rate, one.start),
            default=None,
        )
        if over is None:
            off += [60.0, 60.0]
        else:
            off += [abs(over["start"] / rate - one.start), abs(over["end"] / rate - one.end)]
    return off


def check_form(segments: Sequence[Message], frames: int, start: int = 0) -> None:
    """What every answer keeps to: order, limits, words that make up the text."""
    before = start
    for segment in segments:
        assert before <= segment["start"] < segment["end"] <= frames
        before = segment["end"]
        assert " ".join(word[0] for word in segment["words"]) == segment["text"]
        at = segment["start"]
        for _text, begin, end, probability in segment["words"]:
            assert at <= begin < end <= segment["end"]
            assert 0 <= probability <= 1
            at = end
