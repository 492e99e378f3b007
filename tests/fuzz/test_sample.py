"""Some of the files of `python -m tests.fuzz`."""

from pathlib import Path

from livedj.library.worker import MEMORY_LIMIT
from tests.fuzz.__main__ import scan_mutants
from tests.fuzz.mutate import make_mutants


def test_no_damaged_file_crashes_hangs_or_is_lost(tmp_path: Path) -> None:
    result = scan_mutants(tmp_path, 80, seed=2)

    assert (result.crashed, result.given_up, result.lost) == ([], [], [])
    assert result.songs + result.refused == result.files == 80
    assert result.songs > 10, "files that nothing is left of prove nothing"
    assert result.refused > 10
    assert result.workers_mb < MEMORY_LIMIT / 2**20


def test_a_seed_draws_the_same_files_again(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first, again = make_mutants(tmp_path, 20, seed=3), make_mutants(tmp_path / "again", 20, seed=3)

    assert [path.name for path in first] == [path.name for path in again]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]
