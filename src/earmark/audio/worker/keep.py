"""Journal → kept form. Can be killed anywhere and run again: the journal is only read."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from earmark.model.errors import EarmarkError
from earmark.model.i18n import _
from earmark.model.places import take_file
from earmark.model.units import TakeId

from ..codecs import FLAC, NotVerified, best_codec, verify, writer
from ..journal import JournalReader
from ..pcm import Progress
from ..peak_maker import PeakMaker, are_whole, journal_blocks

_ENCODED = 0.6
_MADE_PEAKS_ANEW = 0.05


def keep(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Makes the kept file of the journal and verifies it by decoding every frame of it.

    A file that a killed run left in place is verified instead of made again. Opus that does not
    verify gives way to FLAC. Raises EarmarkError where even that does not: the journal stays.
    """
    library = Path(job["library"])
    with JournalReader(library / job["journal"]) as journal:
        scan = journal.scan()
        done: dict[str, Any] = {
            "file": None,
            "codec": None,
            "frames": scan.frames,
            "rate": scan.rate,
            "channels": scan.channels,
            "gaps": [asdict(gap) for gap in scan.gaps],
            "peaks": None,
            "sealed": scan.sealed,
            "reason": scan.reason,
            "torn": scan.torn,
        }
        if not scan.frames:
            return done
        codec = best_codec(job["codec"], scan.rate, scan.channels)
        for attempt in (codec, FLAC):
            name = take_file(int(job["ordinal"]), TakeId(job["take"]), attempt)
            target = library / job["folder"] / name
            if _made(journal, target, attempt, progress):
                done |= {"file": f"{job['folder']}/{name}", "codec": attempt}
                break
        else:
            raise EarmarkError(
                _("A recording's kept form did not come out as it went in."),
                _("It is safe in its journal; check the disk, then start Earmark again."),
            )
        peaks = library / job["peaks"]
        if not are_whole(peaks, scan.rate, scan.frames):
            maker = PeakMaker(scan.rate)
            for block in journal_blocks(journal):
                maker.add(block)
                progress(1 - _MADE_PEAKS_ANEW)
            maker.save(peaks)
        done["peaks"] = job["peaks"]
    return done


def _made(journal: JournalReader, target: Path, codec: str, progress: Progress) -> bool:
    """Whether the verified file now stands at `target`; nothing of ours stays where it does not."""

    def verified(path: Path, start: float) -> bool:
        share = (1 - _MADE_PEAKS_ANEW - start) / journal.frames
        try:
            verify(
                path, codec, lambda: journal_blocks(journal), lambda n: progress(start + n * share)
            )
        except NotVerified:
            return False
        return True

    if target.exists() and verified(target, 0.0):
        return True
    with writer(target, journal.rate, journal.channels, codec) as part:
        frames = 0
        for block in journal_blocks(journal):
            part.write(block)
            frames += len(block)
            progress(_ENCODED * frames / journal.frames)
        if not verified(part.finish(), _ENCODED):
            return False
        part.place()
    return True
