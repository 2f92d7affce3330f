"""Where the program's own files are: package data in a wheel, `assets/` in a checkout."""

from __future__ import annotations

from pathlib import Path

import earmark


def asset(name: str) -> Path:
    """The path of a file of the program, e.g. `asset("icon.svg")`, `asset("demo/talk.opus")`.

    Raises FileNotFoundError where the installation lacks it: a bug of packaging.
    """
    package = Path(earmark.__file__).resolve().parent
    for root in (package / "assets", package.parents[1] / "assets"):
        path = root / name
        if path.exists():
            return path
    raise FileNotFoundError(name)
