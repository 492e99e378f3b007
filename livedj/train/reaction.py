"""How soon the proposals follow when other music begins: 15 s of one song, then 15 s of another, in one room.

The proposals *follow* when at least three of the five intros nearest to the running vector are of the new song's
collection or style, the song itself left out, as the program does. The two songs share neither. Where three of five are
so already while the first song plays, there is no reaction to be timed, and the change is left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import hypergeom
from tqdm import tqdm

from livedj.ear.vector import WINDOW, RunningVector
from livedj.music import SAMPLE_RATE, Samples, Seconds, Vectors
from livedj.train.bootstrap import Bootstrap, Interval
from livedj.train.data import Song
from livedj.train.listening import STRIDE, Embed, Take, Windows, seed_of, windows
from livedj.train.validation import CLEAN, STRETCH

PROPOSALS, MAJORITY = 5, 3
LIMIT = Seconds(10.0)


@dataclass(frozen=True, slots=True)
class Reaction:
    """How soon the proposals follow, over all songs that some other music can go before."""

    changes: int
    """So many were timed."""
    median: float
    """Seconds from the first sound of the new song; infinite where they did not follow within 15 s."""
    p90: float
    within_limit: Interval
    """Share that followed within 10 s."""
    at_limit: Interval
    """Share that followed at 10 s and not only at some moment before."""
    before: float
    """Share of all changes that was left out: it followed, by accident, while the other song still played."""
    chance: float
    """Share of five random intros that would be such a majority."""


def react(
    taken: Sequence[Take],
    intros: Vectors,
    embed: Embed,
    change_below: float,
    spoil: Callable[[Samples, int], Samples],
) -> Reaction | None:
    """Let every song follow a song of another collection and style, if there is one; None where nothing can be asked.

    `intros`: the songs' intro vectors, (n, dimensions). `change_below`: the card's figure for the running vector.
    """
    songs = [take.song for take in taken]
    kin = np.array([[_go_together(one, other) for other in songs] for one in songs])
    asked = [index for index, row in enumerate(kin) if row.sum() - 1 >= MAJORITY and not row.all()]
    if not asked:
        return None
    followed = []
    for new in tqdm(asked, "changes", unit="change"):
        seed = seed_of(songs[new])
        old = int(np.random.default_rng(seed).choice(np.flatnonzero(~kin[new])))
        sound = spoil(np.concatenate([taken[old].heard[CLEAN], taken[new].heard[CLEAN]]), seed)
        live = embed(Windows(windows(sound, round(STRIDE * SAMPLE_RATE))))
        others = np.flatnonzero(np.arange(len(songs)) != new)
        followed.append(follows(live, intros[others], kin[new][others], change_below))
    return _summary(np.array(followed), kin[asked], [songs[new].collection for new in asked])


def follows(live: Vectors, intros: Vectors, wanted: NDArray[np.bool_], change_below: float) -> NDArray[np.bool_]:
    """Return after each live window whether most of the first five proposals are wanted."""
    running = RunningVector(change_below)
    answers = []
    for count, window in enumerate(live):
        running.update(window, Seconds(WINDOW + count * STRIDE))
        assert running.value is not None
        first = np.argsort(-(intros @ running.value), kind="stable")[:PROPOSALS]
        answers.append(wanted[first].sum() >= MAJORITY)
    return np.array(answers)


def _summary(followed: NDArray[np.bool_], kin: NDArray[np.bool_], collections: Sequence[str]) -> Reaction:
    """Sum up. `followed`: (changes, windows); `kin`: which songs each new one goes together with, (changes, songs)."""
    moments = WINDOW + STRIDE * np.arange(followed.shape[1]) - STRETCH  # at each window's end, since the new song began
    early = followed[:, np.flatnonzero(moments <= 0)[-1]]
    since = followed & (moments > 0)
    seconds = np.where(since.any(axis=1), moments[since.argmax(axis=1)], np.inf)
    timed = seconds[~early]
    at_limit = followed[:, np.flatnonzero(moments <= LIMIT)[-1]]
    bootstrap = Bootstrap(collections)
    others, wanted = kin.shape[1] - 1, kin.sum(axis=1) - 1
    return Reaction(
        changes=len(timed),
        median=_quantile(timed, 0.5),
        p90=_quantile(timed, 0.9),
        within_limit=bootstrap.mean(np.where(early, np.nan, seconds <= LIMIT)),
        at_limit=bootstrap.mean(np.where(early, np.nan, at_limit)),
        before=float(early.mean()),
        chance=float(hypergeom.sf(MAJORITY - 1, others, wanted, PROPOSALS).mean()),
    )


def _quantile(values: NDArray[np.float64], share: float) -> float:
    """Return the least of the values that so many lie at or below; NaN without values. Infinite ones are allowed."""
    return float(np.quantile(values, share, method="inverted_cdf")) if len(values) else float("nan")


def _go_together(one: Song, other: Song) -> bool:
    return one.collection == other.collection or (one.style == other.style != "")
