"""The command line's grammar. Only argparse is loaded here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime

from earmark import __version__
from earmark.model import EarmarkError, Mark, parse_time
from earmark.model.i18n import _
from earmark.model.search import FilterKey, SearchScope
from earmark.share.formats import ShareForm

from .examples import EXAMPLES
from .usage import UsageParser

COMMANDS = (
    "record",
    "devices",
    "import",
    "list",
    "show",
    "rename",
    "move",
    "bin",
    "restore",
    "note",
    "search",
    "play",
    "transcribe",
    "models",
    "export",
    "recover",
    "backup",
    "doctor",
    "demo",
    "help",
)
_NOT_IN_BASES = frozenset(' "<>\\^`{|}?#')
"""Signs that an address does not hold, or that end the part where a page's name can follow."""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments as a namespace; `command` is None for the window. Exits 2 on wrong usage."""
    command = _command(argv)
    if command is None:
        return _window_parser().parse_args(argv)
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.command == "help":
        parser.parse_args([*filter(None, [arguments.topic]), "--help"])
    if arguments.command == "export":
        _check_export(parser, arguments)
    if arguments.command == "transcribe" and bool(arguments.ids) == arguments.all:
        parser.error(_("transcribe needs one ID or more, or --all"))
    return arguments


def _command(argv: Sequence[str]) -> str | None:
    """The first word, when it names a command: else the window is meant, or a file for it."""
    rest = iter(argv)
    for word in rest:
        if word == "--library":
            next(rest, None)
        elif word in ("-h", "--help"):
            return ""  # the help of everything
        elif not word.startswith("-") or word == "-":
            return word if word in COMMANDS else None
    return None


def _library(parser: argparse.ArgumentParser, default: object = argparse.SUPPRESS) -> None:
    parser.add_argument(
        "--library",
        metavar="DIR",
        default=default,
        help=_("the library folder (else $EARMARK_LIBRARY, else your data folder)"),
    )
    parser.add_argument(
        "--new-library",
        action="store_true",
        default=False if default is None else default,
        help=_("make an empty library where the one that was there is not connected"),
    )


