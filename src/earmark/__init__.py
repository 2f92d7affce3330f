"""Earmark: record a talk while you type notes; click a note and hear that moment."""

__version__ = "0.1.0"
