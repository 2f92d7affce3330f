"""The transcript beside the notes: a widget that knows passages and keys, but no service."""

from .pane import TranscriptPane

__all__ = ["TranscriptPane"]
