"""Models that a person may bring, and the sentences for those that livedj cannot hear with."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from livedj import bundled
from livedj.ear.encoder import card_path, read_card
from livedj.errors import ModelError
from livedj.library import trial
from livedj.library.trial import examine, try_out
from livedj.music import Seconds, unit
from tests.library import stand_ins
from tests.other_models import another_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return another_model(tmp_path / "taste.tflite")


def test_a_good_model_passes(model: Path) -> None:
    found = try_out(model)

    assert found.card == read_card(model)
    assert 0 < found.seconds < trial.SLOWEST
    assert not any("log-mel" in sentence for sentence in found.lacks)


def test_the_shipped_model_passes() -> None:
    examine(bundled.MODEL)


def _with_content(model: Path, content: bytes) -> None:
    """Replace the model, and let its card name the new content."""
    model.write_bytes(content)
    card = json.loads(card_path(model).read_text(encoding="utf-8"))
    card_path(model).write_text(json.dumps({**card, "sha256": hashlib.sha256(content).hexdigest()}), encoding="utf-8")


@pytest.mark.parametrize("content", [b"", b"Dear aunt, this is no model.", bundled.MODEL.read_bytes()[:100_000]])
def test_what_is_no_model_is_refused(model: Path, content: bytes) -> None:
    _with_content(model, content)

    with pytest.raises(ModelError, match=r"taste\.tflite cannot be run by this TensorFlow Lite"):
        try_out(model)


def test_another_file_than_the_card_describes_is_refused(model: Path) -> None:
    model.write_bytes(model.read_bytes() + b"!")

    with pytest.raises(ModelError, match=r"sha256 differs.*copy model and card together"):
        try_out(model)


def test_a_model_without_card_is_refused(model: Path) -> None:
    card_path(model).unlink()

    with pytest.raises(ModelError, match=r"card .*taste\.json is missing: put it beside taste\.tflite"):
        try_out(model)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"dimensions": 77}, r"no tensor of shape \(1, 77\)"),
        ({"mel": {"n_mels": 64}}, "another front end"),
        ({"same_track": None}, "lacks a value or holds a wrong one"),
        ({"unrelated": 1.0}, "unrelated = 1.0, which is no cosine below 1"),
        ({"within_track_p01": float("nan")}, "within_track_p01 = nan, which is no cosine"),
        ({"same_track": -1.5}, "same_track = -1.5, which is no cosine"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, object], sentence: str) -> None:
    model = another_model(tmp_path / "taste.tflite", **changes)

    with pytest.raises(ModelError, match=sentence):
        examine(model)


GOOD = unit(np.random.default_rng(0).standard_normal((4, 8)))


@pytest.mark.parametrize(
    ("embeddings", "sentence"),
    [
        (np.full((5, 8), np.nan), "not finite"),
        (3 * np.vstack([GOOD, GOOD[:1]]), "length 3.00 to 3.00 where livedj needs 1"),
        (np.repeat(GOOD[:1], 5, axis=0), "one and the same vector"),
        (np.vstack([GOOD, GOOD[1:2]]), "another vector each time"),
    ],
)
def test_vectors_that_say_nothing_are_refused(embeddings: np.ndarray, sentence: str) -> None:
    trial._check_embeddings(Path("taste.tflite"), np.vstack([GOOD, GOOD[:1]]))

    with pytest.raises(ModelError, match=sentence):
        trial._check_embeddings(Path("taste.tflite"), embeddings)


def test_a_model_that_cannot_keep_up_is_refused(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "SLOWEST", Seconds(0.0))

    with pytest.raises(ModelError, match="choose a smaller model"):
        examine(model)


def test_a_model_that_crashes_the_process_is_refused(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_run", stand_ins.crash)

    with pytest.raises(ModelError, match="makes TensorFlow Lite crash"):
        try_out(model)


def test_a_model_that_hangs_is_given_up(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_run", stand_ins.hang)
    monkeypatch.setattr(trial, "TIME_LIMIT", Seconds(0.5))

    with pytest.raises(ModelError, match="was given up"):
        try_out(model)
