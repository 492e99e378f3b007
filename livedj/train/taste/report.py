"""What was learned, in figures, in words for the person, and on the new model's card. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import ModelCard
from livedj.train.card import calibrated
from livedj.train.measures import Calibration, Listening, calibration
from livedj.train.taste.lists import company
from livedj.train.taste.measure import AIRED, Found, Heard, found, heard
from livedj.train.taste.track2vec import SongVectors
from livedj.train.validation import CLEAN, STRIDE

CONDITIONS = (CLEAN, AIRED)
MOST_CALIBRATED = 150
"""Songs that the card's thresholds are set on; among more, chance matches are looked for in vain for minutes."""
_PLACES = {CLEAN: "as stored", AIRED: "in a room"}
MEANING = (
    "Measured on songs whose sound was not trained on. cosine: of 5 s of sound with its song's Track2Vec vector; "
    "constant: the best that one answer for all songs reaches, which is not listening. shipped, tuned: 15 s from the "
    "middle of a song are heard; how often its own intro is the nearest or among the ten nearest of all songs, and "
    "which share of the ten nearest others is on a list with it, of as many as there can be."
)


@dataclass(frozen=True, slots=True)
class Learned:
    """The outcome of a run."""

    lists: int
    songs: int
    """All of them: trained on or held out."""
    held_out: int
    asked: int
    """Those of the held-out songs that are long enough to look for their own intro."""
    cosine: Heard
    shipped: dict[str, Found]
    """By condition, with the shipped model."""
    tuned: dict[str, Found]
    calibration: Calibration

    @property
    def deaf(self) -> list[str]:
        """Return the conditions in which it knows no more of a new song than a constant answer does."""
        cosines = ((CLEAN, self.cosine.clean), (AIRED, self.cosine.aired))
        return [condition for condition, cosine in cosines if cosine <= self.cosine.constant]

    @property
    def worse(self) -> list[str]:
        """Return the conditions in which songs find their own intro less often than with the shipped model."""
        return [
            condition
            for condition in CONDITIONS
            if self.tuned[condition].own_in_ten < self.shipped[condition].own_in_ten
            or self.tuned[condition].own_first < self.shipped[condition].own_first
        ]


def report(
    before: Sequence[Listening], after: Sequence[Listening], held: NDArray[np.int64], apart: NDArray[np.bool_],
    known: SongVectors, lists: Sequence[Sequence[Path]], taste: slice,
) -> Learned:  # fmt: skip
    """Measure what was learned.

    Args:
        before: what the shipped network makes of all songs.
        after: what the new one makes of them.
        held: numbers of the held-out songs.
        apart: which songs are long enough for their middle to look for their intro.
        known: the songs' vectors.
        lists: what belongs together.
        taste: the part of the new embedding that is taste.

    """
    together = np.zeros((len(known.songs), len(known.songs)), bool)
    for one, other in company(lists, known.songs):
        together[one, other] = True
    asked = held[apart[held]]
    return Learned(
        lists=len(lists),
        songs=len(known.songs),
        held_out=len(held),
        asked=len(asked),
        cosine=heard([after[number] for number in held], known.vectors[held], taste),
        shipped={condition: found(before, asked, together, condition) for condition in CONDITIONS},
        tuned={condition: found(after, asked, together, condition) for condition in CONDITIONS},
        calibration=_calibration(after, held),
    )


def _calibration(listenings: Sequence[Listening], held: NDArray[np.int64]) -> Calibration:
    """Set the thresholds on held-out songs and, in the same proportion as in the library, others."""
    step = max(1, -(-len(listenings) // MOST_CALIBRATED))
    rest = np.setdiff1d(np.arange(len(listenings)), held)
    chosen = [listenings[number] for number in sorted([*held[::step], *rest[::step]])]
    return calibration(chosen, CONDITIONS, STRIDE)


def in_words(learned: Learned) -> Iterator[str]:
    """Yield what the person should know, line by line."""
    yield f"Measured on {learned.held_out} songs whose sound was not trained on:"
    cosine = learned.cosine
    yield (
        f"  5 s of a song tell its vector with a cosine of {cosine.clean:.2f} ({cosine.aired:.2f} in a room); "
        f"without listening, {cosine.constant:.2f} can be reached."
    )
    for condition in CONDITIONS if learned.asked else ():
        shipped, tuned = learned.shipped[condition], learned.tuned[condition]
        yield (
            f"  {_PLACES[condition]}: own intro first {shipped.own_first:.2f} → {tuned.own_first:.2f}, in ten "
            f"{shipped.own_in_ten:.2f} → {tuned.own_in_ten:.2f}; songs of the same list in ten {shipped.company:.2f} → "
            f"{tuned.company:.2f} (shipped model → yours)"
        )
    if learned.deaf:
        yield f"{_where(learned.deaf)} it tells NO more of a new song than without listening: it needs more lists."
    if learned.worse:
        yield f"{_where(learned.worse)} songs find their own intro LESS often than with the shipped model."


def _where(conditions: Sequence[str]) -> str:
    return " and ".join(_PLACES[condition] for condition in conditions).capitalize()


def card_of(learned: Learned, shipped: ModelCard, trained: int, weight: float) -> dict[str, object]:
    """Return the card of the new model but for what its file tells; it stands on all that the shipped one does."""
    data = shipped.raw.get("training_data")
    sources = data.get("sources", []) if isinstance(data, dict) else []
    return {
        "name": "livedj, own taste",
        "description": "The shipped model of livedj, tuned towards a person's own lists: songs lie close together that "
        "sound alike or go together there.",
        "licence": shipped.raw.get("licence", ""),
        "input": shipped.raw.get("input", ""),
        "outputs": shipped.raw.get("outputs", ""),
        "made_by": "livedj train --playlists",
        "made_from": shipped.sha256,
        "limits": "Knows the taste of the lists it was made from, and of the songs on them above all.",
        "training_data": {
            "lists": learned.lists,
            "songs": trained,
            "note": "Songs of the person's own; the sources are those of the shipped model.",
            "sources": sources,
        },
        **calibrated(learned.calibration),
        "figures": {
            "meaning": MEANING,
            "held_out_songs": learned.held_out,
            "weight_of_taste": round(weight, 3),
            "cosine": {name: round(value, 3) for name, value in asdict(learned.cosine).items()},
            **{
                name: {condition: _rounded(one) for condition, one in table.items()}
                for name, table in (("shipped", learned.shipped), ("tuned", learned.tuned))
            },
        },
    }


def _rounded(one: Found) -> dict[str, float]:
    return {name: round(value, 3) for name, value in asdict(one).items() if not isnan(value)}
