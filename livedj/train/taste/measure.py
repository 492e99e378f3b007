"""What a taste is worth, measured on songs whose sound was not trained on; and the figures of the new model's card."""

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import MelParams
from livedj.ear.vector import INTRO_WINDOWS, intro_vector
from livedj.music import Vectors, unit
from livedj.train.augment import Room
from livedj.train.batches import CONTEXT
from livedj.train.configuration import Augment
from livedj.train.data import Levels, normalised, window_at
from livedj.train.measures import TWIN, Listening, heard_and_intros, running_vectors
from livedj.train.taste.excerpts import Excerpt
from livedj.train.validation import CLEAN, STRETCH, STRIDE

AIRED = "aired"
"""Heard in a room of training; CLEAN: as in the library."""
FIRST = 10
_AT_ONCE = 8  # songs, whose windows fit in memory many times over


@dataclass(frozen=True, slots=True)
class Found:
    """What held-out songs find among the intros of all songs, after 15 s of them were heard; NaN where nobody asks."""

    own_first: float
    """Share of those whose own intro is the nearest."""
    own_in_ten: float
    """Share of those whose own intro is among the ten nearest."""
    company: float
    """Of the ten nearest others, those that share a list with the song; as a share of as many as there can be."""


@dataclass(frozen=True, slots=True)
class Heard:
    """How well 5 s of sound tell a held-out song's vector: mean cosines."""

    clean: float
    aired: float
    constant: float
    """Of the best answer that does not listen: one vector for all of them."""


def listen(
    network: Callable[..., Any], excerpts: Sequence[Excerpt], augment: Augment, mel: MelParams, seed: int,
    progress: Callable[[int], None],
) -> list[Listening]:  # fmt: skip
    """Return what `network` makes of each song, stored and heard; the same seed makes the same rooms.

    `progress` is told how many songs are done.
    """
    room = Room(augment, mel, np.random.default_rng(seed))
    listenings: list[Listening] = []
    for songs in _chunks(excerpts):
        stretches = np.stack([_stretch(song.later, mel) for song in songs]).astype(np.float32)
        aired = room.hear(stretches, np.roll(stretches, 1, axis=0))
        stored = [_stored(song, mel) for song in songs]
        clean, air = ([_live(stretch, mel) for stretch in heard] for heard in (stretches, aired))
        windows = normalised(np.concatenate([*stored, *clean, *air]).astype(np.float32), mel.top_db)
        vectors = keras.ops.convert_to_numpy(network(windows, training=False))
        parts = np.split(vectors, np.cumsum([len(part) for part in [*stored, *clean, *air]])[:-1])
        count = len(songs)
        for number in range(count):
            streams = {CLEAN: parts[count + number], AIRED: parts[2 * count + number]}
            listenings.append(Listening("", parts[number], streams))
        progress(len(listenings))
    return listenings


