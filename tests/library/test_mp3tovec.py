"""The library's vocabulary is counted, kept, and counted again when the library has grown."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from livedj.ear.vocabulary import Mp3ToVec, Vocabulary
from livedj.errors import CatalogueError
from livedj.library.catalogue import Catalogue
from livedj.library.mp3tovec import FILE_NAME, VECTORS_NAME, mp3tovecs, read_vocabulary, renew_vocabulary
from livedj.music import TrackId, Vectors
from tests.library.analyses import MODEL, an_analysis
from tests.library.full import a_limit_of

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


def test_that_it_cannot_be_written_is_said(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, 1)
    (data / FILE_NAME).mkdir()
    with pytest.raises(CatalogueError, match=r"vocabulary\.npz cannot be written"):
        renew_vocabulary(catalogue, data, MODEL)
    assert [file.name for file in data.glob("vocabulary*")] == [FILE_NAME], "nothing else is left"


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files as POSIX does")
def test_on_a_full_disk_no_draft_stays(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, 1)
    with a_limit_of(1000), pytest.raises(CatalogueError, match="is there space"):
        renew_vocabulary(catalogue, data, MODEL)
    assert not list(data.glob("vocabulary*"))


def test_the_vectors_of_all_tracks_are_kept_and_new_ones_added(
    catalogue: Catalogue, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(catalogue, 1, 2)
    vocabulary = renew(catalogue, data)
    first, vectors = mp3tovecs(catalogue, data, vocabulary)
    for track, vector in zip(first, vectors, strict=True):
        windows = catalogue.windows([track], MODEL)[track]
        assert np.allclose(vector, vocabulary.mp3tovec(windows).vector)
    weighed: list[Vectors] = []
    plain = Vocabulary.mp3tovec

    def counted(vocabulary: Vocabulary, windows: Vectors) -> Mp3ToVec:
        weighed.append(windows)
        return plain(vocabulary, windows)

    monkeypatch.setattr(Vocabulary, "mp3tovec", counted)
    (new,) = add(catalogue, 3)
    again, more = mp3tovecs(catalogue, data, vocabulary)
    assert again.tolist() == [*first, new]
    assert np.array_equal(more[:2], vectors)
    assert len(weighed) == 1
    assert len(mp3tovecs(catalogue, data, vocabulary)[0]) == 3
    assert len(weighed) == 1


def test_a_track_that_was_heard_again_has_another_vector(catalogue: Catalogue, data: Path) -> None:
    (track,) = add(catalogue, 1)
    vocabulary = renew(catalogue, data)
    _, before = mp3tovecs(catalogue, data, vocabulary)
    changed = replace(an_analysis("/1.mp3", seed=9), mtime_ns=2)
    assert catalogue.add(changed, MODEL) == track
    _, after = mp3tovecs(catalogue, data, vocabulary)
    assert not np.allclose(before, after)


def test_vectors_of_another_version_are_weighed_anew(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, 1, 2, 3)
    coarse = renew_vocabulary(catalogue, data, MODEL, epsilon=0.6)
    assert coarse is not None
    mp3tovecs(catalogue, data, coarse)
    fine = renew_vocabulary(catalogue, data, MODEL, epsilon=0.01)
    assert fine is not None
    assert coarse.version != fine.version
    ids, vectors = mp3tovecs(catalogue, data, fine)
    for track, vector in zip(ids, vectors, strict=True):
        assert np.allclose(vector, fine.mp3tovec(catalogue.windows([track], MODEL)[track]).vector)


def test_damaged_vectors_are_weighed_anew(catalogue: Catalogue, data: Path) -> None:
    add(catalogue, 1, 2)
    vocabulary = renew(catalogue, data)
    _, before = mp3tovecs(catalogue, data, vocabulary)
    (data / VECTORS_NAME).write_bytes(b"no archive at all")
    assert np.array_equal(mp3tovecs(catalogue, data, vocabulary)[1], before)
