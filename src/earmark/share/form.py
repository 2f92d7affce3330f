"""`earmark.pencast/1`: the session a share holds, for programs; every form that comes back has it.

```
{ "schema": "earmark.pencast/1", "look_back_ms", "only": "everything|marked|line",
  "session": the `earmark.session/1` form of what is shared (no library paths; its takes are
             without what was cut, its anchors in their frames),
  "audio": null | { "type", "bytes", "takes": [ { "take", "start_ms", "end_ms" } ] } }
```
Beyond `earmark.session/1` a picture tells its `lines`, a passage whether a person `edited` it, and
the session its `late_refused` lines and the takes that are `elsewhere`.
In an .html the sound is one stream of all takes on the session's timeline; its base64 stands in
the `script.sound` elements in order, and a picture in the `img` whose `data-picture` names it.
"""

from __future__ import annotations

import json
from typing import Any

from earmark.model import EarmarkError
from earmark.model.forms import session_form
from earmark.model.i18n import _

from .content import ShareContent

SCHEMA = "earmark.pencast/1"
_NAME = "earmark.pencast/"
_INERT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&"}


def pencast_form(content: ShareContent, audio: dict[str, Any] | None = None) -> dict[str, Any]:
    """The form. `audio` tells what is special to the file it stands in (`type`, `bytes`)."""
    timeline = content.timeline
    takes = [
        {"take": take.id, "start_ms": start, "end_ms": start + take.duration_ms}
        for take in timeline.takes
        if (start := timeline.start_ms(take.id)) is not None
    ]
    return {
        "schema": SCHEMA,
        "look_back_ms": content.look_back_ms,
        "only": content.options.only.value,
        "session": _session(content),
        "audio": None if audio is None else {**audio, "takes": takes},
    }


def _session(content: ShareContent) -> dict[str, Any]:
    """The session's form with what brings it back whole: every line that shows a picture, the
    passages a person wrote, the lines that refuse a late start, the takes its lines point to that
    the library it comes from had not either."""
    session = content.session
    form = session_form(session)
    for picture in form["pictures"]:
        picture["lines"] = [line.id for line in session.lines if line.picture == picture["id"]]
    if session.transcript is not None:
        told = form["transcript"]["segments"]
        for entry, segment in zip(told, session.transcript.segments, strict=True):
            if segment.edited:
                entry["edited"] = True
    refused = [line.id for line in session.lines if line.id in session.late_refused]
    if refused:
        form["late_refused"] = refused
    known = {take.id for take in session.takes}
    if elsewhere := {a.take for line in session.lines for a in line.anchors} - known:
        form["elsewhere"] = sorted(elsewhere)
    return form


def inert_json(form: dict[str, Any]) -> str:
    """JSON in ASCII that no HTML parser can see a tag, comment or entity in."""
    return json.dumps(form, separators=(",", ":"), allow_nan=False).translate(_INERT)


def check_schema(schema: object) -> None:
    """Raises EarmarkError for another or a newer form."""
    if schema == SCHEMA:
        return
    if isinstance(schema, str) and schema.startswith(_NAME):
        raise EarmarkError(
            _("This pencast was made by a newer Earmark."), _("Update Earmark, then import it.")
        )
    raise EarmarkError(
        _("This file holds no notes of Earmark."),
        _("Choose a pencast that Earmark made, or a sound file."),
    )
