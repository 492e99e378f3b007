"""What a plan promises, for songs of every kind, and for songs nobody would make."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedj.music import Beats, CuePoints, Loudness, Seconds, Track, TrackId
from livedj.play.transition import (
    CEILING,
    LONGEST,
    MOST_BOOST,
    SHORTEST,
    SURE,
    TARGET,
    USUAL,
    Kind,
    Transition,
    hurried,
    level_of,
    planned,
)

TWELVE = Seconds(12.0)
A_BIT = 1e-6
"""Seconds that rounding may cost."""


def song(
    start: float = 0.0,
    end: float = 240.0,
    duration: float | None = None,
    intro_end: float | None = None,
    outro_start: float | None = None,
    intro_beats: Beats | None = None,
    outro_beats: Beats | None = None,
) -> Track:
    """Return a song that belongs to no album."""
    optional = [None if moment is None else Seconds(moment) for moment in (intro_end, outro_start)]
    return Track(
        id=TrackId(1),
        path=Path("music/song.flac"),
        title="Song",
        artist="Somebody",
        album="",
        duration=Seconds(end if duration is None else duration),
        cues=CuePoints(Seconds(start), Seconds(end), *optional),
        intro_beats=intro_beats,
        outro_beats=outro_beats,
    )


def beats(tempo: float, beat: float, confidence: float = 1.0) -> Beats:
    return Beats(tempo, Seconds(beat), confidence)


# The length and place of a fade ---------------------------------------------------------------------------------------


def test_where_nothing_is_known_the_last_six_seconds_fade() -> None:
    assert planned(song(), song(), TWELVE) == Transition(Kind.FADE, Seconds(234.0), USUAL, Seconds(0.0))


@pytest.mark.parametrize(
    ("outro", "intro", "begin", "seconds"),
    [
        (8.0, 10.0, 232.0, 8.0),  # the shorter one decides
        (10.0, 8.0, 231.0, 8.0),  # and of what is left of a long outro, half is played before the fade
        (30.0, 40.0, 219.0, LONGEST),
        (30.0, 0.5, 224.0, SHORTEST),
        (1.0, 9.0, 239.0, 1.0),  # a song that ends at once: what comes before is no outro
        (10.0, None, 232.0, USUAL),
        (None, 10.0, 234.0, USUAL),
        (None, 4.0, 236.0, 4.0),
    ],
)
def test_a_fade_is_as_long_as_outro_and_intro_allow(
    outro: float | None, intro: float | None, begin: float, seconds: float
) -> None:
    outgoing = song(outro_start=None if outro is None else 240.0 - outro)
    incoming = song(start=1.5, intro_end=None if intro is None else 1.5 + intro)
    assert planned(outgoing, incoming, TWELVE) == Transition(Kind.FADE, Seconds(begin), Seconds(seconds), Seconds(1.5))


def test_a_person_may_want_it_shorter() -> None:
    plan = planned(song(outro_start=230), song(intro_end=20), Seconds(4.0))
    assert (plan.begin, plan.seconds) == (233.0, 4.0)


def test_without_any_fade_the_next_song_follows_where_the_sound_ends() -> None:
    outgoing = song(end=200, duration=210)
    assert planned(outgoing, song(start=2), Seconds(0.0)) == Transition(
        Kind.CUT, Seconds(200.0), Seconds(0.0), Seconds(2.0)
    )


def test_a_song_that_ends_in_full_sound_is_not_faded_at_all() -> None:
    assert planned(song(end=200, outro_start=200), song(), TWELVE).kind is Kind.CUT


def test_silence_is_skipped_at_both_ends() -> None:
    plan = planned(song(end=200, outro_start=195, duration=230), song(start=7, duration=240), TWELVE)
    assert (plan.begin + plan.seconds, plan.start) == (200.0, 7.0)


def test_a_file_that_is_shorter_than_it_was_counts_as_the_player_measured_it() -> None:
    assert planned(song(outro_start=222), song(), TWELVE, Seconds(230.0)).begin == 223.0
    plan = planned(song(outro_start=220), song(), TWELVE, Seconds(210.0))
    assert (plan.kind, plan.begin) == (Kind.CUT, 210.0)


def test_of_an_excerpt_the_end_fades_whatever_is_there() -> None:
    plan = planned(song(start=1, outro_start=220), song(), TWELVE, excerpt=Seconds(15.0))
    assert (plan.begin, plan.seconds) == (11.0, 5.0)
    whole = song(end=10, outro_start=8)
    assert planned(whole, song(), TWELVE, excerpt=Seconds(15.0)) == planned(whole, song(), TWELVE)


def test_a_short_song_is_faded_for_a_third_of_it_at_most() -> None:
    assert planned(song(), song(end=3), TWELVE).seconds == pytest.approx(1.0)
    assert planned(song(end=0.6), song(), TWELVE).seconds == pytest.approx(0.2)


# Albums ---------------------------------------------------------------------------------------------------------------


def album_song(number: int | None, **changes: Any) -> Track:
    return replace(song(end=180, duration=180.04), **{"album": "Album", "number": number, **changes})


def test_neighbours_of_an_album_follow_without_a_gap() -> None:
    plan = planned(album_song(3), album_song(4), TWELVE)
    assert plan == Transition(Kind.GAPLESS, Seconds(180.04), Seconds(0.0), Seconds(0.0))
    measured = planned(album_song(3), album_song(4), TWELVE, Seconds(180.1))
    assert measured.begin == 180.1


def test_a_compilation_lies_in_one_folder() -> None:
    assert planned(album_song(1), album_song(2, artist="Else"), TWELVE).kind is Kind.GAPLESS


@pytest.mark.parametrize(
    "following",
    [
        album_song(5),
        album_song(3),
        album_song(2),
        album_song(None),
        album_song(4, disc=2),
        album_song(4, album="Other"),
        album_song(4, artist="Else", path=Path("elsewhere/song.flac")),
        album_song(4, cues=CuePoints(Seconds(1.0), Seconds(180.0))),
    ],
    ids=["one between", "itself", "backwards", "no number", "disc", "album", "artist and folder", "pause"],
)
def test_everything_else_fades(following: Track) -> None:
    assert planned(album_song(3), following, TWELVE).kind is Kind.FADE


def test_songs_without_an_album_or_a_number_are_no_neighbours() -> None:
    nameless = [replace(album_song(number), album="") for number in (3, 4)]
    assert planned(nameless[0], nameless[1], TWELVE).kind is Kind.FADE
    assert planned(album_song(None), album_song(1), TWELVE).kind is Kind.FADE
    strangers = [replace(album_song(n), artist="", path=Path(f"{n}/song.flac")) for n in (3, 4)]
    assert planned(strangers[0], strangers[1], TWELVE).kind is Kind.FADE


def test_an_excerpt_of_an_album_fades() -> None:
    assert planned(album_song(3), album_song(4), TWELVE, excerpt=Seconds(30.0)).kind is Kind.FADE


# On a beat ------------------------------------------------------------------------------------------------------------


def pair(outgoing: Beats | None, incoming: Beats | None, start: float = 0.0) -> Transition:
    return planned(
        song(outro_start=232, outro_beats=outgoing), song(start=start, intro_end=30, intro_beats=incoming), Seconds(6.0)
    )


def test_the_first_beat_falls_on_the_nearest_beat() -> None:
    # The fade would begin at 233.0; beats lie at 233.1 + 0.5 n, the incoming one's first 0.05 s after its start.
    plan = pair(beats(120, 212.1), beats(122, 2.05), start=2.0)
    assert plan.on_beat
    assert (plan.begin, plan.seconds) == (pytest.approx(233.05), 6.0)
    earlier = pair(beats(120, 212.1), beats(122, 2.2), start=2.0)
    assert (earlier.begin, earlier.seconds) == (pytest.approx(232.9), 6.0)


def test_a_beat_before_the_outro_is_not_waited_for() -> None:
    outgoing = song(outro_start=232.0, outro_beats=beats(120, 231.9))
    plan = planned(outgoing, song(intro_end=30, intro_beats=beats(120, 0.0)), TWELVE)
    assert (plan.begin, plan.seconds) == (pytest.approx(232.4), pytest.approx(7.6))  # no longer than the song


@pytest.mark.parametrize(
    ("outgoing", "incoming"),
    [
        (None, beats(120, 0)),
        (beats(120, 230), None),
        (beats(120, 230, SURE - 0.01), beats(120, 0)),
        (beats(120, 230), beats(120, 0, SURE - 0.01)),
        (beats(120, 230), beats(127, 0)),
        (beats(120, 230), beats(113, 0)),
        (beats(120, 230), beats(180, 0)),
    ],
)
def test_unsure_or_unlike_tempi_move_nothing(outgoing: Beats | None, incoming: Beats | None) -> None:
    assert pair(outgoing, incoming) == pair(None, None)


@pytest.mark.parametrize("tempo", [115, 125, 60, 240])
def test_tempi_within_five_per_cent_agree_and_so_do_half_and_double(tempo: float) -> None:
    assert pair(beats(120, 230.1), beats(tempo, 0)).on_beat


def test_an_excerpt_ends_where_no_beat_is_known() -> None:
    outgoing, incoming = song(outro_beats=beats(120, 230)), song(intro_beats=beats(120, 0))
    assert planned(outgoing, incoming, TWELVE).on_beat
    assert not planned(outgoing, incoming, TWELVE, excerpt=Seconds(60.0)).on_beat


def test_a_beat_so_slow_that_none_is_left_moves_nothing() -> None:
    outgoing = song(outro_start=237.0, outro_beats=beats(12, 236.9))
    plan = planned(outgoing, song(intro_end=30, intro_beats=beats(12, 0.0)), TWELVE)
    assert (plan.begin, plan.on_beat) == (237.0, False)


# Now ------------------------------------------------------------------------------------------------------------------


def test_now_is_now() -> None:
    assert hurried(song(outro_start=220), song(start=2), Seconds(100.0), Seconds(6.0)) == Transition(
        Kind.FADE, Seconds(100.0), Seconds(6.0), Seconds(2.0)
    )


def test_a_hurried_fade_is_short_when_little_is_left() -> None:
    assert hurried(song(), song(), Seconds(238.5), Seconds(6.0)).seconds == 1.5
    assert hurried(song(), song(end=6), Seconds(10.0), Seconds(6.0)).seconds == 2.0
    assert hurried(song(), song(), Seconds(10.0), Seconds(60.0)).seconds == LONGEST


@pytest.mark.parametrize(("position", "seconds"), [(100.0, 0.0), (240.0, 6.0), (241.0, 6.0)])
def test_without_time_it_is_a_cut(position: float, seconds: float) -> None:
    plan = hurried(song(duration=250), song(start=2), Seconds(position), Seconds(seconds))
    assert plan == Transition(Kind.CUT, Seconds(position), Seconds(0.0), Seconds(2.0))


# Levels ---------------------------------------------------------------------------------------------------------------


def decibels(lufs: float, true_peak: float) -> float:
    return 20 * math.log10(level_of(replace(song(), loudness=Loudness(lufs, true_peak))))


@pytest.mark.parametrize(
    ("lufs", "true_peak", "expected"),
    [
        (-8.0, 0.8, -10.0),  # a loud master comes down
        (-23.0, -9.0, 5.0),
        (-23.0, -4.0, 3.0),  # as far as its peaks allow
        (-20.0, 0.5, 0.0),  # not turned down for its peaks alone
        (-45.0, -30.0, MOST_BOOST),
    ],
)
def test_songs_are_levelled(lufs: float, true_peak: float, expected: float) -> None:
    assert decibels(lufs, true_peak) == pytest.approx(expected)


def test_a_song_that_was_not_measured_is_taken_for_a_loud_one() -> None:
    assert 20 * math.log10(level_of(song())) == pytest.approx(-6.0)


@given(st.floats(-70, 0), st.floats(-60, 6))
def test_no_boost_lifts_a_peak_above_the_ceiling(lufs: float, true_peak: float) -> None:
    gain = decibels(lufs, true_peak)
    assert true_peak + gain <= max(CEILING, true_peak) + A_BIT
    assert lufs + gain <= TARGET + A_BIT or gain <= A_BIT


# Promises -------------------------------------------------------------------------------------------------------------


@st.composite
def songs(draw: st.DrawFn) -> Track:
    """Draw a song of a fraction of a second to ten minutes, with or without what an analysis finds."""
    duration = draw(st.floats(0.01, 600))
    moments = sorted(draw(st.lists(st.floats(0, duration), min_size=4, max_size=4)))
    start, intro_end, outro_start, end = moments
    known = draw(st.tuples(st.booleans(), st.booleans()))
    grid = st.none() | st.builds(beats, st.floats(40, 220), st.floats(0, duration), st.floats(0, 1))
    return song(
        start=start,
        end=end,
        duration=duration,
        intro_end=intro_end if known[0] else None,
        outro_start=outro_start if known[1] else None,
        intro_beats=draw(grid),
        outro_beats=draw(grid),
    )


limits = st.floats(0, 12).map(Seconds)


@given(songs(), songs(), limits, st.just(0.0) | st.floats(0.01, 700), st.none() | st.floats(1, 60))
def test_a_plan_never_amputates_and_never_waits_for_silence(
    outgoing: Track, incoming: Track, longest: Seconds, duration: float, excerpt: float | None
) -> None:
    plan = planned(outgoing, incoming, longest, Seconds(duration), None if excerpt is None else Seconds(excerpt))
    end = min(outgoing.cues.end, duration or outgoing.duration)
    cut_off = excerpt is not None and outgoing.cues.start + excerpt < end
    end = outgoing.cues.start + excerpt if excerpt is not None and cut_off else max(end, outgoing.cues.start)
    assert outgoing.cues.start <= plan.begin
    assert plan.begin + plan.seconds <= end + A_BIT
    assert 0 <= plan.seconds <= min(longest, LONGEST)
    assert plan.start == incoming.cues.start
    assert (plan.kind is Kind.FADE) == (plan.seconds > 0)
    if not cut_off and outgoing.cues.outro_start is not None:
        assert plan.begin >= min(outgoing.cues.outro_start, end)
    shorter = min(track.cues.end - track.cues.start for track in (outgoing, incoming))
    assert plan.seconds <= min(shorter, shorter if excerpt is None else excerpt) / 3 + A_BIT


@given(
    tempo=st.floats(62, 200),
    ratio=st.floats(0.951, 1.049),
    octave=st.sampled_from([0.5, 1.0, 2.0]),
    phases=st.tuples(st.floats(-5, 300), st.floats(-5, 300)),
    outro=st.floats(2, 40),
    longest=st.floats(2, 12).map(Seconds),
)
def test_shared_beats_coincide_and_cost_less_than_one(
    tempo: float, ratio: float, octave: float, phases: tuple[float, float], outro: float, longest: Seconds
) -> None:
    leading, entering = beats(tempo, phases[0], SURE), beats(tempo * ratio * octave, phases[1], SURE)
    outgoing = song(outro_start=240 - outro, outro_beats=leading)
    incoming = song(start=1.25, intro_beats=entering)
    plan, plain = planned(outgoing, incoming, longest), planned(song(outro_start=240 - outro), incoming, longest)
    period = 60 / leading.tempo
    first = (entering.beat - plan.start) % (60 / entering.tempo)
    off = (plan.begin + first - leading.beat) / period
    assert plan.on_beat
    assert abs(off - round(off)) * period < 0.001
    assert abs(plan.begin - plain.begin) < period
    assert plan.begin >= 240 - outro
    assert plan.begin + plan.seconds <= 240 + A_BIT


@given(songs(), songs(), st.floats(0, 700), st.floats(0, 12))
def test_a_hurried_transition_keeps_to_what_is_left(
    outgoing: Track, incoming: Track, position: float, seconds: float
) -> None:
    plan = hurried(outgoing, incoming, Seconds(position), Seconds(seconds))
    assert plan.begin == position
    assert 0 <= plan.seconds <= min(seconds, LONGEST)
    assert plan.seconds == 0 or plan.begin + plan.seconds <= outgoing.cues.end + A_BIT
    assert plan.start == incoming.cues.start
