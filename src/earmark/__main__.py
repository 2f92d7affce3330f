"""`python -m earmark` and the command `earmark`."""

from __future__ import annotations

import sys
from pathlib import Path

from earmark import cli
from earmark.model import SessionId


def main() -> int:
    """Runs what the arguments ask for. Returns the exit code."""
    return cli.main(sys.argv[1:], _window)


def _window(folder: Path, file: Path | None, session: SessionId | None = None) -> int:
    from earmark.bootstrap import run_window

    return run_window(folder, file, session)


if __name__ == "__main__":
    sys.exit(main())
