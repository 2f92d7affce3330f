"""The waveform of a session, drawn from peaks."""

from .columns import PeaksProvider
from .flags import Pin
from .widget import Waveform

__all__ = ["PeaksProvider", "Pin", "Waveform"]
