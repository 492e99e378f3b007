"""What the person did with the songs, and thinks of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from livedj.choose.scene import Opinion
from livedj.library.catalogue import Catalogue
from livedj.music import TrackId
from tests.library.analyses import MODEL, an_analysis

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def songs(catalogue: Catalogue) -> list[TrackId]:
    return [catalogue.add(an_analysis(f"/music/{seed}.mp3", seed), MODEL) for seed in range(4)]


def test_when_a_track_was_played_last_is_told_for_those_that_were(catalogue: Catalogue, songs: list[TrackId]) -> None:
    for day in (3, 1, 2):
        catalogue.remember(songs[0], NEW_YEAR + timedelta(days=day))
    catalogue.remember(songs[1], NEW_YEAR)
    assert catalogue.last_played(songs[:1] + songs[2:]) == {songs[0]: NEW_YEAR + timedelta(days=3)}


def test_a_song_was_played_when_any_version_of_it_was(catalogue: Catalogue, songs: list[TrackId]) -> None:
    catalogue.keep_songs({songs[0]: songs[0], songs[1]: songs[0], songs[2]: songs[0], songs[3]: songs[3]})
    catalogue.remember(songs[1], NEW_YEAR)
    assert catalogue.last_played(songs) == dict.fromkeys(songs[:3], NEW_YEAR)


def test_an_opinion_stands_until_it_is_changed_or_taken_back(path: Path, songs: list[TrackId]) -> None:
    with Catalogue(path) as catalogue:
        catalogue.keep_opinion(songs[0], Opinion.LIKED)
        catalogue.keep_opinion(songs[1], Opinion.LIKED)
        catalogue.keep_opinion(songs[1], Opinion.BANNED)
        catalogue.keep_opinion(songs[2], Opinion.BANNED)
        catalogue.keep_opinion(songs[2], None)
    with Catalogue(path) as again:
        assert again.opinions() == {songs[0]: Opinion.LIKED, songs[1]: Opinion.BANNED}


def test_an_opinion_is_of_the_song_whichever_version_it_was_told_of(
    catalogue: Catalogue, songs: list[TrackId]
) -> None:
    catalogue.keep_songs({songs[0]: songs[0], songs[1]: songs[0], songs[2]: songs[2]})
    catalogue.keep_opinion(songs[1], Opinion.LIKED)
    assert catalogue.opinions() == {songs[0]: Opinion.LIKED}
    catalogue.keep_opinion(songs[0], Opinion.BANNED)
    assert catalogue.opinions() == {songs[0]: Opinion.BANNED}
    catalogue.keep_opinion(songs[1], None)
    assert catalogue.opinions() == {}


def test_what_is_thought_of_a_song_that_is_not_in_the_catalogue_is_passed_over(catalogue: Catalogue) -> None:
    catalogue.keep_opinion(TrackId(0), Opinion.BANNED)
    assert catalogue.opinions() == {}


def test_of_two_opinions_of_what_turns_out_to_be_one_song_the_ban_stands(
    catalogue: Catalogue, songs: list[TrackId]
) -> None:
    catalogue.keep_opinion(songs[0], Opinion.LIKED)
    catalogue.keep_opinion(songs[1], Opinion.BANNED)
    catalogue.keep_songs({songs[0]: songs[0], songs[1]: songs[0]})
    assert catalogue.opinions() == {songs[0]: Opinion.BANNED}
