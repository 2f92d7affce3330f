"""`earmark search`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from earmark.model import format_time
from earmark.model.forms import hit_form
from earmark.model.i18n import _
from earmark.model.search import HitKind, parse_query

from .opening import opened
from .output import print_json, print_table, tell


def search(folder: Path, arguments: Namespace) -> int:
    """What fits the query, newest first."""
    query = parse_query(" ".join(arguments.query))
    limit: int = arguments.limit
    kinds = set(HitKind)
    if arguments.scopes is not None:
        kinds = {kind for scope in arguments.scopes for kind in scope.kinds}
    with opened(folder) as earmark:
        found = earmark.library.run(
            lambda lib: lib.search(query, kinds, best=arguments.best, limit=limit + 1)
        ).result()
    if len(found) > limit:
        tell(_("There are more than {limit}; --limit shows more of them.").format(limit=limit))
    hits = found[:limit]
    if arguments.json:
        print_json([hit_form(hit) for hit in hits])
    elif hits:
        print_table(
            [_("session"), _("title"), _("time"), _("where"), _("words")],
            [
                (
                    hit.session,
                    hit.title,
                    format_time(hit.session_ms) if hit.session_ms is not None else "",
                    hit.kind.value,
                    hit.snippet,
                )
                for hit in hits
            ],
        )
    else:
        tell(_("Nothing was found."))
    return 0
