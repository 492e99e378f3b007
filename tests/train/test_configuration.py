from pathlib import Path

import pytest

from livedj.train.configuration import DEFAULT, read_configuration


def test_the_shipped_configuration_is_read() -> None:
    configuration = read_configuration()
    assert configuration.dimensions == 128
    assert configuration.fit.tracks > 1
    assert configuration.augment.snr == (0.0, 30.0)


def test_a_value_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(DEFAULT.read_text(encoding="utf-8").replace("warm_up", "warm_down"), encoding="utf-8")
    with pytest.raises(TypeError, match="warm_down"):
        read_configuration(path)
