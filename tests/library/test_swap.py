"""From one model to another: the songs are heard anew while the former serves, and one step on disk swaps them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.errors import ScanError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.index import INDEX_FOLDER, IntroIndex, indexed_model
from livedj.library.models import Models
from livedj.library.scanner import Progress, Scanner
from livedj.library.songs import Songs
from livedj.library.worker import HearIntro
from tests.library.stand_ins import deaf, intro_by_name, never
from tests.other_models import another_model

SHIPPED = read_card(bundled.MODEL)
SONGS = [f"song {number:02}" for number in range(30)]


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    for name in SONGS:
        (folder / f"{name}.mp3").write_text(name)
    return folder


@pytest.fixture
def data(tmp_path: Path, music: Path) -> Path:
    """Return a data folder in which the shipped model serves."""
    folder = tmp_path / "data"
    _scan(folder, music)
    return folder


@pytest.fixture
def taste(tmp_path: Path) -> Path:
    return another_model(tmp_path / "taste.tflite")


def _scan(
    data: Path,
    *folders: Path,
    model: Path = bundled.MODEL,
    intro: HearIntro = intro_by_name,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    return Scanner(data, model, 2, progress, intro=intro).scan(folders)


def _sha(model: Path) -> str:
    return read_card(model).sha256


def _serves(data: Path) -> str | None:
    return indexed_model(data / INDEX_FOLDER)


def _sizes(data: Path, *models: Path) -> list[int]:
    with Catalogue(data / FILE_NAME) as catalogue:
        return [catalogue.size(_sha(model)) for model in models]


def _problems(data: Path) -> int:
    with Catalogue(data / FILE_NAME) as catalogue:
        return len(catalogue.problems())


def _listed(data: Path, model: Path = bundled.MODEL) -> set[str]:
    card = read_card(model)
    with Catalogue(data / FILE_NAME) as catalogue:
        index = IntroIndex.open(data / INDEX_FOLDER, card.sha256, card.dimensions)
        return {track.title for track in catalogue.tracks(index.ids).values()}


def test_the_former_model_serves_until_the_new_one_has_heard_all(data: Path, music: Path, taste: Path) -> None:
    songs = Songs(data, SHIPPED)
    intro = intro_by_name(bundled.MODEL, music / "song 07.mp3").intro
    told: list[Progress] = []
    served: list[tuple[str | None, str]] = []

    def follow(progress: Progress) -> None:
        told.append(progress)
        served.append((_serves(data), songs.nearest(intro)[0].track.title))

    result = _scan(data, music, model=taste, progress=follow)

    assert {progress.anew for progress in told} == {True}
    assert [progress.done for progress in told] == [*range(31), 30]
    assert served[:-1] == [(SHIPPED.sha256, "song 07")] * 31
    assert (result.done, result.indexed, _serves(data)) == (30, True, _sha(taste))
    assert songs.nearest(intro)[0].track.title == "song 07"  # the one who listens has not changed over yet
    assert _listed(data, taste) == set(SONGS)
    songs.close()


def test_an_interrupted_change_goes_on_where_it_was(data: Path, music: Path, taste: Path) -> None:
    scanner = Scanner(
        data, taste, 2, lambda progress: scanner.stop() if progress.done == 12 else None, intro=intro_by_name
    )
    stopped = scanner.scan([music])
    assert 12 <= stopped.done < 30
    assert _serves(data) == SHIPPED.sha256
    told: list[Progress] = []

    _scan(data, music, model=taste, progress=told.append)

    assert told[0].done == stopped.done
    assert _serves(data) == _sha(taste)


def test_a_scan_that_finds_all_heard_swaps_at_once(data: Path, music: Path, taste: Path) -> None:
    """As after a stop, or a kill, behind the last song."""
    scanner = Scanner(
        data, taste, 2, lambda progress: scanner.stop() if progress.done == 30 else None, intro=intro_by_name
    )
    scanner.scan([music])
    assert (_serves(data), _sizes(data, taste)) == (SHIPPED.sha256, [30])

    _scan(data, music, model=taste, intro=never)

    assert _serves(data) == _sha(taste)


KILLED = """
import os, signal, sys
from pathlib import Path
from livedj.library import index
from livedj.library.catalogue import Catalogue
from livedj.library.models import Models
from livedj.library.scanner import Scanner
from tests.library.stand_ins import intro_by_name

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    data, music, model, where = sys.argv[1:]
    setattr({"Catalogue": Catalogue, "Models": Models, "index": index}[where.split(".")[0]], where.split(".")[1], die)
    Scanner(Path(data), Path(model), 2, intro=intro_by_name).scan([Path(music)])
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
@pytest.mark.parametrize(
    ("where", "swapped"),
    [
        ("index._write_trees", False),
        ("index._write_atomically", False),
        ("index._remove_others", True),
        ("Catalogue.forget_other_models", True),
        ("Models.forget_others", True),
    ],
)
def test_a_kill_in_the_middle_of_the_swap_leaves_one_model_that_serves(
    data: Path, music: Path, taste: Path, tmp_path: Path, where: str, swapped: bool
) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    models = Models(data)
    models.use(taste)

    killed = subprocess.run(
        [sys.executable, script, data, music, models.wanted(), where],
        env={**os.environ, "PYTHONPATH": str(bundled.MODELS.parent)}, capture_output=True, timeout=90, check=False,
    )  # fmt: skip

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    serving = models.serving()
    assert _sha(serving) == (_sha(taste) if swapped else SHIPPED.sha256)
    assert _listed(data, serving) == set(SONGS)
    _scan(data, music, model=models.wanted(), intro=never)
    assert _sha(models.serving()) == _sha(taste)
    assert _listed(data, taste) == set(SONGS)


