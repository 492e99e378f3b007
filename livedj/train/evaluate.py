"""`python -m livedj.train.evaluate`: measure a model on the validation songs, from samples, and complete its card.

Everything goes the program's own way: the shipped .tflite, overlapping windows, the running vector. The conditions:
`clean`, as decoded; `air 12 dB` and `air 6 dB`, through a simulated room that training never saw (`air.py` beside the
music, where it is found); and `room`, through our own, by which the card's thresholds are set.
"""

import importlib.util
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import keras
import librosa
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from livedj import bundled
from livedj.ear.encoder import Encoder, MelParams, card_path
from livedj.library.decode import decode
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Samples, Seconds, Vectors, unit
from livedj.train.card import calibrated
from livedj.train.configuration import DEFAULT, Augment, read_configuration
from livedj.train.data import Song, read_songs
from livedj.train.export import export, write_card
from livedj.train.hearing import hear
from livedj.train.measures import Listening, calibration, retrieval
from livedj.train.network import build_network
from livedj.train.validation import CLEAN, LEAST, MIDDLE, STRETCH

STRIDE = Seconds(1.0)
"""Half as many windows as live: the running vector is the same for all that matters, at half the wait."""
ROOM = "room"
ROOM_SNR = (6.0, 30.0)
"""dB; the thresholds are set for music that can be heard over its noise."""
OURS, RANDOM, MFCC = "livedj", "random weights", "MFCC"
MEANING = (
    "A stretch of 15 s from 55 % of a song on is heard in a condition; its running vector looks for the nearest intro "
    "vectors of all these songs, which are clean. own_intro_in_ten: share of songs whose own intro is among the ten "
    "nearest. own_intro_rank: mean of 1 / its rank. collection_p10: among the ten nearest others, songs of the same "
    "collection, as a share of as many as there can be. same_track_found: share of three live windows in a row, clean "
    "or in a room, that are known as their own song."
)

Embed = Callable[[Samples], dict[str, NDArray[np.float32]]]
"""One window -> its vectors, by name of the embedding."""
Conditions = Mapping[str, Callable[[Samples, int], Samples]]
"""By name: a stretch of samples and a seed -> the stretch as it is heard."""


@click.command()
@click.option("--configuration", "path", type=click.Path(path_type=Path), default=DEFAULT, help="TOML file of the run.")
@click.option("--model", type=click.Path(path_type=Path), default=bundled.MODEL, help="The model to measure.")
@click.option("--air", type=click.Path(path_type=Path), default=Path("../shared/air.py"), help="The unseen room.")
@click.option("--songs", "most", type=int, help="Measure only so many songs, and leave the card as it is.")
def main(path: Path, model: Path, air: Path, most: int | None) -> None:
    """Measure a model on the validation songs and write the figures into its card."""
    configuration = read_configuration(path)
    conditions = conditions_of(configuration.augment, air)
    songs = [song for song in read_songs(configuration.music) if song.split == "validate"][:most]
    encoder = Encoder(model)
    with TemporaryDirectory() as folder:
        embed = embed_with(encoder, random_encoder(Path(folder), encoder.card.dimensions))
        listened = listen_all(songs, embed, conditions)
    figures = calibration(listened[OURS], (CLEAN, ROOM), STRIDE)
    table = {name: table_of(listenings, conditions) for name, listenings in listened.items()}
    click.echo(shown(table))
    click.echo(
        f"cosine within songs, 1st percentile {figures.within_track_p01:.3f}; of unrelated songs, median "
        f"{figures.unrelated:.3f}; same song above {figures.same_track:.3f}, by which three live windows in a row know "
        f"it in {figures.same_track_found:.0%} of cases, and mistake another song for it in 1 %"
    )
    if most is None:
        card = json.loads(card_path(model).read_text(encoding="utf-8"))
        measured = {
            "command": "python -m livedj.train.evaluate",
            "songs": len(listened[OURS]),
            "meaning": MEANING,
            "same_track_found": round(figures.same_track_found, 3),
            "retrieval": table,
        }
        write_card(model, {**card, **calibrated(figures), "figures": measured})


def conditions_of(augment: Augment, air: Path) -> Conditions:
    """Return the conditions that can be measured here."""

    def room(samples: Samples, seed: int) -> Samples:
        rng = np.random.default_rng(seed)
        return hear(samples, augment, rng, rng.uniform(*ROOM_SNR))

    conditions: dict[str, Callable[[Samples, int], Samples]] = {CLEAN: lambda samples, _seed: samples, ROOM: room}
    if air.is_file():
        through = _load_air(air)
        conditions["air 12 dB"] = lambda samples, seed: through(samples, 12.0, seed)
        conditions["air 6 dB"] = lambda samples, seed: through(samples, 6.0, seed + 1)
    return conditions


