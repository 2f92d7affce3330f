"""Media files from elsewhere, brought into the library. Used in the worker only."""

from .decoder import MAX_HOURS, MISSING, Decoder
from .importer import Brought, bring_in

__all__ = ["MAX_HOURS", "MISSING", "Brought", "Decoder", "bring_in"]
