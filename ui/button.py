"""Buttons that leave the party's keys to the party."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QWidget

from ui import theme
from ui.text import plain_tip

_PRESS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


def took_key(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Press `button` on Enter and let arrows pass to the window; return False for every other key."""
    if event.key() in _PRESS:
        if not event.isAutoRepeat():
            button.click()
        return True
    if event.key() in _ARROWS:
        event.ignore()
        return True
    return False


class Button(QPushButton):
    """A button that takes the keyboard's focus by Tab only.

    A click leaves no focus behind, so that Space goes on to mean play and pause; a person who came by Tab presses with
    Space or Enter, as everywhere. Arrows are not for buttons here: they seek.
    """

    def __init__(self, text: str = "", icon: str = "", role: str = "plain", parent: QWidget | None = None) -> None:
        # Qt sets text close to its icon; an en space parts them.
        super().__init__(f"\u2002{text}" if text and icon else text, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAutoDefault(False)  # or Enter elsewhere in a dialog would press it
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setProperty("role", role)
        if icon:
            self.show_icon(icon)

    def show_icon(self, name: str) -> None:
        """Show an icon of the theme, in the colour that can be read on this button."""
        self.setIcon(theme.icon(name, "on_accent" if self.property("role") == "primary" else "text"))

    def describe(self, name: str, key: str = "", help_text: str = "") -> None:
        """Tell what the button does: to screen readers, and with its key as a tool tip."""
        self.setAccessibleName(name)
        self.setAccessibleDescription(" ".join(part for part in (help_text, key and f"Key: {key}.") if part))
        tip = f"{name}   [{key}]" if key else name
        self.setToolTip(plain_tip(f"{tip}. {help_text}" if help_text else tip))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Press on Enter too, and let arrows pass to the window."""
        if not took_key(self, event):
            super().keyPressEvent(event)
