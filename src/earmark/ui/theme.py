"""The colours of the window: paper and ink, one accent, red only while recording, amber for marks.

`use_theme(app, theme)` sets the palette and the style sheet and is the only place that does;
painted widgets ask `current_theme()` when they paint and repaint on a palette change.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from .stylesheet import SHEET

_PROPERTY = "earmarkTheme"


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour the window uses, by role. Text roles are ≥ 4.5 : 1 on page and chrome."""

    name: str
    dark: bool
    page: QColor
    chrome: QColor
    hairline: QColor
    """Borders and separators; never text."""
    edge: QColor
    """Borders of fields one types or chooses in, and of unticked boxes (≥ 3 : 1)."""
    ink: QColor
    muted: QColor
    accent: QColor
    accent_wash: QColor
    on_accent: QColor
    recording: QColor
    """Fill of the recording state; its text is `on_recording`."""
    on_recording: QColor
    recording_text: QColor
    mark: QColor
    waveform: QColor
    """The shape of the sound; never text."""
    ok: QColor
    """What is proven safe: "stored"."""


def _theme(name: str, *, dark: bool, **colours: str) -> Theme:
    return Theme(name=name, dark=dark, **{role: QColor(c) for role, c in colours.items()})


LIGHT = _theme(
    "light",
    dark=False,
    page="#fbfaf7",
    chrome="#f1efe9",
    hairline="#e3dfd5",
    edge="#858071",
    ink="#22252b",
    muted="#676355",
    accent="#2f5bd7",
    accent_wash="#e6ecfb",
    on_accent="#ffffff",
    recording="#d23b3b",
    on_recording="#ffffff",
    recording_text="#b92c2c",
    mark="#8a5c00",
    waveform="#b9b4a6",
    ok="#2c7a3f",
)
DARK = _theme(
    "dark",
    dark=True,
    page="#1d1f23",
    chrome="#17181b",
    hairline="#2c2f35",
    edge="#767a83",
    ink="#e9e7e1",
    muted="#a3a096",
    accent="#8aa8ff",
    accent_wash="#26304b",
    on_accent="#17181b",
    recording="#ff6b62",
    on_recording="#17181b",
    recording_text="#ff6b62",
    mark="#e9b44c",
    waveform="#4a4d55",
    ok="#58b974",
)
CONTRAST_LIGHT = _theme(
    "contrast-light",
    dark=False,
    page="#ffffff",
    chrome="#ffffff",
    hairline="#4a4a4a",
    edge="#000000",
    ink="#000000",
    muted="#333333",
    accent="#0030a8",
    accent_wash="#dbe5ff",
    on_accent="#ffffff",
    recording="#a30000",
    on_recording="#ffffff",
    recording_text="#a30000",
    mark="#6b4400",
    waveform="#767676",
    ok="#00561b",
)
CONTRAST_DARK = _theme(
    "contrast-dark",
    dark=True,
    page="#000000",
    chrome="#000000",
    hairline="#b0b0b0",
    edge="#ffffff",
    ink="#ffffff",
    muted="#d6d6d6",
    accent="#a9c1ff",
    accent_wash="#1b2c5c",
    on_accent="#000000",
    recording="#ff8a82",
    on_recording="#000000",
    recording_text="#ff8a82",
    mark="#ffd067",
    waveform="#8c8c8c",
    ok="#7fe39a",
)
THEMES = {t.name: t for t in (LIGHT, DARK, CONTRAST_LIGHT, CONTRAST_DARK)}


