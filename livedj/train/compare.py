"""`python -m livedj.train.compare`: several networks on an equal, short budget, then the two best at length; one table.

Each run keeps its state in a folder of its own: interrupt and repeat at will.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import keras
import numpy as np
from tqdm import tqdm

from livedj.ear.encoder import MelParams
from livedj.errors import LiveDjError
from livedj.train.baselines import WHITENED, baselines
from livedj.train.bootstrap import Interval
from livedj.train.configuration import DEFAULT, Configuration, read_configuration
from livedj.train.data import cached, read_songs
from livedj.train.fit import Build, Fitting, Learner, Pairs, read_network
from livedj.train.listening import Embed, Figures, measure
from livedj.train.measures import Measure
from livedj.train.network import build_with_head, without_head
from livedj.train.projection import project
from livedj.train.rivals import Reconstruction, one_dimensional, separable, two_dimensional
from livedj.train.rooms import Rooms, rooms_of
from livedj.train.validation import LEAST, Validation


@dataclass(frozen=True, slots=True)
class Kind:
    """A network, and how it learns."""

    run: str
    """Folder of its training run; kinds that differ in what comes after share one."""
    build: Build
    learner: Learner = Pairs
    in_use: bool = False
    """Whether the head is left behind and the last layer computed, as in the model that ships."""


KINDS: Mapping[str, Kind] = {
    "author's separable": Kind("separable", separable),
    "one-dimensional": Kind("one_dimensional", one_dimensional),
    "two-dimensional": Kind("two_dimensional", two_dimensional),
    "auto-encoder": Kind("auto_encoder", build_with_head, Reconstruction),
    "livedj with its head": Kind("livedj", build_with_head),
    "livedj": Kind("livedj", build_with_head, in_use=True),
}
SHOWN = (Measure.OWN_FIRST, Measure.OWN_IN_TEN, Measure.COLLECTION, Measure.STYLE)


@click.command()
@click.option("--configuration", "path", type=click.Path(path_type=Path), default=DEFAULT, help="TOML file of the run.")
@click.option("--minutes", type=float, default=5.0, show_default=True, help="Training time of each network.")
@click.option("--at-length", type=float, default=30.0, show_default=True, help="Of the two best, anew.")
@click.option("--air", type=click.Path(path_type=Path), default=Path("../shared/air.py"), help="The unseen rooms.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("out"), help="Where runs and the table go.")
def main(path: Path, minutes: float, at_length: float, air: Path, out: Path) -> None:
    """Train several networks for the same time and measure them on the validation songs."""
    configuration = read_configuration(path)
    try:
        Comparison(configuration, rooms_of(configuration.augment, air), out).run(minutes, at_length)
    except LiveDjError as error:
        raise click.ClickException(str(error)) from error


class Comparison:
    """Networks that are trained on the same songs and measured on the same others."""

    def __init__(self, configuration: Configuration, rooms: Rooms, out: Path) -> None:
        self._configuration = configuration
        self._rooms = rooms
        self._out = out
        self._mel = MelParams()
        songs = read_songs(configuration.music)
        heard = list(tqdm(cached(songs, configuration.out / "mels", self._mel), "log-mels", len(songs)))
        self._train = [one for one in heard if one.song.split == "train"]
        self._validate = [one for one in heard if one.song.split == "validate"]

    def run(self, minutes: float, at_length: float) -> None:
        """Print the table of all kinds, then of the two best at length, and write both to `out`/compare.json."""
        short = {name: self._embed(name, minutes) for name in KINDS}
        figures = dict(self._measure({**baselines(self._configuration.dimensions), **short}))
        best = sorted(KINDS, key=lambda name: _score(figures[name][self._rooms.noisy]), reverse=True)[:2]
        long = {f"{name}, {at_length:g} min": self._embed(name, at_length) for name in best}
        figures |= self._measure(long)
        click.echo(shown(figures, self._rooms.table))
        flat = {
            name: {condition: {one: round(cells[one].value, 4) for one in SHOWN} for condition, cells in row.items()}
            for name, row in figures.items()
        }
        command = "python -m livedj.train.compare"
        kept = {"command": command, "minutes": minutes, "at_length": at_length, "figures": flat}
        (self._out / "compare.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")

    def _measure(self, embeds: Mapping[str, Embed]) -> Figures:
        songs = [one.song for one in self._validate]
        return measure(embeds, songs, self._rooms.hear, LEAST, WHITENED)

    def _embed(self, name: str, minutes: float) -> Embed:
        """Train a kind for so long, or take up where that was left, and return its embedding."""
        kind = KINDS[name]
        configuration = self._of(kind, minutes)
        validation = Validation(self._validate, configuration.augment, self._mel, configuration.seed)
        fitting = Fitting(configuration, self._mel, self._train, kind.build, kind.learner)
        fitting.run(validation, lambda point: click.echo(f"{name}: {point.minutes:.1f} min, step {point.step}"))
        network = kind.build(self._mel, configuration.dimensions)
        read_network(configuration.out, network)
        if kind.in_use:
            network = without_head(network, configuration.dimensions)
            project(network, self._train, configuration, self._mel)
        return embed_by(network)

    def _of(self, kind: Kind, minutes: float) -> Configuration:
        """Return the configuration of one run: whole windows, which every kind takes, and a folder of its own."""
        out = self._out / "compare" / f"{kind.run}_{minutes:g}"
        out.mkdir(parents=True, exist_ok=True)
        fit = dataclasses.replace(self._configuration.fit, minutes=minutes, crop=1.0)
        return dataclasses.replace(self._configuration, out=out, fit=fit)


def embed_by(network: keras.Model) -> Embed:
    """Return the embedding of a Keras network."""
    return lambda heard: np.asarray(network.predict_on_batch(heard.log_mel), np.float32)


def shown(figures: Figures, conditions: Sequence[str]) -> str:
    """Return the table as text."""
    lines = ["own intro first / in ten · same collection P@10 · same style elsewhere P@10"]
    lines += [f"{'':32}" + "".join(f"{condition:>30}" for condition in conditions)]
    for name, row in figures.items():
        cells = [[row[condition][key].value for key in SHOWN] for condition in conditions]
        texts = [f"{first:.2f} / {ten:.2f} · {collection:.3f} · {style:.3f}" for first, ten, collection, style in cells]
        lines.append(f"{name:32}" + "".join(f"{text:>30}" for text in texts))
    return "\n".join(lines)


def _score(row: Mapping[Measure, Interval]) -> float:
    return row[Measure.OWN_IN_TEN].value + row[Measure.COLLECTION].value


if __name__ == "__main__":
    main()
