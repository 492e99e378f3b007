"""The words of the model's card: what it is, what it was made from, under which licence."""

from collections import defaultdict
from collections.abc import Sequence

from livedj.train.baselines import WHITENED
from livedj.train.data import Song
from livedj.train.measures import Calibration
from livedj.train.report import AGAINST, CHANCE, OURS, Flat

GROUPS = (
    AGAINST, "stability", "reaction", "music", "room_pass", "cost",
    "quantised_float32", "quantised_float16", "quantised_dynamic_range",
)
"""What the keys of an evaluation begin with, beside those of retrieval."""


def describe(train: Sequence[Song], validate: Sequence[Song]) -> dict[str, object]:
    """Return what a card says before anything is measured."""
    return {
        "name": "livedj",
        "description": "5 s of sound -> log-mel and embedding; songs that sound alike lie close together, "
        "also when one of them is heard through a room and a laptop's microphone.",
        "licence": "GPL-3.0-or-later",
        "input": "110,250 samples, mono, 22,050 Hz, float32, shape (1, 110250)",
        "outputs": "embedding of unit length; log-mel in dB below the window's maximum, -80...0",
        "made_by": "python -m livedj.train",
        "limits": "Trained on openly licensed music, mostly soundtracks of games (orchestral, chiptune, electronic, "
        "ambient), some folk, rock, world, jazz, lofi; thin on sung pop, rap, house, latin, choir.",
        "training_data": {
            "train_tracks": len(train),
            "validate_tracks": len(validate),
            "note": "The validation tracks, of other collections and artists, set the thresholds and decided between "
            "ways to train; the network was not fitted to them.",
            "sources": _sources([*train, *validate]),
        },
    }


def calibrated(figures: Calibration) -> dict[str, float]:
    """Return the figures that the program works by, rounded as the card shows them."""
    return {
        "within_track_p01": round(figures.within_track_p01, 4),
        "same_track": round(figures.same_track, 4),
        "unrelated": round(figures.unrelated, 4),
    }


def figures(flat: Flat, conditions: Sequence[str], meaning: str) -> dict[str, object]:
    """Return the figures of an evaluation as the card shows them: by embedding and condition, and in groups."""
    retrieval = {
        name: {condition: _part(flat, f"{name}_{condition}_") for condition in conditions} for name in (OURS, *WHITENED)
    }
    groups = {name: _part(flat, f"{name}_") for name in GROUPS}
    return {
        **{key: flat[key] for key in ("command", "songs", "collections", "rooms", "same_track_found")},
        "meaning": meaning,
        "retrieval": {**retrieval, CHANCE: _part(flat, f"{CHANCE}_")},
        **{name: group for name, group in groups.items() if group},
    }


def _part(flat: Flat, prefix: str) -> dict[str, object]:
    """Return what is known by keys with `prefix`; a figure with an interval has it beside it as a list of two."""
    part: dict[str, object] = {}
    for key, value in flat.items():
        name = key.removeprefix(prefix)
        if name == key or name.endswith(("_low", "_high")) or value is None:
            continue
        part[name] = value
        if flat.get(f"{key}_low") is not None:
            part[f"{name}_95"] = [flat[f"{key}_low"], flat[f"{key}_high"]]
    return part


def _sources(songs: Sequence[Song]) -> list[dict[str, object]]:
    by_repository: dict[str, list[Song]] = defaultdict(list)
    for song in songs:
        by_repository[song.repository].append(song)
    return [
        {
            "repository": f"https://github.com/{repository}",
            "tracks": len(group),
            "licences": sorted({song.licence for song in group}),
            "attribution": _attribution({song.artist.strip() for song in group}),
        }
        for repository, group in sorted(by_repository.items(), key=lambda item: item[0].lower())
    ]


def _attribution(artists: set[str]) -> list[str]:
    """Return the names; a song that names nobody is its repository's own, or its licence file says whose."""
    unnamed = ["the repository's authors (see its licence file)"] if "" in artists else []
    return sorted(artists - {""}) + unnamed
