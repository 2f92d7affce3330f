"""The style sheet as a template; `$names` are roles of the theme.

Kept small: rounded buttons and fields with a hairline, a focus ring, quiet scroll bars.
A button's look is chosen by its property `look`: "plain" (none), "quiet", "primary", "recording".
"""

from __future__ import annotations

from string import Template

SHEET = Template("""
QToolTip { color: $ink; background: $page; border: 1px solid $hairline; padding: 4px 6px; }
QPushButton, QToolButton, QComboBox, QSpinBox, QDoubleSpinBox {
    color: $ink; background: $page; border: 1px solid $hairline; border-radius: 7px;
    padding: 3px 10px; min-height: 26px;
}
QToolButton { padding: 3px 8px; }
QSpinBox, QDoubleSpinBox { padding: 3px 4px 3px 8px; }
QPushButton:hover, QToolButton:hover, QComboBox:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed { background: $pressed; }
QPushButton:checked, QToolButton:checked {
    color: $accent; background: $accent_wash; border-color: $checked_edge;
}
QPushButton:disabled, QToolButton:disabled, QComboBox:disabled { color: $faint; }
QPushButton:focus, QToolButton:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QLineEdit:focus { border: 2px solid $accent; }
QPushButton:focus { padding: 2px 9px; outline: none; }
QToolButton:focus { padding: 2px 7px; }
QComboBox:focus { padding: 2px 9px; }
QSpinBox:focus, QDoubleSpinBox:focus { padding: 2px 3px 2px 7px; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QSpinBox::down-button,
QDoubleSpinBox::down-button { border: none; background: transparent; width: 18px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow, QSpinBox::down-arrow,
QDoubleSpinBox::down-arrow, QComboBox::down-arrow { image: none; width: 0; height: 0; }
QToolButton[popupMode="2"] { padding-right: 18px; }
QToolButton::menu-indicator { subcontrol-position: right center; right: 6px; }
QPushButton[look="quiet"], QToolButton[look="quiet"] {
    background: transparent; border-color: transparent;
}
QPushButton[look="quiet"]:hover, QToolButton[look="quiet"]:hover { background: $hover; }
QToolButton[look="quiet"]:checked { background: $accent_wash; }
QPushButton[look="quiet"]:focus, QToolButton[look="quiet"]:focus { border-color: $accent; }
QPushButton[look="primary"] {
    color: $on_accent; background: $accent; border-color: $accent; font-weight: 600;
}
QPushButton[look="primary"]:focus { border-color: $ink; }
QPushButton[look="primary"]:disabled {
    color: $faint; background: $page; border-color: $hairline;
}
QPushButton[look="recording"] {
    color: $on_recording; background: $recording; border-color: $recording; font-weight: 600;
}
QPushButton[look="recording"]:focus { border-color: $ink; }
QLineEdit {
    color: $ink; background: $page; border: 1px solid $hairline; border-radius: 7px;
    padding: 3px 8px; min-height: 26px; selection-background-color: $accent;
    selection-color: $on_accent;
}
QLineEdit:focus { padding: 2px 7px; }
QMenu { color: $ink; background: $page; border: 1px solid $hairline; padding: 4px; }
QMenu::item { padding: 6px 22px 6px 22px; border-radius: 5px; }
QMenu::item:selected { color: $ink; background: $accent_wash; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $hairline; margin: 4px 8px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox QAbstractItemView {
    color: $ink; background: $page; border: 1px solid $hairline; selection-color: $ink;
    selection-background-color: $accent_wash; outline: none;
}
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $hairline; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 36px; }
QScrollBar::handle:horizontal { min-width: 36px; }
QScrollBar::handle:hover { background: $waveform; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $hairline; }
""")
