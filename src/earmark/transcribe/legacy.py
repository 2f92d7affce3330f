"""The second engine: whisper.cpp of May 2023 through whisper-cpp-python 0.2.0.

Its own `transcribe` reads files with librosa and guesses at temperature 0.8; the functions below
it are called here instead. It cannot be stopped but by ending the process, knows no models newer
than large-v2, takes the process down when it is given one, and never gives memory back by itself.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from earmark.model.i18n import _

from .checking import check_model
from .engines import AUTO, RATE, EngineFailed, Heard, Samples
from .spoken import check_language
from .wording import words_of

MEL_BANDS = 80
CODINGS = ("f16", "f32")
MOST_TOKENS = 51_865
SHORTEST = RATE * 6 // 5


class WhisperCppPython:
    """whisper-cpp-python 0.2.0."""

    name = "whisper-cpp-python"

    def __init__(self) -> None:
        self._context: Any = None
        self._language = AUTO
        self._found = ""

    def load(self, model: Path, *, threads: int, language: str) -> None:
        facts = check_model(model)
        if facts.mel_bands != MEL_BANDS or facts.vocabulary > MOST_TOKENS:
            raise EngineFailed(
                _("whisper-cpp-python cannot use this model: it is newer than the engine."),
                _("Choose large-v2 or a smaller one, or install pywhispercpp."),
            )
        if facts.coding not in CODINGS:
            # it would load, and hear nonsense: the quantised forms changed since
            raise EngineFailed(
                _("whisper-cpp-python cannot use quantised models of today."),
                _("Choose the model without “-q” in its name, or install pywhispercpp."),
            )
        from whisper_cpp_python import whisper_cpp as raw

        self._raw = raw
        context = raw.whisper_init_from_file(str(model.resolve()).encode())
        if not context:
            raise EngineFailed(
                _("The speech engine cannot read this model."), _("Get or add it again.")
            )
        self._context = ctypes.c_void_p(context)
        several = bool(raw.whisper_is_multilingual(self._context))
        known = {self._name(i) for i in range(raw.whisper_lang_max_id() + 1)}
        self._language = check_language(language, known=known, several=several)
        self._threads = threads
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
        raw = self._raw
        heard: list[Heard] = []

        def new_segment(*_arguments: object) -> None:
            while len(heard) < raw.whisper_full_n_segments(self._context):
                heard.append(self._passage(len(heard), quick))
                if on_heard is not None:
                    on_heard(heard[-1])

        sound = np.ascontiguousarray(samples, np.float32)
        if len(sound) < SHORTEST:
            sound = np.concatenate([sound, np.zeros(SHORTEST - len(sound), np.float32)])
        # Held in names of their own: the engine keeps bare pointers to them.
        callback = raw.whisper_new_segment_callback(new_segment)
        spoken, told = self._language.encode(), prompt.encode()
        params = raw.whisper_full_default_params(0)
        params.n_threads = self._threads
        params.print_special = params.print_progress = False
        params.print_realtime = params.print_timestamps = False
        params.translate = False
        params.no_context = True
        params.single_segment = quick
        params.token_timestamps = not quick
        params.language = spoken
        if told:
            params.initial_prompt = told
        params.temperature = 0.0
        params.temperature_inc = 0.0 if quick else 0.2
        params.suppress_non_speech_tokens = True
        if not quick:
            params.new_segment_callback = callback
        pointer = sound.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        if raw.whisper_full(self._context, params, pointer, len(sound)) != 0:
            raise EngineFailed(
                _("The speech engine could not work on this passage."),
                _("Try again, or with another model; what was told until now is kept."),
            )
        new_segment()
        if self._language == AUTO:
            self._found = self._name(raw.whisper_full_lang_id(self._context))
        return heard

    def _name(self, language: int) -> str:
        return str(self._raw.whisper_lang_str(language).decode())

    def _passage(self, i: int, quick: bool) -> Heard:
        raw, context = self._raw, self._context
        start = raw.whisper_full_get_segment_t0(context, i) / 100
        end = raw.whisper_full_get_segment_t1(context, i) / 100
        tokens = []
        for j in range(raw.whisper_full_n_tokens(context, i)):
            data = raw.whisper_full_get_token_data(context, i, j)
            if data.id < self._end_of_text:
                text = raw.whisper_full_get_token_text(context, i, j)
                times = (start, end) if quick else (data.t0 / 100, data.t1 / 100)
                tokens.append((text, *times, data.p))
        return Heard(start, end, words_of(tokens))

    def close(self) -> None:
        if self._context is not None:
            self._raw.whisper_free(self._context)
            self._context = None
