"""Media files from elsewhere, brought into the library. Used in the worker only."""

from .bringing import Brought, bring_in
from .decoding import MAX_HOURS, MISSING, Decoder

__all__ = ["MAX_HOURS", "MISSING", "Brought", "Decoder", "bring_in"]
