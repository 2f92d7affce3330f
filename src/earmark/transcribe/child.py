"""`python -m earmark.transcribe.child`: JSON lines in and out, one model, one take at a time.

What the engine does to this process, crash, hang or fill the memory, stays in this process. It
ends at once when its parent does, and is simply killed to be cancelled: it writes no files.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earmark.model.errors import DiskFull, EarmarkError
from earmark.model.i18n import _

from .backlog import Backlog
from .engines import AUTO, RATE, EngineFailed, Transcriber, choose, open_engine
from .limits import into_the_background, limit_memory, threads_to_use
from .watch import Watch
from .windows import FULL, fullest

if TYPE_CHECKING:
    from .sources import FileSound, LiveSound
    from .work import TakeWork

IDLE_SECONDS = 0.2
Lines = queue.SimpleQueue[tuple[int, str]]


class Child:
    """Reads commands on a thread of its own; works on the main thread."""

    def __init__(self, out: int) -> None:
        self._out = out
        self._writing = threading.Lock()
        self._commands: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._feed: Backlog | None = None
        self._lines: Lines = queue.SimpleQueue()
        self._engine: Transcriber | None = None
        self._language = AUTO
        self._full = FULL
        self._watch = Watch(self.tell)

    def tell(self, message: dict[str, Any]) -> None:
        data = memoryview(json.dumps(message).encode() + b"\n")
        with self._writing:
            try:
                while data:
                    data = data[os.write(self._out, data) :]
            except OSError:
                os._exit(1)  # nobody listens any more

    def run(self) -> None:
        # Daemonic because it sits in a read for ever; it ends the process itself.
        threading.Thread(target=self._read, name="commands", daemon=True).start()
        self.tell({"ev": "ready", "pid": os.getpid()})
        while True:
            command = self._commands.get()
            try:
                if command["do"] == "load":
                    self._load(command)
                elif command["do"] == "take":
                    self._take(command)
            except EarmarkError as error:
                self._fail(error)
            except MemoryError:
                self._fail(
                    EngineFailed(
                        _("There was not enough memory for the speech model."),
                        _("Close other programs, or choose a smaller model."),
                    )
                )
            finally:
                self._watch.rest()

    def _read(self) -> None:
        code = 2
        try:
            self._obey()
            code = 0
        except OSError:
            what = _("The disk is full, so sound could not wait for the speech engine.")
            remedy = _("Free some space; what was not transcribed is taken up later.")
            self._fail(DiskFull(what, remedy))
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)

    def _obey(self) -> None:
        with os.fdopen(0, "rb", closefd=False) as lines:
            for line in lines:
                command = json.loads(line)
                do = command.get("do")
                if do == "pcm" and self._feed is not None:
                    self._feed.push(base64.b64decode(command["data"]))
                elif do == "end" and self._feed is not None:
                    self._feed.end()
                elif do == "prompt":
                    self._lines.put((int(command["frame"]), str(command["text"])))
                elif do == "quit":
                    break
                elif do in ("load", "take"):
                    if do == "take":
                        self._feed = None if command.get("file") else Backlog()
                        self._lines = queue.SimpleQueue()
                        command.update(feed=self._feed, lines=self._lines)
                    self._commands.put(command)

    def _fail(self, error: EarmarkError) -> None:
        kind = type(error).__name__
        self.tell({"ev": "failed", "kind": kind, "what": error.what, "remedy": error.remedy})

    def _load(self, command: dict[str, Any]) -> None:
        from .model_check import check_model

        begun = time.monotonic()
        name = choose(command.get("engine") or None)
        model = Path(command["model"])
        self._watch.begin("")
        facts = check_model(model)
        limit_memory(facts.bytes)
        if self._engine is not None:
            self._engine.close()
            self._engine = None
        engine = open_engine(name)
        threads = threads_to_use(command.get("threads"), bool(command.get("live")))
        engine.load(model, threads=threads, language=command.get("language") or AUTO)
        self._engine, self._language = engine, engine.language
        self._full = fullest(facts.text_positions)
        told = {"engine": name, "model": model.name, "language": engine.language}
        seconds = round(time.monotonic() - begun, 3)
        self.tell({"ev": "loaded", **told, "threads": threads, "seconds": seconds})

    def _take(self, command: dict[str, Any]) -> None:
        from .sources import FileSound, LiveSound
        from .work import TakeWork

        if self._engine is None:
            raise EngineFailed(_("No speech model is loaded."), _("Choose a speech model."))
        take, start = str(command["take"]), int(command.get("start") or 0)
        feed: Backlog | None = command.get("feed")
        rate = int(command["rate"]) if command.get("rate") else None
        sound: FileSound | LiveSound
        if feed is None:
            sound = FileSound(Path(command["file"]), start, rate)
        else:
            sound = LiveSound(start, rate or 0, int(command.get("channels") or 1))
        work = TakeWork(
            self._engine,
            self.tell,
            take,
            sound.rate,
            sound.first_sample,
            start,
            self._language,
            [(int(line["frame"]), str(line["text"])) for line in command.get("prompts") or ()],
            int(float(command["window"]) * RATE) if command.get("window") else self._full,
        )
        self._watch.begin(take)
        try:
            if isinstance(sound, FileSound):
                self._file(work, sound, command["lines"])
            elif feed is not None:
                self._fed(work, sound, feed, command)
        finally:
            if isinstance(sound, FileSound):
                sound.close()
            elif feed is not None:
                if self._feed is feed:
                    self._feed = None  # what still comes for this take waits for nobody
                feed.close()
        work.finish(sound.frames)
        self.tell({"ev": "finished", "take": take, "frames": sound.frames})

    def _file(self, work: TakeWork, sound: FileSound, lines: Lines) -> None:
        for samples in sound.blocks():
            _give(lines, work)
            work.feed(samples)
            self._watch.at(work.frame)

    def _fed(
        self, work: TakeWork, sound: LiveSound, feed: Backlog, command: dict[str, Any]
    ) -> None:
        while (pcm := feed.read(sound.rate * 4, IDLE_SECONDS)) is not None:
            _give(command["lines"], work)
            work.feed(sound.push(pcm))
            self._watch.at(work.frame)
            if command.get("live") and not feed.waiting:
                work.flush()
                if not feed.waiting:
                    work.partial()
        work.feed(sound.finish())


def _give(lines: Lines, work: TakeWork) -> None:
    while not lines.empty():
        work.prompt(*lines.get())


def main() -> int:
    # Libraries print to 1 and 2 as they like; the messages keep a descriptor of their own.
    out = os.dup(1)
    os.dup2(2, 1)
    into_the_background()
    Child(out).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
