"""Track2Vec: songs as words, lists as sentences, Word2Vec vectors. The only file that imports gensim."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec

from livedj.errors import TasteError
from livedj.music import Vectors, unit
from livedj.train.taste.plan import Plan


@dataclass(frozen=True, slots=True)
class SongVectors:
    """Songs and where they lie among each other."""

    songs: Sequence[Path]
    vectors: Vectors
    """Unit length, (songs, dimensions); their mean was taken off before."""
    minimum_count: int
    """Lists that each of the songs is on, at least."""


def song_vectors(lists: Sequence[Sequence[Path]], plan: Plan) -> SongVectors:
    """Return the vectors of the songs that are on enough lists, those on most lists first.

    Word2Vec gives all songs a large part in common, which says nothing about any of them; without it (Mu & Viswanath
    2018) vectors are about what songs differ in, and a constant answer is worth little.

    Raises:
        TasteError: too few songs have a vector.

    """
    counts = Counter(song for one in lists for song in one)
    minimum = plan.minimum_count
    if sum(count >= minimum for count in counts.values()) < plan.least_songs:
        minimum = 1
    # By count and path, not by the order of reading: the same lists in other files give the same vectors.
    songs = sorted((song for song in counts if counts[song] >= minimum), key=lambda song: (-counts[song], song))
    songs = songs[: plan.most_songs]
    numbers = {song: str(number) for number, song in enumerate(songs)}
    sentences = [[numbers[song] for song in one if song in numbers] for one in sorted(map(tuple, lists))]
    sentences = [sentence for sentence in sentences if len(sentence) > 1]
    company = {word for sentence in sentences for word in sentence}
    songs = [song for song in songs if numbers[song] in company]
    if len(songs) < plan.least_songs:
        raise TasteError(f"Only {len(songs)} songs share a list with others; {plan.least_songs} are needed.")
    model = Word2Vec(
        sentences,
        vector_size=plan.dimensions,
        window=plan.window,
        shrink_windows=False,
        min_count=1,  # counted above
        sg=1,
        negative=plan.negative,
        ns_exponent=plan.ns_exponent,
        sample=0,  # a favourite is no filler word
        epochs=plan.epochs,
        seed=plan.seed,
        workers=1,  # with several the order of updates, and so the result, is by chance
    )
    vectors = unit(np.stack([model.wv[numbers[song]] for song in songs]))
    return SongVectors(songs, unit(vectors - vectors.mean(axis=0)), minimum)
