"""The second engine: whisper.cpp of May 2023 through whisper-cpp-python 0.2.0.

Its own `transcribe` reads files with librosa and guesses at temperature 0.8; the functions below
it are called here instead. It cannot be stopped but by ending the process, knows no models newer
than large-v2, takes the process down when it is given one, and never gives memory back by itself.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

from earmark.model.i18n import _

from .engines import EngineFailed, Heard, Samples
from .model_check import check_model
from .whispercpp import WhisperCpp, long_enough

MEL_BANDS = 80
CODINGS = ("f16", "f32")
MOST_TOKENS = 51_865


class WhisperCppPython(WhisperCpp):
    """whisper-cpp-python 0.2.0."""

    name = "whisper-cpp-python"

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
        self._threads = threads
        self._speak(language)

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
            self._gather(heard, quick, on_heard)

        sound = long_enough(samples)
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
        self._listened()
        return heard

    def _language_name(self, language: int) -> str:
        return str(self._raw.whisper_lang_str(language).decode())

    def _token_text(self, token: int) -> bytes:
        told: bytes = self._raw.whisper_token_to_str(self._context, token)
        return told

    def close(self) -> None:
        if self._context is not None:
            self._raw.whisper_free(self._context)
            self._context = None
