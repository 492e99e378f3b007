"""Where we are in the song, to read and to change."""

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from livedj.music import Seconds, Track
from livedj.party.messages import SeekTo
from livedj.party.snapshot import Playing
from ui.layout import row
from ui.pending import Pending
from ui.slider import Slider
from ui.text import Line, clock_time, plain_tip, remaining_time

TICKS = 10
"""The slider's steps a second: finer than a pixel of any song longer than two minutes."""
KEY_STEP = Seconds(5.0)
"""How far one press of an arrow seeks."""
NEAR = Seconds(2.0)
"""A playhead this close to what was asked for has arrived: files can be sought only so precisely."""


class SeekBar(QWidget):
    """Elapsed time, a bar, remaining time. While a person drags, all three show the place in hand."""

    wished = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.elapsed = Line("time", sample="0:00")
        self.remaining = Line("time", sample="−0:00", align=Qt.AlignmentFlag.AlignRight)
        self.bar = Slider(0, 1, step=int(KEY_STEP * TICKS))
        self.bar.setAccessibleName("Position in the song")
        self.bar.setToolTip(plain_tip("Click or drag to seek   [← →]"))
        self.setLayout(row(self.elapsed, self.bar, self.remaining, gap=10))
        self._track: Track | None = None
        self._position = Seconds(0.0)
        self._sought: Pending[Seconds] = Pending(taken_up=lambda wish, truth: abs(wish - truth) < NEAR)
        self.bar.dragged.connect(self._show_hand)
        self.bar.chosen.connect(self._choose)
        self.render_position(None, Seconds(0.0))

    def render_position(self, playing: Playing | None, now: Seconds) -> None:
        """Show the playhead; a place just sought stands until the playhead has followed."""
        track = playing.track if playing else None
        if track != self._track:
            self._change_track(track)
        self.bar.setEnabled(track is not None and track.duration > 0)
        if playing is None or track is None:
            self._say("", "")
            return
        self._position = self._sought.shown(playing.position, now)
        if not self.bar.isSliderDown():
            self._show(self._position, track)
            self.bar.show_value(int(self._position * TICKS))

    def step(self, seconds: Seconds) -> None:
        """Seek from here, or from where the last seek is going."""
        if self._track is not None:
            end = max(0.0, self._track.duration - 1)
            self._seek(Seconds(min(end, max(0.0, self._position + seconds))))

    def _change_track(self, track: Track | None) -> None:
        self._track = track
        self._sought.forget()
        self.bar.setSliderDown(False)  # what was in hand belonged to another song
        longest = re.sub(r"\d", "0", clock_time(track.duration)) if track else "0:00"
        self.elapsed.widen_to(longest)
        self.remaining.widen_to(f"−{longest}")
        self.bar.setRange(0, max(1, int(track.duration * TICKS)) if track else 1)
        self.bar.setValue(0)

    def _choose(self, ticks: int) -> None:
        self._seek(Seconds(ticks / TICKS))

    def _seek(self, position: Seconds) -> None:
        if self._track is None:
            return
        self._position = position
        self._sought.ask(position)
        self.bar.show_value(int(position * TICKS))
        self._show(position, self._track)
        self.wished.emit(SeekTo(position))

    def _show_hand(self, ticks: int) -> None:
        if self._track is not None:
            self._show(Seconds(ticks / TICKS), self._track)

    def _show(self, position: Seconds, track: Track) -> None:
        self._say(clock_time(position), remaining_time(position, track.duration) if track.duration > 0 else "")

    def _say(self, elapsed: str, remaining: str) -> None:
        self.elapsed.say(elapsed)
        self.remaining.say(remaining)
