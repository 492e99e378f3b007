import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from click.testing import CliRunner

from livedj.ear.encoder import Encoder
from livedj.music import SAMPLE_RATE
from livedj.train.__main__ import main
from livedj.train.configuration import Configuration, read_configuration
from livedj.train.hearing import hear


def write(configuration: Configuration, path: Path) -> Path:
    """Write a configuration as a file, by way of the shipped one's layout."""
    fit, together = (
        "\n".join(f"{key} = {value}" for key, value in dataclasses.asdict(part).items())
        for part in (configuration.fit, configuration.together)
    )
    augment = "\n".join(
        f"{key} = {list(value) if isinstance(value, tuple) else value}"
        for key, value in dataclasses.asdict(configuration.augment).items()
    )
    path.write_text(
        f'music = "{configuration.music.as_posix()}"\nout = "{configuration.out.as_posix()}"\nseed = 1\n'
        f"[network]\ndimensions = 100\n[fit]\n{fit}\n[together]\n{together}\n[augment]\n{augment}\n",
        encoding="utf-8",
    )
    assert read_configuration(path).fit == configuration.fit
    return path


@pytest.mark.timeout(600)
def test_from_songs_to_a_model(configuration: Configuration, tmp_path: Path) -> None:
    path, model = write(configuration, tmp_path / "run.toml"), tmp_path / "mine.tflite"
    trained = CliRunner().invoke(main, ["--configuration", str(path), "--model", str(model)], catch_exceptions=False)
    assert trained.exit_code == 0
    assert "own intro in ten" in trained.output
    assert (configuration.out / "curve.png").stat().st_size > 1000
    card = Encoder(model).card
    assert card.dimensions == 100
    assert Encoder(model).tells_music
    sources = json.loads(json.dumps(card.raw["training_data"]))["sources"]
    assert [source["repository"] for source in sources] == sorted(
        f"https://github.com/somebody/{name}" for name in ("high", "hiss", "low", "middle")
    )


def test_the_room_for_samples_keeps_length_and_noise_level(configuration: Configuration) -> None:
    seconds = np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE
    music = np.sin(2 * np.pi * 1000 * seconds).astype(np.float32)
    dry = dataclasses.replace(configuration.augment, direct_to_reverberant=(60.0, 60.0))
    noisy, clean = (hear(music, dry, np.random.default_rng(3), snr) for snr in (6.0, 100.0))
    assert noisy.shape == music.shape
    difference = 10 * np.log10(np.mean(clean**2) / np.mean((noisy - clean) ** 2))
    assert difference == pytest.approx(6.0, abs=0.1)
