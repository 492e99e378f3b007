"""Versions of one song are found when songs are scanned, and found anew when files change."""

from dataclasses import replace

from livedj.library.analysis import Analysis
from livedj.library.catalogue import Catalogue
from livedj.library.linking import link_versions
from livedj.music import TrackId
from tests.library.analyses import MODEL, an_analysis


def like(other: Analysis, path: str) -> Analysis:
    return replace(an_analysis(path, seed=9), track=other.track, duration=other.duration)


def songs(catalogue: Catalogue, *tracks: TrackId) -> list[TrackId]:
    link_versions(catalogue, MODEL)
    found = catalogue.tracks(tracks)
    return [found[track].song for track in tracks]


def test_versions_of_one_song_are_named_by_the_first(catalogue: Catalogue) -> None:
    first = an_analysis("/first.mp3", seed=1)
    one, other = catalogue.add(first, MODEL), catalogue.add(an_analysis("/other.mp3", seed=2), MODEL)
    again = catalogue.add(like(first, "/again.flac"), MODEL)

    assert songs(catalogue, one, other, again) == [one, other, one]
    third = catalogue.add(like(first, "/third.ogg"), MODEL)
    assert songs(catalogue, one, other, again, third) == [one, other, one, one]


def test_two_songs_that_a_third_shows_to_be_one_are_one(catalogue: Catalogue) -> None:
    first = replace(an_analysis("/first.mp3", seed=1), content=b"a")
    second = an_analysis("/second.mp3", seed=2)
    one, two = catalogue.add(first, MODEL), catalogue.add(second, MODEL)
    assert songs(catalogue, one, two) == [one, two]
    three = catalogue.add(replace(like(second, "/third.mp3"), content=b"a"), MODEL)

    assert songs(catalogue, one, two, three) == [one, one, one]


def test_a_file_that_holds_another_song_now_is_compared_anew_with_those_that_it_named(catalogue: Catalogue) -> None:
    first = an_analysis("/first.mp3", seed=1)
    copies = [catalogue.add(like(first, f"/{number}.mp3"), MODEL) for number in range(3)]
    assert songs(catalogue, *copies) == [copies[0]] * 3
    changed = replace(an_analysis("/0.mp3", seed=5), size=77)
    assert catalogue.add(changed, MODEL) == copies[0]

    assert songs(catalogue, *copies) == [copies[0], copies[1], copies[1]]


def test_songs_that_were_not_heard_to_their_end_wait(catalogue: Catalogue) -> None:
    first = an_analysis("/first.mp3", seed=1)
    one = catalogue.add(first, MODEL)
    intro = catalogue.add(replace(like(first, "/intro.mp3"), whole=False), MODEL)
    assert songs(catalogue, one, intro) == [one, intro]
    catalogue.add(like(first, "/intro.mp3"), MODEL)

    assert songs(catalogue, one, intro) == [one, one]