def _window_parser() -> argparse.ArgumentParser:
    parser = UsageParser(prog="earmark", first=COMMANDS, allow_abbrev=False)
    parser.set_defaults(command=None)
    parser.add_argument("--version", action="version", version=f"earmark {__version__}")
    _library(parser, None)
    parser.add_argument("file", nargs="?", metavar="FILE", help=_("a recording to open"))
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = UsageParser(
        prog="earmark",
        allow_abbrev=False,
        description=_(
            "Record a talk while you type; click a note and hear that moment. "
            "Without a command the window opens."
        ),
    )
    parser.add_argument("--version", action="version", version=f"earmark {__version__}")
    _library(parser, None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, help_: str, *, json: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=help_,
            description=help_,
            examples=EXAMPLES.get(name, ()),
            allow_abbrev=False,
        )
        _library(made)
        if json:
            made.add_argument("--json", action="store_true", help=_("print JSON"))
        return made

    record = command("record", _("record; typed lines become notes"))
    record.add_argument("--title", metavar="T")
    record.add_argument("--event", metavar="E", help=_("an event's id or title"))
    record.add_argument("--device", metavar="NAME", help=_("an input of “earmark devices”"))
    record.add_argument("--seconds", metavar="N", type=_seconds, help=_("stop by itself"))
    record.add_argument("--session", metavar="ID", help=_("continue this session"))
    record.add_argument("--until-eof", action="store_true", help=_("stop at the end of input"))

    command("devices", _("list inputs and outputs"))

    bring = command("import", _("bring existing recordings in"))
    bring.add_argument("files", nargs="+", metavar="FILE")
    bring.add_argument("--title", metavar="T")
    bring.add_argument("--event", metavar="E", help=_("an event's id or title"))
    bring.add_argument(
        "--date",
        metavar="ISO",
        type=_date,
        help=_("when it was recorded (else what the file says of it, else the file's time)"),
    )
    bring.add_argument(
        "--track",
        metavar="N",
        type=_track,
        help=_("which of several sound tracks, from 1 (else the one that sounds)"),
    )
    bring.add_argument("--notes", metavar="NOTES.md", help=_("notes as Markdown with [mm:ss]"))
    bring.add_argument("--transcript", metavar="FILE", help=_("what is said: SRT, WebVTT or text"))
    bring.add_argument(
        "--on-conflict",
        choices=("keep", "replace", "skip"),
        default="keep",
        help=_("what to do with a session that is there already"),
    )

    listing = command("list", _("list the sessions, newest first"))
    listing.add_argument("--event", metavar="E", help=_("an event's id or title"))

    listing.add_argument("--binned", action="store_true", help=_("what lies in the bin instead"))

    show = command("show", _("show one session, whole"))
    _session(show)

    rename = command("rename", _("give a session another title"))
    _session(rename)
    rename.add_argument("title", metavar="TITLE")

    move = command("move", _("file a session under an event"))
    _session(move)
    move.add_argument(
        "--event",
        metavar="E",
        required=True,
        help=_("an event's id or title, made when there is none; '' for no event"),
    )

    _session(command("bin", _("put a session into the bin; nothing of it is deleted")))
    _session(command("restore", _("take a session out of the bin again")))

    note = command("note", _("add a line at a time of a session"))
    _session(note)
    note.add_argument("text", metavar="TEXT")
    note.add_argument(
        "--at", metavar="TIME", required=True, type=_time, help=_("s, m:ss or h:mm:ss")
    )
    note.add_argument(
        "--kind",
        choices=("plain", "heading1", "heading2", "heading3", "bullet", "check"),
        default="plain",
    )
    note.add_argument("--indent", metavar="N", type=_indent, default=0)
    note.add_argument("--mark", choices=tuple(Mark), action="append", default=[])

    _search(command("search", _("find words in notes, transcripts and titles")))

    play = command("play", _("play a session"))
    _session(play)
    where = play.add_mutually_exclusive_group()
    where.add_argument("--at", metavar="TIME", type=_time, help=_("s, m:ss or h:mm:ss"))
    where.add_argument("--line", metavar="N", type=_ordinal, help=_("the line's number"))
    play.add_argument("--rate", metavar="R", type=_rate, default=1.0, help=_("speed, 0.5 to 3"))
    play.add_argument("--seconds", metavar="S", type=_seconds, help=_("stop by itself"))

    transcribe = command("transcribe", _("write down what was said, on this computer"))
    transcribe.add_argument("ids", nargs="*", metavar="ID", help=_session_help())
    transcribe.add_argument(
        "--all", action="store_true", help=_("all sessions that are not transcribed yet")
    )
    transcribe.add_argument("--engine", metavar="E", help=_("pywhispercpp or whisper-cpp-python"))
    transcribe.add_argument("--model", metavar="M", help=_("one of “earmark models list”"))
    transcribe.add_argument("--language", metavar="L", help=_("as en or de; auto listens"))

    models = command("models", _("speech models: list, add, get, remove"))
    _models(models)

    export = command("export", _("share a session as one file, or an event as a report"))
    _export(export)

    recover = command("recover", _("restore what a crash left"))
    recover.add_argument("--list", action="store_true", help=_("only list it"))

    backup = command("backup", _("copy the database: notes, titles and times, without the sound"))
    backup.add_argument("--to", metavar="FILE", required=True, type=_place, help=_("the copy"))
    backup.add_argument("--force", action="store_true", help=_("replace what is there"))

    command("doctor", _("check sound, libraries, disk and database"))
    command("demo", _("open a built-in talk"), json=False)
    help_ = command("help", _("show the help of everything, or of one command"), json=False)
    help_.add_argument("topic", nargs="?", metavar="COMMAND")
    return parser


def _session(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help=_session_help())


def _session_help() -> str:
    return _("a session's id, the beginning of it, or its exact title")


def _search(parser: argparse.ArgumentParser) -> None:
    """What is looked for, and where."""
    parser.add_argument(
        "query",
        nargs="+",
        metavar="QUERY",
        help=_('words, "a phrase", -not, and {filters}').format(
            filters=" ".join(f"{key}:" for key in FilterKey)
        ),
    )
    parser.add_argument(
        "--in",
        dest="scopes",
        metavar=",".join(SearchScope),
        type=_scopes,
        help=_("look only there (else everywhere)"),
    )
    parser.add_argument("--best", action="store_true", help=_("the best first, not the newest"))
    parser.add_argument(
        "--limit", metavar="N", type=_limit, default=100, help=_("how many at most (else 100)")
    )


