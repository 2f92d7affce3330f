"""The words of the command line: help, examples, and what a mistyped one was meant to be."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run

from earmark.cli.examples import EXAMPLES
from earmark.cli.parser import COMMANDS, parse


@pytest.mark.parametrize(
    ("words", "meant", "code"),
    [
        (("lsit",), "list", 1),
        (("exprot", "x"), "export", 2),
        (("list", "--evnet", "E"), "--event", 2),
        (("export", "x", "--too", "a.html"), "--to", 2),
        (("export", "x", "--to", "a.html", "--forse"), "--force", 2),
        (("import", "a.wav", "--nots=n.md"), "--notes", 2),
        (("models", "lits"), "list", 2),
        (("--new-libary",), "--new-library", 2),
        (("help", "exprot"), "export", 2),
    ],
)
def test_a_mistyped_word_is_answered(
    tmp_path: Path, words: tuple[str, ...], meant: str, code: int
) -> None:
    assert f"Did you mean “{meant}”?" in run(tmp_path, *words, code=code)


def test_a_word_like_none_is_not_guessed_at(tmp_path: Path) -> None:
    assert "Did you mean" not in run(tmp_path, "list", "--zzzzzz", code=2)
    assert "Did you mean" not in run(tmp_path, "qqqqqq", code=1)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_examples_that_parse(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import shlex

    with pytest.raises(SystemExit) as end:
        parse(["help", name])
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert told.startswith(f"usage: earmark {name}")
    assert EXAMPLES[name]
    for line in EXAMPLES[name]:
        assert f"  {line}\n" in told
        if name != "help":
            assert parse(shlex.split(line)[1:]).command == name


def test_help_alone_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(["help"])
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert all(f"\n    {name} " in told for name in COMMANDS)
