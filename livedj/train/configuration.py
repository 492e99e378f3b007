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
    group: int
    grouped: float
    intro_pairs: float
    crop: float
    whole_from: float
    rate: float
    warm_up: float
    weight_decay: float
    average: float
    temperature: float
    validate_every: float


@dataclass(frozen=True, slots=True)
class Together:
    """What makes two songs go together; the file says what each value means."""

    weight: float
    timbre: float
    collection: float
    style: float
    temperature: float


@dataclass(frozen=True, slots=True)
class Augment:
    """What happens to a window on its way through a room; the file says what each value means."""

    clean_first: float
    clean_second: float
    speed: float
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
    mix_below: Range
    clipping: float
    gain_control: float


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole training run."""

    music: Path
    out: Path
    seed: int
    dimensions: int
    fit: Fit
    together: Together
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
        together=Together(**raw["together"]),
        augment=Augment(**augment),
    )
