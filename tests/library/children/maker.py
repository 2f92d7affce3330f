"""Opens the library (making it where there is none) and adds a session: `maker.py FOLDER TITLE`."""

from __future__ import annotations

import sys
from pathlib import Path

from earmark.library import Library

with Library.open(Path(sys.argv[1])) as library:
    library.create_session(sys.argv[2])
