import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.ear.encoder import Encoder, card_path, read_card
from livedj.errors import ModelError
from livedj.library.analysis import analyse
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.scanner import Progress, Scanner
from tests.library.scans import CARD, fill, problems, scan, titles
from tests.library.sounds import CODECS, noise, write
from tests.library.stand_ins import never
from tests.other_models import another_model


def test_all_intros_are_heard_first_and_what_whole_songs_tell_is_found_afterwards(data: Path, music: Path) -> None:
    for number in range(3):
        write(music / f"{number}.flac", noise(7.0, seed=number))
    seen: list[tuple[Progress, int, int]] = []

    def look(progress: Progress) -> None:
        with Catalogue(data / FILE_NAME) as catalogue:
            tracks = list(catalogue.least_recently_played(CARD.sha256))
        seen.append((progress, len(tracks), sum(track.loudness is not None for track in tracks)))

    Scanner(data, bundled.MODEL, progress=look).scan([music])

    begun = next(number for number, (_, _, measured) in enumerate(seen) if measured)
    assert seen[begun - 1][1] == 3, "all songs were heard by then"
    assert any(progress.indexed for progress, _, _ in seen[: begun + 1]), "and can be proposed"
    assert [(progress.done, progress.whole) for progress, _, _ in seen[begun:]] == [
        (1, True), (2, True), (3, True), (3, False)
    ]  # fmt: skip
    assert seen[-1][2] == 3


def test_hearing_a_song_anew_forgets_nothing_of_what_mixing_needs(data: Path, music: Path, tmp_path: Path) -> None:
    write(music / "song.flac", noise(7.0))
    Scanner(data, bundled.MODEL).scan([music])
    other = another_model(tmp_path / "other.tflite")
    with Catalogue(data / FILE_NAME) as catalogue:
        before = next(catalogue.least_recently_played(CARD.sha256))
        catalogue.add(analyse(music / "song.flac", Encoder(bundled.MODEL)), read_card(other).sha256)
        assert before.loudness is not None
        assert catalogue.track(before.id) == before


def test_real_songs_are_found_again_by_their_intro(data: Path, music: Path) -> None:
    for number, suffix in enumerate(CODECS):
        write(music / f"song {number}{suffix}", noise(7.0, seed=number))

    assert Scanner(data, bundled.MODEL).scan([music]) == Progress(len(CODECS), len(CODECS), 0, indexed=True)

    index = IntroIndex.open(data / INDEX_FOLDER, CARD.sha256, CARD.dimensions)
    with Catalogue(data / FILE_NAME) as catalogue:
        ids, intros = catalogue.intro_vectors(CARD.sha256)
    assert len(ids) == len(CODECS)
    for track_id, intro in zip(ids, intros, strict=True):
        [(nearest, cosine)] = index.neighbours(intro, 1)
        assert nearest == track_id
        assert cosine == pytest.approx(1.0, abs=1e-4)


def test_progress_counts_every_file_and_ends_without_one(data: Path, music: Path) -> None:
    fill(music, "one", "two", "broken", "three")
    told: list[Progress] = []

    result = scan(data, music, progress=told.append)

    assert [progress.done for progress in told] == [0, 1, 2, 3, 4, 4]
    assert {progress.total for progress in told} == {4}
    assert sorted(progress.file for progress in told) == ["", "", "broken.mp3", "one.mp3", "three.mp3", "two.mp3"]
    assert told[-1] == result == Progress(4, 4, 1, "", indexed=True)


def test_a_second_scan_reads_nothing_that_has_not_changed(data: Path, music: Path) -> None:
    fill(music, "one", "broken", "two")
    scan(data, music)

    again = scan(data, music, intro=never)

    assert again == Progress(3, 3, 1)
    assert problems(data) == {"broken.mp3": "broken.mp3 is broken."}


def test_what_has_changed_is_read_again(data: Path, music: Path) -> None:
    one, broken, _ = fill(music, "one", "broken", "two")
    scan(data, music)
    one.write_text("one, remastered")
    broken.rename(music / "mended.mp3")

    scan(data, music)

    assert titles(data) == ["broken", "one, remastered", "two"]
    assert problems(data) == {}


def test_the_index_follows_while_the_scan_goes_on(data: Path, music: Path) -> None:
    fill(music, *(f"song {number:02}" for number in range(25)))
    told: list[Progress] = []

    scan(data, music, progress=told.append)

    assert [progress.done for progress in told if progress.indexed] == [0, 10, 20, 25]


def test_an_index_that_was_lost_is_built_without_reading_a_file(data: Path, music: Path) -> None:
    fill(music, "one", "two")
    scan(data, music)
    shutil.rmtree(data / INDEX_FOLDER)

    told: list[Progress] = []
    scan(data, music, intro=never, progress=told.append)

    assert told[0].indexed
    assert titles(data) == ["one", "two"]


def test_songs_that_vanished_are_left_out_until_they_are_back(data: Path, music: Path, tmp_path: Path) -> None:
    one, _ = fill(music, "one", "two")
    scan(data, music)
    away = one.rename(tmp_path / "one.mp3")
    told: list[Progress] = []

    scan(data, music, intro=never, progress=told.append)
    assert told[0].indexed
    assert titles(data) == ["two"]
    with Catalogue(data / FILE_NAME) as catalogue:
        assert catalogue.size(CARD.sha256) == 2
    assert scan(data, music, intro=never) == Progress(1, 1, 0)

    away.rename(one)
    scan(data, music, intro=never)
    assert titles(data) == ["one", "two"]


