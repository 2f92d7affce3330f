"""How long a key takes from its event to the end of the paint it causes.

Not included: the flush to a real screen and the compositor. For `dev.py bench`.
"""

from __future__ import annotations

import os
import time

from note_desk import Desk, note
from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from earmark.model import LineKind

_KINDS = (LineKind.PLAIN, LineKind.BULLET, LineKind.CHECK, LineKind.HEADING2, LineKind.BULLET)
_WORDS = (
    *("the", "cloud", "was", "never", "one", "machine", "but"),
    *("a", "promise", "about", "many", "of", "them", "all"),
)
TEXT = "typed words here "


class _Paints(QObject):
    """Notes when the viewport was last asked to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.count += 1
        return False


def measure_key_to_paint(
    lines: int = 5000, keys: int = 200, *, under: bool = False
) -> dict[str, float]:
    """Milliseconds from a key's event to the end of the paint: `p50`, `p99`, `max`, `paints`.

    Half of the keys go into the first line (the dearest place), half into the middle one. Every
    word has its own moment; each turn of the event loop reports the edit as in real use.
    `under`: with the words said shown under every line.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    page = tuple(
        note(
            f"line{n}",
            *((w, n * 5 + i * 0.3) for i, w in enumerate(_WORDS)),
            kind=_KINDS[n % len(_KINDS)],
            indent=n % 3,
        )
        for n in range(lines)
    )
    desk = Desk(page)
    paints = _Paints()
    desk.editor.viewport().installEventFilter(paints)
    taken: list[float] = []
    app.processEvents()
    if under:
        desk.editor.show_under({line.id: " ".join(_WORDS * 3) for line in page})
        while desk.editor.painter.under.is_fitting:
            app.processEvents()
    for line in (0, lines // 2):
        desk.caret(line, 4)
        app.processEvents()
        for n in range(keys // 2):
            desk.second = 20_000 + n * 0.2
            desk.time += 0.1
            begun = time.perf_counter()
            QTest.keyClicks(desk.editor, TEXT[n % len(TEXT)])
            app.processEvents()
            taken.append((time.perf_counter() - begun) * 1000)
    count = paints.count
    desk.close()
    taken.sort()
    return {
        "p50": taken[len(taken) // 2],
        "p99": taken[min(len(taken) - 1, int(len(taken) * 0.99))],
        "max": taken[-1],
        "paints": float(count),
    }


if __name__ == "__main__":
    print({name: round(value, 2) for name, value in measure_key_to_paint().items()})
