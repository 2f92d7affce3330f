"""What the services tell: frozen values, called out on any thread through `Events`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from earmark.model import (
    RECORDING_RATE,
    Anchor,
    Changes,
    Frames,
    Gap,
    LineId,
    SampleRate,
    Segment,
    Session,
    SessionId,
    TakeId,
)
from earmark.model.given import shown
from earmark.model.i18n import _


class RecordingPhase(StrEnum):
    IDLE = "idle"
    ARMED = "armed"
    """Asked for; the microphone has not delivered its first frame yet."""
    RECORDING = "recording"
    PAUSED = "paused"
    STOPPING = "stopping"


_NOTHING = Frames(0)


@dataclass(frozen=True, slots=True)
class RecordingState:
    """What the recorder is doing. `take` is the running one, or the one just paused or stopped.

    `pause_point` is where typing anchors while paused.
    """

    phase: RecordingPhase = RecordingPhase.IDLE
    session: SessionId | None = None
    take: TakeId | None = None
    pause_point: Anchor | None = None
    device: str = ""
    """The label of the microphone in use, for people."""

    @property
    def live(self) -> bool:
        """Sound is being captured, or is about to be."""
        return self.phase in (RecordingPhase.ARMED, RecordingPhase.RECORDING)


@dataclass(frozen=True, slots=True)
class Proof:
    """What was written, not what was hoped: figures from capture after its `fdatasync`.

    `*_mono_ns` are `time.monotonic_ns()` values; None: not yet. Levels in dBFS, floor −120.
    """

    take: TakeId | None = None
    stored_frames: Frames = _NOTHING
    stored_mono_ns: int | None = None
    speech_mono_ns: int | None = None
    rms_db: float = -120.0
    peak_db: float = -120.0
    clipped: int = 0
    free_bytes: int | None = None
    sample_rate: SampleRate = RECORDING_RATE


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something wrong with the recording began (`on`) or ended. Shown in the window, no dialog.

    `kind`: digital-silence quiet clipping stalled-write low-space no-input no-server disk-full
    capture-died notes-not-saved.
    """

    kind: str
    on: bool
    sentence: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """The microphone's level, recording or only shown (≤ 10/s). dBFS, floor −120."""

    rms_db: float
    peak_db: float
    clipped: int
    speech: bool


@dataclass(frozen=True, slots=True)
class TakeArmed:
    """Capture opened the microphone for a take; its first frame is awaited."""

    session: SessionId
    take: TakeId


@dataclass(frozen=True, slots=True)
class TakeBegan:
    """The first frame of a take is stored. `mono_ns`: when that frame was captured."""

    session: SessionId
    take: TakeId
    mono_ns: int


@dataclass(frozen=True, slots=True)
class TakeStopped:
    """A take ended: all its frames are in its sealed journal (`sealed`), or capture died."""

    session: SessionId
    take: TakeId
    frames: Frames
    reason: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class GapFound:
    take: TakeId
    gap: Gap


@dataclass(frozen=True, slots=True)
class DeviceSwitched:
    """The take goes on with another source. `cause`: start absent lost returned chosen."""

    take: TakeId
    name: str
    label: str
    cause: str
    frame: Frames


@dataclass(frozen=True, slots=True)
class ReplayState:
    """What the replayer is doing. `output_lost` is the vanished output's name while it is away."""

    session: SessionId | None = None
    ready: bool = False
    playing: bool = False
    played: bool = False
    """Something was played since the session was loaded: a paused position is worth showing."""
    speed: float = 1.0
    skip_silence: bool = False
    even_loudness: bool = True
    loop: LineId | None = None
    output: str | None = None
    output_lost: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """This frame is what the ear hears at `mono_ns` (~30/s while playing).

    `gain_db`: what evening the loudness adds there.
    """

    anchor: Anchor
    mono_ns: int
    gain_db: float = 0.0


