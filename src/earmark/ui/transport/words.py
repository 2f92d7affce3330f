"""What is going on, told in words at the right: proofs while recording, replay otherwise."""

from __future__ import annotations

from earmark.app.news import Proof
from earmark.model import format_time
from earmark.model.i18n import _, ngettext

_SECOND_NS = 1_000_000_000
_LATE_S = 2.0
_BYTES_PER_FRAME = 2


def ago(seconds: float) -> str:
    """How long ago, as finely as it matters: "0.4 s ago", "12 s ago", "3 min ago"."""
    seconds = max(0.0, seconds)
    if seconds < 0.95:
        return _("{seconds} s ago").format(seconds=f"{seconds:.1f}")
    if seconds < 59.5:
        return _("{seconds} s ago").format(seconds=round(seconds))
    return _("{minutes} min ago").format(minutes=int(seconds // 60))


def level_words(db: float) -> str:
    """A level with a real minus sign; "silence" at the floor."""
    if db <= -119.5:
        return _("silence")
    return _("{db} dBFS").format(db=f"{round(db)}".replace("-", "−"))


def space_words(free_bytes: int, sample_rate: int) -> str:
    """Free space as time of recording: mono, 16 bit, uncompressed (the journal's size)."""
    minutes = free_bytes // (_BYTES_PER_FRAME * sample_rate * 60)
    if minutes >= 100 * 60:
        return _("over 100 h of space left")
    if minutes >= 120:
        return _("{hours} h of space left").format(hours=minutes // 60)
    return ngettext("{minutes} min of space left", "{minutes} min of space left", minutes).format(
        minutes=minutes
    )


def proof_words(proof: Proof | None, now_ns: int) -> tuple[tuple[str, str], ...]:
    """Three lines as (colour role, words). `now_ns`: `time.monotonic_ns()`."""
    if proof is None or proof.stored_mono_ns is None:
        return (("muted", _("waiting for the microphone")), ("muted", ""), ("muted", ""))
    stored = (now_ns - proof.stored_mono_ns) / _SECOND_NS
    safe = stored <= _LATE_S
    first = _("✓ stored to disk {ago}") if safe else _("last stored {ago}")
    level = level_words(proof.rms_db)
    if proof.speech_mono_ns is None:
        second = _("no speech yet · {level}").format(level=level)
    else:
        heard = ago(round((now_ns - proof.speech_mono_ns) / _SECOND_NS))
        second = _("speech heard {ago} · {level}").format(ago=heard, level=level)
    free = proof.free_bytes
    third = "" if free is None else space_words(free, proof.sample_rate)
    return (
        ("ok" if safe else "recording_text", first.format(ago=ago(stored))),
        ("muted", second),
        ("muted", third),
    )


def replay_words(
    from_ms: float | None,
    look_back_s: float,
    *,
    skip_silence: bool,
    evened_db: float | None,
    even_loudness: bool,
    late_s: float | None = None,
) -> tuple[tuple[str, str], ...]:
    """Three lines as (colour role, words) about what replay is doing."""
    look_back = _("look-back {seconds} s").format(seconds=f"{look_back_s:g}")
    if late_s is not None:
        look_back = _("its sentence, {seconds} s earlier").format(seconds=round(late_s))
    first = look_back
    if from_ms is not None:
        began = _("from {time}").format(time=format_time(round(from_ms)))
        first = f"{began} · {look_back}"
    second = _("skip silence on") if skip_silence else _("skip silence off")
    if not even_loudness:
        third = _("loudness as recorded")
    elif evened_db is None:
        third = _("loudness evened")
    else:
        gain = f"{evened_db:+.0f}".replace("-", "−")
        third = _("loudness evened {gain} dB").format(gain=gain)
    return (("muted", first), ("muted", second), ("muted", third))
