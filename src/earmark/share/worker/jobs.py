"""The jobs of Share's worker by name; `client` says what stands in each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from earmark.model import Session
from earmark.model.plain import from_plain
from earmark.worker.server import Progress, Work

from ..content import Only, ShareOptions, share_content
from ..formats import ShareForm
from ..options import WriteOptions, Written


def share(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """One session in one form."""
    content = share_content(
        from_plain(Session, job["session"]), from_plain(ShareOptions, job["options"])
    )
    form = ShareForm(job["form"])
    if form is ShareForm.AUDIO and content.options.only is not Only.EVERYTHING:
        from ..clips import write_clip as write
    else:
        write = form.spec.load_writer()
    written = write(
        content,
        Path(job["library"]),
        Path(job["target"]),
        from_plain(WriteOptions, job["write"]),
        replace=bool(job["replace"]),
        progress=progress,
    )
    return _told(written)


def site(job: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """All sessions of an event as one report."""
    from ..site import about, write_site

    options = from_plain(ShareOptions, job["options"])
    contents = []
    for each in job["sessions"]:
        session = from_plain(Session, each)
        with about(session.title):
            contents.append(share_content(session, options))
    written = write_site(
        job["event"],
        contents,
        Path(job["library"]),
        Path(job["target"]),
        from_plain(WriteOptions, job["write"]),
        replace=bool(job["replace"]),
        progress=progress,
    )
    return _told(written)


def _told(written: Written) -> dict[str, Any]:
    return {"path": str(written.path), "bytes": written.bytes}


JOBS: dict[str, Work] = {"share": share, "site": site}
