"""Where we are in the song and where its cue points lie, to read and to change."""

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from livedj.music import CuePoints, Seconds, Track, TrackId
from livedj.party.messages import MoveCues, SeekTo
from livedj.party.snapshot import Playing
from ui.cuebar import TICKS, CueBar
from ui.cues import Mark, moved
from ui.layout import row
from ui.pending import Pending
from ui.text import Line, clock_time, remaining_time

KEY_STEP = Seconds(5.0)
"""How far one press of an arrow seeks."""
NEAR = Seconds(2.0)
"""A playhead this close to what was asked for has arrived: files can be sought only so precisely."""


class SeekBar(QWidget):
    """Elapsed time, a bar with the cue points, remaining time. While a person drags, all show the place in hand.

    Wishes: SeekTo, MoveCues.
    """

    wished = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.elapsed = Line("time", sample="0:00")
        self.remaining = Line("time", sample="−0:00", align=Qt.AlignmentFlag.AlignRight)
        self.bar = CueBar(step=int(KEY_STEP * TICKS))
        self.bar.setAccessibleName("Position in the song")
        self.setLayout(row(self.elapsed, self.bar, self.remaining, gap=10))
        self._track: Track | None = None
        self._position = Seconds(0.0)
        self._sought: Pending[Seconds] = Pending(taken_up=lambda wish, truth: abs(wish - truth) < NEAR)
        self._cues: Pending[CuePoints] = Pending()
        self.bar.dragged.connect(lambda ticks: self._show_hand(Seconds(ticks / TICKS)))
        self.bar.mark_dragged.connect(self._show_hand)
        self.bar.chosen.connect(self._choose)
        self.bar.marks_moved.connect(self._move_cues)
        self.bar.mark_set.connect(self._set_mark)
        self.render_position(None, Seconds(0.0))

    def render_position(self, playing: Playing | None, now: Seconds) -> None:
        """Show the playhead; a place just sought stands until the playhead has followed."""
        track = playing.track if playing else None
        if _bar_of(track) != _bar_of(self._track):
            self._change_track(track)
        self._track = track
        self.bar.setEnabled(track is not None and track.duration > 0)
        if playing is None or track is None:
            self._say("", "")
            return
        cues = self._cues.shown(track.cues, now)
        self.bar.show_cues(cues if track.duration > 0 else None, track.duration)
        self._position = self._sought.shown(playing.position, now)
        if not self.bar.isSliderDown():
            if not self.bar.mark_in_hand:
                self._show(self._position, track)
            self.bar.show_value(int(self._position * TICKS))

    def step(self, seconds: Seconds) -> None:
        """Seek from here, or from where the last seek is going."""
        if self._track is not None:
            end = max(0.0, self._track.duration - 1)
            self._seek(Seconds(min(end, max(0.0, self._position + seconds))))

    def _change_track(self, track: Track | None) -> None:
        self._sought.forget()
        self._cues.forget()
        self.bar.let_go()
        self.bar.show_cues(None, Seconds(0.0))
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

    def _set_mark(self, mark: Mark) -> None:
        if self._track is not None:
            now = self._cues.wish or self._track.cues
            cues = moved(now, mark, self._position, self._track.duration)
            if cues != now:
                self._move_cues(cues)

    def _move_cues(self, cues: CuePoints) -> None:
        if self._track is None:
            return
        self._cues.ask(cues)
        self.bar.show_cues(cues, self._track.duration)
        self._show(self._position, self._track)
        self.wished.emit(MoveCues(self._track.id, cues))

    def _show_hand(self, position: Seconds) -> None:
        if self._track is not None:
            self._show(position, self._track)

    def _show(self, position: Seconds, track: Track) -> None:
        self._say(clock_time(position), remaining_time(position, track.duration) if track.duration > 0 else "")

    def _say(self, elapsed: str, remaining: str) -> None:
        self.elapsed.say(elapsed)
        self.remaining.say(remaining)


def _bar_of(track: Track | None) -> tuple[TrackId, Seconds] | None:
    """Return what makes a bar another one; a song whose cue points were moved is still the same."""
    return None if track is None else (track.id, track.duration)
