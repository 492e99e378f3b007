"""Each rule of good taste alone, and all of them together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedj.choose import rules
from livedj.choose.rules import APART, RULES, SHARES, Verdict, terms
from livedj.choose.scene import Neighbour, Opinion, Scene, Taste
from livedj.music import Beats, Key, Seconds, Track, TrackId, Vector, unit
from tests.songs import song

ALONE = Scene(unrelated=0.2)


def heard(track: Track, days: int | None = None, sound: Vector | None = None) -> Neighbour:
    return Neighbour(track, 0.8, days, sound)


def by(artist: str, number: int = 1, album: str = "") -> Track:
    return replace(song(number), artist=artist, album=album, path=Path(f"/music/{artist}/{album}/{number}.ogg"))


def after(*lately: Track) -> Scene:
    """Return the scene in which these were played, the latest first."""
    return replace(ALONE, now=lately[0], lately=tuple(heard(track) for track in lately))


def at(tempo: float, confidence: float = 0.9) -> Track:
    beats = Beats(tempo, Seconds(0.1), confidence)
    return replace(song(1), intro_beats=beats, outro_beats=beats)


def in_key(tonic: int, minor: bool = False, confidence: float = 0.9) -> Track:
    return replace(song(1), key=Key(tonic, minor, confidence))


# Artists and albums ---------------------------------------------------------------------------------------------------


def test_an_artist_comes_again_the_more_gladly_the_longer_ago_it_was() -> None:
    others = [by(f"Other {n}", n) for n in range(10, 10 + APART)]
    judged = []
    for place in range(APART):
        verdict = rules.other_artist(heard(by("Ann")), after(*others[:place], by("ANN", 5), *others[place:]))
        assert verdict is not None
        judged.append(verdict.value)
    assert judged == pytest.approx([-1.0, -0.8, -0.6, -0.4, -0.2])
    assert rules.other_artist(heard(by("Ann")), after(*others, by("Ann", 5))) is None


def test_songs_without_an_artist_are_kept_apart_by_their_sound() -> None:
    one, other = unit(np.array([1.0, 0.1])), unit(np.array([0.0, 1.0]))
    scene = replace(ALONE, lately=(heard(by("", 2), sound=one),))
    assert rules.other_artist(heard(by("Ann"), sound=one), scene) == Verdict(-0.5)
    assert rules.other_artist(heard(by("Ann"), sound=other), scene) is None
    assert rules.other_artist(heard(by("Ann")), scene) is None


def test_guests_make_no_other_artist_and_nameless_ones_are_none() -> None:
    assert rules.other_artist(heard(by("Ann feat. Bob")), after(by("Ann", 2))) == Verdict(-1.0)
    assert rules.other_artist(heard(by("Unknown Artist")), after(by("Unknown Artist", 2))) is None


def test_songs_of_one_album_are_kept_apart_but_for_the_next_one_on_it() -> None:
    last = replace(by("Ann", 2, "First"), disc=1, number=3)
    again = replace(by("Ann", 3, "FIRST"), disc=1, number=7)
    assert rules.other_album(heard(again), after(last)) == Verdict(-1.0)
    assert rules.other_album(heard(again), after(by("Bob", 9), last)) == Verdict(-0.8)
    assert rules.other_album(heard(replace(again, number=4)), after(last)) is None
    assert rules.other_album(heard(by("Ann", 4, "Second")), after(last)) is None
    assert rules.other_album(heard(again), ALONE) is None


def test_two_albums_may_have_one_name() -> None:
    assert rules.other_album(heard(by("Bob", 4, "Greatest Hits")), after(by("Ann", 2, "Greatest Hits"))) is None


# What a person did ----------------------------------------------------------------------------------------------------


def test_a_heart_speaks_for_a_song_and_for_its_versions() -> None:
    scene = replace(ALONE, opinions={TrackId(7): Opinion.LIKED})
    assert rules.liked(heard(replace(song(1), version_of=TrackId(7))), scene) == Verdict(1.0, "you like it")
    assert rules.liked(heard(song(1)), scene) is None


@pytest.mark.parametrize(
    ("days", "words"),
    [(None, ""), (-1, ""), (0, ""), (91, ""), (92, "not played for 3 months"), (400, "not played for over a year")],
)
def test_what_was_not_played_for_long_is_told(days: int | None, words: str) -> None:
    told = [term.words for term in terms(heard(song(1), days), ALONE) if term.worth > 0]
    assert told == [words] or (told, words) == ([], "")


@given(st.integers(-5, 3000), st.integers(-5, 3000))
def test_the_longer_ago_the_better(one: int, other: int) -> None:
    earlier, later = (rules.rested(heard(song(1), days), ALONE).value for days in sorted((one, other), reverse=True))
    assert -1 <= later <= earlier <= 1 == rules.rested(heard(song(1)), ALONE).value


# How a song follows ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("leading", "entering", "value"),
    [
        (122, 124, 1.0),
        (120, 60, 1.0),
        (87, 174, 1.0),
        (120, 144, -1.0),
        (120, 165, -1.0),
    ],
)
def test_the_tempo_is_kept_and_half_and_double_time_count_as_the_same(
    leading: float, entering: float, value: float
) -> None:
    verdict = rules.tempo(heard(at(entering)), after(at(leading)))
    assert verdict is not None
    assert verdict.value == pytest.approx(value, abs=0.05)
    assert verdict.words.startswith(f"{leading} → {entering} BPM")
    assert ("half time" in verdict.words) == (entering == 60)
    assert ("double time" in verdict.words) == (entering == 174)


def test_a_tempo_that_is_not_sure_says_nothing() -> None:
    assert rules.tempo(heard(at(120, 0.3)), after(at(120))) is None
    assert rules.tempo(heard(at(120)), after(at(120, 0.3))) is None
    assert rules.tempo(heard(at(120)), after(song(1))) is None
    assert rules.tempo(heard(at(120)), ALONE) is None


C, G, D, FIS, A = 0, 7, 2, 6, 9


@pytest.mark.parametrize(
    ("former", "coming", "verdict"),
    [
        (in_key(C), in_key(C), Verdict(1.0, "same key")),
        (in_key(C), in_key(A, minor=True), Verdict(1.0, "keys that go together")),
        (in_key(C), in_key(G), Verdict(0.5, "keys that go together")),
        (in_key(A, minor=True), in_key(G), Verdict(0.5, "keys that go together")),
        (in_key(C), in_key(D), Verdict(-2 / 6)),
        (in_key(C), in_key(FIS), Verdict(-1.0)),
        (in_key(C), in_key(C, confidence=0.2), None),
        (song(1), in_key(C), None),
        (in_key(C), song(1), None),
    ],
)
def test_keys_go_together_when_they_share_their_notes(former: Track, coming: Track, verdict: Verdict | None) -> None:
    assert rules.key(heard(coming), after(former)) == verdict


@pytest.mark.parametrize(
    ("former", "coming", "value", "words"),
    [(1.0, 1.1, 1.0, "same energy"), (1.0, 1.6, 0.0, "a bit livelier"), (2.0, 1.0, -1.0, "a bit calmer")],
)
def test_energy_moves_in_gentle_steps(former: float, coming: float, value: float, words: str) -> None:
    track = replace(song(1), energy=coming)
    assert rules.energy(heard(track), after(replace(song(2), energy=former))) == (pytest.approx(value), words)


@pytest.mark.parametrize(
    ("former", "coming", "value", "words"),
    [(0.0, 0.2, 1.0, ""), (0.0, -0.75, 0.0, "a bit darker"), (0.0, 0.5, 0.5, "a bit brighter")],
)
def test_brightness_moves_in_gentle_steps(former: float, coming: float, value: float, words: str) -> None:
    track = replace(song(1), brightness=coming)
    assert rules.brightness(heard(track), after(replace(song(2), brightness=former))) == (pytest.approx(value), words)


def test_where_a_quality_is_not_known_nothing_is_said() -> None:
    known = replace(song(1), energy=1.0, brightness=0.0)
    for rule in (rules.energy, rules.brightness):
        assert rule(heard(song(1)), after(known)) is None
        assert rule(heard(known), after(song(2))) is None
        assert rule(heard(known), ALONE) is None


# All of them ----------------------------------------------------------------------------------------------------------


def test_all_terms_are_told_with_what_they_are_worth_the_best_first() -> None:
    scene = replace(after(replace(at(120), id=TrackId(5), energy=1.0)), opinions={TrackId(1): Opinion.LIKED})
    found = terms(heard(replace(at(150), artist="Another", album="", energy=1.0), days=100), scene)
    for_it = [term.words for term in found if term.worth > 0]
    assert for_it == ["you like it", "same energy", "not played for 3 months"]
    assert [term.worth for term in found] == sorted((term.worth for term in found), reverse=True)
    assert found[-1].words == "120 → 150 BPM"
    assert found[-1].worth < 0


def test_the_presets_share_out_what_the_rules_are_worth() -> None:
    track = heard(song(1), days=400)
    scenes = {taste: replace(ALONE, taste=taste) for taste in Taste}
    worth = {taste: sum(term.worth for term in terms(track, scene)) for taste, scene in scenes.items()}
    assert terms(track, scenes[Taste.FREE]) == []
    assert 0 < worth[Taste.BALANCED] < worth[Taste.STRICT]
    assert worth[Taste.STRICT] == pytest.approx(worth[Taste.BALANCED] * SHARES[Taste.STRICT])


TRACKS = st.builds(
    Track,
    st.integers(1, 9).map(TrackId),
    st.just(Path("/music/song.ogg")),
    st.sampled_from(["", "Song"]),
    st.sampled_from(["", "Ann", "ANN", "Bob"]),
    st.sampled_from(["", "First", "Second"]),
    st.just(Seconds(60.0)),
    st.just(song(1).cues),
    intro_beats=st.none() | st.builds(Beats, st.floats(30, 300), st.just(Seconds(0.0)), st.floats(0, 1)),
    outro_beats=st.none() | st.builds(Beats, st.floats(30, 300), st.just(Seconds(0.0)), st.floats(0, 1)),
    number=st.none() | st.integers(1, 3),
    key=st.none() | st.builds(Key, st.integers(0, 11), st.booleans(), st.floats(0, 1)),
    energy=st.none() | st.floats(0, 5),
    brightness=st.none() | st.floats(-3, 3),
)
NEIGHBOURS = st.builds(Neighbour, TRACKS, st.floats(-1, 1), st.none() | st.integers(-5, 9999))


@given(NEIGHBOURS, st.none() | TRACKS, st.lists(NEIGHBOURS, max_size=7))
def test_no_rule_is_worth_more_than_its_weight(
    neighbour: Neighbour, now: Track | None, lately: list[Neighbour]
) -> None:
    scene = replace(ALONE, now=now, lately=tuple(lately))
    for rule in RULES:
        verdict = rule.judge(neighbour, scene)
        assert verdict is None or -1 <= verdict.value <= 1
