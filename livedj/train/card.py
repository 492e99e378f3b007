"""The words of the model's card: what it is, what it was made from, under which licence."""

from collections import defaultdict
from collections.abc import Sequence

from livedj.train.data import Song
from livedj.train.measures import Calibration


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
            "note": "The validation tracks, of other collections and artists, chose the best of one run's networks "
            "and set the thresholds; the network was not fitted to them.",
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
