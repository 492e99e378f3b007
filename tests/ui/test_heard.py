"""The view of what is heard."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from livedj.listen.heard import ListenState
from livedj.music import SILENCE, Dbfs
from tests.ui.night import HEARD, NOW, later, mel, track
from ui import theme
from ui.heard import HeardView
from ui.mel import MelView, mel_image
from ui.meter import LevelMeter


@pytest.fixture
def view(qtbot: QtBot) -> HeardView:
    made = HeardView()
    qtbot.addWidget(made)
    made.resize(340, 500)
    made.show()
    return made


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ListenState.STARTING, "Starting"),
        (ListenState.LISTENING, "Listening"),
        (ListenState.TOO_QUIET, "Too quiet"),
        (ListenState.NO_MUSIC, "Voices or noise"),
        (ListenState.NO_MICROPHONE, "No microphone"),
    ],
)
def test_the_state_is_said_in_words(view: HeardView, state: ListenState, words: str) -> None:
    view.render_heard(replace(HEARD, state=state), NOW)
    assert view.state.text() == words
    assert words in view.state.accessibleName()


def test_what_is_wrong_is_said_in_one_sentence_and_only_then(view: HeardView) -> None:
    view.render_heard(replace(HEARD, detail="Turn the microphone up."), NOW)
    assert view.detail.text() == "Turn the microphone up."
    assert view.detail.isVisible()
    view.render_heard(HEARD, NOW)
    assert not view.detail.isVisible()


def test_a_sentence_that_looks_like_html_is_shown_as_it_is(view: HeardView) -> None:
    assert view.detail.textFormat() is Qt.TextFormat.PlainText


def test_our_own_song_is_named_when_it_is_heard(view: HeardView) -> None:
    view.render_heard(replace(HEARD, itself=track(7, "Undertow", "Saltwater Kids")), NOW)
    assert view.itself.text() == "I hear: Saltwater Kids – Undertow"
    assert view.itself.isVisible()
    view.render_heard(HEARD, NOW)
    assert not view.itself.isVisible()


@pytest.mark.parametrize(
    ("level", "state", "words"),
    [
        (-20.4, ListenState.LISTENING, "−20 dB"),
        (0.0, ListenState.LISTENING, "−0 dB"),
        (-20.4, ListenState.NO_MUSIC, "−20 dB"),
        (SILENCE, ListenState.TOO_QUIET, "silent"),
        (SILENCE, ListenState.NO_MICROPHONE, ""),
    ],
)
def test_the_level_is_a_number_too(view: HeardView, level: float, state: ListenState, words: str) -> None:
    view.render_heard(replace(HEARD, level=Dbfs(level), state=state), NOW)
    assert view.level.text() == words


def _lamps_lit(meter: LevelMeter) -> int:
    picture = meter.grab().toImage()
    accent = theme.colour("accent").rgb()
    middle = picture.height() // 2
    row = [picture.pixel(x, middle) == accent for x in range(picture.width())]
    return sum(1 for left, right in zip([False, *row], row, strict=False) if right and not left)


def test_the_meter_lights_a_lamp_for_every_1_5_db(qtbot: QtBot) -> None:
    meter = LevelMeter()
    qtbot.addWidget(meter)
    meter.resize(400, 20)
    for level, lamps in ((SILENCE, 0), (Dbfs(-30.0), 20), (Dbfs(0.0), 40), (Dbfs(-60.0), 0)):
        meter.render_level(level, NOW)
        assert _lamps_lit(meter) == lamps


def test_the_picture_has_low_notes_below_and_now_at_the_right() -> None:
    log_mel = np.full((96, 216), -80.0, np.float32)
    log_mel[0, 215] = 0.0
    image = mel_image(log_mel)
    loud, silent = theme.mel_colours()[255], theme.mel_colours()[0]
    assert (image.width(), image.height()) == (216, 96)
    assert image.pixel(215, 95) == loud
    assert image.pixel(0, 95) == silent
    assert image.pixel(215, 0) == silent


def test_levels_outside_the_range_are_drawn_at_its_ends() -> None:
    image = mel_image(np.array([[-200.0, 20.0, 0.0, -80.0]], np.float32))
    assert image.pixel(0, 0) == image.pixel(3, 0)
    assert image.pixel(1, 0) == image.pixel(2, 0)


def test_a_picture_that_is_not_of_now_is_dimmed(qtbot: QtBot) -> None:
    view = MelView()
    qtbot.addWidget(view)
    view.resize(216, 96)
    loud = np.zeros((96, 216), np.float32)
    view.render_mel(loud, live=True)
    bright = view.grab().toImage().pixelColor(100, 50).lightness()
    view.render_mel(loud, live=False)
    assert view.grab().toImage().pixelColor(100, 50).lightness() < bright / 2


def test_a_new_window_is_a_new_picture(qtbot: QtBot) -> None:
    view = MelView()
    qtbot.addWidget(view)
    view.resize(216, 96)
    view.render_mel(mel(1), live=True)
    first = view.grab().toImage()
    view.render_mel(mel(2), live=True)
    assert view.grab().toImage() != first


def test_the_peak_stays_when_the_level_drops(view: HeardView) -> None:
    meter = view.meter
    meter.resize(400, 20)
    meter.render_level(Dbfs(-10.0), NOW)
    meter.render_level(Dbfs(-50.0), later(0.5))
    peak = theme.colour("text").rgb()
    picture = meter.grab().toImage()
    assert any(picture.pixel(x, picture.height() // 2) == peak for x in range(picture.width()))
