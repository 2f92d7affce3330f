"""What the help of each command shows at its end: lines to copy (untranslated)."""

EXAMPLES: dict[str, tuple[str, ...]] = {
    "record": ('earmark record --title "Cloud architecture" --event "CloudCamp"',),
    "devices": ("earmark devices --json",),
    "import": (
        "earmark import lecture.mp3",
        "earmark import lecture.mkv --track 2 --date 2019-03-04T09:15 --notes notes.md",
    ),
    "list": ("earmark list", 'earmark list --event "CloudCamp"', "earmark list --binned"),
    "show": ("earmark show 3f9c", 'earmark show "Cloud architecture" --json'),
    "rename": ('earmark rename 3f9c "Cloud architecture"',),
    "move": ('earmark move 3f9c --event "CloudCamp"', "earmark move 3f9c --event ''"),
    "bin": ("earmark bin 3f9c", 'earmark bin "Cloud architecture"'),
    "restore": ('earmark restore "Cloud architecture"',),
    "note": ('earmark note 3f9c "ask about cost" --at 12:30 --mark question',),
    "play": ("earmark play 3f9c --at 12:30 --rate 1.5", "earmark play 3f9c --line 4"),
    "search": (
        "earmark search 'cloud cost'",
        "earmark search 'mark:question event:CloudCamp' --json",
    ),
    "transcribe": ("earmark transcribe 3f9c --language en", "earmark transcribe --all"),
    "models": ("earmark models list", "earmark models get base.en"),
    "export": (
        "earmark export 3f9c --to talk.html",
        "earmark export 3f9c --to best.m4a --only marked",
        'earmark export --event "CloudCamp" --to report/',
    ),
    "recover": ("earmark recover --list",),
    "backup": ("earmark backup --to /path/to/library-copy.db",),
    "doctor": ("earmark doctor",),
    "demo": ("earmark demo",),
    "help": ("earmark help", "earmark help export"),
}
