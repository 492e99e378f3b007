"""The library's vocabulary is counted, kept, and counted again when the library has grown."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livedj.ear.vocabulary import Vocabulary
from livedj.errors import CatalogueError
from livedj.library.catalogue import Catalogue
from livedj.library.mp3tovec import FILE_NAME, mp3tovecs, read_vocabulary, renew_vocabulary
from livedj.music import TrackId
from tests.library.analyses import MODEL, an_analysis

OTHER = "b" * 64


def add(catalogue: Catalogue, *seeds: int, model: str = MODEL) -> list[TrackId]:
    return [catalogue.add(an_analysis(f"/{seed}.mp3", seed=seed), model) for seed in seeds]


def renew(catalogue: Catalogue, data: Path, model: str = MODEL) -> Vocabulary:
    vocabulary = renew_vocabulary(catalogue, data, model)
    assert vocabulary is not None
    return vocabulary


def test_a_library_without_tracks_has_none(catalogue: Catalogue, data: Path) -> None:
    assert renew_vocabulary(catalogue, data, MODEL) is None
    assert not (data / FILE_NAME).exists()


def test_it_is_counted_in_all_tracks_and_read_as_it_was_written(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, *range(250))
    vocabulary = renew(catalogue, data)
    assert (vocabulary.tracks, len(vocabulary.words), vocabulary.model) == (250, 750, MODEL)
    read = read_vocabulary(data, MODEL)
    assert read is not None
    assert read.version == vocabulary.version
    assert [file.name for file in data.glob("vocabulary*")] == [FILE_NAME], "nothing else is left"


def test_it_is_counted_again_when_the_library_has_grown_by_a_tenth(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, *range(20))
    first = renew(catalogue, data)
    add(catalogue, 20)
    assert renew(catalogue, data).version == first.version
    add(catalogue, 21)
    assert renew(catalogue, data).tracks == 22


def test_it_is_counted_again_for_another_epsilon(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, 1, 2)
    former = renew(catalogue, data)
    fine = renew_vocabulary(catalogue, data, MODEL, epsilon=0.01)
    assert fine is not None
    assert fine.epsilon == 0.01
    assert fine.version != former.version


def test_each_model_has_its_own(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, 1, 2)
    add(catalogue, 1, 2, 3, model=OTHER)
    renew(catalogue, data)
    assert read_vocabulary(data, OTHER) is None
    assert renew(catalogue, data, OTHER).tracks == 3
    assert read_vocabulary(data, MODEL) is None


def test_tracks_that_were_not_heard_to_their_end_wait(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, 1)
    catalogue.add(replace(an_analysis("/2.mp3", seed=2), whole=False), MODEL)
    assert renew(catalogue, data).tracks == 1
    add(catalogue, 2)
    assert renew(catalogue, data).tracks == 2


def test_the_order_in_which_files_were_found_means_nothing(catalogue: Catalogue, data: Path, tmp_path: Path) -> None:
    add(catalogue, 1, 2, 3)
    with Catalogue(tmp_path / "other" / "catalogue.sqlite3") as other:
        add(other, 3, 1, 2)
        assert renew(other, tmp_path / "other").version == renew(catalogue, data).version


@pytest.mark.parametrize("damage", [b"", b"no archive at all", None])
def test_a_damaged_one_is_counted_again(catalogue: Catalogue, data: Path, damage: bytes | None) -> None:
    add(catalogue, 1, 2)
    before = renew(catalogue, data)
    whole = (data / FILE_NAME).read_bytes()
    (data / FILE_NAME).write_bytes(whole[:-100] if damage is None else damage)
    assert read_vocabulary(data, MODEL) is None
    assert renew(catalogue, data).version == before.version
    assert (data / FILE_NAME).read_bytes() == whole


def test_one_whose_content_is_not_what_its_version_names_is_none(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, 1, 2)
    renew(catalogue, data)
    with np.load(data / FILE_NAME) as kept:
        parts = dict(kept)
    np.savez(data / FILE_NAME, **{**parts, "tracks": np.array(7)})
    assert read_vocabulary(data, MODEL) is None
    np.savez(data / FILE_NAME, words=parts["words"])
    assert read_vocabulary(data, MODEL) is None


def test_where_it_is_stopped_the_former_one_stays(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, 1, 2)
    assert renew_vocabulary(catalogue, data, MODEL, stopping=lambda: True) is None
    former = renew(catalogue, data)
    add(catalogue, 3)
    stopped = renew_vocabulary(catalogue, data, MODEL, stopping=lambda: True)
    assert stopped is not None
    assert stopped.version == former.version
    assert renew(catalogue, data).tracks == 3


def test_that_it_cannot_be_written_is_said(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, 1)
    (data / FILE_NAME).mkdir()
    with pytest.raises(CatalogueError, match="vocabulary cannot be written"):
        renew_vocabulary(catalogue, data, MODEL)


def test_a_tracks_vector_names_the_version(catalogue: Catalogue, data: Path) -> None:
    one, _ = add(catalogue, 1, 2)
    vocabulary = renew(catalogue, data)
    (new,) = add(catalogue, 3)
    found = dict(mp3tovecs(catalogue, vocabulary, [one, new, TrackId(99)]))
    assert found.keys() == {one, new}, "also one that came since; none that there is not"
    windows = catalogue.windows([one], MODEL)[one]
    assert np.array_equal(found[one].vector, vocabulary.mp3tovec(windows).vector)
    assert {vector.version for vector in found.values()} == {vocabulary.version}
