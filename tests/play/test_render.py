"""The mix that is computed: sounds whose channels tell the songs apart, in blocks of any size."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from livedj.music import CuePoints, Loudness, Seconds, Stereo, Track
from livedj.play.render import length_of, rendered
from livedj.play.transition import CUT_FADE, Kind, level_of, planned
from tests.songs import song

RATE = 1000
LONGEST = Seconds(12.0)
LEFT, RIGHT = (1.0, 0.0), (0.0, 1.0)
FULL = Loudness(-18.0, -6.0)
"""Needs no levelling."""


def alone(number: int, duration: float = 60.0, **changes: object) -> Track:
    """Return a song that belongs to no album, and needs no levelling."""
    return replace(song(number, duration), album="", **changes)  # type: ignore[arg-type]


def neighbours(count: int) -> list[Track]:
    """Return the songs of one album."""
    return [replace(song(number), artist="Somebody", number=number) for number in range(1, count + 1)]


class Sounds:
    """Opens songs: every frame holds a pair of amplitudes, or what a function makes of its number."""

    def __init__(
        self,
        *amplitudes: tuple[float, float],
        length: float = 60.0,
        block: int = RATE,
        frame: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        self._amplitudes, self._length, self._block, self._frame = amplitudes, length, block, frame
        self.open = self.most_open = self.frames = 0

    def __call__(self, track: Track, start: Seconds) -> Generator[Stereo]:
        """Yield the sound of a song; `open` counts how many are being read, `frames` what was read of all."""
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            numbers = np.arange(round(start * RATE), round(self._length * RATE))
            for first in range(0, len(numbers), self._block):
                block = numbers[first : first + self._block]
                self.frames += len(block)
                yield self._sound(track, block)
        finally:
            self.open -= 1

    def _sound(self, track: Track, numbers: np.ndarray) -> Stereo:
        if self._frame is not None:
            return np.repeat(self._frame(numbers)[:, None], 2, axis=1).astype(np.float32)
        pair = self._amplitudes[(track.id - 1) % len(self._amplitudes)]
        return np.tile(np.array(pair, np.float32), (len(numbers), 1))


def mixed(tracks: Sequence[Track], sounds: Sounds) -> tuple[Stereo, list[tuple[Track, float]]]:
    """Return the whole mix, shape (n, 2), and each song with the second at which it sets in."""
    blocks: list[Stereo] = []
    begun: list[tuple[Track, float]] = []
    for part in rendered(tracks, sounds, LONGEST, RATE):
        if isinstance(part, Track):
            begun.append((part, sum(map(len, blocks)) / RATE))
        else:
            blocks.append(part)
    return np.concatenate([np.zeros((0, 2), np.float32), *blocks]), begun


def test_a_song_plays_from_its_first_sound_to_its_last() -> None:
    track = alone(1, cues=CuePoints(Seconds(2.0), Seconds(50.0)))
    mix, begun = mixed([track], Sounds(frame=lambda numbers: numbers / 60_000))
    assert begun == [(track, 0.0)]
    assert mix[0, 0] == pytest.approx(2.0 / 60)
    assert mix[47_999, 0] == pytest.approx(49.999 / 60)
    assert len(mix) == 48_000 + CUT_FADE * RATE  # behind a cue point that a person has set there may be sound
    assert 0 < mix[-1, 0] < 0.1


def test_a_fade_begins_where_it_is_planned_and_keeps_the_power() -> None:
    tracks = [alone(1, cues=CuePoints(Seconds(1.0), Seconds(58.0), None, Seconds(48.0))), alone(2)]
    plan = planned(tracks[0], tracks[1], LONGEST)
    assert plan.kind is Kind.FADE
    mix, begun = mixed(tracks, Sounds(LEFT, RIGHT))
    begin, length = round((plan.begin - 1.0) * RATE), round(plan.seconds * RATE)
    assert begun == [(tracks[0], 0.0), (tracks[1], begin / RATE)]
    left, right = mix[:-30].T
    assert np.all(left[: begin + 1] == 1.0)
    assert np.all(right[: begin + 1] == 0.0)
    assert np.all(left[begin + length :] == 0.0)
    assert np.all(right[begin + length :] == 1.0)
    np.testing.assert_allclose(left**2 + right**2, 1.0, atol=1e-6)
    half = begin + length // 2
    assert (left[half], right[half]) == pytest.approx((0.5**0.5, 0.5**0.5), abs=1e-4)
    assert np.all(np.diff(left[begin : begin + length]) < 0)


def test_songs_are_levelled() -> None:
    loud, unmeasured = alone(1, loudness=Loudness(-8.0, 0.0)), alone(2, loudness=None)
    mix, _ = mixed([loud, unmeasured], Sounds(LEFT, RIGHT))
    assert mix[0, 0] == pytest.approx(10 ** (-10 / 20))
    assert mix[-RATE, 1] == pytest.approx(level_of(unmeasured))


def test_songs_of_one_album_follow_to_the_sample_at_one_level() -> None:
    first, second = neighbours(2)
    second = replace(second, loudness=Loudness(-8.0, 0.0))
    length = 60.004  # the decoder finds four frames more than the catalogue knows
    mix, begun = mixed([first, second], Sounds(frame=lambda numbers: numbers / 100_000, length=length))
    assert begun == [(first, 0.0), (second, length)]
    whole = np.arange(60_004) / 100_000
    np.testing.assert_allclose(mix[:60_004, 0], whole, atol=1e-6)
    np.testing.assert_allclose(mix[60_004:120_004, 0], whole[:60_000], atol=1e-6)


def test_after_an_album_levels_are_each_songs_own_again() -> None:
    first, second = neighbours(2)
    other = alone(3, loudness=Loudness(-8.0, 0.0))
    mix, _ = mixed([replace(first, loudness=Loudness(-12.0, 0.0)), second, other], Sounds(LEFT, RIGHT, LEFT))
    assert mix[90 * RATE, 1] == pytest.approx(10 ** (-6 / 20))
    assert mix[-RATE, 0] == pytest.approx(10 ** (-10 / 20))


def test_a_song_that_ends_cold_is_cut() -> None:
    cold = alone(1, cues=CuePoints(Seconds(0.0), Seconds(40.0), None, Seconds(40.0)))
    mix, begun = mixed([cold, alone(2)], Sounds(LEFT, RIGHT))
    begin, silent = 40 * RATE, 40 * RATE + round(CUT_FADE * RATE)
    assert [moment for _, moment in begun] == [0.0, 40.0]
    assert np.all(mix[:begin] == LEFT)
    assert np.all(mix[begin:, 1][: 10 * RATE] == 1.0)
    assert np.all(np.diff(mix[begin:silent, 0]) < 0)
    assert np.all(mix[silent:, 0] == 0.0)


def test_what_exceeds_full_scale_is_cut_off() -> None:
    mix, _ = mixed([alone(1), alone(2)], Sounds((0.9, -0.9)))
    assert mix.max() == 1.0
    assert mix.min() == -1.0
    assert mix[0] == pytest.approx([0.9, -0.9])


def test_a_song_without_sound_is_left_out() -> None:
    tracks = [alone(number) for number in range(1, 6)]
    broken = {1, 3, 5}
    sounds = Sounds(LEFT)

    def some(track: Track, start: Seconds) -> Generator[Stereo]:
        if track.id not in broken:
            yield from sounds(track, start)

    begun = [part for part in rendered(tracks, some, LONGEST, RATE) if isinstance(part, Track)]
    assert begun == [tracks[1], tracks[3]]
    assert not list(rendered(tracks[:1], some, LONGEST, RATE))


def test_without_songs_there_is_no_mix() -> None:
    assert not list(rendered([], Sounds(LEFT), LONGEST, RATE))


def test_after_a_song_that_breaks_off_the_next_one_follows_at_once() -> None:
    mix, begun = mixed([alone(1), alone(2)], Sounds(LEFT, length=20.0))
    assert [moment for _, moment in begun] == [0.0, 20.0]
    assert len(mix) == 40 * RATE


def test_a_song_that_breaks_off_as_it_comes_in_leaves_the_fade_to_the_other_one() -> None:
    tracks = [alone(1), alone(2)]
    whole, short = Sounds(LEFT), Sounds(RIGHT, length=0.5)

    def open_song(track: Track, start: Seconds) -> Generator[Stereo]:
        return (whole if track is tracks[0] else short)(track, start)

    plan = planned(tracks[0], tracks[1], LONGEST)
    mix = np.concatenate([part for part in rendered(tracks, open_song, LONGEST, RATE) if not isinstance(part, Track)])
    assert len(mix) == round((plan.begin + plan.seconds) * RATE)
    assert mix[-1, 0] == pytest.approx(0.0, abs=0.01)


def test_one_song_may_come_twice() -> None:
    track = alone(1)
    _, begun = mixed([track, track], Sounds(LEFT))
    assert [moment for _, moment in begun] == [0.0, 54.0]


@pytest.mark.parametrize("block", [1, 333, 61_000])
def test_the_size_of_blocks_does_not_matter(block: int) -> None:
    tracks = [alone(1, 20.0), alone(2, 20.0)]
    wanted, _ = mixed(tracks, Sounds(LEFT, RIGHT, length=20.0))
    mix, _ = mixed(tracks, Sounds(LEFT, RIGHT, length=20.0, block=block))
    np.testing.assert_array_equal(mix, wanted)


def test_it_is_as_long_as_foretold() -> None:
    cold = alone(1, cues=CuePoints(Seconds(1.0), Seconds(40.0), None, Seconds(40.0)))
    tracks = [cold, *neighbours(2), alone(4, cues=CuePoints(Seconds(3.0), Seconds(60.0)))]
    mix, _ = mixed(tracks, Sounds(LEFT))
    assert len(mix) / RATE == pytest.approx(length_of(tracks, LONGEST), abs=0.01)


def test_however_long_the_queue_two_songs_are_open_and_a_block_of_each_is_held() -> None:
    tracks = [alone(number, 20.0) for number in range(1, 101)]
    sounds = Sounds(LEFT, RIGHT, length=20.0)
    before = 0
    for part in rendered(tracks, sounds, LONGEST, RATE):
        assert sounds.frames - before <= 3 * RATE, "it reads ahead"
        assert isinstance(part, Track) or len(part) <= RATE
        before = sounds.frames
    assert before > 100 * 19 * RATE
    assert (sounds.open, sounds.most_open) == (0, 2)
