import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from livedj import bundled
from livedj.ear.encoder import Encoder, card_path, read_card
from livedj.errors import ModelError, ScanError
from livedj.library.analysis import analyse
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.scanner import LOCK_NAME, Progress, Scanner
from livedj.library.worker import HearIntro
from livedj.music import Seconds
from tests.library.sounds import CODECS, noise, write
from tests.library.stand_ins import Deadly, intro_by_name, never
from tests.other_models import another_model

CARD = read_card(bundled.MODEL)


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    folder.mkdir()
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def _fill(music: Path, *names: str) -> list[Path]:
    paths = [music / f"{name}.mp3" for name in names]
    for path in paths:
        path.write_text(path.stem)
    return paths


def _scan(
    data: Path,
    *folders: Path,
    intro: HearIntro = intro_by_name,
    model: Path = bundled.MODEL,
    time_limit: float = 60,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    scanner = Scanner(data, model, 2, progress, intro=intro, time_limit=Seconds(time_limit))
    return scanner.scan(folders)


def _titles(data: Path, model: Path = bundled.MODEL) -> list[str]:
    with Catalogue(data / FILE_NAME) as catalogue:
        index = IntroIndex.open(data / INDEX_FOLDER, read_card(model).sha256, CARD.dimensions)
        return sorted(track.title for track in catalogue.tracks(index.ids).values())


def _problems(data: Path) -> dict[str, str]:
    with Catalogue(data / FILE_NAME) as catalogue:
        return {problem.path.name: problem.reason for problem in catalogue.problems()}


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
    _fill(music, "one", "two", "broken", "three")
    told: list[Progress] = []

    result = _scan(data, music, progress=told.append)

    assert [progress.done for progress in told] == [0, 1, 2, 3, 4, 4]
    assert {progress.total for progress in told} == {4}
    assert sorted(progress.file for progress in told) == ["", "", "broken.mp3", "one.mp3", "three.mp3", "two.mp3"]
    assert told[-1] == result == Progress(4, 4, 1, "", indexed=True)


def test_a_second_scan_reads_nothing_that_has_not_changed(data: Path, music: Path) -> None:
    _fill(music, "one", "broken", "two")
    _scan(data, music)

    again = _scan(data, music, intro=never)

    assert again == Progress(3, 3, 1)
    assert _problems(data) == {"broken.mp3": "broken.mp3 is broken."}


def test_what_has_changed_is_read_again(data: Path, music: Path) -> None:
    one, broken, _ = _fill(music, "one", "broken", "two")
    _scan(data, music)
    one.write_text("one, remastered")
    broken.rename(music / "mended.mp3")

    _scan(data, music)

    assert _titles(data) == ["broken", "one, remastered", "two"]
    assert _problems(data) == {}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("segfault", "makes the decoder crash (exit code -11)"),
        ("exit", "makes the decoder crash (exit code 7)"),
        ("greedy", "cannot be analysed (MemoryError: Unable to allocate 4.00 GiB"),
        ("surprising", "cannot be analysed (RuntimeError: nobody expects this)"),
        ("broken", "broken.mp3 is broken."),
    ],
)
def test_a_file_that_harms_its_worker_is_a_problem_and_the_scan_goes_on(
    data: Path, music: Path, name: str, reason: str
) -> None:
    songs = [f"song {number}" for number in range(6)]
    _fill(music, *songs[:3], name, *songs[3:])

    result = _scan(data, music)

    assert result == Progress(7, 7, 1, indexed=True)
    assert _titles(data) == songs
    assert reason in _problems(data)[f"{name}.mp3"]


def test_a_file_that_takes_too_long_is_given_up(data: Path, music: Path) -> None:
    _fill(music, "one", "hang", "two", "three")

    _scan(data, music, time_limit=5)

    assert _titles(data) == ["one", "three", "two"]
    assert _problems(data) == {"hang.mp3": "hang.mp3 was given up: reading it took longer than 5 seconds."}


def test_many_crashing_files_are_many_problems(data: Path, music: Path) -> None:
    bad = [f"{kind} {number}" for number in range(3) for kind in ("segfault", "exit")]
    _fill(music, *bad, "good")

    _scan(data, music, time_limit=20)

    assert _titles(data) == ["good"]
    assert sorted(_problems(data)) == sorted(f"{name}.mp3" for name in bad)


def test_workers_that_die_before_they_begin_end_the_scan_with_a_sentence(data: Path, music: Path) -> None:
    _fill(music, "one", "two")

    with pytest.raises(ScanError, match="end at once"):
        _scan(data, music, intro=Deadly())

    assert _scan(data, music) == Progress(2, 2, 0, indexed=True)


def test_a_scan_that_is_stopped_goes_on_where_it_was(data: Path, music: Path) -> None:
    songs = [f"song {number:02}" for number in range(30)]
    _fill(music, *songs)
    scanner = Scanner(
        data, bundled.MODEL, 2, lambda progress: scanner.stop() if progress.done == 5 else None, intro=intro_by_name
    )

    stopped = scanner.scan([music])

    assert 5 <= stopped.done < 30
    assert len(_titles(data)) == stopped.done
    told: list[Progress] = []
    _scan(data, music, progress=told.append)
    assert told[0].done == stopped.done
    assert _titles(data) == songs


