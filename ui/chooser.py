"""Choosing the microphone."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from livedj.listen.heard import DEFAULT_INPUT, Heard, InputDevice
from livedj.music import Seconds
from livedj.party.messages import ChooseInput
from ui.pending import Pending
from ui.text import plain_tip

PATIENCE = Seconds(5.0)
"""Opening another device may take a few seconds; until then the choice stands."""


class MicrophoneChooser(QComboBox):
    """The inputs, the system's default first. While its list is open, nothing changes under the hand."""

    wished = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Microphone")
        self.setToolTip(plain_tip("The microphone to listen to"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(8)
        self._listed: tuple[InputDevice, ...] = ()
        self._chosen: Pending[InputDevice] = Pending(PATIENCE)
        self.activated.connect(self._choose)
        self._list((DEFAULT_INPUT,))

    def render_inputs(self, heard: Heard, now: Seconds) -> None:
        """Show the inputs that are there and the one listened to; one that has gone is still shown, as the choice."""
        if self.view().isVisible():
            return
        current = self._chosen.shown(heard.input, now)
        inputs = tuple(dict.fromkeys((DEFAULT_INPUT, *heard.inputs, current)))
        if inputs != self._listed:
            self._list(inputs)
        place = inputs.index(current)
        if place != self.currentIndex():
            self.setCurrentIndex(place)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Do nothing: scrolling past must not change the microphone."""
        event.ignore()

    def _list(self, inputs: tuple[InputDevice, ...]) -> None:
        self._listed = inputs
        self.clear()
        self.addItems([device.label for device in inputs])

    def _choose(self, place: int) -> None:
        device = self._listed[place]
        self._chosen.ask(device)
        self.wished.emit(ChooseInput(device))
