"""An argument parser that says what a mistyped word was probably meant to be."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from earmark.model.i18n import _


def meant(word: str, known: Iterable[str]) -> str:
    """“Did you mean …?” where a known word is near; else nothing."""
    from difflib import get_close_matches

    near = get_close_matches(word, list(known), n=1)
    return _("Did you mean “{word}”?").format(word=near[0]) if near else ""


class UsageParser(argparse.ArgumentParser):
    """Complains about unknown words itself, so that a command's own options are proposed."""

    def __init__(
        self, *args: Any, examples: Sequence[str] = (), first: Sequence[str] = (), **more: Any
    ) -> None:
        """`first`: what the first word could have been, where the parser takes it for a file."""
        if examples:
            more["epilog"] = "\n".join([_("examples:"), *(f"  {line}" for line in examples)])
            more["formatter_class"] = argparse.RawDescriptionHelpFormatter
        super().__init__(*args, **more)
        self._first = first
        self._words: tuple[str, ...] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self._words = tuple(args or ())
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(_("unrecognized arguments: {words}").format(words=" ".join(unknown)))
        return found, unknown

    def error(self, message: str) -> NoReturn:
        options = set(self._option_string_actions)
        commands = {
            name
            for action in self._actions
            if isinstance(action, argparse._SubParsersAction)
            for name in action.choices
        }
        hint = ""
        for given in self._words:
            word = given.partition("=")[0]
            if word.startswith("--"):
                hint = "" if word in options else meant(word, options)
            else:
                hint = meant(word, commands) if repr(word) in message else ""
            if hint:
                break
        else:
            plain = (word for word in self._words if not word.startswith("-"))
            hint = meant(next(plain, ""), self._first)
        super().error(f"{message}. {hint}" if hint else message)
