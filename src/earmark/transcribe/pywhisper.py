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

from earmark.model.i18n import _

from .engines import RATE, EngineFailed, Heard, Samples
from .whispercpp import WhisperCpp, long_enough

CONTEXT_PER_SECOND = 50


class PyWhisper(WhisperCpp):
    """pywhispercpp 1.5 or newer."""

    name = "pywhispercpp"

    def __init__(self) -> None:
        super().__init__()
        self._model: Any = None

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
        self._speak(language)
        self._full_context = int(raw.whisper_model_n_audio_ctx(self._context))

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
            """Called on this thread while the engine works."""
            self._gather(heard, quick, on_heard)

        sound = long_enough(samples)
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
        new_segment(None)
        self._listened()
        return heard

    def _language_name(self, language: int) -> str:
        return str(self._raw.whisper_lang_str(language))

    def _token_text(self, token: int) -> bytes:
        told: bytes = self._raw.whisper_token_to_bytes(self._context, token)
        return told

    def close(self) -> None:
        self._model = self._context = None
