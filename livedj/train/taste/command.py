"""`livedj train --playlists FOLDER`: from lists to a model of the person's own taste, step by step."""

import dataclasses
import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import keras
import numpy as np

from livedj import bundled
from livedj.ear.encoder import MelParams, card_path, read_card
from livedj.errors import DecodeError, TasteError
from livedj.library.catalogue import FILE_NAME
from livedj.library.files import shown
from livedj.music import Vectors
from livedj.train.configuration import Augment, read_configuration
from livedj.train.export import export
from livedj.train.measures import Listening
from livedj.train.taste.excerpts import Excerpt, excerpt
from livedj.train.taste.lists import Lists, gather, refuse_too_few
from livedj.train.taste.measure import hold_out, listen, weigh, weighed
from livedj.train.taste.network import TasteNetwork, grow, shipped_music_head, shipped_network
from livedj.train.taste.plan import PLAN, Plan
from livedj.train.taste.report import Learned, card_of, in_words, report
from livedj.train.taste.track2vec import SongVectors, song_vectors
from livedj.train.taste.tune import Tuning, Windows

_EVEN = 0.5  # of sound and taste, until both are known


def learn(
    playlists: Path, out: Path, data: Path, minutes: float | None = None, plan: Plan = PLAN,
    model: Path = bundled.MODEL,
) -> Learned:  # fmt: skip
    """Learn the taste of the playlists below a folder and of the history in the data folder; write a model to `out`.

    What is half done lies in `data`/taste and is taken up by the next call; once all is done it is removed.

    Raises:
        TasteError: there is too little to learn from.
        ModelError: the shipped model, or the weights to learn from, cannot be used.
        CatalogueError: the history cannot be read.

    """
    if minutes is not None:
        plan = dataclasses.replace(plan, minutes=minutes)
    found = gather(playlists, data / FILE_NAME, plan)
    _say_what_was_found(found)
    refuse_too_few(found, playlists, plan)
    known = song_vectors(found.lists, plan)
    click.echo(f"Track2Vec knows {len(known.songs)} songs, each on {known.minimum_count} of the lists at least.")
    keras.utils.set_random_seed(plan.seed)
    network = grow(shipped_network(model), shipped_network(model), plan)
    work = data / "taste"
    teacher = _Teacher(network, plan, read_configuration().augment, MelParams())
    known, excerpts = teacher.read(known, work / "songs")
    before = teacher.listen(network.shipped, excerpts, "Hearing them as shipped")
    trained, held = hold_out(before, plan.held_out, plan.seed)
    if len(trained) < plan.least_songs / 2:
        raise TasteError(f"Nearly all songs are copies of few recordings: only {len(trained)} are left to learn from.")
    teacher.teach([excerpts[n] for n in trained], known.vectors[trained], work / _run_name(known, plan, model))
    after = teacher.listen(network.joined(_EVEN), excerpts, "Hearing them anew")
    weight = weigh(after, network.taste, plan.influence)
    after = weighed(after, network.taste, weight)
    apart = np.array([one.apart for one in excerpts])
    result = report(before, after, held, apart, known, found.lists, network.taste)
    for sentence in in_words(result):
        click.echo(sentence)
    finished = work / "finished.tflite"
    card = card_of(result, read_card(model), len(trained), weight)
    export(network.joined(weight), shipped_music_head(model), MelParams(), finished, card)
    _move(finished, out)
    shutil.rmtree(work)
    return result


def _move(model: Path, out: Path) -> None:
    """Move a model and its card; what else export leaves beside them serves to train on from, and nobody does."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(model, out)
        shutil.move(card_path(model), card_path(out))
    except OSError as error:
        raise TasteError(f"The model cannot be written to {out} ({error}): name another file by --out.") from error


def _say_what_was_found(found: Lists) -> None:
    click.echo(
        f"{found.playlists} playlists name {found.named} files, {found.named - found.missing} of them songs that are "
        f"there; the history holds {found.sessions} sessions."
    )
    for sentence in found.unreadable:
        click.echo(f"passed over: {sentence}")


def _run_name(known: SongVectors, plan: Plan, model: Path) -> str:
    """Return a name for the run: with other songs, lists, plan or model it is another one; with more time the same."""
    plan = dataclasses.replace(plan, minutes=0.0)
    words = "\n".join([repr(plan), read_card(model).sha256, *map(str, known.songs)])
    return f"run-{hashlib.sha256(words.encode(errors='surrogateescape') + known.vectors.tobytes()).hexdigest()[:16]}"


class _Teacher:
    """The steps that take a while, each with its progress bar."""

    def __init__(self, network: TasteNetwork, plan: Plan, augment: Augment, mel: MelParams) -> None:
        self._network = network
        self._plan = plan
        self._augment = augment
        self._mel = mel

    def read(self, known: SongVectors, kept: Path) -> tuple[SongVectors, list[Excerpt]]:
        """Return the songs that can be decoded, and their sound. Raises TasteError where too few are left."""
        excerpts: dict[int, Excerpt] = {}
        troubles = []
        with _bar("Reading songs", len(known.songs)) as done:
            for number, song in enumerate(known.songs):
                try:
                    excerpts[number] = excerpt(song, self._mel, kept)
                except DecodeError as error:
                    troubles.append(f"passed over: {error}")
                done(number + 1, shown(song))
        for trouble in troubles:
            click.echo(trouble)
        if len(excerpts) < self._plan.least_songs:
            raise TasteError(f"Only {len(excerpts)} songs can be decoded; {self._plan.least_songs} are needed.")
        songs = [known.songs[number] for number in excerpts]
        return dataclasses.replace(known, songs=songs, vectors=known.vectors[list(excerpts)]), list(excerpts.values())

    def listen(self, network: keras.Model, excerpts: Sequence[Excerpt], label: str) -> list[Listening]:
        """Return what a network makes of all songs."""
        with _bar(label, len(excerpts)) as done:
            return listen(network, excerpts, self._augment, self._mel, self._plan.seed, lambda count: done(count, ""))

    def teach(self, excerpts: Sequence[Excerpt], vectors: Vectors, folder: Path) -> None:
        """Tune the network, or take up the tuning that `folder` holds."""
        tuning = Tuning(self._network, self._plan, folder)
        scale = 1000
        with _bar("Learning", scale) as done:
            tuning.run(
                lambda seed: Windows(excerpts, vectors, self._plan, self._augment, self._mel, seed),
                lambda share, cosine: done(round(scale * share), f"cosine {cosine:.2f}"),
            )


@contextmanager
def _bar(label: str, length: int) -> Iterator[Callable[[int, str], None]]:
    """Show a progress bar; yields what is told how much is done, and a word about it."""
    with click.progressbar(length=length, label=label, item_show_func=lambda word: word or "") as bar:
        yield lambda count, word: bar.update(count - bar.pos, word)
