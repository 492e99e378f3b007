import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import librosa
import numpy as np
import pytest

from livedj import bundled
from livedj.ear.encoder import Encoder, ModelCard, card_path, read_card
from livedj.errors import ModelError
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Samples


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the shipped model and its card, to be spoilt."""
    copy = tmp_path / "copy.tflite"
    shutil.copy(bundled.MODEL, copy)
    shutil.copy(card_path(bundled.MODEL), card_path(copy))
    return copy


def edit_card(model: Path, **values: object) -> None:
    card = json.loads(card_path(model).read_text(encoding="utf-8"))
    card_path(model).write_text(json.dumps({**card, **values}), encoding="utf-8")


def music_like() -> Samples:
    """Chords of decaying harmonics with a beat of noise bursts."""
    rng = np.random.default_rng(7)
    seconds = np.arange(WINDOW_SAMPLES) / SAMPLE_RATE
    beat = seconds % 0.5
    sound = np.zeros(WINDOW_SAMPLES)
    for root in (110.0, 164.8, 220.0, 277.2):
        for harmonic in range(1, 12):
            sound += np.sin(2 * np.pi * root * harmonic * seconds) * np.exp(-3 * beat) / harmonic
    sound += rng.standard_normal(WINDOW_SAMPLES) * np.exp(-40 * beat) + 0.01 * rng.standard_normal(WINDOW_SAMPLES)
    return np.asarray(0.5 * sound / np.abs(sound).max(), np.float32)


def noise() -> Samples:
    return np.random.default_rng(8).standard_normal(WINDOW_SAMPLES).astype(np.float32) * np.float32(0.2)


INPUTS = {
    "music": music_like(),
    "noise": noise(),
    "quiet music": music_like() * np.float32(3e-4),
    "silence": np.zeros(WINDOW_SAMPLES, np.float32),
    "a click": np.eye(1, WINDOW_SAMPLES, WINDOW_SAMPLES // 2, dtype=np.float32)[0],
    "sound at one edge": np.where(np.arange(WINDOW_SAMPLES) < 3000, noise(), np.float32(0)),
}


@pytest.mark.parametrize("name", INPUTS)
def test_the_front_end_in_the_model_is_librosas(encoder: Encoder, name: str) -> None:
    samples = INPUTS[name]
    power = librosa.feature.melspectrogram(
        y=samples, sr=SAMPLE_RATE, n_fft=2048, hop_length=512, n_mels=96, center=True, pad_mode="constant"
    )
    expected = librosa.power_to_db(power, ref=np.max, top_db=80.0)
    log_mel = encoder.encode(samples).log_mel
    assert log_mel is not None
    assert log_mel.shape == (96, 216)
    assert np.abs(log_mel - expected).max() < 1e-3


@pytest.mark.parametrize("name", INPUTS)
def test_every_input_has_a_finite_embedding_of_unit_length(encoder: Encoder, name: str) -> None:
    encoded = encoder.encode(INPUTS[name])
    assert encoded.embedding.shape == (encoder.card.dimensions,)
    assert encoded.embedding.dtype == np.float32
    assert np.isfinite(encoded.embedding).all()
    assert np.linalg.norm(encoded.embedding) == pytest.approx(1.0, abs=1e-4)
    assert 0 <= encoded.music <= 1
    assert encoded.log_mel is not None
    assert np.isfinite(encoded.log_mel).all()
    assert encoded.log_mel.max() == 0.0
    assert encoded.log_mel.min() >= -80.0


def test_loudness_does_not_count(encoder: Encoder) -> None:
    loud, soft = encoder.encode(INPUTS["music"]), encoder.encode(INPUTS["music"] * np.float32(0.05))
    assert float(loud.embedding @ soft.embedding) > 0.999


def test_different_sounds_are_told_apart(encoder: Encoder) -> None:
    music, hiss = encoder.encode(INPUTS["music"]).embedding, encoder.encode(INPUTS["noise"]).embedding
    assert float(music @ hiss) < encoder.card.within_track_p01


def test_what_was_returned_stays_as_it_is(encoder: Encoder) -> None:
    first = encoder.encode(INPUTS["music"])
    assert first.log_mel is not None
    kept = first.embedding.copy(), first.log_mel.copy()
    encoder.encode(INPUTS["noise"])
    assert np.array_equal(first.embedding, kept[0])
    assert np.array_equal(first.log_mel, kept[1])


@pytest.mark.parametrize("shape", [(0,), (WINDOW_SAMPLES - 1,), (WINDOW_SAMPLES + 1,), (1, WINDOW_SAMPLES)])
def test_only_one_whole_window_is_taken(encoder: Encoder, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="110250 samples"):
        encoder.encode(np.zeros(shape, np.float32))


def test_the_card_of_the_shipped_model_is_complete(encoder: Encoder) -> None:
    card = encoder.card
    assert 100 <= card.dimensions <= 128
    assert -1 < card.unrelated < card.within_track_p01 < 1
    assert card.unrelated < card.same_track < 1
    assert card.raw["licence"] == "GPL-3.0-or-later"
    assert bundled.MODEL.stat().st_size <= 6_000_000
    data = card.raw["training_data"]
    assert isinstance(data, dict)
    assert all(source["licences"] and source["attribution"] for source in data["sources"])
    figures = card.raw["figures"]
    assert isinstance(figures, dict)
    assert figures["command"] == "python -m livedj.train.evaluate"


def test_a_missing_model_is_refused(model: Path) -> None:
    model.unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        Encoder(model)


def test_a_missing_card_is_refused(model: Path) -> None:
    card_path(model).unlink()
    with pytest.raises(ModelError, match=r"card .* is missing"):
        Encoder(model)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"card"', "{}", '{"sha256": "x", "dimensions": "many"}'])
def test_a_broken_card_is_refused(model: Path, text: str) -> None:
    card_path(model).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"card .* install the model again"):
        read_card(model)


def test_a_card_that_is_no_text_is_refused(model: Path) -> None:
    card_path(model).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="cannot be read"):
        read_card(model)


def test_a_card_with_unknown_mel_parameters_is_refused(model: Path) -> None:
    edit_card(model, mel={"sample_rate": 22050, "colour": "blue"})
    with pytest.raises(ModelError, match="colour"):
        read_card(model)


def test_another_file_than_the_card_describes_is_refused(model: Path) -> None:
    model.write_bytes(model.read_bytes() + b"\0")
    with pytest.raises(ModelError, match="sha256 differs"):
        Encoder(model)


def test_a_file_that_is_no_model_is_refused(model: Path) -> None:
    content = b"this is no model" * 100
    model.write_bytes(content)
    edit_card(model, sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(ModelError, match="cannot be run"):
        Encoder(model)


def test_a_card_with_wrong_dimensions_is_refused(model: Path) -> None:
    edit_card(model, dimensions=100)
    with pytest.raises(ModelError, match=r"no tensor of shape \(1, 100\)"):
        Encoder(model)


def test_a_model_of_another_front_end_is_refused(model: Path) -> None:
    mel = {**json.loads(card_path(model).read_text(encoding="utf-8"))["mel"], "hop_length": 256}
    edit_card(model, mel=mel)
    with pytest.raises(ModelError, match="another front end"):
        Encoder(model)


def test_read_card_returns_what_the_encoder_uses(encoder: Encoder) -> None:
    card = read_card(bundled.MODEL)
    assert isinstance(card, ModelCard)
    assert card == encoder.card
    assert card.sha256 == hashlib.sha256(bundled.MODEL.read_bytes()).hexdigest()


def test_the_ear_needs_nothing_of_what_training_needs() -> None:
    code = (
        "import sys, livedj.ear.encoder, livedj.ear.gate, livedj.ear.vector; livedj.ear.encoder.Encoder();"
        "print([name for name in ('keras', 'tensorflow', 'librosa', 'scipy') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_runtime_under_its_former_name_will_do() -> None:
    code = (
        "import sys, types, ai_edge_litert.interpreter as runtime;"
        "sys.modules['ai_edge_litert.interpreter'] = None;"
        "sys.modules['tflite_runtime'] = types.ModuleType('tflite_runtime');"
        "sys.modules['tflite_runtime.interpreter'] = runtime;"
        "from livedj.ear.encoder import Encoder; print(Encoder().card.dimensions)"
    )
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert int(found.stdout) == read_card(bundled.MODEL).dimensions
