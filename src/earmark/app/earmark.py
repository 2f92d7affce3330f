"""The application as one object: its services joined, and the one order in which they end."""

from __future__ import annotations

from pathlib import Path

from earmark.model import Anchor, SessionId

from .captures import Captures
from .devices import Devices
from .edits import SettingsOf
from .engineprocess import spawn_engine
from .engines import SpawnEngine
from .events import Events
from .executors import Executors
from .finishing import Finishing
from .imports import Imports
from .librarylane import LibraryLane
from .moments import typing_anchor
from .notetaking import Notetaker
from .permanent_cut import PermanentCut
from .processes import CaptureProcesses, spawn_replay_process
from .recording import Recorder
from .replaying import Replayer
from .replays import SpawnReplay
from .settings import SettingsStore
from .shapes import Shapes
from .sharing import Sharing
from .speechmodels import SpeechModels
from .transcribing import Transcribing


class Earmark:
    """Everything a person can do with one library. Ends with `close()`, once."""

    def __init__(
        self,
        folder: Path,
        *,
        create: bool = True,
        executors: Executors | None = None,
        captures: Captures | None = None,
        spawn_replay: SpawnReplay | None = None,
        spawn_speech: SpawnEngine = spawn_engine,
    ) -> None:
        self.folder = folder
        self.events = Events()
        self.settings = SettingsStore(folder)
        self.executors = executors = executors or Executors()
        self.library = LibraryLane(
            folder,
            self.events,
            executors.library,
            create=create,
            second=executors.second_place,
            background=executors.background,
            write_settings=self.settings.write,
        )
        self.settings.save_by(
            lambda fields, before: self.library.outbox.put(SettingsOf(fields, before))
        )
        self.notes = Notetaker(self.library, self.events)
        self.finishing = Finishing(self.library, self.events, executors.jobs)
        self.recording = Recorder(
            self.library,
            self.events,
            self.settings,
            captures or CaptureProcesses(folder),
            self.finishing.take_ended,
        )
        self.replay = Replayer(
            self.library,
            self.events,
            self.settings,
            spawn_replay or spawn_replay_process,
            executors.playback,
        )
        self.shapes = Shapes(folder, executors.waveform)
        self.imports = Imports(self.library, self.events, executors.jobs)
        self.sharing = Sharing(self.library, self.events, self.notes.flush, executors.sharing)
        self.devices = Devices(executors.devices, self.events)
        self.speech_models = SpeechModels(executors.models, executors.downloads, self.events)
        self.transcribing = Transcribing(
            self.library,
            self.events,
            self.settings,
            self.speech_models,
            lambda: self.recording.state,
            self.finishing.is_keeping,
            executors.transcription,
            executors.live_transcript,
            spawn_speech,
        )
        self.permanent_cut = PermanentCut(
            self.library,
            self.events,
            self.replay,
            self.transcribing,
            lambda: self.recording.state,
            self.finishing.is_keeping,
            executors.jobs,
        )

    def typing_anchor(self, session: SessionId | None = None) -> Anchor | None:
        """The moment that characters typed now point to; `session`: the one typed into."""
        return typing_anchor(self.recording, self.replay, session)

    def close(self) -> None:
        """Ends everything: a running take is sealed, what is typed saved. A take not yet in its
        kept form is finished at the next start."""
        self.library.outbox.secure()
        self.transcribing.close()
        self.recording.close()
        self.replay.close()
        self.devices.close()
        self.speech_models.close()
        self.imports.close()
        self.permanent_cut.close()
        self.sharing.close()
        self.finishing.close()
        self.executors.jobs.shutdown()
        self.shapes.close()
        self.executors.background.shutdown()
        self.library.close()
