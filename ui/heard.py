"""What is heard: the state in words, the level, the live picture, and the song if it is one of ours."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from livedj.listen.heard import Heard, ListenState
from livedj.music import Seconds
from ui import theme
from ui.layout import column, row
from ui.mel import MelView
from ui.meter import FLOOR, LevelMeter
from ui.text import Line

_WORDS = {
    ListenState.STARTING: "Starting",
    ListenState.LISTENING: "Listening",
    ListenState.TOO_QUIET: "Too quiet",
    ListenState.NO_MUSIC: "Voices or noise",
    ListenState.NO_MICROPHONE: "No microphone",
}
_MOODS = {ListenState.LISTENING: "", ListenState.NO_MICROPHONE: "alarm"}


class HeardView(QFrame):
    """Shows the newest Heard; a passive view without a wish."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        eyebrow = Line("eyebrow")
        eyebrow.say("HEARD")
        self.state = Line("state", shrink=0.6)
        self.detail = QLabel()
        self.detail.setProperty("role", "detail")
        self.detail.setTextFormat(Qt.TextFormat.PlainText)
        self.detail.setWordWrap(True)
        # The sentence may be of any length, and must never widen the window.
        self.detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.meter = LevelMeter()
        self.level = Line("number", align=Qt.AlignmentFlag.AlignRight, sample="−88 dB")
        self.picture = MelView()
        then, now = Line("axis"), Line("axis", align=Qt.AlignmentFlag.AlignRight)
        then.say("5 s ago")
        now.say("now")
        self.itself = Line("itself", shrink=0.75)
        self.setLayout(
            column(
                eyebrow,
                self.state,
                self.detail,
                row(self.meter, self.level, gap=10),
                self.picture,
                row(then, now),
                self.itself,
                gap=8,
                margin=(20, 16),
            )
        )

    def render_heard(self, heard: Heard, now: Seconds) -> None:
        """Show what is heard at the moment `now`."""
        live = heard.state in (ListenState.LISTENING, ListenState.NO_MUSIC)
        self.state.say(_WORDS[heard.state])
        self.state.setAccessibleName(f"State: {_WORDS[heard.state]}")
        theme.set_state(self.state, "mood", _MOODS.get(heard.state, "dim"))
        if heard.detail != self.detail.text():
            self.detail.setText(heard.detail)
        self.detail.setVisible(bool(heard.detail))
        self.meter.render_level(heard.level, now)
        self.level.say(_level_in_words(heard))
        self.picture.render_mel(heard.log_mel, live)
        self.itself.say(f"I hear: {heard.itself.label}" if heard.itself else "")
        self.itself.setVisible(heard.itself is not None)


def _level_in_words(heard: Heard) -> str:
    if heard.state in (ListenState.NO_MICROPHONE, ListenState.STARTING):
        return ""
    return f"−{abs(round(heard.level))} dB" if heard.level > FLOOR else "silent"
