"""The page's own files: readable, hand-written, put into a pencast as they are."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources


def page_file(name: str) -> str:
    """The text of one of the files beside this one, with `\\n` line ends."""
    text = (resources.files(__package__) / name).read_text("utf-8")
    return text.replace("\r\n", "\n")


def policy(script: str, style: str, *, beside: bool = False) -> str:
    """The content security policy under which this script and style run, and nothing else does.

    `beside`: a sound file next to the page may be played too, from a host or from disk.
    """
    sound = "media-src 'self' file: blob:; connect-src 'self'" if beside else "media-src blob:"
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        f"img-src data:; {sound}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
