"""Which moment the characters typed now point to."""

from __future__ import annotations

from earmark.model import Anchor, SessionId

from .news import RecordingPhase
from .recording import Recorder
from .replaying import Replayer


def typing_anchor(
    recorder: Recorder, replayer: Replayer, session: SessionId | None = None
) -> Anchor | None:
    """The moment heard while replaying; else the frame being recorded or the pause point; else
    the moment shown by a paused replay; else None.

    While sound is being recorded, a paused replay does not hold the typing back in the past.
    `session`: the one typed into; one that is recorded or replayed elsewhere gives it no moment.
    """
    replay, recording = replayer.state, recorder.state
    replays_here = session is None or replay.session == session
    records_here = session is None or recording.session == session
    if replay.playing and replays_here:
        return replayer.heard()
    if records_here and (recording.live or recording.phase is not RecordingPhase.IDLE):
        anchor = recorder.anchor_for_typing()
        if anchor is not None:
            return anchor
    if replay.played and replays_here:
        return replayer.heard()
    return None
