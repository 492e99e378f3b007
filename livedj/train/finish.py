"""`python -m livedj.train.finish`: the network of a run, as far as it is, gets its last layers and becomes a model."""

from pathlib import Path

import click

from livedj import bundled
from livedj.ear.encoder import MelParams
from livedj.errors import LiveDjError
from livedj.train.card import calibrated, describe
from livedj.train.configuration import DEFAULT, read_configuration
from livedj.train.data import cached, read_songs
from livedj.train.export import export
from livedj.train.fit import read_network
from livedj.train.music import fit_music
from livedj.train.network import build_with_head, without_head
from livedj.train.projection import project


@click.command()
@click.option("--configuration", "path", type=click.Path(path_type=Path), default=DEFAULT, help="TOML file of the run.")
@click.option("--model", type=click.Path(path_type=Path), default=bundled.MODEL, help="Where the model goes.")
def main(path: Path, model: Path) -> None:
    """Compute the last layer of a run's network, fit its music head, and export both with a card."""
    configuration, mel = read_configuration(path), MelParams()
    fitted = build_with_head(mel, configuration.dimensions)
    try:
        songs = read_songs(configuration.music)
        train, validate = ([song for song in songs if song.split == split] for split in ("train", "validate"))
        stage = read_network(configuration.out, fitted)
        heard = list(cached(train, configuration.out / "mels", mel))
        click.echo("Computing its last layer: what tells songs apart, and no rooms …")
        network = without_head(fitted, configuration.dimensions)
        project(network, heard, configuration, mel)
        click.echo("Teaching it to tell music from everything else …")
        head = fit_music(network, mel, heard, configuration, configuration.seed)
    except LiveDjError as error:
        raise click.ClickException(str(error)) from error
    provisional = {"measured": f"on log-mels while training, after {stage.point.minutes:.1f} minutes"}
    card = {**describe(train, validate), **calibrated(stage.figures), "figures": provisional}
    export(network, head, mel, model, card)
    click.echo(f"{model} is the network of {configuration.out}. Measure it and complete its card: make evaluate")


if __name__ == "__main__":
    main()
