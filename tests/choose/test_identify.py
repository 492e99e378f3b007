"""Which of our songs is heard: only when three windows agree, and until three disagree."""

import numpy as np

from livedj.choose.identify import STRIDES, Identifier
from livedj.music import TrackId, Vectors

ONE, TWO = TrackId(1), TrackId(2)
AXES = np.eye(4, dtype=np.float32)
STORED: dict[TrackId, Vectors] = {ONE: AXES[:2], TWO: AXES[2:3]}
NOISE = AXES[3]


def test_a_song_is_named_after_three_windows_of_it_and_not_before() -> None:
    identifier = Identifier(same_track=0.8)
    assert [identifier.update(AXES[i], STORED) for i in (0, 1, 0)] == [None, None, ONE]


def test_windows_of_two_songs_in_turn_name_neither() -> None:
    identifier = Identifier(same_track=0.8)
    assert {identifier.update(AXES[i % 3], STORED) for i in (0, 2, 1, 2, 0, 2)} == {None}


def test_a_named_song_outlasts_two_strange_windows_but_not_three() -> None:
    identifier = Identifier(same_track=0.8)
    for _ in range(STRIDES):
        identifier.update(AXES[0], STORED)
    assert [identifier.update(NOISE, STORED) for _ in range(STRIDES)] == [ONE, ONE, None]


def test_another_song_takes_over_once_it_is_sure() -> None:
    identifier = Identifier(same_track=0.8)
    for _ in range(STRIDES):
        identifier.update(AXES[0], STORED)
    assert [identifier.update(AXES[2], STORED) for _ in range(STRIDES)][-1] == TWO


def test_reset_forgets_and_an_empty_library_names_nothing() -> None:
    identifier = Identifier(same_track=0.8)
    for _ in range(STRIDES):
        identifier.update(AXES[0], STORED)
    identifier.reset()
    assert identifier.heard is None
    assert identifier.update(AXES[0], {}) is None
