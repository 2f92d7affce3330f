"""`python -m earmark` and the command `earmark`."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from earmark.model import SessionId


def main() -> int:
    """Runs what the arguments ask for. Returns the exit code."""
    gc.disable()  # what is loaded here is no garbage; to look for some takes an eighth of its time
    from earmark import cli

    gc.freeze()
    gc.enable()
    return cli.main(sys.argv[1:], _window)


def _window(folder: Path, file: Path | None, session: SessionId | None = None) -> int:
    from earmark.bootstrap import run_window

    return run_window(folder, file, session)


if __name__ == "__main__":
    sys.exit(main())
