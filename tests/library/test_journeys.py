"""Lists from a real catalogue: which songs may stand on them, and files that are not in it."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.choose.scene import Opinion
from livedj.ear.encoder import Encoder, read_card
from livedj.errors import ChoiceError, DecodeError
from livedj.library.analysis import analyse_intro
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.decode import content_key
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.journeys import journey, songs_like
from livedj.music import Seconds, TrackId, Vector, unit
from tests.library import sounds
from tests.library.analyses import an_analysis

CARD = read_card(bundled.MODEL)
Add = Callable[..., Path]


def towards(near: Vector, share: float, seed: int = 0) -> Vector:
    """Return a vector that lies near another one, the nearer the larger the share."""
    other = unit(np.random.default_rng(seed).standard_normal(near.shape))
    return unit(share * near + (1 - share) * other)


START = unit(np.random.default_rng(100).standard_normal(CARD.dimensions))
END = unit(np.random.default_rng(101).standard_normal(CARD.dimensions))


@pytest.fixture
def add(data: Path, music: Path) -> Add:
    """Return a function that takes a song into the library of which all but its sound is real."""
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.add_folder(music)

    def add(name: str, vector: Vector, seconds: float = 60.0, content: bytes | None = None) -> Path:
        path = music / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
        status = path.stat()
        analysis = replace(
            an_analysis(path), mtime_ns=status.st_mtime_ns, size=status.st_size, duration=Seconds(seconds),
            content=content, intro=vector, track=vector,
        )  # fmt: skip
        with Catalogue(data / FILE_NAME) as catalogue:
            catalogue.add(analysis, CARD.sha256)
        return path

    return add


def like(data: Path, *files: Path) -> list[str]:
    """Return the names of all songs of a list."""
    return [song.track.path.name for song in songs_like(data, files, keep_on=0, drunk=0.0, seed=0)]


def test_the_songs_most_like_one_come_first_without_itself(data: Path, add: Add) -> None:
    first = add("first.mp3", START)
    for name, share in (("far.mp3", 0.1), ("near.mp3", 0.9), ("middle.mp3", 0.6)):
        add(name, towards(START, share))
    assert like(data, first) == ["near.mp3", "middle.mp3", "far.mp3"]
    near, _, far = songs_like(data, [first], keep_on=0, drunk=0.0, seed=0)
    assert near.cosine == pytest.approx(float(towards(START, 0.9) @ START), abs=1e-5)
    assert near.similarity is not None
    assert far.similarity is not None
    assert 100 >= near.similarity > far.similarity >= 0


def test_several_songs_are_liked_for_what_lies_between_them(data: Path, add: Add) -> None:
    files = [add("start.mp3", START), add("end.mp3", END)]
    add("like the start.mp3", towards(START, 0.7))
    add("between.mp3", unit(START + END))
    assert like(data, *files)[0] == "between.mp3"
    assert like(data, files[0])[0] == "like the start.mp3"


def test_a_list_is_endless_but_for_the_library(data: Path, add: Add) -> None:
    first = add("first.mp3", START)
    for number in range(30):
        add(f"{number}.mp3", towards(END, 0.1, number))
    endless = songs_like(data, [first], keep_on=3, drunk=0.2, seed=1)
    begun, rest = list(islice(endless, 5)), list(endless)
    assert len({song.track.id for song in [*begun, *rest]}) == len(begun) + len(rest) == 30


def test_banned_songs_are_on_no_list(data: Path, add: Add) -> None:
    first = add("first.mp3", START)
    for name, share in (("banned.mp3", 0.9), ("near.mp3", 0.6)):
        add(name, towards(START, share))
    with Catalogue(data / FILE_NAME) as catalogue:
        tracks = {path.name: track for track, path in catalogue.paths(CARD.sha256).items()}
        catalogue.keep_opinion(tracks["banned.mp3"], Opinion.BANNED)
    assert like(data, first) == ["near.mp3"]


def test_versions_removed_folders_and_files_that_are_away_are_left_out(data: Path, music: Path, add: Add) -> None:
    first = add("first.mp3", START)
    for name, share in (("live.mp3", 0.9), ("away.mp3", 0.8), ("other/removed.mp3", 0.7), ("stays.mp3", 0.2)):
        add(name, towards(START, share))
    with Catalogue(data / FILE_NAME) as catalogue:
        tracks = {path.name: track for track, path in catalogue.paths(CARD.sha256).items()}
        catalogue.keep_songs({tracks["live.mp3"]: tracks["first.mp3"], tracks["first.mp3"]: tracks["first.mp3"]})
        catalogue.add_folder(music / "other")
        seen, ids, vectors = catalogue.vectors_since(0, CARD.sha256)
    there = ids != tracks["away.mp3"]
    IntroIndex.build(data / INDEX_FOLDER, ids[there], vectors[there], CARD.sha256, seen=seen)
    add("new.mp3", towards(START, 0.1))  # after the index was built
    assert like(data, first) == ["removed.mp3", "stays.mp3", "new.mp3"]
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.remove_folder(music)
    assert like(data, first) == ["removed.mp3"]


def test_a_journey_leads_through_all_files_in_their_order(data: Path, add: Add) -> None:
    files = [add("start.mp3", START), add("end.mp3", END), add("beyond.mp3", towards(END, 0.3, 5))]
    for part in (1, 2, 3):
        add(f"{part}.mp3", unit((4 - part) * START + part * END))
        add(f"on {part}.mp3", unit((4 - part) * END + part * towards(END, 0.3, 5)))
    way = journey(data, files, between=3)
    assert [song.track.path.name for song in way] == [
        "start.mp3", "1.mp3", "2.mp3", "3.mp3", "end.mp3", "on 1.mp3", "on 2.mp3", "on 3.mp3", "beyond.mp3",
    ]  # fmt: skip
    assert (way[0].cosine, way[0].similarity) == (None, None)
    assert way[1].cosine == pytest.approx(float(unit(3 * START + END) @ START), abs=1e-5)


def test_a_journey_may_come_back_to_where_it_began(data: Path, add: Add) -> None:
    files = [add("start.mp3", START), add("end.mp3", END)]
    for number in range(4):
        add(f"{number}.mp3", towards(START, 0.2, number))
    way = [song.track.path for song in journey(data, [*files, files[0]], between=2)]
    assert [way[0], way[3], way[6]] == [files[0], files[1], files[0]]
    assert len(set(way)) == 6


def test_long_songs_are_left_out_as_set_but_for_those_that_are_named(data: Path, add: Add) -> None:
    files = [add("start.mp3", START, seconds=1000), add("end.mp3", END)]
    add("mix.mp3", unit(START + END), seconds=601)
    add("song.mp3", towards(START, 0.3), seconds=600)
    assert [song.track.path.name for song in journey(data, files, between=1)][1] == "mix.mp3"
    short = journey(data, files, between=1, longest=Seconds(600.0))
    assert [song.track.path.name for song in short] == ["start.mp3", "song.mp3", "end.mp3"]


def test_too_few_songs_are_told_in_one_sentence(data: Path, add: Add) -> None:
    files = [add("start.mp3", START), add("end.mp3", END)]
    add("song.mp3", towards(START, 0.3))
    with pytest.raises(ChoiceError, match="3 are wanted, 1 can be chosen"):
        journey(data, files, between=3)
    with pytest.raises(ChoiceError, match="1 are wanted, 0 can be chosen"):
        journey(data, files, between=1, longest=Seconds(1.0))


def test_a_file_of_the_library_is_known_by_any_way_to_it(
    data: Path, music: Path, add: Add, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("song.mp3", START)
    add("other.mp3", END)
    (tmp_path / "link").symlink_to(music, target_is_directory=True)
    monkeypatch.chdir(music)
    for way in ("song.mp3", "../music/song.mp3", "../link/song.mp3"):
        assert like(data, Path(way)) == ["other.mp3"]


def test_an_empty_library_is_told_whatever_the_file(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ChoiceError, match="livedj scan FOLDER"):
        journey(data, [tmp_path / "no.mp3"] * 2, between=1)


def test_a_file_that_is_not_there_or_holds_no_sound_is_named(data: Path, add: Add, tmp_path: Path) -> None:
    add("song.mp3", START)
    with pytest.raises(DecodeError, match=r"nowhere\.mp3 cannot be read"):
        like(data, tmp_path / "nowhere.mp3")
    (tmp_path / "letter.mp3").write_text("Dear aunt")
    with pytest.raises(DecodeError, match=r"letter\.mp3 cannot be decoded"):
        like(data, tmp_path / "letter.mp3")


def test_a_file_outside_the_library_is_heard_and_its_own_song_left_out(data: Path, add: Add, tmp_path: Path) -> None:
    outside = sounds.write(tmp_path / "outside.flac", sounds.noise(8.0))
    vector = analyse_intro(outside, Encoder()).track
    add("far.mp3", towards(vector, 0.1))
    add("near.mp3", towards(vector, 0.9))
    add("copy.mp3", START, content=content_key(outside))
    assert like(data, outside) == ["near.mp3", "far.mp3"]
    way = journey(data, [outside, outside], between=1)
    assert [song.track.path for song in way[::2]] == [outside, outside]
    assert way[0].track.id == TrackId(-1)