def test_a_vanished_song_stays_left_out_while_others_are_read(data: Path, music: Path) -> None:
    one, _ = fill(music, "one", "two")
    scan(data, music)
    one.unlink()
    fill(music, "three")

    scan(data, music)

    assert titles(data) == ["three", "two"]


def test_as_many_songs_that_came_as_went_are_noticed(data: Path, music: Path, tmp_path: Path) -> None:
    one, two = fill(music, "one", "two")
    scan(data, music)
    away = one.rename(tmp_path / "one.mp3")
    scan(data, music)
    away.rename(one)
    two.unlink()

    scan(data, music, intro=never)

    assert titles(data) == ["one"]


def test_a_song_that_was_moved_is_found_once(data: Path, music: Path) -> None:
    one, _ = fill(music, "one", "two")
    scan(data, music)
    folder = music / "album"
    folder.mkdir()
    one.rename(folder / one.name)

    scan(data, music)

    assert titles(data) == ["one", "two"]
    with Catalogue(data / FILE_NAME) as catalogue:
        index = IntroIndex.open(data / INDEX_FOLDER, CARD.sha256, CARD.dimensions)
        assert {track.path for track in catalogue.tracks(list(index.ids)).values()} == set(music.rglob("*.mp3"))


def test_songs_of_a_removed_folder_are_indexed_no_more_but_stay_known(data: Path, music: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    fill(music, "one")
    fill(other, "two")
    scan(data, music, other)

    with Catalogue(data / FILE_NAME) as catalogue:
        catalogue.remove_folder(other)
    scan(data, music)
    assert titles(data) == ["one"]
    scan(data, music, other, intro=never)
    assert titles(data) == ["one", "two"]


def test_a_missing_folder_is_a_problem_until_it_is_back(data: Path, music: Path, tmp_path: Path) -> None:
    fill(music, "one")
    stick = tmp_path / "stick"

    scan(data, music, stick)
    assert problems(data) == {"stick": "The music folder stick is not there."}

    stick.mkdir()
    scan(data, music, stick)
    assert problems(data) == {}


def test_a_problem_whose_file_was_deleted_is_forgotten(data: Path, music: Path) -> None:
    _, broken = fill(music, "one", "broken")
    scan(data, music)
    broken.unlink()

    assert scan(data, music) == Progress(1, 1, 0)
    assert problems(data) == {}


def test_another_model_has_vectors_of_its_own(data: Path, music: Path, tmp_path: Path) -> None:
    fill(music, "one", "two")
    other = another_model(tmp_path / "other.tflite")
    scan(data, music)

    scan(data, music, model=other)

    assert titles(data, other) == ["one", "two"]
    with Catalogue(data / FILE_NAME) as catalogue:
        assert catalogue.size(CARD.sha256) == catalogue.size(read_card(other).sha256) == 2


def test_a_model_without_card_ends_the_scan_before_it_begins(data: Path, music: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="card"):
        Scanner(data, tmp_path / "none.tflite").scan([music])


@pytest.mark.parametrize("named", [True, False])
def test_a_broken_model_ends_the_scan(data: Path, music: Path, tmp_path: Path, named: bool) -> None:
    """One whose card does not name it before anything is read, another one in the workers."""
    model = another_model(tmp_path / "broken.tflite")
    model.write_bytes(b"not a model")
    if named:
        card = json.loads(card_path(model).read_text())
        card_path(model).write_text(json.dumps({**card, "sha256": hashlib.sha256(b"not a model").hexdigest()}))
    write(music / "song.wav", noise(6.0))

    with pytest.raises(ModelError, match="cannot be run" if named else "sha256"):
        Scanner(data, model).scan([music])

    with Catalogue(data / FILE_NAME) as catalogue:
        assert catalogue.known() == {}


def test_a_worker_loads_nothing_it_does_not_need() -> None:
    heavy = {"PySide6", "librosa", "numba", "scipy", "tensorflow", "annoy", "sqlite3", "sounddevice", "vlc", "pebble"}
    code = f"import sys, livedj.library.worker; print(*({heavy!r} & set(sys.modules)))"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert loaded.stdout.strip() == ""


@pytest.mark.music
def test_twenty_real_recordings_are_scanned_without_a_problem(
    recordings: list[dict[str, str]], data: Path, tmp_path: Path
) -> None:
    some = tmp_path / "some"
    some.mkdir()
    for number, row in enumerate(recordings[:: len(recordings) // 20][:20]):
        (some / f"{number:02} {Path(row['path']).name}").symlink_to(row["path"])

    result = Scanner(data, bundled.MODEL).scan([some])

    assert (result.done, result.skipped) == (20, 0)
    index = IntroIndex.open(data / INDEX_FOLDER, CARD.sha256, CARD.dimensions)
    with Catalogue(data / FILE_NAME) as catalogue:
        ids, intros = catalogue.intro_vectors(CARD.sha256)
    assert [index.neighbours(intro, 1)[0][0] for intro in intros] == ids.tolist()
    np.testing.assert_allclose(np.linalg.norm(intros, axis=1), 1, atol=1e-5)
