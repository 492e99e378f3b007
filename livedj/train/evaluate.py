"""`python -m livedj.train.evaluate`: measure a model on the validation songs, from samples, and complete its card.

Everything goes the program's own way: the .tflite, overlapping windows, the running vector. Songs, stretches and rooms
are the judge's (`air.py` beside the music); what is measured, and how, is said in `MEANING`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import numpy as np
from tqdm import tqdm

from livedj import bundled
from livedj.ear.encoder import Encoder, card_path
from livedj.ear.vector import track_vector
from livedj.errors import LiveDjError
from livedj.music import Seconds
from livedj.train import charts
from livedj.train.card import calibrated, figures
from livedj.train.configuration import DEFAULT, read_configuration
from livedj.train.data import Song, read_songs
from livedj.train.evaluation import Evaluation
from livedj.train.export import write_card
from livedj.train.listening import figures_of, takes
from livedj.train.report import Value, into_readme, markdown, table
from livedj.train.rooms import rooms_of
from livedj.train.taste.network import shipped_network
from livedj.train.validation import LEAST

COMMAND = "python -m livedj.train.evaluate"
SHORTEST_DEMO_SONG = Seconds(60.0)
"""The demo library's songs last 63 s at least; 55 % of that lies beyond their intro too."""
MEANING = (
    "15 s from 55 % of a song on are heard in a condition (12, 6: dB above the noise of a simulated room); the running "
    "vector then looks for the nearest intro vectors of all these songs, which are clean. own_first, own_in_ten: share "
    "of songs whose own intro is the nearest, among the ten nearest. collection_p10: share of the same collection "
    "among the ten nearest others. style_p10: share of the same style among the ten nearest of other collections; "
    "style_p10_among_all: of the same style and another collection among the ten nearest others. _low, _high: 95 % "
    "bootstrap interval over collections. chance: random order. stability: cosines of windows with the running vector. "
    "reaction: from the first sound of other music until three of the first five are of its collection or style."
)

PARTS: Mapping[str, Callable[[Evaluation, Path], Mapping[str, Value]]] = {
    "retrieval": lambda evaluation, _: evaluation.retrieval(),
    "stability": lambda evaluation, _: evaluation.stability(),
    "reaction": lambda evaluation, _: evaluation.reaction(),
    "music": lambda evaluation, _: evaluation.music(),
    "cost": lambda evaluation, model: evaluation.cost(model),
    "quantised": lambda evaluation, model: evaluation.quantised(shipped_network(model)),
    "track-vectors": lambda evaluation, _: evaluation.track_vectors(),
    "room": lambda evaluation, _: evaluation.real_passes(),
}


@click.command()
@click.option("--configuration", "path", type=click.Path(path_type=Path), default=DEFAULT, help="TOML file of the run.")
@click.option("--model", type=click.Path(path_type=Path), default=bundled.MODEL, help="The model to measure.")
@click.option("--air", type=click.Path(path_type=Path), default=Path("../shared/air.py"), help="The unseen rooms.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("out"), help="Where figures and pictures go.")
@click.option("--readme", type=click.Path(path_type=Path), default=Path("README.md"), help="Whose table is written.")
@click.option("--songs", "most", type=int, help="Measure only so many songs; card and README stay as they are.")
@click.option("--room/--no-room", "real", default=True, help="Whether 20 songs are played for real (6 minutes).")
@click.option("--part", type=click.Choice(list(PARTS)), help="Measure this alone; card, README and pictures stay.")
def main(
    path: Path, model: Path, air: Path, out: Path, readme: Path, most: int | None, real: bool, part: str | None
) -> None:
    """Measure a model on the validation songs and write the figures into its card and the README."""
    parts = [part] if part else [name for name in PARTS if real or name != "room"]
    try:
        _evaluate(path, model, air, out, readme, most, parts)
    except LiveDjError as error:
        raise click.ClickException(str(error)) from error


def _evaluate(
    path: Path, model: Path, air: Path, out: Path, readme: Path, most: int | None, parts: Sequence[str]
) -> None:
    configuration = read_configuration(path)
    rooms = rooms_of(configuration.augment, air)
    there = (configuration.music / "tracks.csv").is_file()
    songs, least = _validation_songs(configuration.music) if there else _demo_songs(out)
    words = "validation songs" if there else f"of the demo library: {configuration.music} is not there"
    evaluation = Evaluation.of(Encoder(model), rooms, takes(_spread(songs, most), rooms.hear, least))

    flat: dict[str, Value] = {
        "command": COMMAND,
        "music": words,
        "rooms": rooms.words,
        "songs": len(evaluation.ours),
        "collections": len({one.collection for one in evaluation.ours}),
        **calibrated(evaluation.calibration),
        "same_track_found": round(evaluation.calibration.same_track_found, 4),
    }
    notes = []
    for part in parts:
        try:
            flat |= PARTS[part](evaluation, model)
        except LiveDjError as error:
            notes.append(f"Not measured: {error}")

    click.echo(table(flat, rooms.table, notes))
    out.mkdir(parents=True, exist_ok=True)
    one_part = len(parts) == 1
    _keep(flat, out / "evaluate.json", beside_others=one_part)
    if one_part:
        return
    _draw(evaluation, out)
    if there and most is None:
        card = json.loads(card_path(model).read_text(encoding="utf-8"))
        measured = figures(flat, rooms.table, MEANING)
        write_card(model, {**card, **calibrated(evaluation.calibration), "figures": measured})
        if model == bundled.MODEL and readme.is_file():
            text = into_readme(readme.read_text(encoding="utf-8"), markdown(flat, rooms.table))
            readme.write_text(text, encoding="utf-8")


def _keep(flat: Mapping[str, Value], path: Path, *, beside_others: bool) -> None:
    """Write the figures down, where it is asked beside those that an earlier run has left."""
    former = json.loads(path.read_text(encoding="utf-8")) if beside_others and path.is_file() else {}
    path.write_text(json.dumps({**former, **flat}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _validation_songs(music: Path) -> tuple[list[Song], Seconds]:
    """Return the songs to hear, and how long one has to be."""
    return [song for song in read_songs(music) if song.split == "validate"], LEAST


def _spread(songs: Sequence[Song], most: int | None) -> list[Song]:
    """Return so many of `songs`, from all over the list."""
    count = len(songs) if most is None else min(most, len(songs))
    return [songs[place * len(songs) // count] for place in range(count)]


def _demo_songs(out: Path) -> tuple[list[Song], Seconds]:
    """Return the same of the demo library, made in `out` once; a style is a collection."""
    from livedj.demo.songs import folder_in, make_demo_library  # a second to import, and rarely wanted

    with tqdm(desc="demo library", unit="song") as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        paths = make_demo_library(folder_in(out), progress)
    return [demo_song(path) for path in paths], SHORTEST_DEMO_SONG


def demo_song(path: Path) -> Song:
    """Return a song of the demo library; its folder tells its style."""
    style = path.parent.name
    return Song(path, "validate", collection=style, style=style, artist="", licence="", repository="")


def _draw(evaluation: Evaluation, out: Path) -> None:
    ours = evaluation.ours
    charts.draw_bars(
        figures_of(evaluation.listened), evaluation.chance, evaluation.rooms.table, out / "evaluate.png"
    )
    charts.draw_map(np.stack([track_vector(one.stored) for one in ours]), [one.style for one in ours], out / "map.png")


if __name__ == "__main__":
    main()