def test_the_way_back_to_the_shipped_model_reads_nothing(data: Path, music: Path, taste: Path) -> None:
    _scan(data, music, model=taste)

    _scan(data, music, intro=never)

    assert _serves(data) == SHIPPED.sha256
    assert _listed(data) == set(SONGS)
    assert _sizes(data, bundled.MODEL, taste) == [30, 0]


def test_vectors_of_a_model_that_serves_no_more_are_removed(
    data: Path, music: Path, taste: Path, tmp_path: Path
) -> None:
    other = another_model(tmp_path / "other.tflite")
    _scan(data, music, model=taste)

    _scan(data, music, model=other)

    assert _sizes(data, bundled.MODEL, taste, other) == [30, 0, 30]


def test_after_an_update_the_former_shipped_model_serves_meanwhile(tmp_path: Path, music: Path) -> None:
    data = tmp_path / "updated"
    former, new = (another_model(tmp_path / f"{name}.tflite") for name in ("former", "new"))
    Scanner(data, former, 2, intro=intro_by_name, shipped=former).scan([music])
    sha256 = _sha(former)
    former.unlink()
    served: list[str] = []

    def follow(progress: Progress) -> None:
        served.append(_sha(Models(data, new).serving()))

    Scanner(data, new, 2, follow, intro=intro_by_name, shipped=new).scan([music])

    assert served == [sha256] * 31 + [_sha(new)]
    with Catalogue(data / FILE_NAME) as catalogue:
        assert (catalogue.size(sha256), catalogue.size(_sha(new))) == (0, 30)


def test_where_the_former_model_is_gone_the_new_one_serves_as_it_hears(data: Path, music: Path, tmp_path: Path) -> None:
    """As after the update of a livedj that kept no copy."""
    lost, new = (another_model(tmp_path / f"{name}.tflite") for name in ("lost", "new"))
    _scan(data, music, model=lost)
    for copy in (data / "models").iterdir():
        copy.unlink()
    told: list[Progress] = []

    _scan(data, music, model=new, progress=told.append)

    assert [progress.done for progress in told if progress.indexed] == [0, 10, 20, 30]
    assert told[0].anew
    assert _serves(data) == _sha(new)


def test_new_songs_are_no_hearing_anew(data: Path, music: Path, taste: Path) -> None:
    _scan(data, music, model=taste)
    (music / "new.mp3").write_text("new")
    (music / "song 03.mp3").write_text("song 03, remastered")
    told: list[Progress] = []

    _scan(data, music, model=taste, progress=told.append)

    assert told[0].total - told[0].done == 2
    assert not told[0].anew
    assert _listed(data, taste) == {*SONGS, "new", "song 03, remastered"} - {"song 03"}


def test_a_model_that_is_deaf_to_the_songs_does_not_take_over_and_harms_nothing(
    data: Path, music: Path, taste: Path
) -> None:
    for _ in range(2):
        with pytest.raises(ScanError, match="cannot hear 30 of 30 songs, so the former one goes on serving"):
            _scan_deaf(data, music, taste)
        assert _serves(data) == SHIPPED.sha256
        assert _sizes(data, bundled.MODEL, taste) == [30, 0]
        assert _problems(data) == 30

    _scan(data, music, intro=never)

    assert _problems(data) == 0
    assert _listed(data) == set(SONGS)


def _scan_deaf(data: Path, music: Path, model: Path) -> None:
    _scan(data, music, model=model, intro=deaf)


def test_a_file_that_the_former_model_could_not_hear_is_tried_again(tmp_path: Path, music: Path, taste: Path) -> None:
    data = tmp_path / "other data"
    assert _scan(data, music, model=taste, intro=deaf).skipped == 30

    assert _scan(data, music).skipped == 0

    assert _listed(data) == set(SONGS)
    assert _problems(data) == 0


def test_songs_that_vanish_meanwhile_are_left_out_and_come_back(data: Path, music: Path, taste: Path) -> None:
    away = (music / "song 04.mp3").rename(music.parent / "song 04.mp3")
    scanner = Scanner(data, taste, 2, lambda _: scanner.stop(), intro=intro_by_name)
    scanner.scan([music])
    assert (_serves(data), _listed(data)) == (SHIPPED.sha256, {*SONGS} - {"song 04"})

    away.rename(music / "song 04.mp3")
    _scan(data, music, model=taste)

    assert _listed(data, taste) == set(SONGS)


def test_while_the_drive_with_all_songs_is_away_nothing_is_swapped(data: Path, music: Path, taste: Path) -> None:
    away = music.rename(music.parent / "away")
    _scan(data, music, model=taste)
    assert _serves(data) == SHIPPED.sha256

    away.rename(music)
    _scan(data, music)

    assert _listed(data) == set(SONGS)
