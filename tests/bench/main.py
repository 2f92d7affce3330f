"""Prints the figures the project promises: `python3 dev.py bench [NAME…]`.

Timings never decide a test, so they are measured here, each beside what it is compared with, in
one run. A figure that cannot be measured on this machine says why.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator

import capture_figures
import import_figures
import late_figures
import live_figures
import power_figures
import share_figures
import sound as sound_rig
import transcribe_figures
import window as window_rig
import window_figures
from figures import Figure, Skipped

Bench = Callable[[], Iterator[Figure]]
BENCHES: dict[str, Bench] = {
    "frames": window_figures.frames_lost,
    "kill": capture_figures.lost_at_kill,
    "power": power_figures.lost_at_power_cut,
    "anchor": window_figures.anchor_error,
    "click": window_figures.click_to_sound,
    "key": window_figures.key_to_paint,
    "live": live_figures.live_beside_the_queue,
    "record": window_figures.record_key_to_first_frame,
    "start": window_figures.start_beside_xournalpp,
    "peaks": capture_figures.peaks_of_three_hours,
    "memory": capture_figures.capture_memory,
    "underruns": window_figures.underruns_while_typing,
    "pencast": share_figures.pencast_sound,
    "transcribe": transcribe_figures.transcribing_figures,
    "page": share_figures.page_figures,
    "export": share_figures.export_of_three_hours,
    "imports": import_figures.imports,
    "latenotes": late_figures.late_notes,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print("There is no figure named", ", ".join(unknown), "- there are:", ", ".join(BENCHES))
        return 2
    if not sound_rig.available() or window_rig.available():
        print("PulseAudio or the private screen is missing: `python3 dev.py test` installs them.")
        return 1
    for name in names or BENCHES:
        begun = time.monotonic()
        print(f"{name}:", flush=True)
        try:
            for figure in BENCHES[name]():
                print(f"  {figure}", flush=True)
        except Skipped as why:
            print(f"  skipped: {why}", flush=True)
        print(f"  ({time.monotonic() - begun:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
