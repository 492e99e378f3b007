"""What was moved or tagged anew is the same song, and is not heard again."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import mutagen
import pytest

from livedj import bundled
from livedj.errors import DecodeError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.decode import content_key
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.scanner import Progress, Scanner
from livedj.library.worker import HearIntro, HearWhole, hear_intro, hear_whole
from livedj.music import Track, TrackId
from tests.library.scans import CARD, problems, titles
from tests.library.sounds import CODECS, noise, write
from tests.library.stand_ins import never


def song(path: Path, seed: int, title: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, noise(3.0, channels=2, seed=seed))
    return tag(path, title) if title else path


def tag(path: Path, title: str) -> Path:
    file = mutagen.File(path, easy=True)
    if file.tags is None:
        file.add_tags()
    file["title"] = title
    file.save()
    return path


def hear(data: Path, *folders: Path, intro: HearIntro = hear_intro, whole: HearWhole = hear_whole) -> Progress:
    return Scanner(data, bundled.MODEL, 2, intro=intro, whole=whole).scan(folders)


def look(data: Path, *folders: Path) -> Progress:
    """Scan where nothing is to be heard: a song that is becomes a problem."""
    result = hear(data, *folders, intro=never, whole=never)
    assert [reason for reason in problems(data).values() if "is not there" not in reason] == []
    return result


def library(data: Path) -> dict[TrackId, Track]:
    """Return what can be proposed."""
    with Catalogue(data / FILE_NAME) as catalogue:
        return catalogue.tracks(IntroIndex.open(data / INDEX_FOLDER, CARD.sha256, CARD.dimensions).ids)


@pytest.mark.parametrize("suffix", [suffix for suffix in CODECS if suffix != ".wav"])
def test_the_key_stays_whatever_the_name_and_the_tags(tmp_path: Path, suffix: str) -> None:
    first = song(tmp_path / f"first{suffix}", 1)
    key = content_key(first)
    copy = tag(Path(shutil.copy(first, tmp_path / f"copy{suffix}")), "A title of some length " * 2000)

    assert copy.stat().st_size > first.stat().st_size
    assert content_key(copy) == key
    assert content_key(song(tmp_path / f"other{suffix}", 2)) != key


def test_the_key_of_a_file_that_breaks_off_is_another(tmp_path: Path) -> None:
    whole = song(tmp_path / "whole.mp3", 1)
    part = tmp_path / "part.mp3"
    part.write_bytes(whole.read_bytes()[:-10_000])

    assert content_key(part) != content_key(whole)


def test_what_is_no_sound_has_no_key(tmp_path: Path) -> None:
    (tmp_path / "text.mp3").write_text("la la la")

    for name in ("text.mp3", "missing.mp3"):
        with pytest.raises(DecodeError):
            content_key(tmp_path / name)


def test_songs_that_were_moved_and_renamed_keep_all_that_is_known_of_them(data: Path, music: Path) -> None:
    for number in range(4):
        song(music / f"{number}.mp3", number, f"Song {number}")
    hear(data, music)
    before = library(data)
    played = next(track for track, found in before.items() if found.title == "Song 2")
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.remember(played, datetime.now(UTC))
    (music / "2.mp3").rename(music / "another name.mp3")
    (music / "an album").mkdir()
    (music / "3.mp3").rename(music / "an album" / "3.mp3")

    result = look(data, music)

    after = library(data)
    assert (result.done, result.total, result.skipped) == (4, 4, 0)
    assert after.keys() == before.keys()
    assert {track.path.relative_to(music).as_posix() for track in after.values()} == {
        "0.mp3", "1.mp3", "another name.mp3", "an album/3.mp3"
    }  # fmt: skip
    with Catalogue(data / FILE_NAME) as catalogue:
        assert [track for track, _ in catalogue.history(9)] == [played]


def test_songs_that_were_tagged_anew_are_not_heard_again(data: Path, music: Path) -> None:
    paths = [song(music / f"{number}.mp3", number, f"Song {number}") for number in range(2)]
    hear(data, music)
    before = library(data)
    tag(paths[1], "A better title")

    look(data, music)

    assert titles(data) == ["A better title", "Song 0"]
    assert {track.id: track.cues for track in library(data).values()} == {
        track.id: track.cues for track in before.values()
    }


def test_a_gain_that_a_tagger_wrote_counts_without_hearing_the_song_again(data: Path, music: Path) -> None:
    path = song(music / "song.flac", 1)
    hear(data, music)
    [before] = library(data).values()
    file = mutagen.File(path)
    file["replaygain_track_gain"] = "-3.00 dB"
    file.save()

    look(data, music)

    [after] = library(data).values()
    assert before.loudness is not None
    assert after.loudness is not None
    assert (after.loudness.lufs, after.loudness.true_peak) == (-15.0, before.loudness.true_peak)


def test_another_song_under_an_old_name_is_heard(data: Path, music: Path) -> None:
    song(music / "song.mp3", 1, "Old")
    hear(data, music)
    song(music / "song.mp3", 2, "New")

    hear(data, music)

    assert titles(data) == ["New"]


def test_of_copies_each_is_found_where_it_went(data: Path, music: Path) -> None:
    song(music / "one.mp3", 1)
    shutil.copy(music / "one.mp3", music / "two.mp3")
    hear(data, music)
    before = {track.path.name: track.id for track in library(data).values()}
    music.rename(music.with_name("moved"))

    look(data, music.with_name("moved"))

    assert {track.path.name: track.id for track in library(data).values()} == before


def test_a_copy_of_a_song_that_is_still_there_is_a_song_of_its_own(data: Path, music: Path) -> None:
    song(music / "one.mp3", 1)
    hear(data, music)
    shutil.copy(music / "one.mp3", music / "two.mp3")

    hear(data, music)

    assert {track.path.name for track in library(data).values()} == {"one.mp3", "two.mp3"}


def test_where_songs_are_gone_a_new_one_is_heard_and_a_broken_one_is_a_problem(data: Path, music: Path) -> None:
    gone = song(music / "gone.mp3", 1)
    hear(data, music)
    gone.unlink()
    song(music / "new.mp3", 2)
    (music / "text.mp3").write_text("la la la")

    result = hear(data, music)

    assert (result.done, result.total, result.skipped) == (2, 2, 1)
    assert [track.path.name for track in library(data).values()] == ["new.mp3"]
    assert list(problems(data)) == ["text.mp3"]


def test_a_copy_of_a_song_in_a_removed_folder_is_a_song_of_its_own(data: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    original = song(first / "song.flac", 1, "A Song")
    hear(data, first)
    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.remove_folder(first)
    shutil.copytree(first, second)
    hear(data, second)
    assert [track.path for track in library(data).values()] == [second / "song.flac"]
    look(data, first)
    assert {track.path for track in library(data).values()} == {original, second / "song.flac"}