def hold_out(listenings: Sequence[Listening], share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of the songs to train on and of those held out.

    The same recording in another file would be no unheard one: the twins of held-out songs are left out of both.
    """
    count = len(listenings)
    held = np.zeros(count, bool)
    held[np.random.default_rng(seed).permutation(count)[: round(share * count)]] = True
    tracks = unit(np.stack([one.stored.mean(axis=0) for one in listenings]))
    twins = (tracks @ tracks[held].T > TWIN).any(axis=1)
    return np.flatnonzero(~twins & ~held), np.flatnonzero(held)


def weigh(listenings: Sequence[Listening], taste: slice, influence: float) -> float:
    """Return the weight of taste with which it moves the cosines between songs `influence` times as far as sound does.

    `listenings`: by a joined network, of any weight. Networks differ in how far apart they put songs; a fixed weight
    would be a whisper in one of them and drown the other.
    """
    running, intros = heard_and_intros(listenings, AIRED, STRIDE)
    different = ~np.eye(len(listenings), dtype=bool)

    def spread(part: slice) -> float:
        return float((unit(running[:, part]) @ unit(intros[:, part]).T)[different].std())

    sound = influence * spread(slice(taste.start))
    return sound / (spread(taste) + sound)


def weighed(listenings: Sequence[Listening], taste: slice, weight: float) -> list[Listening]:
    """Return what a joined network of this weight makes of the songs, given what one of another weight does."""

    def rescaled(vectors: Vectors) -> Vectors:
        parts = [np.sqrt(1 - weight) * unit(vectors[:, : taste.start]), np.sqrt(weight) * unit(vectors[:, taste])]
        return np.concatenate(parts, axis=1)

    return [
        dataclasses.replace(
            one, stored=rescaled(one.stored), streams={name: rescaled(stream) for name, stream in one.streams.items()}
        )
        for one in listenings
    ]


def heard(listenings: Sequence[Listening], vectors: Vectors, taste: slice) -> Heard:
    """Return how well the windows of these songs tell their vectors, given what part of the embedding is taste."""

    def mean_cosine(windows: Callable[[Listening], Vectors]) -> float:
        cosines = [unit(windows(one)[:, taste]) @ vector for one, vector in zip(listenings, vectors, strict=True)]
        return float(np.mean([each.mean() for each in cosines]))

    # Of all constants, the mean's direction has the largest mean cosine, and that is the mean's length.
    constant = float(np.linalg.norm(vectors.mean(axis=0)))
    return Heard(mean_cosine(lambda one: one.streams[CLEAN]), mean_cosine(lambda one: one.streams[AIRED]), constant)


def found(
    listenings: Sequence[Listening], asked: NDArray[np.int64], company: NDArray[np.bool_], condition: str
) -> Found:
    """Return what the songs numbered `asked` find; `company`: (n, n), which songs share a list."""
    if not len(asked):
        return Found(math.nan, math.nan, math.nan)
    intros = np.stack([intro_vector(one.stored) for one in listenings])
    running = np.stack([running_vectors(listenings[number].streams[condition], STRIDE)[-1] for number in asked])
    cosines = running @ intros.T
    rows = np.arange(len(asked))
    own = cosines[rows, asked]
    # A tie counts against it: an embedding that calls everything the same has found nothing.
    rank = (cosines >= own[:, np.newaxis]).sum(axis=1) - 1
    cosines[rows, asked] = -np.inf
    nearest = np.argsort(-cosines, axis=1)[:, :FIRST]
    mates = np.take_along_axis(company[asked], nearest, axis=1).sum(axis=1)
    possible = np.minimum(FIRST, company[asked].sum(axis=1))
    return Found(
        own_first=float((rank == 0).mean()),
        own_in_ten=float((rank < FIRST).mean()),
        company=float((mates[possible > 0] / possible[possible > 0]).mean()) if possible.any() else math.nan,
    )


def _chunks(excerpts: Sequence[Excerpt]) -> Iterator[Sequence[Excerpt]]:
    for start in range(0, len(excerpts), _AT_ONCE):
        yield excerpts[start : start + _AT_ONCE]


def _stretch(later: Levels, mel: MelParams) -> Levels:
    return window_at(later, 0, CONTEXT + round(STRETCH * mel.sample_rate / mel.hop_length) + 2)


def _live(stretch: Levels, mel: MelParams) -> Levels:
    moments = np.arange(0.0, STRETCH - mel.window_samples / mel.sample_rate + STRIDE / 2, STRIDE)
    starts = [CONTEXT + round(at * mel.sample_rate / mel.hop_length) for at in moments]
    return np.stack([window_at(stretch, start, mel.frames) for start in starts])


def _stored(song: Excerpt, mel: MelParams) -> Levels:
    """Return the windows without overlap, the intro's first, as the library keeps them."""
    starts = [(mel.frames - 1) * number for number in range(INTRO_WINDOWS)]
    return np.stack([window_at(part, start, mel.frames) for part in (song.intro, song.later) for start in starts])
