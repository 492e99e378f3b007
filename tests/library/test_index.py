import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from livedj.errors import NeighbourIndexError
from livedj.library.index import IntroIndex
from livedj.music import Vectors, unit

MODEL = "a" * 64
DIMENSIONS = 16


def _vectors(count: int, dimensions: int = DIMENSIONS, seed: int = 0) -> Vectors:
    return unit(np.random.default_rng(seed).standard_normal((count, dimensions)).reshape(count, dimensions))


def _ids(count: int) -> NDArray[np.int64]:
    return np.arange(count, dtype=np.int64) * 7 + 3


@pytest.mark.parametrize("count", [0, 1, 2, 3, 100])
def test_what_was_built_is_what_is_opened(tmp_path: Path, count: int) -> None:
    vectors = _vectors(count)
    built = IntroIndex.build(tmp_path, _ids(count), vectors, MODEL)

    opened = IntroIndex.open(tmp_path, MODEL, DIMENSIONS)

    query = _vectors(1, seed=9)[0]
    assert built.size == opened.size == count
    assert opened.neighbours(query, 5) == built.neighbours(query, 5)
    assert len(opened.neighbours(query, 5)) == min(5, count)


@settings(max_examples=60, deadline=None)
@given(count=st.integers(1, 300), seed=st.integers(0, 2**32 - 1), wanted=st.integers(1, 20))
def test_neighbours_of_a_small_library_are_those_of_an_exact_search(
    tmp_path_factory: pytest.TempPathFactory, count: int, seed: int, wanted: int
) -> None:
    vectors, ids, query = _vectors(count, seed=seed), _ids(count), _vectors(1, seed=seed + 1)[0]

    found = IntroIndex.build(tmp_path_factory.mktemp("index"), ids, vectors, MODEL).neighbours(query, wanted)

    cosines = vectors @ query
    best = np.argsort(-cosines)[:wanted]
    assert [track for track, _ in found] == ids[best].tolist()
    np.testing.assert_allclose([cosine for _, cosine in found], cosines[best], atol=1e-5)


def test_of_ten_thousand_songs_nearly_all_of_the_ten_nearest_are_found(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    styles = rng.standard_normal((200, 128))
    vectors = unit(styles[rng.integers(0, 200, 10_000)] * 0.7 + rng.standard_normal((10_000, 128)))
    queries = unit(vectors[rng.integers(0, 10_000, 50)] + 0.05 * rng.standard_normal((50, 128)))
    index = IntroIndex.build(tmp_path, np.arange(10_000), vectors, MODEL)

    hits = [
        len({track for track, _ in index.neighbours(query, 10)} & set(np.argsort(-(vectors @ query))[:10].tolist()))
        for query in queries
    ]

    assert np.mean(hits) > 9.5


def test_the_same_vectors_give_the_same_index(tmp_path: Path) -> None:
    names = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        IntroIndex.build(folder, _ids(500), _vectors(500), MODEL)
        names.append([(file.name, file.read_bytes()) for file in folder.glob("*.annoy")])

    assert names[0] == names[1]


def test_a_new_index_replaces_the_old_one_and_the_old_object_lives_on(tmp_path: Path) -> None:
    old = IntroIndex.build(tmp_path, _ids(50), _vectors(50), MODEL)
    assert not old.superseded()

    new = IntroIndex.build(tmp_path, _ids(60), _vectors(60, seed=1), MODEL)

    assert old.superseded()
    assert not new.superseded()
    assert len(old.neighbours(_vectors(1)[0], 5)) == 5
    assert IntroIndex.open(tmp_path, MODEL, DIMENSIONS).size == 60
    assert len(list(tmp_path.glob("*.annoy"))) == 1


def test_building_the_same_again_does_no_harm(tmp_path: Path) -> None:
    for _ in range(2):
        IntroIndex.build(tmp_path, _ids(50), _vectors(50), MODEL)

    assert IntroIndex.open(tmp_path, MODEL, DIMENSIONS).size == 50


def test_an_emptied_library_has_an_empty_index(tmp_path: Path) -> None:
    IntroIndex.build(tmp_path, _ids(50), _vectors(50), MODEL)

    IntroIndex.build(tmp_path, [], _vectors(0), MODEL)

    assert IntroIndex.open(tmp_path, MODEL, DIMENSIONS).neighbours(_vectors(1)[0], 5) == []


def test_a_missing_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NeighbourIndexError, match="no neighbour index yet"):
        IntroIndex.open(tmp_path / "nowhere", MODEL, DIMENSIONS)


@pytest.mark.parametrize(("model", "dimensions"), [("b" * 64, DIMENSIONS), (MODEL, DIMENSIONS + 1)])
def test_an_index_of_another_model_is_refused(tmp_path: Path, model: str, dimensions: int) -> None:
    IntroIndex.build(tmp_path, _ids(50), _vectors(50), MODEL)

    with pytest.raises(NeighbourIndexError, match="another model"):
        IntroIndex.open(tmp_path, model, dimensions)


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


@pytest.mark.parametrize("harm", [_truncate, _flip, Path.unlink, lambda file: file.write_bytes(b"")])
def test_a_damaged_file_is_refused_before_annoy_can_crash_on_it(tmp_path: Path, harm: object) -> None:
    assert callable(harm)
    IntroIndex.build(tmp_path, _ids(50), _vectors(50), MODEL)
    [file] = tmp_path.glob("*.annoy")
    harm(file)

    with pytest.raises(NeighbourIndexError, match="scan the music folders again"):
        IntroIndex.open(tmp_path, MODEL, DIMENSIONS)


def _without_ids(text: str) -> str:
    manifest = json.loads(text)
    del manifest["ids"]
    return json.dumps(manifest)


def _one_id_less(text: str) -> str:
    manifest = json.loads(text)
    manifest["ids"].pop()
    return json.dumps(manifest)


@pytest.mark.parametrize("harm", [lambda text: text[:20], lambda _: "", lambda _: "[]", _without_ids, _one_id_less])
def test_a_damaged_manifest_is_refused(tmp_path: Path, harm: object) -> None:
    assert callable(harm)
    IntroIndex.build(tmp_path, _ids(50), _vectors(50), MODEL)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(harm(manifest.read_text()))

    with pytest.raises(NeighbourIndexError, match="damaged"):
        IntroIndex.open(tmp_path, MODEL, DIMENSIONS)


def test_a_vector_of_a_wrong_dimension_is_our_mistake(tmp_path: Path) -> None:
    index = IntroIndex.build(tmp_path, _ids(5), _vectors(5), MODEL)

    with pytest.raises(ValueError, match="16 dimensions"):
        index.neighbours(_vectors(1, DIMENSIONS + 1)[0], 3)
    with pytest.raises(ValueError, match="do not name"):
        IntroIndex.build(tmp_path, _ids(4), _vectors(5), MODEL)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file stands in the way")

    with pytest.raises(NeighbourIndexError, match="cannot be written"):
        IntroIndex.build(tmp_path / "index", _ids(5), _vectors(5), MODEL)
