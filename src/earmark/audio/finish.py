"""Finishing takes: from journal to kept form, and only then away with the journal.

Order of every take: `keep_take` → the app makes the library's row durable → `forget`. Each step
may be killed anywhere and run again; at no moment is there neither journal nor kept file.
Standard library only: the sound is worked on in the worker.
"""

from __future__ import annotations

import json
import os
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earmark.model.errors import Busy, EarmarkError, UnusableMedia
from earmark.model.files import make_folder, sync_folder, write_atomically
from earmark.model.i18n import _
from earmark.model.places import take_file
from earmark.model.processes import lives
from earmark.model.takes import Gap
from earmark.model.units import Frames, SampleRate, SessionId, TakeId

from .journal import journal_files, lock_journal
from .leftover import left_out, whole_frames
from .manifest import (
    ARCHIVE,
    CODECS,
    TakeManifest,
    in_order,
    read_manifests,
    remove_manifest,
)
from .salvage import salvaged
from .worker import run_job

_WORTH_KEEPING = 1 << 20
"""Bytes a journal holds after its last readable block that no torn block explains."""


@dataclass(frozen=True, slots=True)
class KeptTake:
    """A take in its kept form, for the library's row. Paths are relative to the library folder.

    `frames` 0: nothing was recorded; `file`, `codec` and `peaks` are None then. `sealed`: it was
    ended properly, for `reason`; else its recording died and it ends where the journal ended.
    """

    take: TakeId
    session: SessionId
    ordinal: int
    rate: SampleRate
    channels: int
    frames: Frames
    gaps: tuple[Gap, ...]
    file: str | None
    codec: str | None
    peaks: str | None
    sealed: bool
    reason: str | None


def pending(library: Path) -> list[TakeManifest]:
    """The manifests of takes nobody works on, oldest first. Looks at `run/intents` only, unless
    one there is damaged: what it does not say is then looked for in its journal.

    A manifest whose journal is gone while its kept file stands is a `forget` that was killed
    between its two removals: it is completed here and not listed.
    """
    whole, damaged = read_manifests(library)
    found = []
    for manifest in whole + [one for one in salvaged(library, damaged) if one is not None]:
        journal = manifest.journal_path(library)
        if not journal.exists():
            if kept_files(library, manifest):
                remove_manifest(library, manifest)
            elif not lives(manifest.pid):
                found.append(manifest)  # died before the journal was made
            continue
        try:
            lock = lock_journal(journal)
        except OSError:
            continue  # gone just now, or not readable for us: not ours to finish
        if lock is not None:
            os.close(lock)
            found.append(manifest)
    return in_order(found)


def keep_take(
    library: Path,
    manifest: TakeManifest,
    on_progress: Callable[[float], None] | None = None,
    cancelled: threading.Event | None = None,
) -> KeptTake:
    """Makes the take's kept file and peaks, verified, and returns what the row needs. Blocks.

    The journal is only read. Raises Busy while the take is recorded or finished elsewhere,
    JobCancelled, DiskFull, WorkerFailed.
    """
    if not manifest.journal_path(library).exists():
        return _nothing(manifest)
    with _locked(library, manifest):
        make_folder(library / manifest.folder)
        _clear_parts(library, manifest)
        job = {
            "job": "keep",
            "library": str(library),
            "journal": manifest.journal,
            "folder": manifest.folder,
            "take": manifest.take,
            "ordinal": manifest.ordinal,
            "codec": manifest.codec,
            "peaks": manifest.peaks,
        }
        try:
            done = run_job(job, on_progress, cancelled)
        except UnusableMedia:
            return _nothing(manifest)  # not even its header was written whole
    return _kept(manifest, done)


