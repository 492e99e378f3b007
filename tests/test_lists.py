"""`livedj similar`, `playlist` and `journey` as a person meets them, and as a script does."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.choose.scene import Opinion
from livedj.ear.encoder import read_card
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.files import Tags
from livedj.library.playlists import read_playlist
from livedj.music import unit
from tests.conftest import Livedj
from tests.library import sounds
from tests.library.analyses import an_analysis

CARD = read_card(bundled.MODEL)
SONGS = 12


@pytest.fixture
def songs(tmp_path: Path) -> list[Path]:
    """Return the files of a library in which each song sounds most like the one before and the one after it."""
    music = tmp_path / "music"
    music.mkdir()
    random = np.random.default_rng(0)
    vector = unit(random.standard_normal(CARD.dimensions))
    with Catalogue(tmp_path / "data" / "livedj" / FILE_NAME) as catalogue:
        catalogue.add_folder(music)
        for number in range(SONGS):
            path = music / f"{number:02}.mp3"
            path.touch()
            tags = Tags(f"Song {number}", "Ärtist")
            catalogue.add(replace(an_analysis(path), tags=tags, intro=vector, track=vector), CARD.sha256)
            vector = unit(vector + 0.5 * unit(random.standard_normal(CARD.dimensions)))
    return sorted(music.iterdir())


def test_similar_songs_are_listed_with_how_similar_they_are(livedj: Livedj, songs: list[Path]) -> None:
    done = livedj("similar", str(songs[0]), "--songs", "3")
    assert done.returncode == 0, done.stderr
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert [number for number, _, _ in lines] == ["1.", "2.", "3."]
    percents = [int(percent) for _, percent, _ in lines]
    assert 100 > percents[0] > percents[1] > percents[2] > 0
    assert lines[0][2] == "%  Ärtist – Song 1"


@pytest.mark.parametrize("verb", [["similar"], ["playlist", "--drunk", "0", "--like"]])
def test_unless_so_many_are_asked_for_all_songs_of_a_small_library_are_listed(
    livedj: Livedj, songs: list[Path], tmp_path: Path, verb: list[str]
) -> None:
    with Catalogue(tmp_path / "data" / "livedj" / FILE_NAME) as catalogue:
        for number, track in enumerate(sorted(catalogue.paths(CARD.sha256))):
            if number > 3:
                catalogue.keep_opinion(track, Opinion.BANNED)
    done = livedj(*verb, str(songs[0]))
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3), done.stderr
    refused = livedj(*verb, str(songs[0]), "--songs", "10")
    assert refused.returncode == 1
    assert "10 are wanted, 3 can be chosen. Ask for fewer, or add music: livedj scan FOLDER." in refused.stderr


def test_a_script_gets_json(livedj: Livedj, songs: list[Path]) -> None:
    told = json.loads(livedj("similar", str(songs[0]), "--json").stdout)
    assert len(told["songs"]) == 10
    assert told["songs"][0].keys() == {"path", "title", "artist", "seconds", "cosine", "similarity"}
    assert (told["songs"][0]["path"], told["songs"][0]["title"]) == (str(songs[1]), "Song 1")


def test_a_playlist_of_a_seed_is_the_same_again(livedj: Livedj, songs: list[Path]) -> None:
    drunk = ("playlist", "--like", str(songs[0]), str(songs[5]), "--songs", "6", "--drunk", "0.8", "--json")
    once = json.loads(livedj(*drunk).stdout)
    again = json.loads(livedj(*drunk, "--seed", str(once["seed"])).stdout)
    other = json.loads(livedj(*drunk, "--seed", "5").stdout)
    assert once == again
    assert len({song["path"] for song in once["songs"]} - {str(songs[0]), str(songs[5])}) == 6
    assert other["songs"] != json.loads(livedj(*drunk, "--seed", "6").stdout)["songs"]


def test_a_playlist_is_written_and_its_seed_told(livedj: Livedj, songs: list[Path], tmp_path: Path) -> None:
    for name, arguments in (("list.m3u8", ()), ("list.xspf", ("--absolute",))):
        done = livedj("playlist", "--like", str(songs[0]), "--songs", "4", "--seed", "3", "--out", str(tmp_path / name),
                      *arguments)  # fmt: skip
        assert done.stdout == f"{tmp_path / name} holds 4 songs.\nThe same list again: --seed 3\n"
    listed = read_playlist(tmp_path / "list.m3u8")
    assert listed == read_playlist(tmp_path / "list.xspf")
    assert len(set(listed) & set(songs[1:])) == 4
    assert "\nmusic/" in (tmp_path / "list.m3u8").read_text(encoding="utf-8")
    assert tmp_path.as_uri() in (tmp_path / "list.xspf").read_text(encoding="utf-8")


def test_a_sober_list_has_no_seed_to_tell(livedj: Livedj, songs: list[Path]) -> None:
    done = livedj("playlist", "--like", str(songs[0]), "--songs", "2", "--drunk", "0", "--keep-on", "1")
    assert [line[-6:] for line in done.stdout.splitlines()] == ["Song 1", "Song 2"]


def test_a_journey_joins_the_dots(livedj: Livedj, songs: list[Path], tmp_path: Path) -> None:
    dots = [str(songs[number]) for number in (0, 4, 8)]
    done = livedj("journey", *dots, "--between", "3", "--out", str(tmp_path / "list.pls"))
    assert done.stdout == f"{tmp_path / 'list.pls'} holds 9 songs.\n"
    assert read_playlist(tmp_path / "list.pls") == songs[:9]
    first, second, *_ = livedj("journey", *dots).stdout.splitlines()
    assert first.split() == ["1.", "Ärtist", "–", "Song", "0"]
    assert second.split()[2:] == ["%", "Ärtist", "–", "Song", "1"]
    assert json.loads(livedj("journey", *dots, "--json").stdout)["songs"][0]["cosine"] is None


def test_a_journey_begins_with_a_file_that_nobody_knows(livedj: Livedj, songs: list[Path], tmp_path: Path) -> None:
    outside = sounds.write(tmp_path / "outside.flac", sounds.noise(8.0))
    done = livedj("journey", str(outside), str(songs[0]), "--between", "2", "--json")
    told = json.loads(done.stdout)["songs"]
    assert [told[0]["path"], told[-1]["path"]] == [str(outside), str(songs[0])]
    assert told[0]["title"] == "outside"
    assert len({song["path"] for song in told}) == 4


def test_what_cannot_be_done_is_said_in_one_sentence(livedj: Livedj, songs: list[Path], tmp_path: Path) -> None:
    for arguments, sentence in (
        (("similar", str(tmp_path / "nowhere.mp3")), "nowhere.mp3 cannot be read: No such file"),
        (("similar", str(songs[0]), "--songs", "50"), "50 are wanted, 11 can be chosen"),
        (("playlist", "--songs", "12", "--like", str(songs[0])), "12 are wanted, 11 can be chosen"),
        (("journey", str(songs[0]), str(songs[1]), "--longest", "1"), "3 are wanted, 0 can be chosen. Add music: live"),
        (("journey", str(songs[0]), str(songs[1]), "--out", str(tmp_path / "list.txt")), "livedj writes: .m3u"),
    ):
        refused = livedj(*arguments)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.count("\n") == 1
        assert sentence in refused.stderr


def test_a_list_that_is_there_stays_as_it_is(livedj: Livedj, songs: list[Path], tmp_path: Path) -> None:
    precious, text = tmp_path / "best.m3u8", tmp_path / "text.mp3"
    precious.write_text("precious")
    text.write_text("Dear aunt")  # would be complained of, were it heard
    for verb in (("playlist", "--like", str(text)), ("journey", str(text), str(songs[0]))):
        for out, sentence in ((precious, "exists already"), (tmp_path / "nowhere" / "list.pls", "There is no folder")):
            refused = livedj(*verb, "--out", str(out))
            assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
            assert sentence in refused.stderr
    assert precious.read_text() == "precious"


def test_an_empty_library_says_what_to_do(livedj: Livedj, tmp_path: Path) -> None:
    refused = livedj("similar", str(tmp_path / "any.mp3"))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "livedj scan FOLDER" in refused.stderr


def test_one_file_makes_no_journey(livedj: Livedj, songs: list[Path]) -> None:
    refused = livedj("journey", str(songs[0]))
    assert refused.returncode == 2
    assert "two or more" in refused.stderr


def test_a_journey_has_no_more_songs_between_than_it_finds_in_a_moment(livedj: Livedj, songs: list[Path]) -> None:
    refused = livedj("journey", str(songs[0]), str(songs[1]), "--between", "101")
    assert refused.returncode == 2
    assert "1<=x<=100" in refused.stderr


def test_songs_are_compared_by_mp3tovec_where_asked(livedj: Livedj, songs: list[Path], tmp_path: Path) -> None:
    plain = json.loads(livedj("similar", str(songs[0]), "--json").stdout)["songs"]
    weighed = livedj("similar", str(songs[0]), "--json", "--epsilon", "0.3")
    assert weighed.returncode == 0, weighed.stderr
    assert "Weighing" in weighed.stderr
    found = json.loads(weighed.stdout)["songs"]
    assert {song["path"] for song in found} == {song["path"] for song in plain}
    assert [song["cosine"] for song in found] != [song["cosine"] for song in plain]
    assert (tmp_path / "data" / "livedj" / "mp3tovec.npz").exists()
    for verb in (("playlist", "--like", str(songs[0]), "--songs", "3"), ("journey", str(songs[0]), str(songs[5]))):
        assert livedj(*verb, "--epsilon", "0.3").returncode == 0
    assert livedj("similar", str(songs[0]), "--epsilon", "1").returncode == 2
