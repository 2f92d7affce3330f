"""The published schemas of what Share writes, as JSON Schema files beside this one."""

from __future__ import annotations

from importlib import resources

PENCAST = "earmark.pencast-1.json"


def schema_text(name: str = PENCAST) -> str:
    """The text of a schema."""
    return (resources.files(__package__) / name).read_text("utf-8")