def embed_with(encoder: Encoder, untrained: Encoder) -> Embed:
    """Return what describes a window: our model and what it must be better than."""

    def embed(samples: Samples) -> dict[str, NDArray[np.float32]]:
        encoded = encoder.encode(samples)
        return {
            OURS: encoded.embedding,
            RANDOM: untrained.encode(samples).embedding,
            MFCC: mfcc_of(encoded.log_mel),
        }

    return embed


def listen_all(songs: Sequence[Song], embed: Embed, conditions: Conditions) -> dict[str, list[Listening]]:
    """Return, by name of the embedding, what it makes of every song that is long enough."""
    listened: dict[str, list[Listening]] = defaultdict(list)
    for seed, song in enumerate(tqdm(songs, "songs")):
        samples = _without_silence(decode(song.path))
        if len(samples) < LEAST * SAMPLE_RATE:
            continue
        stretch = middle(samples)
        heard = {name: condition(stretch, 2 * seed) for name, condition in conditions.items()}
        stored = _embed_all(embed, samples, WINDOW_SAMPLES)
        streams = {name: _embed_all(embed, live, round(STRIDE * SAMPLE_RATE)) for name, live in heard.items()}
        for name, vectors in stored.items():
            live = {condition: stream[name] for condition, stream in streams.items()}
            listened[name].append(Listening(song.collection, vectors, live))
    return {**listened, MFCC: _standardised(listened[MFCC])}


def middle(samples: Samples) -> Samples:
    """Return the stretch that is heard."""
    length = round(STRETCH * SAMPLE_RATE)
    start = min(int(MIDDLE * len(samples)), len(samples) - length)
    return samples[start : start + length]


def table_of(listenings: Sequence[Listening], conditions: Iterable[str]) -> dict[str, dict[str, float]]:
    """Return the figures of retrieval by condition."""
    table = {}
    for condition in conditions:
        found = retrieval(listenings, condition, STRIDE)
        table[condition] = {
            "own_intro_in_ten": round(found.own_in_ten, 3),
            "own_intro_rank": round(found.own_rank, 3),
            "collection_p10": round(found.collection_p10, 3),
        }
    return table


def shown(table: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Return the table as text."""
    conditions = list(next(iter(table.values())))
    lines = [f"{'own intro in ten / collection P@10':36}" + "".join(f"{name:>16}" for name in conditions)]
    for name, row in table.items():
        cells = (f"{row[c]['own_intro_in_ten']:.3f} / {row[c]['collection_p10']:.3f}" for c in conditions)
        lines.append(f"{name:36}" + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines)


def mfcc_of(log_mel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return means and deviations of 20 MFCCs, the usual hand-made description of timbre; not yet standardised."""
    mfcc = librosa.feature.mfcc(S=log_mel, n_mfcc=20)
    return np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)]).astype(np.float32)


def _embed_all(embed: Embed, samples: Samples, stride: int) -> dict[str, Vectors]:
    """Return the vectors of all whole windows, by name of the embedding."""
    starts = range(0, len(samples) - WINDOW_SAMPLES + 1, stride)
    rows = [embed(samples[start : start + WINDOW_SAMPLES]) for start in starts]
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _standardised(listenings: Sequence[Listening]) -> list[Listening]:
    """Return MFCC listenings with every number at unit deviation over the library, as unit vectors."""
    library = np.concatenate([one.stored for one in listenings])
    mean, deviation = library.mean(axis=0), library.std(axis=0) + 1e-9
    return [
        Listening(
            one.collection,
            unit((one.stored - mean) / deviation),
            {name: unit((stream - mean) / deviation) for name, stream in one.streams.items()},
        )
        for one in listenings
    ]


def random_encoder(folder: Path, dimensions: int) -> Encoder:
    """Return an encoder with the same network, untrained: what its shape alone is worth."""
    keras.utils.set_random_seed(1)
    model = folder / "random.tflite"
    placeholder = {"within_track_p01": 0.0, "same_track": 0.0, "unrelated": 0.0}
    export(build_network(MelParams(), dimensions), MelParams(), model, placeholder)
    return Encoder(model)


def _without_silence(samples: Samples) -> Samples:
    trimmed: Samples = librosa.effects.trim(samples, top_db=60)[0]
    return trimmed


def _load_air(path: Path) -> Callable[[Samples, float, int], Samples]:
    spec = importlib.util.spec_from_file_location("air", path)
    if spec is None or spec.loader is None:
        raise click.ClickException(f"{path} cannot be loaded.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda samples, snr, seed: np.asarray(module.air(samples, snr, seed), np.float32)


if __name__ == "__main__":
    main()
