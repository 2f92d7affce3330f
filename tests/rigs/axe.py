"""axe-core, as the package `axe-core-python` of the tests' extra brings it."""

from __future__ import annotations

from importlib import resources

RUN = "axe.run().then((r) => r.violations.map((v) => v.id + ' ' + v.nodes[0].html.slice(0, 120)))"


def axe_script() -> str:
    """The script that puts `axe` into a page."""
    return (resources.files("axe_core_python") / "axe.min.js").read_text("utf-8") + "; 0"