@dataclass(frozen=True, slots=True)
class JobProgress:
    """A job's progress. `fraction` 0…1, None where unknown; `done` is set once, last."""

    job: str
    label: str
    fraction: float | None = None
    done: bool = False
    failed: str = ""
    remedy: str = ""
    cancelled: bool = False
    session: SessionId | None = None
    seconds_left: float | None = None
    """At the pace so far; None while that says nothing yet."""


DISK = "disk"


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence for the person and what to do. `kind`: info warning error.

    `about`: what it concerns (`microphone`, `replay`); newer news about the same replaces it,
    but for `DISK`: that a disk is full is said once, by whoever found it first.
    """

    sentence: str
    remedy: str = ""
    kind: str = "info"
    about: str = ""


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """One of a file's sound tracks, numbered from 1; `about`: what the file says of it."""

    number: int
    about: str
    channels: int

    @property
    def words(self) -> str:
        """The track as it is called in a sentence."""
        if not self.about:
            return _("track {n}").format(n=self.number)
        return _("track {n} ({about})").format(n=self.number, about=self.about)


@dataclass(frozen=True, slots=True)
class TrackTaken:
    """A file with several sound tracks came in as `session`, with the one numbered `taken`."""

    session: Session
    path: Path
    taken: int
    tracks: tuple[SoundTrack, ...]

    @property
    def sentence(self) -> str:
        taken = next(track for track in self.tracks if track.number == self.taken)
        return _("“{name}” has {n} sound tracks: {track} was taken.").format(
            name=shown(self.path), n=len(self.tracks), track=taken.words
        )

    @property
    def others(self) -> tuple[SoundTrack, ...]:
        return tuple(track for track in self.tracks if track.number != self.taken)


@dataclass(frozen=True, slots=True)
class PeaksGrew:
    """A running take's peaks file grew; `frames` of it are covered."""

    take: TakeId
    frames: Frames


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """A microphone or an output came or went."""


@dataclass(frozen=True, slots=True)
class ModelsChanged:
    """A speech model came, went, or broke off on its way."""


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What a person changed waits for the library (`on`), or nothing does any more.

    `file`: where it is kept meanwhile; None where it could be kept nowhere.
    """

    on: bool
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class NotesSaved:
    """These lines are durable as they were at `revision` (the number `Notetaker.edit` gave)."""

    session: SessionId
    lines: tuple[LineId, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Changed:
    """The library changed: views look whether it is theirs."""

    changes: Changes


@dataclass(frozen=True, slots=True)
class FocusAsked:
    """A second start asks this window to come forward, perhaps with a file to open."""

    file: str | None = None


class TranscriptionPhase(StrEnum):
    WAITING = "waiting"
    LOADING = "loading"
    """The engine reads its model."""
    RUNNING = "running"
    PAUSED = "paused"
    """On battery, while recording, or while another Earmark transcribes: `sentence` says which."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class TranscriptionState:
    """How a session's transcription goes, after the talk or live (`live`).

    `fraction` 0…1 of all its takes, None while unknown; `behind_s`: live, how much recorded sound
    the engine has not heard yet. `sentence` and `remedy` where there is something to say.
    """

    session: SessionId
    take: TakeId | None
    phase: TranscriptionPhase
    fraction: float | None = None
    seconds_left: float | None = None
    behind_s: float = 0.0
    sentence: str = ""
    remedy: str = ""
    live: bool = False


@dataclass(frozen=True, slots=True)
class TranscriptGrew:
    """Segments were found in a take, and are stored. What is off the record is not among them."""

    session: SessionId
    take: TakeId
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class LivePartial:
    """A first guess at what is being said just now, from `anchor` on: shown, never stored."""

    session: SessionId
    take: TakeId
    anchor: Anchor
    text: str


News = (
    RecordingState
    | Proof
    | Alarm
    | Level
    | TakeArmed
    | TakeBegan
    | TakeStopped
    | GapFound
    | DeviceSwitched
    | ReplayState
    | Heard
    | JobProgress
    | Told
    | TrackTaken
    | PeaksGrew
    | DevicesChanged
    | ModelsChanged
    | NotesSaved
    | Unsaved
    | Changed
    | FocusAsked
    | TranscriptionState
    | TranscriptGrew
    | LivePartial
)
