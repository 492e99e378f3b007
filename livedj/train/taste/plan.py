"""Every number of learning a taste, once, each with its reason."""

from dataclasses import dataclass

from livedj.music import Seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """How a taste is learned. What a person has is little: tens of lists, hundreds of songs."""

    seed: int = 20
    """Of everything that is drawn; with it, the same lists and sounds give the same model."""

    # What is enough
    least_lists: int = 8
    """Lists of two songs or more; with fewer, a song's vector tells little but which list it is on."""
    least_songs: int = 60
    """Songs with a vector; one in six of them is held out, and ten are the least to measure anything on."""
    most_songs: int = 800
    """With more, those on the most lists count: half a megabyte of log-mel each is kept while it learns."""
    session_gap: Seconds = Seconds(3600.0)
    """A pause in the history after which another session begins."""

    # Track2Vec: songs as words, lists as sentences (Word2Vec, skip-gram with negative sampling)
    minimum_count: int = 2
    """Lists a song must be on: of one that is on a single list nothing is known but its neighbours' company. Where that
    leaves too few songs, as with lists that do not overlap, every song counts."""
    dimensions: int = 64
    """Enough to keep tens of lists apart; of 8 to 100 all did alike on held-out songs but the fewest."""
    window: int = 50
    """Songs to either side that belong to a song's company: the whole list, since its order is often by chance."""
    negative: int = 5
    """Strangers drawn for each neighbour: the fewer songs there are, the more of them are neighbours themselves."""
    ns_exponent: float = 0.0
    """Strangers are drawn evenly. The 0.75 of texts draws favourites more often and drives them apart (Caselles-Dupré
    et al. 2018 found 0 and below better than it for music)."""
    epochs: int = 50
    """A few hundred words need more rounds than a text of millions; many more fit the chance of single lists."""

    # The network
    held_out: float = 1 / 6
    """Share of songs whose sound it never hears while it learns: on these it is measured."""
    influence: float = 1 / 3
    """How far taste moves the cosines between songs, beside how far their sound does (see `measure.weigh`). A third was
    the most with which held-out songs still found their own intro as often, but for one or two."""
    late: float = 0.4
    """Share of the features' weights, at least, that may change: the last layers. The early ones hear what all music
    has, and stay as they are."""
    batch: int = 48
    """Windows, each of another song."""
    steps: int = 600
    """Batches at most; `minutes` may end it sooner."""
    minutes: float = 15.0
    head_rate: float = 2e-3
    """Of the new last layer; AdamW, half a cosine down to zero."""
    late_rate: float = 2e-4
    """Of the late layers: so low that they keep what they know."""
    head_alone: float = 0.2
    """Share of the run in which only the new layer learns: its first, random errors would spoil the layers below (Kumar
    et al. 2022)."""
    weight_decay: float = 1e-2
    aired: float = 0.5
    """Share of windows that are heard in a room."""


PLAN = Plan()
