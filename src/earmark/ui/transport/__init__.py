"""The transport bar at the bottom of the window."""

from .bar import Transport
from .buttons import SPEEDS, TintedButton, speed_words
from .options import ReplayOptions

__all__ = ["SPEEDS", "ReplayOptions", "TintedButton", "Transport", "speed_words"]