class ThemeChoice(StrEnum):
    """What the person set. `SYSTEM` follows the desktop, its wish for contrast included."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


def contrast(a: QColor, b: QColor) -> float:
    """Contrast ratio of two opaque colours, 1–21 (WCAG 2.2, "relative luminance")."""
    one, other = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (one + 0.05) / (other + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4)

    r, g, b = linear(colour.redF()), linear(colour.greenF()), linear(colour.blueF())
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def mix(a: QColor, b: QColor, part: float) -> QColor:
    """`a` with `part` (0–1) of `b` in it."""
    keep = 1 - part
    return QColor.fromRgbF(
        a.redF() * keep + b.redF() * part,
        a.greenF() * keep + b.greenF() * part,
        a.blueF() * keep + b.blueF() * part,
    )


def qpalette(theme: Theme) -> QPalette:
    """The theme as a whole palette: nothing is left for the desktop to fill in."""
    role = QPalette.ColorRole
    palette = QPalette()
    plain = {
        role.Window: theme.chrome,
        role.WindowText: theme.ink,
        role.Base: theme.page,
        role.AlternateBase: theme.chrome,
        role.Text: theme.ink,
        role.Button: theme.page,
        role.ButtonText: theme.ink,
        role.BrightText: theme.recording_text,
        role.ToolTipBase: theme.page,
        role.ToolTipText: theme.ink,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.page,
        role.Midlight: theme.hairline,
        role.Mid: theme.hairline,
        role.Dark: theme.edge,
        role.Shadow: mix(theme.edge, theme.ink, 0.5),
    }
    for which, colour in plain.items():
        palette.setColor(which, colour)
    faint = mix(theme.muted, theme.chrome, 0.45)
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, faint)
    return palette


def stylesheet(theme: Theme) -> str:
    """The style sheet of the whole window: hairlines instead of boxes, round corners."""
    words = {f.name: getattr(theme, f.name) for f in fields(theme)}
    colours = {k: c.name() for k, c in words.items() if isinstance(c, QColor)}
    colours["hover"] = mix(theme.page, theme.ink, 0.06).name()
    colours["pressed"] = mix(theme.page, theme.ink, 0.12).name()
    loud = theme.name.startswith("contrast")
    colours["checked_edge"] = (theme.accent if loud else theme.accent_wash).name()
    colours["faint"] = mix(theme.muted, theme.chrome, 0.45).name()
    return SHEET.substitute(colours)


def use_theme(app: QApplication, theme: Theme) -> None:
    """Shows the whole application in `theme`; widgets hear of it as a palette change."""
    app.setProperty(_PROPERTY, theme.name)
    app.setPalette(qpalette(theme))
    app.setStyleSheet(stylesheet(theme))


def current_theme() -> Theme:
    """The theme last given to `use_theme` (light before that)."""
    app = QGuiApplication.instance()
    name = app.property(_PROPERTY) if app is not None else None
    return THEMES.get(str(name), LIGHT)


def fixed_font(base: QFont, scale: float = 1.0) -> QFont:
    """The fixed-width face for times, `scale` times as large as `base`."""
    font = QFont(base)
    font.setFamilies([QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()])
    font.setStyleHint(QFont.StyleHint.Monospace)
    return scaled(font, scale)


def scaled(base: QFont, scale: float) -> QFont:
    """`base`, `scale` times as large, whichever unit it was set in."""
    font = QFont(base)
    if font.pixelSize() > 0:
        font.setPixelSize(max(1, round(font.pixelSize() * scale)))
    else:
        font.setPointSizeF(font.pointSizeF() * scale)
    return font


class ThemeSource(QObject):
    """Decides which theme fits: the person's choice, or else the desktop's.

    Make it before the first `use_theme`: on desktops that tell no colour scheme (plain X11) the
    palette they started us with is the only witness.
    """

    changed = Signal(object)

    def __init__(self, choice: ThemeChoice = ThemeChoice.SYSTEM, parent: QObject | None = None):
        super().__init__(parent)
        window = QGuiApplication.palette().color(QPalette.ColorRole.Window)
        self._started_dark = window.lightness() < 128
        self._choice = choice
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._look_again)
        hints.accessibility().contrastPreferenceChanged.connect(self._look_again)
        self.theme = self._fitting()

    def choose(self, choice: ThemeChoice) -> None:
        """Takes the person's choice; emits `changed(Theme)` where it makes a difference."""
        self._choice = choice
        self._look_again()

    @Slot()
    def _look_again(self, *_ignored: object) -> None:
        theme = self._fitting()
        if theme is not self.theme:
            self.theme = theme
            self.changed.emit(theme)

    def _fitting(self) -> Theme:
        hints = QGuiApplication.styleHints()
        scheme = hints.colorScheme()
        dark = (
            self._started_dark
            if scheme is Qt.ColorScheme.Unknown
            else scheme is Qt.ColorScheme.Dark
        )
        if self._choice is ThemeChoice.LIGHT:
            return LIGHT
        if self._choice is ThemeChoice.DARK:
            return DARK
        wish = hints.accessibility().contrastPreference()
        high = wish is Qt.ContrastPreference.HighContrast
        if high or self._choice is ThemeChoice.CONTRAST:
            return CONTRAST_DARK if dark else CONTRAST_LIGHT
        return DARK if dark else LIGHT
