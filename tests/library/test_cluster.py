"""Scans over several machines: a real Dask scheduler and real workers, all of them on this one."""

import functools
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from distributed import Client
from numpy.typing import NDArray

from livedj import bundled
from livedj.ear.encoder import read_card
from livedj.errors import ScanError
from livedj.library import cluster
from livedj.library.analysis import Analysis
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.cluster import cluster_pool
from livedj.library.scanner import Progress, Scanner
from livedj.library.worker import HearIntro, hear_intro
from livedj.music import Seconds, Track, TrackId
from tests.library.scans import fill, problems, titles
from tests.library.sounds import noise, write
from tests.library.stand_ins import intro_by_name, never
from tests.other_models import another_model

pytestmark = pytest.mark.skipif(os.name != "posix", reason="ends groups of processes by POSIX signals")

OTHER_LIVEDJ = "import livedj; livedj.__version__ = '0.0.9'"
"""What makes a worker one of another livedj, when it runs this first."""


@dataclass(frozen=True, slots=True)
class Dask:
    """A scheduler or a worker, with the processes that it has started."""

    process: "subprocess.Popen[str]"
    address: str

    def send(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)


@contextmanager
def _dask(folder: Path, ready: str, *arguments: str) -> Iterator[Dask]:
    """Run `dask` with these arguments; yield once it has said `ready`."""
    command = [sys.executable, "-m", "dask", *arguments]
    own = {"PYTHONPATH": str(bundled.MODELS.parent), "DASK_TEMPORARY_DIRECTORY": str(folder)}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=os.environ | own, cwd=folder, start_new_session=True
    ) as process:
        try:
            assert process.stderr is not None
            said = ""
            while ready not in said:
                line = process.stderr.readline()
                assert line, said
                said += line
            address = re.search(r"(?:Scheduler|worker) at: +(\S+)", said)
            assert address is not None
            threading.Thread(target=process.stderr.read, daemon=True).start()  # it would stop at a pipe that is full
            yield Dask(process, address[1])
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _scheduler(folder: Path) -> AbstractContextManager[Dask]:
    return _dask(folder, "Scheduler at:", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")


def _worker(scheduler: Dask, folder: Path, source: str = "") -> AbstractContextManager[Dask]:
    """Return a worker with its nanny; each of them runs `source` first. It begins once the scheduler knows it."""
    first = folder / "first.py"
    first.write_text(source)
    options = ("--nthreads", "1", "--no-dashboard", "--preload", str(first))
    return _dask(folder, "Registered to:", "worker", scheduler.address, *options)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """Yield a scheduler with two workers."""
    folder = tmp_path_factory.mktemp("dask")
    with _scheduler(folder) as begun, _worker(begun, folder), _worker(begun, folder):
        yield begun


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[Dask]:
    """Yield a scheduler without workers."""
    with _scheduler(tmp_path) as begun:
        yield begun


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE", 0.5)


def _scan(
    scheduler: Dask | str,
    data: Path,
    *folders: Path,
    intro: HearIntro = intro_by_name,
    model: Path = bundled.MODEL,
    time_limit: float = 60.0,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    address = scheduler if isinstance(scheduler, str) else scheduler.address
    pool = functools.partial(cluster_pool, address, data)
    scanner = Scanner(data, model, progress=progress, intro=intro, time_limit=Seconds(time_limit), pool=pool)
    return scanner.scan(folders)


def _kept(data: Path, model: Path) -> tuple[dict[Path, Track], dict[Path, NDArray[np.float32]]]:
    """Return all facts and all vectors that a catalogue keeps, by file."""
    sha256 = read_card(model).sha256
    with Catalogue(data / FILE_NAME) as catalogue:
        tracks = {track.id: track for track in catalogue.least_recently_played(sha256)}
        windows = catalogue.windows(list(tracks), sha256)
        intros = dict(zip(*catalogue.intro_vectors(sha256), strict=True))
        wholes = dict(zip(*catalogue.track_vectors(sha256), strict=True))
    facts = {track.path: replace(track, id=TrackId(0), version_of=None) for track in tracks.values()}
    vectors = {track.path: np.vstack([intros[id], wholes[id], windows[id]]) for id, track in tracks.items()}
    return facts, vectors


def hear_at_leisure(model: Path, path: Path) -> Analysis:
    """Take long enough for a worker to have something in hand when it is killed."""
    threading.Event().wait(0.2)
    return hear_intro(model, path)


def test_a_worker_that_is_killed_costs_nothing_and_all_is_found_as_on_one_machine(
    scheduler: Dask, tmp_path: Path, data: Path, music: Path
) -> None:
    for number in range(9):
        write(music / f"{number}.flac", noise(7.0, seed=number))
    model = another_model(tmp_path / "other.tflite")
    told: list[Progress] = []
    with _worker(scheduler, tmp_path) as victim, Client(scheduler.address, set_as_default=False) as client:

        def kill(progress: Progress) -> None:
            told.append(progress)
            if progress.done == 3 and not progress.whole:
                victim.send(signal.SIGSTOP)
                assert client.processing()[victim.address]
                victim.send(signal.SIGKILL)

        result = _scan(scheduler, data, music, intro=hear_at_leisure, model=model, progress=kill)

    assert result == Progress(9, 9, 0, indexed=True)
    assert [progress.done for progress in told if progress.file and not progress.whole] == [*range(1, 10)]
    assert [progress.done for progress in told if progress.file and progress.whole] == [*range(1, 10)]
    Scanner(tmp_path / "alone", model).scan([music])
    facts, vectors = _kept(data, model)
    facts_alone, vectors_alone = _kept(tmp_path / "alone", model)
    assert facts == facts_alone
    assert len(facts) == 9
    assert vectors.keys() == vectors_alone.keys()
    for path, alone in vectors_alone.items():
        np.testing.assert_allclose(vectors[path], alone, atol=1e-6)

    (music / "0.flac").rename(music / "moved.flac")
    assert _scan(scheduler, data, music, intro=never, model=model) == Progress(9, 9, 0, indexed=True)


def test_files_that_crash_or_hang_are_problems_as_on_one_machine_and_cost_no_worker(
    scheduler: Dask, data: Path, music: Path
) -> None:
    fill(music, "hang", "segfault", "broken", "ended", "one", "two", "three")

    result = _scan(scheduler, data, music, time_limit=3.0)

    assert (result.done, result.skipped) == (7, 3)
    assert titles(data) == ["ended", "one", "three", "two"]
    assert problems(data) == {
        "hang.mp3": "hang.mp3 was given up: reading it took longer than 3 seconds.",
        "segfault.mp3": "segfault.mp3 makes the decoder crash (exit code -11).",
        "broken.mp3": "broken.mp3 is broken.",
    }


def test_a_scan_that_is_interrupted_leaves_the_workers_free_for_the_next(
    scheduler: Dask, data: Path, music: Path
) -> None:
    one, hang = fill(music, "one", "hang")

    def interrupt(progress: Progress) -> None:
        if progress.done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _scan(scheduler, data, music, progress=interrupt)

    with Client(scheduler.address, set_as_default=False) as client:
        assert not any(client.run(lambda dask_worker: "livedj" in str(dask_worker.plugins)).values())
        # Each worker has one thread: one that still waited for the file could do nothing else.
        assert all(client.submit(int, 1, workers=worker).result(30) for worker in client.nthreads())
    hang.unlink()
    assert _scan(scheduler, data, music).done == 1
    assert titles(data) == [one.stem]


def test_a_file_that_vanishes_is_no_problem(scheduler: Dask, data: Path, music: Path) -> None:
    fill(music, "vanishing", "one")

    _scan(scheduler, data, music)

    assert (titles(data), problems(data)) == (["one"], {})


@pytest.mark.skipif(sys.platform != "linux", reason="names a folder such that it lies elsewhere for each process")
def test_a_worker_that_does_not_see_the_music_is_named_and_blames_no_file(
    scheduler: Dask, data: Path, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(music, "one", "two")
    monkeypatch.chdir(music.parent)
    seen_here = Path("/proc/self/cwd", music.name)

    with pytest.raises(ScanError, match=rf"worker at tcp://\S+ does not see {seen_here}, which this computer sees"):
        _scan(scheduler, data, seen_here)

    assert (titles(data), problems(data)) == ([], {})


def test_a_worker_with_another_livedj_is_named(scheduler: Dask, tmp_path: Path, data: Path, music: Path) -> None:
    fill(music, "one")

    with (
        _worker(scheduler, tmp_path, OTHER_LIVEDJ) as other,
        pytest.raises(ScanError, match=rf"{other.address} has livedj 0\.0\.9 .*: install the same one"),
    ):
        _scan(scheduler, data, music, intro=never)


def test_a_worker_that_joins_with_another_livedj_is_named(
    scheduler: Dask, tmp_path: Path, data: Path, music: Path
) -> None:
    fill(music, *(f"song {number:02}" for number in range(20)))
    with ExitStack() as late:

        def join(progress: Progress) -> None:
            if progress.done == 1:
                late.enter_context(_worker(scheduler, tmp_path, OTHER_LIVEDJ))

        with pytest.raises(ScanError, match=r"has livedj 0\.0\.9 .*: install the same one"):
            _scan(scheduler, data, music, progress=join)

    assert problems(data) == {}


def test_without_a_scheduler_or_workers_it_says_what_to_do(
    lonely: Dask, impatient: None, data: Path, music: Path
) -> None:
    fill(music, "one")

    with pytest.raises(ScanError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:1: start one"):
        _scan("tcp://127.0.0.1:1", data, music)
    with pytest.raises(ScanError, match="No Dask scheduler answers at nonsense: start one"):
        _scan("nonsense", data, music)
    with pytest.raises(ScanError, match=rf"{lonely.address} has no workers: .* \(dask worker {lonely.address}\)"):
        _scan(lonely, data, music)

    assert problems(data) == {}


@pytest.mark.parametrize("lost", ["worker", "scheduler"])
def test_when_the_last_worker_or_the_scheduler_is_lost_it_says_so_and_keeps_what_was_found(
    lonely: Dask, impatient: None, tmp_path: Path, data: Path, music: Path, lost: str
) -> None:
    fill(music, "first", "hang")
    sentence = {"worker": "has no workers", "scheduler": "No Dask scheduler answers"}
    with _worker(lonely, tmp_path) as worker:

        def lose(progress: Progress) -> None:
            if progress.done == 1:
                {"worker": worker, "scheduler": lonely}[lost].send(signal.SIGKILL)

        with pytest.raises(ScanError, match=sentence[lost]):
            _scan(lonely, data, music, progress=lose)

    assert titles(data) == ["first"]


def _livedj(home: Path, *arguments: str | Path, path: Path = bundled.MODELS.parent) -> tuple[int, str, str]:
    """Run livedj with folders of its own below `home`, and `path` first where it imports from."""
    folders = {name: str(home / name) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")}
    own = {**folders, "PYTHONPATH": f"{path}{os.pathsep}{bundled.MODELS.parent}"}
    command = [sys.executable, "-m", "livedj", *map(str, arguments)]
    done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_command_line_scans_over_several_machines(scheduler: Dask, tmp_path: Path, music: Path) -> None:
    write(music / "song.flac", noise(7.0))
    (music / "broken.mp3").write_text("no music")

    code, said, trouble = _livedj(tmp_path, "scan", "--dask", scheduler.address, music)

    assert (code, trouble) == (0, "")
    assert "1 songs in the library." in said
    assert "skipped broken.mp3" in said


def test_without_the_extra_the_command_line_says_how_to_install_it(tmp_path: Path, music: Path) -> None:
    without = tmp_path / "without"
    without.mkdir()
    (without / "sitecustomize.py").write_text("import sys; sys.modules['distributed'] = None")

    code, _, trouble = _livedj(tmp_path, "scan", "--dask", "tcp://127.0.0.1:1", music, path=without)

    assert code == 1
    assert trouble == (
        "Error: Scanning over several machines needs more packages (distributed is missing): "
        "pip install 'livedj[cluster]'.\n"
    )
