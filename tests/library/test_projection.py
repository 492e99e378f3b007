"""The map: the same between runs, new songs move no other, and a file that is whole or computed anew."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from livedj.errors import MapError
from livedj.library import projection
from livedj.library.projection import (
    FILE_NAME,
    Heard,
    Projection,
    placed,
    project,
    read_projection,
    write_projection,
)
from livedj.music import Vectors, unit

STYLES, EACH = 3, 20
_DRAW = """
import sys
import numpy as np
from livedj.library.projection import Heard, Projection, placed, project
kept, told = np.load(sys.argv[1]), []
first = project(kept["vectors"], None, told.append)
again = project(kept["vectors"], None, told.append)
longer = project(kept["longer"], np.concatenate([first, first[:len(kept["longer"]) - len(first)]]), told.append)
rows = np.arange(len(first))
heard = Heard(rows, rows, kept["vectors"], len(rows))
few = [(rows[:n], rows[:n], project(kept["vectors"][:n], None, told.append)) for n in range(1, 6)]
starts = [placed(Projection("a", *small, len(small[0])), heard).positions for small in few]
grown = [project(kept["vectors"], start, told.append) for start in starts]
alike = project(np.repeat(kept["vectors"][:1], 20, axis=0), None, told.append)
maps = {"first": first, "again": again, "longer": longer, "grown": grown, "alike": alike}
np.savez(sys.argv[2], told=told, tensorflow=bool(sys.modules["tensorflow"]), **maps)
"""


def styles(each: int, seed: int = 0) -> Vectors:
    """Return vectors of STYLES styles in turn, shape (STYLES * each, 16)."""
    random = np.random.default_rng(seed)
    middles = np.random.default_rng(9).normal(size=(STYLES, 16))
    return unit(np.tile(middles, (each, 1)) + 0.25 * random.normal(size=(STYLES * each, 16)))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, NDArray[np.float32]]:
    """Three maps, drawn in a process of its own: UMAP is imported nowhere else, and compiles itself for seconds."""
    folder = tmp_path_factory.mktemp("map")
    vectors = styles(EACH)
    np.savez(folder / "in.npz", vectors=vectors, longer=np.concatenate([vectors, styles(2, seed=1)]))
    command = [sys.executable, "-c", _DRAW, str(folder / "in.npz"), str(folder / "out.npz")]
    subprocess.run(command, check=True, timeout=170, env=os.environ)
    with np.load(folder / "out.npz") as kept:
        return dict(kept)


def test_the_same_songs_make_the_same_map(drawn: dict[str, NDArray[np.float32]]) -> None:
    np.testing.assert_array_equal(drawn["first"], drawn["again"])


def test_songs_that_sound_alike_lie_together(drawn: dict[str, NDArray[np.float32]]) -> None:
    first = drawn["first"]
    assert first.shape == (STYLES * EACH, 2)
    assert (first.min(), first.max()) == (0.0, 1.0)
    distances = np.linalg.norm(first[:, None] - first[None], axis=-1) + 9 * np.eye(len(first))
    assert (distances.argmin(axis=1) % STYLES == np.arange(len(first)) % STYLES).all()


def test_a_map_that_is_drawn_anew_stays_where_it_was(drawn: dict[str, NDArray[np.float32]]) -> None:
    before, after = drawn["first"], drawn["longer"][: len(drawn["first"])]
    for axis in range(2):
        assert np.corrcoef(before[:, axis], after[:, axis])[0, 1] > 0.9


def test_a_map_of_a_few_songs_to_which_many_came_is_drawn_afresh(drawn: dict[str, NDArray[np.float32]]) -> None:
    for grown in drawn["grown"]:
        np.testing.assert_array_equal(grown, drawn["first"])


def test_copies_of_one_song_lie_apart(drawn: dict[str, NDArray[np.float32]]) -> None:
    assert np.isfinite(drawn["alike"]).all()
    assert len(np.unique(drawn["alike"], axis=0)) == 20


@pytest.mark.parametrize("start", [None, np.random.default_rng(3).random((20, 2)).astype(np.float32)])
def test_what_umap_cannot_draw_lies_where_it_began(
    start: NDArray[np.float32] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = SimpleNamespace(fit_transform=lambda vectors: np.full((len(vectors), 2), np.nan, np.float32))
    monkeypatch.setattr(projection, "_umap", lambda: SimpleNamespace(UMAP=lambda **settings: nowhere))
    positions = project(styles(EACH)[:20], start, lambda share: None)
    assert ((positions >= 0) & (positions <= 1)).all()
    assert len(np.unique(positions, axis=0)) == 20


def test_drawing_tells_how_far_it_is_and_brings_no_tensorflow(drawn: dict[str, NDArray[np.float32]]) -> None:
    assert 0 <= drawn["told"].min() < drawn["told"].max() == 1.0
    assert not drawn["tensorflow"]


@pytest.mark.parametrize("songs", [0, 1, 2, 3, 15])
def test_small_libraries_have_a_map_too(songs: int) -> None:
    positions = project(styles(5)[:songs], None, lambda share: None)
    assert positions.shape == (songs, 2)
    assert positions.dtype == np.float32
    assert ((positions >= 0) & (positions <= 1)).all()
    np.testing.assert_array_equal(positions, project(styles(5)[:songs], None, lambda share: None))
    if songs > 2:
        assert np.ptp(positions, axis=0).max() == pytest.approx(1)


def test_songs_that_all_sound_the_same_lie_in_the_middle() -> None:
    positions = project(np.tile(styles(1)[:1], (4, 1)), None, lambda share: None)
    np.testing.assert_allclose(positions, 0.5, atol=1e-3)


def _heard(ids: NDArray[np.int64], vectors: Vectors, later: int = 0) -> Heard:
    """Return tracks that came one by one, and `later` than those of another call."""
    return Heard(ids, ids + later, vectors, len(ids))


def test_new_songs_lie_amid_those_that_sound_like_them_and_move_no_other() -> None:
    vectors, ids = styles(EACH), np.arange(STYLES * EACH)
    corners = np.array([[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]], np.float32)[ids % STYLES]
    former = Projection("a", ids[6:], ids[6:], corners[6:], 100)
    grown = placed(former, _heard(ids, vectors))
    np.testing.assert_array_equal(grown.positions[6:], corners[6:])
    np.testing.assert_allclose(grown.positions[:6], corners[:6], atol=1e-6)
    assert (grown.ids.tolist(), grown.known) == (ids.tolist(), 100)


def test_where_no_song_is_known_all_lie_in_the_middle() -> None:
    former = Projection("a", np.array([7]), np.array([7]), np.zeros((1, 2), np.float32), 1)
    assert (placed(former, _heard(np.array([1, 2]), styles(1)[:2])).positions == 0.5).all()


def test_songs_of_another_catalogue_are_others_and_what_is_gone_is_known_no_more() -> None:
    ids = np.arange(STYLES)
    former = Projection("a", ids, ids, np.eye(STYLES, 2, dtype=np.float32), 30)
    assert former.rows_of(ids[::-1], ids[::-1]).tolist() == [2, 1, 0]
    assert former.rows_of(ids, ids + 100).tolist() == [-1, -1, -1]
    others = placed(former, _heard(ids, styles(1), later=100))
    assert (others.positions == 0.5).all()
    assert others.known == 0
    assert placed(former, _heard(ids[1:], styles(1)[1:])).known == 20


def _projection(songs: int = 4) -> Projection:
    places = np.linspace(0, 1, 2 * songs, dtype=np.float32).reshape(-1, 2)
    return Projection("a" * 64, np.arange(songs), 10 + np.arange(songs), places, 40)


def test_a_map_is_kept(tmp_path: Path) -> None:
    write_projection(tmp_path, _projection())
    kept = read_projection(tmp_path)
    assert kept is not None
    assert (kept.model, kept.ids.tolist(), kept.known) == ("a" * 64, [0, 1, 2, 3], 40)
    assert kept.added.tolist() == [10, 11, 12, 13]
    np.testing.assert_array_equal(kept.positions, _projection().positions)
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_map_serves_its_model_until_a_tenth_more_is_known() -> None:
    projection = _projection()
    assert projection.serves("a" * 64, 43)
    assert not projection.serves("a" * 64, 44)
    assert not projection.serves("b" * 64, 40)


@pytest.mark.parametrize("content", [b"", b"no map", b"PK\x03\x04"])
def test_a_damaged_file_is_no_map(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert read_projection(tmp_path) is None


def test_half_a_file_is_no_map(tmp_path: Path) -> None:
    write_projection(tmp_path, _projection())
    whole = (tmp_path / FILE_NAME).read_bytes()
    (tmp_path / FILE_NAME).write_bytes(whole[: len(whole) // 2])
    assert read_projection(tmp_path) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 1}, {"positions": np.zeros((3, 2))}, {"positions": np.full((4, 2), np.nan)}, {"added": [1]},
        {"known": "x"},
    ],
)  # fmt: skip
def test_a_file_of_another_kind_is_no_map(tmp_path: Path, changed: dict[str, object]) -> None:
    write_projection(tmp_path, _projection())
    with np.load(tmp_path / FILE_NAME) as kept:
        content = {name: kept[name] for name in kept.files}
    np.savez(tmp_path / FILE_NAME, **{**content, **{name: np.array(value) for name, value in changed.items()}})
    assert read_projection(tmp_path) is None


def test_a_map_that_cannot_be_kept_says_so(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"cannot be kept in .*No such file"):
        write_projection(tmp_path / "nowhere", _projection())
