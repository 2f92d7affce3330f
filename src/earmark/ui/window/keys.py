"""The key reference (Ctrl+/): every action and its chord, which can be changed on the spot."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from earmark.model.i18n import _

from ..actions import Actions, Menu, menu_title, table
from ..guard import guard
from .quick_picker import matches

_ID = Qt.ItemDataRole.UserRole
NATIVE = QKeySequence.SequenceFormat.NativeText
PORTABLE = QKeySequence.SequenceFormat.PortableText


def typing_keys() -> tuple[tuple[str, str], ...]:
    """What the note editor itself understands while typing."""
    return (
        (
            _("Line start"),
            _("# heading · - bullet · [] check box · ! star · ? question · % private"),
        ),
        ("Tab / Shift+Tab", _("indent / outdent")),
        (_("Ctrl+click"), _("play from the word, also where clicking does not play")),
    )


class KeyReference(QDialog):
    """A window beside the notes, never modal. Emits `chord_chosen(id, portable text)`."""

    chord_chosen = Signal(str, str)

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.setWindowTitle(_("The keys"))
        self._actions = actions
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(_("Filter"))
        self.filter.setAccessibleName(_("Filter keys"))
        self.filter.textChanged.connect(self._narrow)
        self.tree = QTreeWidget(self)
        self.tree.setAccessibleName(_("Keys"))
        self.tree.setHeaderLabels([_("Action"), _("Keys")])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.currentItemChanged.connect(self._show_chosen)
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self.chord = QKeySequenceEdit(self)
        self.chord.setMaximumSequenceLength(1)
        self.chord.setAccessibleName(_("New keys for the chosen action"))
        for field in self.chord.findChildren(QLineEdit):
            field.setAccessibleName(self.chord.accessibleName())
        self.chord.installEventFilter(self)
        self.take = QPushButton(_("Use these keys"), self)
        self.take.clicked.connect(self._take)
        self.default = QPushButton(_("Back to the default"), self)
        self.default.clicked.connect(self._restore)
        for button in (self.take, self.default):
            button.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.chord, 1)
        row.addWidget(self.take)
        row.addWidget(self.default)
        column = QVBoxLayout(self)
        column.addWidget(self.filter)
        column.addWidget(self.tree, 1)
        column.addWidget(self._label)
        column.addLayout(row)
        self.resize(620, 640)
        self.fill()

    def fill(self) -> None:
        """Lists every action with its chord as it is now."""
        self.tree.clear()
        for menu in Menu:
            head = QTreeWidgetItem([menu_title(menu).replace("&", ""), ""])
            head.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.tree.addTopLevelItem(head)
            for spec in table():
                if spec.menu is menu:
                    head.addChild(self._row(spec.id, spec.text))
        head = QTreeWidgetItem([_("While typing"), ""])
        for what, does in typing_keys():
            head.addChild(QTreeWidgetItem([does, what]))
        self.tree.addTopLevelItem(head)
        self.tree.expandAll()
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setStretchLastSection(False)
        self._narrow(self.filter.text())
        self._show_chosen()

    @guard(False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While new keys are being pressed, the window's own chords stay quiet."""
        if watched is self.chord and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return False

    def _row(self, id: str, text: str) -> QTreeWidgetItem:  # noqa: A002
        chords = [s.toString(NATIVE) for s in self._actions[id].shortcuts()]
        item = QTreeWidgetItem([text, " · ".join(chords)])
        item.setData(0, _ID, id)
        return item

    def _narrow(self, words: str) -> None:
        for i in range(self.tree.topLevelItemCount()):
            head = self.tree.topLevelItem(i)
            if head is None:
                continue
            shown = 0
            for row in [head.child(j) for j in range(head.childCount())]:
                if row is None:
                    continue
                fits = matches(words, f"{row.text(0)} {row.text(1)}")
                row.setHidden(not fits)
                shown += fits
            head.setHidden(not shown)

    def _chosen(self) -> str | None:
        item = self.tree.currentItem()
        return None if item is None else item.data(0, _ID)

    def _show_chosen(self, *_ignored: object) -> None:
        id = self._chosen()  # noqa: A001
        for part in (self.chord, self.take, self.default):
            part.setEnabled(id is not None)
        if id is None:
            self._label.setText(_("Choose an action to change its keys."))
            self.chord.clear()
            return
        self._label.setText(self._actions[id].text())
        self.chord.setKeySequence(self._actions[id].shortcut())

    def _take(self) -> None:
        id = self._chosen()  # noqa: A001
        if id is None:
            return
        sequence = self.chord.keySequence()
        owner = self._actions.chord_owner(sequence)
        if not sequence.isEmpty() and owner is not None and owner is not self._actions[id]:
            self._label.setText(
                _("{keys} already belongs to “{action}”: change that one first.").format(
                    keys=sequence.toString(NATIVE), action=owner.text()
                )
            )
            return
        self.chord_chosen.emit(id, sequence.toString(PORTABLE))

    def _restore(self) -> None:
        id = self._chosen()  # noqa: A001
        spec = next((s for s in table() if s.id == id), None)
        if spec is not None:
            self.chord_chosen.emit(spec.id, spec.chord)
