"""Finds out which tracks of the library are versions of one song, so that none is proposed after another."""

from collections.abc import Callable

import numpy as np

from livedj.choose.versions import versions
from livedj.library.catalogue import Catalogue
from livedj.music import TrackId


def link_versions(catalogue: Catalogue, model_sha256: str, stopping: Callable[[], bool] = lambda: False) -> None:
    """Compare the tracks that were heard to their end and not compared yet with all others, and keep what is one song.

    A song is named by the first of its tracks. Where it is `stopping`, nothing is kept, and the next time does it all.
    """
    if not catalogue.uncompared(model_sha256):
        return
    recordings, vectors = catalogue.recordings(model_sha256)
    fresh = np.array([recording.song is None for recording in recordings], bool)
    first = {recording.track: recording.song or recording.track for recording in recordings}

    def song_of(track: TrackId) -> TrackId:
        while (nearer := first.get(track, track)) != track:
            track = nearer
        return track

    for pair in versions(recordings, vectors, fresh, stopping):
        song, other = sorted(map(song_of, pair))
        first[other] = song
    if stopping():
        return
    songs = {recording.track: song_of(recording.track) for recording in recordings}
    catalogue.keep_songs({r.track: songs[r.track] for r in recordings if r.song != songs[r.track]})
