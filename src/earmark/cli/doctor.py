"""`earmark doctor`."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from earmark.app.doctor import examine
from earmark.model import Level

from .output import print_json, print_line

_SIGNS = {Level.GOOD: "✓", Level.WARNING: "!", Level.ERROR: "✗"}


def doctor(folder: Path, arguments: Namespace) -> int:
    """Prints what was found; exits 1 where something is broken."""
    findings = examine(folder)
    ok = all(finding.level is not Level.ERROR for finding in findings)
    if arguments.json:
        print_json(
            {
                "ok": ok,
                "findings": [
                    {"level": one.level.value, "what": one.what, "do": one.do} for one in findings
                ],
            }
        )
    else:
        for one in findings:
            print_line(f"{_SIGNS[one.level]} {one.what} {one.do}".rstrip())
    return 0 if ok else 1