def forget(library: Path, manifest: TakeManifest) -> None:
    """Removes the journal, then the manifest. Call it only when the library's row is durable.

    Looks first that the kept file is there with every frame the journal holds; raises
    EarmarkError and removes nothing where it is not. A journal that holds bytes nobody can read
    as sound is not removed but moved, with its manifest, to `run/archived`.
    """
    journal = manifest.journal_path(library)
    if not journal.exists():
        remove_manifest(library, manifest)
        return
    with _locked(library, manifest):
        frames = whole_frames(journal)
        if frames and not any(frames_of(file) == frames for file in kept_files(library, manifest)):
            raise EarmarkError(
                _("A recording's kept file is missing or too short."),
                _("Its journal stays; Earmark makes the file again at the next start."),
            )
        if left_out(journal, frames) > (_WORTH_KEEPING if frames else 0):
            _archive(library, manifest)
        else:
            # The first file goes last: while it stands, the take counts as not yet forgotten.
            for file in reversed(journal_files(journal)):
                file.unlink()
            sync_folder(journal.parent)
            if not frames:
                manifest.peaks_path(library).unlink(missing_ok=True)
    remove_manifest(library, manifest)


def kept_files(library: Path, manifest: TakeManifest) -> list[Path]:
    """The kept files of the take that stand under their final names: verified before."""
    folder = library / manifest.folder
    paths = (folder / take_file(manifest.ordinal, manifest.take, codec) for codec in CODECS)
    return [path for path in paths if path.is_file()]


def frames_of(path: Path) -> int:
    """Frames of a FLAC or Ogg Opus file by its own words; 0 where it cannot be told."""
    with path.open("rb") as file:
        head = file.read(64)
        if head[:4] == b"fLaC" and len(head) >= 26:
            return int.from_bytes(head[21:26], "big") & (1 << 36) - 1
        if head[:4] != b"OggS":
            return 0
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 131_072))
        tail = file.read()
        at = head.find(b"OpusHead")
        last = tail.rfind(b"OggS")
        if at < 0 or len(head) < at + 16 or last < 0 or len(tail) < last + 14:
            return 0
        skip, rate = struct.unpack_from("<HI", head, at + 10)
        (position,) = struct.unpack_from("<q", tail, last + 6)
        # Opus counts at 48 kHz whatever the rate of what was encoded
        return int((position - skip) * (rate or 48_000) // 48_000)


@contextmanager
def _locked(library: Path, manifest: TakeManifest) -> Iterator[None]:
    lock = lock_journal(manifest.journal_path(library))
    if lock is None:
        raise Busy(
            _("This take is still being recorded or finished."),
            _("Wait until that is done."),
        )
    try:
        yield
    finally:
        os.close(lock)


def _archive(library: Path, manifest: TakeManifest) -> None:
    archive = library / ARCHIVE
    make_folder(archive)
    journal = manifest.journal_path(library)
    write_atomically(archive / f"{manifest.take}.json", json.dumps(manifest.to_message()).encode())
    for file in reversed(journal_files(journal)):
        file.replace(archive / f"{manifest.take}{file.name[file.name.index('.journal') :]}")
    sync_folder(archive)
    sync_folder(journal.parent)


def _nothing(manifest: TakeManifest) -> KeptTake:
    return KeptTake(
        manifest.take,
        manifest.session,
        manifest.ordinal,
        manifest.rate,
        manifest.channels,
        Frames(0),
        (),
        None,
        None,
        None,
        False,
        None,
    )


def _clear_parts(library: Path, manifest: TakeManifest) -> None:
    """What an earlier attempt at this take left that was killed."""
    name = Path(take_file(manifest.ordinal, manifest.take, "x")).stem
    for path in (library / manifest.folder).glob(f".{name}.*.part"):
        process = path.name.split(".")[-2]
        if process.isdecimal() and not lives(int(process)):
            path.unlink(missing_ok=True)


def _kept(manifest: TakeManifest, done: dict[str, Any]) -> KeptTake:
    return KeptTake(
        manifest.take,
        manifest.session,
        manifest.ordinal,
        SampleRate(done["rate"]),
        done["channels"],
        Frames(done["frames"]),
        tuple(Gap(gap["frame"], gap["frames"], gap["cause"]) for gap in done["gaps"]),
        done["file"],
        done["codec"],
        done["peaks"],
        done["sealed"],
        done["reason"],
    )
