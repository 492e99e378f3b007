"""Which model is wanted and which one serves, from what stands on disk."""

import os
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.ear.encoder import card_path, read_card
from livedj.errors import ModelError
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.models import MODELS_FOLDER, Models
from tests.other_models import another_model


@pytest.fixture
def models(tmp_path: Path) -> Models:
    return Models(tmp_path / "data")


@pytest.fixture
def taste(tmp_path: Path) -> Path:
    return another_model(tmp_path / "downloads" / "taste.tflite")


def _index(data: Path, model: Path) -> None:
    card = read_card(model)
    IntroIndex.build(data / INDEX_FOLDER, [], np.zeros((0, card.dimensions), np.float32), card.sha256)


def _sha(model: Path) -> str:
    return read_card(model).sha256


def test_without_a_choice_it_is_the_shipped_one(models: Models) -> None:
    assert models.chosen() is None
    assert models.wanted() == models.serving() == bundled.MODEL


def test_a_model_that_was_chosen_is_wanted_and_its_own_file_may_vanish(models: Models, taste: Path) -> None:
    sha256 = _sha(taste)
    models.use(taste)
    taste.unlink()
    card_path(taste).unlink()

    assert models.chosen() == sha256
    assert _sha(models.wanted()) == sha256
    assert models.wanted().read_bytes().endswith(b"taste")


def test_it_serves_when_its_index_does(models: Models, taste: Path, tmp_path: Path) -> None:
    models.use(taste)
    assert _sha(models.serving()) == _sha(taste)  # there is no index yet
    _index(tmp_path / "data", bundled.MODEL)
    assert models.serving() == bundled.MODEL
    _index(tmp_path / "data", taste)
    assert _sha(models.serving()) == _sha(taste)


def test_after_an_update_the_former_shipped_one_serves_until_the_new_one_has_an_index(tmp_path: Path) -> None:
    former, new = (another_model(tmp_path / f"{name}.tflite") for name in ("former", "new"))
    before = Models(tmp_path / "data", former)
    before.keep(former)
    _index(tmp_path / "data", former)
    sha256 = _sha(former)
    former.unlink()

    after = Models(tmp_path / "data", new)

    assert after.wanted() == new
    assert _sha(after.serving()) == sha256
    _index(tmp_path / "data", new)
    assert after.serving() == new


def test_an_index_whose_model_is_gone_serves_no_more(models: Models, taste: Path, tmp_path: Path) -> None:
    _index(tmp_path / "data", taste)

    assert models.serving() == bundled.MODEL


def test_the_shipped_one_can_be_wanted_again(models: Models, taste: Path) -> None:
    models.use(taste)
    models.use_shipped()
    models.use_shipped()
    assert models.wanted() == bundled.MODEL


def test_a_copy_of_the_shipped_one_is_the_shipped_one(models: Models, taste: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tflite"
    copy.write_bytes(bundled.MODEL.read_bytes())
    card_path(copy).write_bytes(card_path(bundled.MODEL).read_bytes())
    models.use(taste)

    models.use(copy)

    assert models.chosen() is None


@pytest.mark.parametrize("harm", [Path.unlink, lambda file: file.write_bytes(file.read_bytes()[:-1])])
def test_where_the_copy_of_the_chosen_one_is_harmed_the_shipped_one_is_taken(
    models: Models, taste: Path, tmp_path: Path, harm: object
) -> None:
    models.use(taste)
    assert callable(harm)
    harm(models.wanted())

    assert models.wanted() == bundled.MODEL
    assert models.chosen() == _sha(taste)
    models.use(taste)
    assert _sha(models.wanted()) == _sha(taste)


def test_a_card_that_was_corrected_replaces_the_kept_one(models: Models, tmp_path: Path) -> None:
    models.use(another_model(tmp_path / "taste.tflite", unrelated=0.1))
    models.use(another_model(tmp_path / "taste.tflite", unrelated=0.3))

    assert read_card(models.wanted()).unrelated == 0.3


def test_model_and_card_that_do_not_belong_together_are_not_kept(models: Models, taste: Path, tmp_path: Path) -> None:
    taste.write_bytes(taste.read_bytes() + b"!")

    with pytest.raises(ModelError, match="sha256 differs"):
        models.use(taste)

    assert models.chosen() is None
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_cannot_be_written_is_told(models: Models, taste: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file stands in the way")

    with pytest.raises(ModelError, match="cannot be kept in"):
        models.use(taste)


def test_copies_of_models_that_serve_no_more_are_removed_but_not_the_wanted_one(
    models: Models, taste: Path, tmp_path: Path
) -> None:
    old = another_model(tmp_path / "old.tflite")
    models.keep(old)
    models.use(taste)
    (tmp_path / "data" / MODELS_FOLDER / f"draft.{os.getpid()}").write_text("of a process that was killed")

    models.forget_others({_sha(bundled.MODEL)})

    assert sorted(file.name for file in (tmp_path / "data" / MODELS_FOLDER).iterdir()) == sorted(
        [f"{_sha(taste)[:16]}.json", f"{_sha(taste)[:16]}.tflite", "wanted"]
    )
