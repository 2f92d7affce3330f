"""Colours: readable in every theme, and following the person or the desktop."""

from itertools import product

import pytest
from PySide6.QtGui import QPalette

from earmark.ui.theme import (
    CONTRAST_DARK,
    CONTRAST_LIGHT,
    DARK,
    LIGHT,
    THEMES,
    ThemeChoice,
    ThemeSource,
    contrast,
    current_theme,
    qpalette,
    stylesheet,
    use_theme,
)

TEXTS = ("ink", "muted", "accent", "recording_text", "mark", "ok")
GROUNDS = ("page", "chrome")


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_every_text_is_readable_on_its_ground(theme):
    pairs = [*product(TEXTS, GROUNDS), ("ink", "accent_wash"), ("accent", "accent_wash")]
    pairs += [("muted", "accent_wash"), ("on_accent", "accent"), ("on_recording", "recording")]
    bad = {
        (text, ground): round(contrast(getattr(theme, text), getattr(theme, ground)), 2)
        for text, ground in pairs
        if contrast(getattr(theme, text), getattr(theme, ground)) < 4.5
    }
    assert bad == {}


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_edges_of_controls_can_be_seen(theme):
    assert contrast(theme.edge, theme.page) >= 3
    assert contrast(theme.edge, theme.chrome) >= 3
    assert contrast(theme.recording, theme.chrome) >= 3


def test_high_contrast_is_higher():
    for high, low in ((CONTRAST_LIGHT, LIGHT), (CONTRAST_DARK, DARK)):
        assert contrast(high.muted, high.page) >= 7
        assert contrast(high.ink, high.page) > contrast(low.ink, low.page)


def test_palette_and_sheet_hold_the_theme(qapp):
    assert qpalette(DARK).color(QPalette.ColorRole.Base) == DARK.page
    assert "$" not in stylesheet(DARK)


def test_the_application_remembers_its_theme(qapp):
    use_theme(qapp, DARK)
    assert current_theme() is DARK
    use_theme(qapp, LIGHT)
    assert current_theme() is LIGHT
    assert qapp.palette().color(QPalette.ColorRole.Window) == LIGHT.chrome


def test_the_persons_choice_wins_over_the_desktop(qtbot):
    source = ThemeSource(ThemeChoice.LIGHT)
    assert source.theme is LIGHT
    with qtbot.waitSignal(source.changed, timeout=60_000) as told:
        source.choose(ThemeChoice.DARK)
    assert told.args == [DARK]
    source.choose(ThemeChoice.CONTRAST)
    assert source.theme in (CONTRAST_DARK, CONTRAST_LIGHT)
