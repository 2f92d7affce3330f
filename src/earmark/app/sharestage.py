"""A share on its way in: everything of it lies in a folder of its own until all of it is sound.

`run/importing/<session>-<process>/` is renamed to the session's folder at the very end, so that a
kill at any moment leaves the library as it was; the next import removes what such a kill left.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from earmark.audio.worker import run_job
from earmark.model import (
    DiskFull,
    Picture,
    Session,
    Take,
    TakeId,
    make_folder,
    sync_folder,
    take_file,
)
from earmark.model.i18n import _
from earmark.model.places import PICTURES
from earmark.share.shared_file import CopiedOut, SharedFile

from .leftovers import importing_folder
from .leftovers import put_in_place as rename_into_place

_SPARE_BYTES = 64 << 20
_COPIED = 0.3
"""The share of the work that copying is; the rest is decoding."""
OnProgress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Staged:
    """A session whose files stand in `folder`, named as they will be in the session's own."""

    session: Session
    folder: Path


def stage(
    share: SharedFile,
    session: Session,
    library: Path,
    on_progress: OnProgress,
    cancelled: threading.Event,
) -> Staged:
    """Copies the share's sound and pictures out, has a worker decode all of the sound, and gives
    the session with its files named (as from `session.folder`, where they go by `put_in_place`).

    `session` is the share's, its ids perhaps new: takes in the same order, pictures too.
    Raises Refused, UnusableMedia, DiskFull, ShareCancelled, JobCancelled, OSError.
    """
    folder = importing_folder(library, session.id)
    try:
        _refuse_full(share, folder)
        copied = 0

        def count(size: int) -> None:
            nonlocal copied
            copied += size
            on_progress(_COPIED * min(1.0, copied / max(1, share.bytes)))

        out = share.copy_out(folder, count, cancelled)

        def decoding(done: float) -> None:
            on_progress(_COPIED + (1 - _COPIED) * done)

        new = {old.id: now for old, now in zip(share.session.takes, session.takes, strict=True)}
        job = _Job(library, folder, decoding, cancelled)
        if out.stream is not None:
            takes = job.from_stream(share, out.stream, new)
        else:
            takes = job.from_files(share, out, new)
        session = replace(
            session,
            takes=tuple(
                _placed(takes.get(take.id, take), session.folder) for take in session.takes
            ),
            pictures=_pictures(share, session, out, folder),
        )
        sync_folder(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Staged(session, folder)


def put_in_place(staged: Staged, library: Path) -> None:
    """The folder gets its final name, durably; only the rows are missing then."""
    rename_into_place(staged.folder, library, staged.session.folder)


class _Job:
    """What the worker does with the sound."""

    def __init__(
        self, library: Path, folder: Path, on_progress: OnProgress, cancelled: threading.Event
    ) -> None:
        self._base = {"library": str(library), "folder": folder.relative_to(library).as_posix()}
        self._folder = folder
        self._on_progress = on_progress
        self._cancelled = cancelled

    def _run(self, name: str, **fields: Any) -> dict[str, Any]:
        job = {"job": name, **self._base, **fields}
        return run_job(job, self._on_progress, self._cancelled)

    def from_files(
        self, share: SharedFile, out: CopiedOut, new: dict[TakeId, Take]
    ) -> dict[TakeId, Take]:
        """A bundle: every take's file stays as it is, byte for byte."""
        takes: dict[TakeId, Take] = {}
        for sound in share.takes:
            take = new[sound.take]
            path = out.sounds[sound.take]
            original = out.originals.get(sound.take)
            is_it = sound.original == sound.member
            kept = _original(take, path if is_it else original)
            name = kept if is_it and kept else take_file(take.ordinal, take.id, path.suffix)
            path.rename(self._folder / name)
            if original is not None and kept is not None:
                original.rename(self._folder / kept)
            peaks = take_file(take.ordinal, take.id, "peaks")
            takes[take.id] = replace(take, file=name, peaks=peaks, original=kept)
        if not takes:
            return takes
        came = self._run(
            "adopt",
            takes=[
                {
                    "take": take.id,
                    "source": take.file,
                    "peaks": take.peaks,
                    "rate": take.sample_rate,
                    "channels": take.channels,
                    "frames": take.frames,
                }
                for take in takes.values()
            ],
            others=[t.original for t in takes.values() if t.original and t.original != t.file],
        )
        for made in came["takes"]:
            id_ = TakeId(made["take"])
            takes[id_] = replace(takes[id_], codec=str(made["codec"]))
        return takes

    def from_stream(
        self, share: SharedFile, stream: Path, new: dict[TakeId, Take]
    ) -> dict[TakeId, Take]:
        """A page: one stream of all takes is cut into a FLAC for each."""
        wanted = [(new[old], start) for old, start in share.start_ms.items()]
        came = self._run(
            "cut-out",
            source=stream.name,
            takes=[
                {
                    "take": take.id,
                    "ordinal": take.ordinal,
                    "rate": take.sample_rate,
                    "frames": take.frames,
                    "start_ms": start,
                }
                for take, start in wanted
                if take.frames
            ],
        )
        stream.unlink()
        by_id = {take.id: take for take, _start in wanted}
        return {
            TakeId(made["take"]): replace(
                by_id[TakeId(made["take"])],
                file=str(made["file"]),
                peaks=str(made["peaks"]),
                codec="flac",
                channels=1,
            )
            for made in came["takes"]
        }


def _original(take: Take, path: Path | None) -> str | None:
    """The name of an imported file that is kept."""
    if path is None:
        return None
    return take_file(take.ordinal, take.id, path.suffix).replace("take-", "original-", 1)


def _placed(take: Take, folder: str) -> Take:
    """The take's files as paths of the library."""
    if take.file is None:
        return take
    return replace(
        take,
        file=f"{folder}/{take.file}",
        peaks=f"{folder}/{take.peaks}" if take.peaks else None,
        original=f"{folder}/{take.original}" if take.original else None,
    )


def _pictures(
    share: SharedFile, session: Session, out: CopiedOut, folder: Path
) -> tuple[Picture, ...]:
    placed = []
    for before, now in zip(share.session.pictures, session.pictures, strict=True):
        path = out.pictures[before.id]
        make_folder(folder / PICTURES)
        file = f"{PICTURES}/{now.id}{path.suffix}"
        path.rename(folder / file)
        placed.append(replace(now, file=file))
    return tuple(placed)


def _refuse_full(share: SharedFile, folder: Path) -> None:
    # what comes out of a compressed stream is larger than the stream itself
    decoded = sum(t.frames for t in share.session.takes) * 2 if share.stream else 0
    if shutil.disk_usage(folder).free < share.bytes + decoded + _SPARE_BYTES:
        raise DiskFull(
            _("There is not enough space in the library for this file."),
            _("Free some space and import it again; nothing was changed."),
        )
