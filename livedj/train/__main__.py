"""`python -m livedj.train`: cache the log-mels, fit the network, finish the model. Interrupt and repeat at will."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import click
from tqdm import tqdm

from livedj import bundled
from livedj.ear.encoder import MelParams
from livedj.errors import LiveDjError
from livedj.train.configuration import DEFAULT, Configuration, read_configuration
from livedj.train.data import cached, read_songs
from livedj.train.fit import Fitting, Point
from livedj.train.picture import draw_curve
from livedj.train.validation import Validation


@click.command()
@click.option("--configuration", "path", type=click.Path(path_type=Path), default=DEFAULT, help="TOML file of the run.")
@click.option("--minutes", type=float, help="Training time, in place of the configuration's.")
@click.option("--model", type=click.Path(path_type=Path), default=bundled.MODEL, help="Where the model goes.")
def main(path: Path, minutes: float | None, model: Path) -> None:
    """Train the model that livedj ships, and write it with its card."""
    configuration = read_configuration(path)
    if minutes is not None:
        configuration = dataclasses.replace(configuration, fit=dataclasses.replace(configuration.fit, minutes=minutes))
    try:
        _fit(configuration)
    except LiveDjError as error:
        raise click.ClickException(str(error)) from error
    # Whatever back end has trained: TFLite's converter is TensorFlow's, and a process has one back end.
    command = [sys.executable, "-m", "livedj.train.finish", "--configuration", str(path), "--model", str(model)]
    sys.exit(subprocess.run(command, env={**os.environ, "KERAS_BACKEND": "tensorflow"}, check=False).returncode)


def _fit(configuration: Configuration) -> None:
    mel = MelParams()
    songs = read_songs(configuration.music)
    heard = list(tqdm(cached(songs, configuration.out / "mels", mel), "log-mels", len(songs)))
    train = [one for one in heard if one.song.split == "train"]
    validate = [one for one in heard if one.song.split == "validate"]

    def progress(point: Point) -> None:
        draw_curve(configuration.out)
        click.echo(
            f"{point.minutes:5.1f} min  step {point.step:5d}  loss {point.loss:.3f}  own intro in ten: "
            f"clean {point.own_in_ten_clean:.3f}, through a room {point.own_in_ten:.3f}; "
            f"collection P@10 through a room {point.collection_p10:.3f}"
        )

    fitting = Fitting(configuration, mel, train)
    fitting.run(Validation(validate, configuration.augment, mel, configuration.seed), progress)


if __name__ == "__main__":
    main()
