"""Opens a WAV's peaks and draws them once in the real waveform widget, as a fresh process."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path


def draw(wav: str, peaks: str) -> None:
    from earmark.audio.peak_maker import make_peaks

    frames = make_peaks(Path(wav), Path(peaks))

    from PySide6.QtWidgets import QApplication

    from earmark.audio.peaks import Peaks
    from earmark.model import RECORDING_RATE, Take, TakeId, TakeState
    from earmark.ui.waveform import Waveform

    application = QApplication([])
    take = Take(
        TakeId("t"), 1, RECORDING_RATE, 1, frames, datetime.now(UTC), TakeState.COMPLETE, file="t"
    )
    shape = Peaks.open(Path(peaks))

    class Provider:
        def columns(self, _take, start, end, n):
            found = shape.columns(start, end, n)
            return found.low.tolist(), found.high.tolist(), found.rms.tolist()

    waveform = Waveform()
    waveform.resize(1100, 92)
    waveform.set_takes([take])
    waveform.set_peaks(Provider())
    waveform.show()
    picture = waveform.grab().toImage()
    colours = {picture.pixel(x, 40) for x in range(0, picture.width(), 3)}
    assert len(colours) > 1, "nothing was drawn"
    application.processEvents()
