"""One configuration of a training run, read from a TOML file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT = Path(__file__).with_name("config.toml")
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Fit:
    """How the network is fitted; the file says what each value means."""

    minutes: float
    tracks: int
    collection_pairs: float
    intro_pairs: float
    rate: float
    warm_up: float
    weight_decay: float
    temperature: float
    collection_weight: float
    style_weight: float
    validate_every: float


@dataclass(frozen=True, slots=True)
class Augment:
    """What happens to a window on its way through a room; the file says what each value means."""

    clean_first: float
    clean_second: float
    rt60: Range
    direct_to_reverberant: Range
    low_cut: Range
    high_cut: Range
    equaliser: float
    ripple: float
    snr: Range
    noise_slope: Range
    crowd: float
    mix: float


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole training run."""

    music: Path
    out: Path
    seed: int
    dimensions: int
    fit: Fit
    augment: Augment


def read_configuration(path: Path = DEFAULT) -> Configuration:
    """Read a configuration; relative paths in it are taken from the working folder."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    augment: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in raw["augment"].items()
    }
    return Configuration(
        music=Path(raw["music"]),
        out=Path(raw["out"]),
        seed=raw["seed"],
        dimensions=raw["network"]["dimensions"],
        fit=Fit(**raw["fit"]),
        augment=Augment(**augment),
    )
