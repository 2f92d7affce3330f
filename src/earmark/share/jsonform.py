"""JSON: the `earmark.session/1` form of what is shared, as `earmark show --json` prints it."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event

from earmark.model import safe_text
from earmark.model.forms import session_form

from .content import ShareContent
from .options import WriteOptions, Written
from .output_file import Progress, go_on, writing


def json_text(content: ShareContent) -> str:
    """One object: no library paths, takes and anchors as the shared sound has them."""
    form = json.dumps(session_form(content.session), ensure_ascii=False, indent=2, allow_nan=False)
    return safe_text(form) + "\n"


def write_json(
    content: ShareContent,
    library: Path,  # noqa: ARG001 - every writer has one shape
    target: Path,
    options: WriteOptions | None = None,  # noqa: ARG001
    *,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Written:
    """Writes `target`."""
    with writing(target, replace=replace) as part:
        part.write_text(json_text(content), "utf-8", newline="\n")
        go_on(cancelled)
    if progress is not None:
        progress(1.0)
    return Written(target, target.stat().st_size)
