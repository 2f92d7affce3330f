"""What both engines have in common, as both are whisper.cpp: its languages, passages and limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .engines import AUTO, RATE, Heard, Samples
from .spoken import check_language
from .word_times import words_of

SHORTEST = RATE * 6 // 5
"""Shorter sound is refused by the engine; silence is added up to here."""


class WhisperCpp:
    """The part of a `Transcriber` that asks whisper.cpp's own functions, which `_raw` holds."""

    def __init__(self) -> None:
        self._raw: Any = None
        self._context: Any = None
        self._language = AUTO
        self._found = ""
        self._end_of_text = 0

    @property
    def language(self) -> str:
        return self._language if self._language != AUTO else self._found or AUTO

    def settle(self, language: str) -> None:
        self._language = language

    def _speak(self, language: str) -> None:
        """The language asked for, for the model that was just loaded. Raises EngineFailed."""
        raw = self._raw
        several = bool(raw.whisper_is_multilingual(self._context))
        known = {self._language_name(i) for i in range(raw.whisper_lang_max_id() + 1)}
        self._language = check_language(language, known=known, several=several)
        self._end_of_text = int(raw.whisper_token_eot(self._context))

    def _listened(self) -> None:
        """Keeps the language found in what was heard, where none was asked for."""
        if self._language == AUTO:
            self._found = self._language_name(self._raw.whisper_full_lang_id(self._context))

    def _gather(
        self, heard: list[Heard], quick: bool, on_heard: Callable[[Heard], None] | None
    ) -> None:
        """Adds the passages heard since the last call, and tells each."""
        while len(heard) < self._raw.whisper_full_n_segments(self._context):
            heard.append(self._passage(len(heard), quick))
            if on_heard is not None:
                on_heard(heard[-1])

    def _passage(self, i: int, quick: bool) -> Heard:
        """One of them; heard quickly, its words have its own times."""
        raw, context = self._raw, self._context
        start = raw.whisper_full_get_segment_t0(context, i) / 100
        end = raw.whisper_full_get_segment_t1(context, i) / 100
        tokens = []
        for j in range(raw.whisper_full_n_tokens(context, i)):
            data = raw.whisper_full_get_token_data(context, i, j)
            if data.id < self._end_of_text:
                times = (start, end) if quick else (data.t0 / 100, data.t1 / 100)
                tokens.append((self._token_text(data.id), *times, data.p))
        return Heard(start, end, words_of(tokens))

    def _language_name(self, language: int) -> str:
        """The code of whisper.cpp's language of that number."""
        raise NotImplementedError

    def _token_text(self, token: int) -> bytes:
        """The bytes of a token, which may be a part of a character."""
        raise NotImplementedError


def long_enough(samples: Samples) -> Samples:
    """The samples in one piece, with silence after them where they are too short."""
    sound = np.ascontiguousarray(samples, np.float32)
    if len(sound) < SHORTEST:
        sound = np.concatenate([sound, np.zeros(SHORTEST - len(sound), np.float32)])
    return sound
