"""Where the library is, unless told otherwise, and what is remembered outside of it."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "EARMARK_LIBRARY"


def library_folder(given: str | os.PathLike[str] | None = None) -> Path:
    """`given`, else $EARMARK_LIBRARY, else the platform's data folder. Absolute."""
    chosen = os.fspath(given) if given else os.environ.get(VARIABLE, "")
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("earmark", appauthor=False) / "library"


def state_folder() -> Path:
    """Where Earmark remembers what is no part of a library. It may not be there yet."""
    from platformdirs import user_state_path

    return user_state_path("earmark", appauthor=False)
