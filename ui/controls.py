"""What a person sets: auto-DJ, when it starts and how it chooses, the crossfade, the microphone, the library."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from livedj.music import Seconds
from livedj.party.messages import SetAuto, SetCrossfade
from livedj.party.snapshot import Snapshot
from ui.chooser import MicrophoneChooser
from ui.layout import column, row
from ui.library import LibraryView
from ui.pending import Pending
from ui.situations import SituationsButton
from ui.slider import Slider
from ui.switch import Switch
from ui.taste import TasteButton
from ui.text import Line, plain_tip

SHORTEST, LONGEST = 2, 12
"""Seconds of crossfade the slider offers as the most."""


class ControlsView(QFrame):
    """The bar at the bottom. Wishes: SetAuto, SetSituations, SetCrossfade, ChooseInput, those of taste and library."""

    wished = Signal(object)
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.auto = Switch("AUTO-DJ")
        self.auto.setAccessibleName("Auto-DJ")
        self.auto.setAccessibleDescription("Chooses and fades by itself. Key: A.")
        self.auto.setToolTip(plain_tip("Auto-DJ chooses and fades by itself   [A]"))
        self.auto.clicked.connect(self._switch)
        self.situations = SituationsButton()
        self.situations.wished.connect(self.wished)
        self.taste = TasteButton()
        self.taste.wished.connect(self.wished)
        self.length = Slider(SHORTEST, LONGEST, fill="dim")
        self.length.setAccessibleName("Longest crossfade in seconds")
        self.length.setToolTip(plain_tip("The most that a crossfade may take, in seconds; the songs decide"))
        self.length_line = Line("eyebrow", shrink=0.8)
        self.length.dragged.connect(self._say_length)
        self.length.chosen.connect(self._set_length)
        microphone = Line("eyebrow", shrink=0.8)
        microphone.say("MICROPHONE")
        self.microphone = MicrophoneChooser()
        self.microphone.wished.connect(self.wished)
        self.library = LibraryView()
        self.library.wished.connect(self.wished)
        self.library.folder_wanted.connect(self.folder_wanted)
        fade = column(self.length_line, self.length, gap=6)
        inputs = column(microphone, self.microphone, gap=6)
        auto = row(self.auto, self.situations, self.taste, gap=8)
        bar = row(auto, fade, inputs, self.library, gap=26, margin=(20, 12))
        for part, share in ((fade, 1), (inputs, 1), (self.library, 1)):
            bar.setStretchFactor(part, share)
        bar.setAlignment(auto, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(bar)
        self._auto: Pending[bool] = Pending()
        self._seconds: Pending[int] = Pending()

    def render_controls(self, snapshot: Snapshot) -> None:
        """Show how things are set."""
        auto = self._auto.shown(snapshot.auto, snapshot.at)
        if auto != self.auto.isChecked():
            self.auto.setChecked(auto)
        self.situations.render_situations(snapshot.situations, snapshot.awake, snapshot.at)
        self.taste.render_choice(snapshot)
        if not self.length.isSliderDown():
            seconds = self._seconds.shown(round(snapshot.crossfade), snapshot.at)
            self.length.show_value(seconds)
            self._say_length(seconds)
        self.microphone.render_inputs(snapshot.heard, snapshot.at)
        self.library.render_library(snapshot.library_size, snapshot.scan)

    def _switch(self, on: bool) -> None:
        self._auto.ask(on)
        self.wished.emit(SetAuto(on))

    def _set_length(self, seconds: int) -> None:
        self._say_length(seconds)
        self._seconds.ask(seconds)
        self.wished.emit(SetCrossfade(Seconds(float(seconds))))

    def _say_length(self, seconds: int) -> None:
        self.length_line.say(f"FADE · ≤ {seconds} s")