def test_stopping_interrupts_a_file_that_takes_long(data: Path, music: Path) -> None:
    _fill(music, "hang", "one")
    read_one = threading.Event()
    scanner = Scanner(
        data, bundled.MODEL, 2, lambda progress: read_one.set() if progress.done == 1 else None, intro=intro_by_name
    )
    thread = threading.Thread(target=scanner.scan, args=([music],))
    thread.start()
    assert read_one.wait(60)

    scanner.stop()

    thread.join(30)
    assert not thread.is_alive()
    assert _titles(data) == ["one"]
    assert _problems(data) == {}


def test_a_scanner_stopped_before_it_scans_reads_nothing(data: Path, music: Path) -> None:
    _fill(music, "one")
    scanner = Scanner(data, bundled.MODEL, intro=never)
    scanner.stop()

    assert scanner.scan([music]).done == 0


def test_an_exception_from_outside_leaves_no_worker_and_keeps_what_was_read(data: Path, music: Path) -> None:
    _fill(music, *(f"song {number}" for number in range(12)))

    def interrupt(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _scan(data, music, progress=interrupt)

    assert multiprocessing.active_children() == []
    assert len(_titles(data)) == 3


SCAN = """
import sys
from pathlib import Path
from livedj import bundled
from livedj.library.scanner import Scanner
from tests.library.stand_ins import intro_by_name

if __name__ == "__main__":
    Scanner(Path(sys.argv[1]), bundled.MODEL, 2, lambda progress: print(progress.done, flush=True),
            intro=intro_by_name).scan([Path(sys.argv[2])])
"""


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_process_that_is_interrupted_or_killed_leaves_a_whole_library_and_no_workers(
    tmp_path: Path, data: Path, music: Path, sent: signal.Signals
) -> None:
    songs = [f"song {number}" for number in range(5)]
    _fill(music, *songs, "zz hang", "hang")
    script = tmp_path / "scan.py"
    script.write_text(SCAN)
    process = subprocess.Popen(
        [sys.executable, script, data, music],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(bundled.MODELS.parent)},
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 4:
                break

        if sent == signal.SIGINT:  # a terminal sends it to the workers, too
            os.killpg(process.pid, sent)
        else:
            process.kill()

        # The pipes are shared with the workers: they end only when the last worker has gone, too.
        process.communicate(timeout=60)
    assert process.returncode != 0
    assert _scan(data, music, time_limit=2).total == 7
    assert _titles(data) == [*songs, "zz hang"]


STARTING = """
import os
import sys
import threading
from pathlib import Path

if __name__ == "__main__":
    from livedj import bundled
    from livedj.library.scanner import Scanner

    try:
        Scanner(Path(sys.argv[1]), bundled.MODEL, 2).scan([Path(sys.argv[2])])
    except KeyboardInterrupt:
        sys.exit(130)
else:  # a worker, which imports this first
    os.write(1, b"starting\\n")  # at one go: two of them share the pipe
    threading.Event().wait(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_workers_that_are_still_starting_pass_over_ctrl_c(tmp_path: Path, data: Path, music: Path) -> None:
    _fill(music, "one", "two")
    script = tmp_path / "scan.py"
    script.write_text(STARTING)
    process = subprocess.Popen(
        [sys.executable, script, data, music],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(bundled.MODELS.parent)},
        start_new_session=True,
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["starting\n"] * 2

    os.killpg(process.pid, signal.SIGINT)

    _, trouble = process.communicate(timeout=60)
    assert trouble == ""
    assert process.returncode == 130


def test_the_index_follows_while_the_scan_goes_on(data: Path, music: Path) -> None:
    _fill(music, *(f"song {number:02}" for number in range(25)))
    told: list[Progress] = []

    _scan(data, music, progress=told.append)

    assert [progress.done for progress in told if progress.indexed] == [0, 10, 20, 25]


def test_an_index_that_was_lost_is_built_without_reading_a_file(data: Path, music: Path) -> None:
    _fill(music, "one", "two")
    _scan(data, music)
    shutil.rmtree(data / INDEX_FOLDER)

    told: list[Progress] = []
    _scan(data, music, intro=never, progress=told.append)

    assert told[0].indexed
    assert _titles(data) == ["one", "two"]


def test_songs_that_vanished_are_left_out_until_they_are_back(data: Path, music: Path, tmp_path: Path) -> None:
    one, _ = _fill(music, "one", "two")
    _scan(data, music)
    away = one.rename(tmp_path / "one.mp3")
    told: list[Progress] = []

    _scan(data, music, intro=never, progress=told.append)
    assert told[0].indexed
    assert _titles(data) == ["two"]
    with Catalogue(data / FILE_NAME) as catalogue:
        assert catalogue.size(CARD.sha256) == 2
    assert _scan(data, music, intro=never) == Progress(1, 1, 0)

    away.rename(one)
    _scan(data, music, intro=never)
    assert _titles(data) == ["one", "two"]


def test_a_vanished_song_stays_left_out_while_others_are_read(data: Path, music: Path) -> None:
    one, _ = _fill(music, "one", "two")
    _scan(data, music)
    one.unlink()
    _fill(music, "three")

    _scan(data, music)

    assert _titles(data) == ["three", "two"]


def test_as_many_songs_that_came_as_went_are_noticed(data: Path, music: Path, tmp_path: Path) -> None:
    one, two = _fill(music, "one", "two")
    _scan(data, music)
    away = one.rename(tmp_path / "one.mp3")
    _scan(data, music)
    away.rename(one)
    two.unlink()

    _scan(data, music, intro=never)

    assert _titles(data) == ["one"]


def test_a_song_that_was_moved_is_found_once(data: Path, music: Path) -> None:
    one, _ = _fill(music, "one", "two")
    _scan(data, music)
    folder = music / "album"
    folder.mkdir()
    one.rename(folder / one.name)

    _scan(data, music)

    assert _titles(data) == ["one", "two"]
    with Catalogue(data / FILE_NAME) as catalogue:
        index = IntroIndex.open(data / INDEX_FOLDER, CARD.sha256, CARD.dimensions)
        assert {track.path for track in catalogue.tracks(list(index.ids)).values()} == set(music.rglob("*.mp3"))


def test_songs_of_a_folder_that_is_not_scanned_this_time_stay(data: Path, music: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    _fill(music, "one")
    _fill(other, "two")
    _scan(data, music, other)

    assert _scan(data, music) == Progress(1, 1, 0)
    assert _titles(data) == ["one", "two"]


def test_a_missing_folder_is_a_problem_until_it_is_back(data: Path, music: Path, tmp_path: Path) -> None:
    _fill(music, "one")
    stick = tmp_path / "stick"

    _scan(data, music, stick)
    assert _problems(data) == {"stick": "The music folder stick is not there: is its drive connected?"}

    stick.mkdir()
    _scan(data, music, stick)
    assert _problems(data) == {}


def test_a_problem_whose_file_was_deleted_is_forgotten(data: Path, music: Path) -> None:
    _, broken = _fill(music, "one", "broken")
    _scan(data, music)
    broken.unlink()

    assert _scan(data, music) == Progress(1, 1, 0)
    assert _problems(data) == {}


def test_another_model_has_vectors_of_its_own(data: Path, music: Path, tmp_path: Path) -> None:
    _fill(music, "one", "two")
    other = another_model(tmp_path / "other.tflite")
    _scan(data, music)

    _scan(data, music, model=other)

    assert _titles(data, other) == ["one", "two"]
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
def test_twenty_real_recordings_are_scanned_without_a_problem(data: Path, tmp_path: Path) -> None:
    shared = bundled.MODELS.parent.parent / "shared" / "music"
    if not shared.is_dir():
        pytest.skip("the recordings of ../shared/music are not on this machine")
    recordings = sorted(shared.rglob("*.opus"))
    some = tmp_path / "some"
    some.mkdir()
    for number, recording in enumerate(recordings[:: len(recordings) // 20][:20]):
        (some / f"{number:02} {recording.name}").symlink_to(recording)

    result = Scanner(data, bundled.MODEL).scan([some])

    assert (result.done, result.skipped) == (20, 0)
    index = IntroIndex.open(data / INDEX_FOLDER, CARD.sha256, CARD.dimensions)
    with Catalogue(data / FILE_NAME) as catalogue:
        ids, intros = catalogue.intro_vectors(CARD.sha256)
    assert [index.neighbours(intro, 1)[0][0] for intro in intros] == ids.tolist()
    np.testing.assert_allclose(np.linalg.norm(intros, axis=1), 1, atol=1e-5)


def test_a_file_that_vanishes_during_the_scan_is_no_problem_and_is_heard_when_it_is_back(
    data: Path, music: Path
) -> None:
    [path] = _fill(music, "vanishing")

    _scan(data, music)

    assert _problems(data) == {}
    path.with_suffix(".away").rename(music / "back.mp3")
    assert _scan(data, music).total == 1
    assert _titles(data) == ["vanishing"]


def test_a_worker_that_somebody_ends_costs_no_song(data: Path, music: Path) -> None:
    _fill(music, "ended 1", "fine")

    assert _scan(data, music).skipped == 0
    assert _titles(data) == ["ended 1", "fine"]


def test_a_scan_that_is_stopped_while_it_looks_through_the_folders_reads_nothing(data: Path, music: Path) -> None:
    _fill(music, "one")
    scanner = Scanner(data, bundled.MODEL, intro=never)
    scanner.stop()
    assert scanner.scan([music]) == Progress(0, 0, 0)


def test_while_another_livedj_scans_it_says_so(data: Path, music: Path) -> None:
    _fill(music, "one")
    _scan(data, music)
    with FileLock(data / LOCK_NAME), pytest.raises(ScanError, match="Another livedj"):
        _scan(data, music)
    assert _scan(data, music).done == 1
