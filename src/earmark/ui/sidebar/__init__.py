"""The list of sessions, under their events."""

from .view import Sidebar

__all__ = ["Sidebar"]
