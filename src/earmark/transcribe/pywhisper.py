"""The default engine: whisper.cpp through pywhispercpp.

Its parameters stay set from call to call, so every call sets all it relies on. A path that is no
file makes it download something, and a broken model takes the process down: models are checked
before they come here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from earmark.model.i18n import _

from .engines import AUTO, RATE, EngineFailed, Heard, Samples
from .spoken import check_language
from .wording import words_of

SHORTEST = RATE * 6 // 5
"""Shorter sound is refused by the engine; silence is added up to here."""
CONTEXT_PER_SECOND = 50


class PyWhisper:
    """pywhispercpp 1.5 or newer."""

    name = "pywhispercpp"

    def __init__(self) -> None:
        self._model: Any = None
        self._language = AUTO
        self._found = ""

    def load(self, model: Path, *, threads: int, language: str) -> None:
        import _pywhispercpp as raw
        from pywhispercpp.model import Model

        if not model.is_file():
            raise EngineFailed(
                _("The speech model is not there any more."), _("Get or add it again.")
            )
        logging.getLogger("pywhispercpp").setLevel(logging.ERROR)
        self._raw = raw
        self._model = Model(
            str(model.resolve()),
            redirect_whispercpp_logs_to=False,  # stderr is ours, and kept for a report
            n_threads=threads,
            print_progress=False,
            print_realtime=False,
            print_timestamps=False,
            print_special=False,
        )
        self._context = self._model._ctx
        if self._context is None:
            raise EngineFailed(
                _("The speech engine cannot read this model."), _("Get or add it again.")
            )
        several = bool(raw.whisper_is_multilingual(self._context))
        known = {raw.whisper_lang_str(i) for i in range(raw.whisper_lang_max_id() + 1)}
        self._language = check_language(language, known=known, several=several)
        self._full_context = int(raw.whisper_model_n_audio_ctx(self._context))
        self._end_of_text = int(raw.whisper_token_eot(self._context))

    @property
    def language(self) -> str:
        return self._language if self._language != AUTO else self._found or AUTO

    def settle(self, language: str) -> None:
        self._language = language

    def transcribe(
        self,
        samples: Samples,
        *,
        prompt: str = "",
        quick: bool = False,
        on_heard: Callable[[Heard], None] | None = None,
    ) -> list[Heard]:
        heard: list[Heard] = []

        def new_segment(_segment: object) -> None:
            """Called on this thread while the engine works, once for each passage."""
            at = len(heard)
            if at < self._raw.whisper_full_n_segments(self._context):
                heard.append(self._passage(at, quick))
                if on_heard is not None:
                    on_heard(heard[-1])

        sound = np.ascontiguousarray(samples, np.float32)
        if len(sound) < SHORTEST:
            sound = np.concatenate([sound, np.zeros(SHORTEST - len(sound), np.float32)])
        context = 0
        if quick:
            context = min(self._full_context, 64 + len(sound) * CONTEXT_PER_SECOND * 3 // 2 // RATE)
        self._model.transcribe(
            sound,
            new_segment_callback=new_segment,
            initial_prompt=prompt,
            language=self._language,
            detect_language=False,
            translate=False,
            no_context=True,
            single_segment=quick,
            token_timestamps=not quick,
            audio_ctx=context,
            temperature=0.0,
            temperature_inc=0.0 if quick else 0.2,
            suppress_blank=True,
            suppress_nst=True,
            no_speech_thold=0.6,
            offset_ms=0,
            duration_ms=0,
        )
        while len(heard) < self._raw.whisper_full_n_segments(self._context):
            new_segment(None)
        if self._language == AUTO:
            self._found = str(
                self._raw.whisper_lang_str(self._raw.whisper_full_lang_id(self._context))
            )
        return heard

    def _passage(self, i: int, quick: bool) -> Heard:
        raw, context = self._raw, self._context
        start = raw.whisper_full_get_segment_t0(context, i) / 100
        end = raw.whisper_full_get_segment_t1(context, i) / 100
        tokens = []
        for j in range(raw.whisper_full_n_tokens(context, i)):
            data = raw.whisper_full_get_token_data(context, i, j)
            if data.id < self._end_of_text:
                text = raw.whisper_token_to_bytes(context, data.id)
                times = (start, end) if quick else (data.t0 / 100, data.t1 / 100)
                tokens.append((text, *times, data.p))
        return Heard(start, end, words_of(tokens))

    def close(self) -> None:
        self._model = self._context = None
