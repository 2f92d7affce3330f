"""One recording with its live transcript beside a queue at work, all in the editor's own process.

`live_once.py LIBRARY SECONDS`: the library's newest session waits to be transcribed. Prints the
key-to-paint figures and what the engines did, as JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "rigs"))

from key_to_paint import measure_key_to_paint
from waiting import wait_until

from earmark.app import Earmark
from earmark.app.news import News, TranscriptGrew, TranscriptionState

CONTROLS = 3
"""Rounds before and after, without any engine: what this machine does to a key just now."""


def main() -> None:
    library, seconds = Path(sys.argv[1]), float(sys.argv[2])
    alone = [_round() for _ in range(CONTROLS)]
    earmark = Earmark(library)
    earmark.library.opened.result()
    lock, grown, behind = threading.Lock(), [0], [0.0]

    def hear(news: News) -> None:
        with lock:
            if isinstance(news, TranscriptGrew):
                grown[0] += len(news.segments)
            elif isinstance(news, TranscriptionState) and news.live:
                behind.append(news.behind_s)

    earmark.events.subscribe(hear)
    earmark.settings.change(transcribe_while_recording=True)
    earmark.transcribing.set_live(True)
    (talk,) = earmark.library.run(lambda lib: lib.untranscribed()).result()
    queued = earmark.transcribing.transcribe(talk)
    session, _take = earmark.recording.start(title="Live")
    wait_until(lambda: len(behind) > 1, 120, "the live transcript")
    wait_until(lambda: grown[0] > 0, 120, "the queue at work")
    begun, rounds = time.monotonic(), [_round()]
    while time.monotonic() < begun + seconds:
        rounds.append(_round())
    busy = not queued.future.done()
    earmark.transcribing.cancel(talk)
    earmark.recording.stop()

    def kept() -> bool:
        takes = earmark.library.run(lambda lib: lib.session(session)).result().takes
        return all(take.file for take in takes)

    wait_until(kept, 120, "the take in its kept form")
    earmark.close()
    alone += [_round() for _ in range(CONTROLS)]
    figures = {"p99": rounds, "p99_alone": alone, "queue_busy_to_the_end": busy}
    print(json.dumps({**figures, "segments": grown[0], "behind_s": max(behind)}))


def _round() -> float:
    return measure_key_to_paint(keys=400)["p99"]


if __name__ == "__main__":
    main()
