"""A check of everything Earmark stands on: sound system, libraries, disk, database, leftovers."""

from __future__ import annotations

import importlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

from earmark.model import EarmarkError, Finding, Level, LibraryNotConnected, SoundUnavailable
from earmark.model.files import is_folder, is_there
from earmark.model.i18n import _

from .assets import asset
from .devices import told_apart
from .known_libraries import KnownLibraries

_MODULES = ("numpy", "soundfile", "sounddevice", "av", "webrtcvad", "sqlalchemy", "alembic")
_LITTLE_SPACE = 2 << 30
"""Bytes: about five hours of recording in its journal."""


def examine(folder: Path) -> tuple[Finding, ...]:
    """Looks at everything; changes nothing that is there."""
    return (
        *_libraries(),
        *_sound(),
        *_disk(folder),
        *_database(folder),
        *_leftovers(folder),
        *_transcription(),
    )


def _libraries() -> list[Finding]:
    missing = []
    for name in _MODULES:
        try:
            importlib.import_module(name)
        except (ImportError, OSError):
            missing.append(name)
    found = []
    if missing:
        found.append(
            Finding(
                Level.ERROR,
                _("These parts cannot be loaded: {names}.").format(names=", ".join(missing)),
                _("Install Earmark again, and the system package libportaudio2."),
            )
        )
    else:
        found.append(Finding(Level.GOOD, _("All libraries load.")))
    try:
        asset("icon.svg")
    except FileNotFoundError:
        found.append(
            Finding(
                Level.ERROR, _("Files of the program are missing."), _("Install Earmark again.")
            )
        )
    return found


def _sound() -> list[Finding]:
    """Opens what would be recorded from and played to: a name in a list proves nothing."""
    from earmark.audio.pulse import state_now
    from earmark.audio.trial import try_input, try_output

    state = state_now()
    state = replace(state, inputs=told_apart(state.inputs), outputs=told_apart(state.outputs))
    if not state.connected and not state.inputs and not state.outputs:
        return [
            Finding(
                Level.ERROR,
                _("No sound system answers."),
                _("Start PulseAudio or PipeWire, then run this again."),
            )
        ]
    found = []
    try:
        label = try_input(state).label
        found.append(Finding(Level.GOOD, _("Recording from “{label}”.").format(label=label)))
    except SoundUnavailable as error:
        found.append(Finding(Level.ERROR, error.what, error.remedy))
    try:
        label = try_output(state).label
        found.append(Finding(Level.GOOD, _("Playing through “{label}”.").format(label=label)))
    except SoundUnavailable as error:
        found.append(Finding(Level.WARNING, error.what, error.remedy))
    return found


def _disk(folder: Path) -> list[Finding]:
    place = next(one for one in (folder, *folder.parents) if is_folder(one))
    try:
        free = shutil.disk_usage(place).free
    except OSError as error:
        return [
            Finding(
                Level.ERROR,
                _("The library's disk does not answer: {reason}.").format(reason=error.strerror),
                _("Connect the disk again."),
            )
        ]
    gigabytes = f"{free / 1e9:.1f}"
    if free < _LITTLE_SPACE:
        return [
            Finding(
                Level.WARNING,
                _("Only {gigabytes} GB are free on the library's disk.").format(
                    gigabytes=gigabytes
                ),
                _("An hour of recording needs up to 0.6 GB while it is finished: free some space."),
            )
        ]
    return [
        Finding(Level.GOOD, _("{gigabytes} GB are free on the disk.").format(gigabytes=gigabytes))
    ]


def _database(folder: Path) -> list[Finding]:
    try:
        KnownLibraries().check(folder)
    except LibraryNotConnected as error:
        return [Finding(Level.ERROR, error.what, error.remedy)]
    place = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
    if not is_folder(place):
        return [
            Finding(
                Level.ERROR,
                _("“{folder}” is not a folder.").format(folder=place),
                _("Choose a folder for the library with --library."),
            )
        ]
    if not os.access(place, os.W_OK):
        return [
            Finding(
                Level.ERROR,
                _("The library folder cannot be written to."),
                _("Change its permissions, or choose another folder with --library."),
            )
        ]
    if not is_there(folder / "library.db"):
        if is_folder(folder) and any(folder.glob("sessions/*/*/*/session.json")):
            return [
                Finding(
                    Level.WARNING,
                    _("The library's database is missing."),
                    _("The next start makes it again from the sessions' own files."),
                )
            ]
        return [Finding(Level.GOOD, _("There is no library yet: the first recording makes it."))]
    from earmark.library import Library

    try:
        library = Library.open(folder, create=False)
    except EarmarkError as error:
        return [Finding(Level.ERROR, error.what, error.remedy)]
    try:
        return list(library.check())
    except EarmarkError as error:
        return [Finding(Level.ERROR, error.what, error.remedy)]
    finally:
        library.close()


def _leftovers(folder: Path) -> list[Finding]:
    """What an end in the middle of something left behind, each kind with its number."""
    from earmark.audio.finish import pending

    from .leftovers import imports_left, parts_left

    found = []
    for look, what, remedy in (
        (
            imports_left,
            _("Imports that were interrupted: {count}. They take up space."),
            _("Import a file again, which clears them away; nothing of them is in the library."),
        ),
        (
            parts_left,
            _("Half-written files of programs that were killed: {count}."),
            _("Run “earmark recover”, which clears them away; nothing whole is among them."),
        ),
        (
            pending,
            _("Recordings that are not finished yet: {count}."),
            _("Run “earmark recover”; the window does it at its next start by itself."),
        ),
    ):
        try:
            count = len(look(folder))
        except OSError:  # the disk's own finding tells of it
            continue
        if count:
            found.append(Finding(Level.WARNING, what.format(count=count), remedy))
    return found


def _transcription() -> list[Finding]:
    """The speech engines and models. Transcribing is optional: nothing here is an error."""
    from earmark.transcribe.engines import engines
    from earmark.transcribe.models import Models

    found = []
    all_engines = engines()
    there = [engine.name for engine in all_engines if engine.installed]
    if there:
        found.append(
            Finding(Level.GOOD, _("Transcribing with {names}.").format(names=", ".join(there)))
        )
    else:
        why = next((one.why_not for one in all_engines if one.why_not), "")
        found.append(Finding(Level.WARNING, _("No speech engine is installed."), why))
    listing = Models().listing()
    names = [info.name for info in listing if info.installed]
    if names:
        found.append(
            Finding(Level.GOOD, _("Speech models: {names}.").format(names=", ".join(names)))
        )
    else:
        found.append(
            Finding(
                Level.WARNING,
                _("No speech model is installed, so nothing can be transcribed."),
                _("Run “earmark models get base”, or add a file with “earmark models add FILE”."),
            )
        )
    found += [
        Finding(
            Level.WARNING,
            info.broken,
            _("Run “earmark models remove {name}” and get it again.").format(name=info.name),
        )
        for info in listing
        if info.broken
    ]
    return found
