"""The note editor: lines whose words know the moment they were typed."""

from .editor import NoteEditor

__all__ = ["NoteEditor"]
