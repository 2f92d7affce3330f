"""The command line: the same application without a window. Nothing heavy is loaded at import."""

from .run import main

__all__ = ["main"]