def _export(parser: argparse.ArgumentParser) -> None:
    """How a session or an event is shared."""
    parser.add_argument("id", nargs="?", metavar="ID", help=_session_help())
    parser.add_argument(
        "--event", metavar="E", help=_("all sessions of an event, as a report in a folder")
    )
    parser.add_argument(
        "--to", metavar="PATH", required=True, type=_place, help=_("where it is written")
    )
    parser.add_argument(
        "--format",
        metavar="F",
        choices=tuple(ShareForm),
        help=_("{forms}; else by the ending of PATH").format(forms=", ".join(ShareForm)),
    )
    parser.add_argument(
        "--only", metavar="marked|line:N", type=_only, help=_("only these lines and their sound")
    )
    parser.add_argument("--no-transcript", action="store_true", help=_("without the transcript"))
    parser.add_argument("--no-audio", action="store_true", help=_("the notes alone"))
    parser.add_argument("--smaller", action="store_true", help=_("with smaller sound (Opus)"))
    parser.add_argument(
        "--base-url", metavar="URL", type=_address, help=_("where the page or report will stand")
    )
    parser.add_argument("--force", action="store_true", help=_("replace what is there"))


def _check_export(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Exits 2 where the words do not go together."""
    if (arguments.id is None) == (arguments.event is None):
        parser.error(_("export: give the ID of a session, or an event with --event"))
    if arguments.event is not None and (arguments.format or arguments.only is not None):
        parser.error(_("export: --format and --only are for one session"))


def _models(parser: argparse.ArgumentParser) -> None:
    """What can be done with speech models."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, what, help_ in (
        ("list", None, _("list the known and the installed ones")),
        ("add", "FILE", _("install a model's file that you trust")),
        ("get", "NAME", _("download a known model and verify it")),
        ("remove", "NAME", _("delete an installed model")),
    ):
        action = actions.add_parser(name, help=help_, description=help_, allow_abbrev=False)
        _library(action)
        action.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help=_("print JSON")
        )
        if what is not None:
            action.add_argument("what", metavar=what)


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise ValueError
    return value


def _time(text: str) -> float:
    """Milliseconds."""
    try:
        return parse_time(text)
    except EarmarkError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _rate(text: str) -> float:
    value = float(text)
    if not 0.5 <= value <= 3:
        raise ValueError
    return value


def _ordinal(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def _track(text: str) -> int:
    return _ordinal(text)


def _date(text: str) -> datetime:
    """A day, or a moment; this place's where no zone is told."""
    try:
        date = datetime.fromisoformat(text.strip())
        return date if date.tzinfo is not None else date.astimezone()
    except (OverflowError, OSError) as error:
        raise ValueError from error


def _limit(text: str) -> int:
    return _ordinal(text)


def _scopes(text: str) -> tuple[SearchScope, ...]:
    return tuple(SearchScope(word.strip().lower()) for word in text.split(","))


def _only(text: str) -> int | str:
    """The word “marked”, or the number of a line."""
    if text == "marked":
        return text
    word, _colon, number = text.partition(":")
    if word != "line":
        raise ValueError
    return _ordinal(number)


def _place(text: str) -> str:
    """A path that names something."""
    if not text or "\0" in text:
        raise ValueError
    return text


def _address(text: str) -> str:
    """A base address, with the `/` at its end."""
    address = text.strip()
    scheme, _colon, rest = address.partition("://")
    if scheme.lower() not in ("http", "https") or not rest.strip("/"):
        raise ValueError
    if not address.isprintable() or set(address) & _NOT_IN_BASES:
        raise ValueError
    return address if address.endswith("/") else f"{address}/"


def _indent(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 6:
        raise ValueError
    return value


for _convert, _name in (
    (_seconds, "seconds"),
    (_rate, "speed"),
    (_ordinal, "line number"),
    (_track, "track number"),
    (_limit, "limit"),
    (_scopes, "place to look"),
    (_date, "date"),
    (_indent, "indent"),
    (_only, "selection"),
    (_address, "web address"),
    (_place, "path"),
):
    _convert.__name__ = _name
