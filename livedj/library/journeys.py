"""Lists of songs from the library, more like some files or from one to another, be these in the library or not."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedj.choose.journey import Repertoire, joined, playlist
from livedj.choose.scene import Opinion, similarity
from livedj.choose.versions import Recording, versions
from livedj.ear.encoder import ModelCard, read_card
from livedj.errors import ChoiceError, DecodeError, Remedy
from livedj.library.analysis import Analysis
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.files import shown
from livedj.library.index import INDEX_FOLDER, listing
from livedj.library.models import Models
from livedj.library.mp3tovec import mp3tovecs, renew_vocabulary
from livedj.library.pool import local_pool, outcome
from livedj.library.scanner import TIME_LIMIT
from livedj.library.worker import hear_whole
from livedj.music import Seconds, Track, TrackId, Vector, Vectors, unit

_ANY_LENGTH = Seconds(math.inf)


@dataclass(frozen=True, slots=True)
class Listed:
    """One song of a list."""

    track: Track
    """Its id is below 0 where the song is not in the library."""
    cosine: float | None = None
    """Of its track vector to that of the songs that were named, or of the song before it on a journey; None for the
    first one of a journey."""
    similarity: int | None = None
    """The same in percent, as in `proposals.Proposal`."""


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A song, and how it sounds as a whole."""

    track: Track
    vector: Vector


Heard = dict[tuple[Path, str], Sound]
"""Files that are not in the library, and the model (sha256) that has heard them: to hear one takes seconds."""


def songs_like(
    data: Path,
    files: Sequence[Path],
    *,
    keep_on: int,
    drunk: float,
    seed: int,
    epsilon: float | None = None,
    heard: Heard | None = None,
) -> Iterator[Listed]:
    """Return songs that go on from these files, best first, for as long as the library lasts: see `journey.playlist`.

    `epsilon`: compare songs by Mp3ToVec with this ε (`ear.vocabulary`), and not by the plain mean of their windows.
    `heard`: files that are not in the library, as they were found to sound before; those that are heard now are added.

    Raises:
        ChoiceError: the library is empty.
        DecodeError: a file is not there, or cannot be used.
        CatalogueError, ModelError: the library cannot be read.

    """
    library = _Library.read(data, epsilon=epsilon)
    named = _sounds(data, files, epsilon, heard)
    like = unit(np.mean([sound.vector for sound in named], axis=0))
    barred = {sound.track.song for sound in named}
    rows = playlist(library.repertoire, like, barred, keep_on=keep_on, drunk=drunk, seed=seed)
    return (_listed(library.sound(row), like, library.card) for row in rows)


def journey(
    data: Path,
    files: Sequence[Path],
    *,
    between: int,
    longest: Seconds = _ANY_LENGTH,
    epsilon: float | None = None,
) -> list[Listed]:
    """Return a smooth way through these files in their order, with `between` songs from one to the next.

    Songs that last longer than `longest` are left out, but for the files themselves. `epsilon` as in `songs_like`.

    Raises:
        ChoiceError: the library holds too few songs, or none.
        DecodeError, CatalogueError, ModelError: as `songs_like` does.

    """
    return _joined(_Library.read(data, longest, epsilon), _sounds(data, files, epsilon), between)


def journey_through(data: Path, tracks: Sequence[TrackId], *, between: int) -> list[Listed]:
    """Return a smooth way through these tracks of the library in their order, as `journey` does through files.

    Raises:
        TooFewError: the library holds too few songs.
        ChoiceError: one of these tracks is not there any more.
        CatalogueError, ModelError: it cannot be read.

    """
    named = _kept_sounds(data, tracks)
    return _joined(_Library.read(data), named, between)


def _joined(library: "_Library", named: Sequence[Sound], between: int) -> list[Listed]:
    barred = {sound.track.song for sound in named}
    songs, wanted = library.repertoire.songs, between * (len(named) - 1)
    if (there := len(np.unique(songs[library.repertoire.free(barred)]))) < wanted:
        raise too_few(there, wanted)
    stretches = joined(library.repertoire, np.stack([sound.vector for sound in named]), barred, between)
    way = [named[0]]
    for stretch, waypoint in zip(stretches, named[1:], strict=True):
        way += [*map(library.sound, stretch.tolist()), waypoint]
    steps = (_listed(sound, before.vector, library.card) for before, sound in pairwise(way))
    return [Listed(way[0].track), *steps]


class TooFewError(ChoiceError):
    """A list wants more songs than there are."""


def too_few(there: int, wanted: int) -> TooFewError:
    """Return the error for a list that wants more songs than there are."""
    return TooFewError(
        f"The library holds too few songs for this list: {wanted} are wanted, {there} can be chosen."
        f" {'Ask for fewer, or add' if there else 'Add'} music: livedj scan FOLDER."
    )


def _listed(sound: Sound, beside: Vector, card: ModelCard) -> Listed:
    cosine = float(sound.vector @ beside)
    return Listed(sound.track, cosine, similarity(cosine, card.unrelated))


@dataclass(frozen=True, slots=True, eq=False)
class _Library:
    """The songs that are there, row by row."""

    card: ModelCard
    """Of the model that serves."""
    tracks: Sequence[Track]
    repertoire: Repertoire

    @classmethod
    def read(cls, data: Path, longest: Seconds = _ANY_LENGTH, epsilon: float | None = None) -> "_Library":
        """Read the songs in music folders that can be reached, but for banned ones and those longer than `longest`.

        Raises:
            ChoiceError: there is none.

        """
        card = read_card(Models(data).serving())
        with Catalogue(data / FILE_NAME) as catalogue:
            ids, vectors, _ = _vectors(catalogue, data, card.sha256, epsilon)
            present = _reachable(ids, catalogue, data, card.sha256)
            found = catalogue.tracks(present, in_folders=True)
            banned = {song for song, opinion in catalogue.opinions().items() if opinion is Opinion.BANNED}
        if not found:
            raise ChoiceError("The library is empty: there is nothing to choose from. Add music: livedj scan FOLDER.")
        there = (found[track] for track in present if track in found)
        tracks = [track for track in there if track.duration <= longest and track.song not in banned]
        rows = np.searchsorted(ids, [track.id for track in tracks])
        return cls(card, tracks, Repertoire(np.array([track.song for track in tracks], np.int64), vectors[rows]))

    def sound(self, row: int) -> Sound:
        """Return one song."""
        return Sound(self.tracks[row], self.repertoire.vectors[row])


def _reachable(ids: NDArray[np.int64], catalogue: Catalogue, data: Path, sha256: str) -> list[TrackId]:
    """Return those tracks that the index lists, since it leaves out files that are away, or that came after it."""
    index = listing(data / INDEX_FOLDER)
    if index is not None:
        _, newer, _ = catalogue.vectors_since(index.seen, sha256)
        ids = ids[np.isin(ids, np.concatenate([index.ids, newer]))]
    return [TrackId(track) for track in ids.tolist()]


def _vectors(
    catalogue: Catalogue, data: Path, sha256: str, epsilon: float | None
) -> tuple[NDArray[np.int64], Vectors, Callable[[Analysis], Vector]]:
    """Return the tracks of the library (ids ascending), their vectors, and how a file outside it gets one."""
    vocabulary = None if epsilon is None else renew_vocabulary(catalogue, data, sha256, epsilon)
    if vocabulary is None:
        return *catalogue.track_vectors(sha256), lambda analysis: analysis.track
    return *mp3tovecs(catalogue, data, vocabulary), lambda analysis: vocabulary.mp3tovec(
        analysis.windows.astype(np.float32)
    ).vector


def _sounds(
    data: Path, files: Sequence[Path], epsilon: float | None = None, before: Heard | None = None
) -> list[Sound]:
    """Return how each of these files sounds; unknown ones are heard, unless that was `before`."""
    model = Models(data).serving()
    card = read_card(model)
    before = {} if before is None else before
    known = {file: before[file, card.sha256] for file in files if (file, card.sha256) in before}
    with Catalogue(data / FILE_NAME) as catalogue:
        ids, kept, vector_of = _vectors(catalogue, data, card.sha256, epsilon)
        rows = {track: row for row, track in enumerate(ids.tolist())}
        for file, track in _known(catalogue, [file for file in files if file not in known], card.sha256).items():
            if track.id in rows:
                known[file] = Sound(track, kept[rows[track.id]])
        unknown = [file for file in dict.fromkeys(files) if file not in known]
        if unknown:
            recordings, vectors = catalogue.recordings(card.sha256)
            heard = _heard(unknown, model, card.dimensions)
            for number, (file, analysis) in enumerate(zip(unknown, heard, strict=True), 1):
                song = _version(analysis, recordings, vectors.reshape(-1, card.dimensions))
                known[file] = Sound(_track(TrackId(-number), analysis, song), vector_of(analysis))
                before[file, card.sha256] = known[file]
    return [known[file] for file in files]


def _kept_sounds(data: Path, tracks: Sequence[TrackId]) -> list[Sound]:
    """Return how these tracks of the library sound. Raises ChoiceError where one is not there."""
    sha256 = read_card(Models(data).serving()).sha256
    with Catalogue(data / FILE_NAME) as catalogue:
        ids, vectors = catalogue.track_vectors(sha256)
        there = _reachable(ids, catalogue, data, sha256)
        found = catalogue.tracks([track for track in tracks if track in there])
    rows = {track: row for row, track in enumerate(ids.tolist())}
    if any(track not in found for track in tracks):
        raise ChoiceError("A song of this journey is not there any more: take it back, and choose another one.")
    return [Sound(found[track], vectors[rows[track]]) for track in tracks]


def _known(catalogue: Catalogue, files: Sequence[Path], sha256: str) -> dict[Path, Track]:
    """Return those files that the library knows. Raises DecodeError where one is not there."""
    tracks = {path: track for track, path in catalogue.paths(sha256).items()}
    found = {}
    for file in files:
        _look(file)
        for path in (file.absolute(), file.resolve()):
            if path in tracks and (track := catalogue.track(tracks[path])):
                found[file] = track
    return found


def _look(file: Path) -> None:
    try:
        file.stat()
    except OSError as error:
        raise DecodeError(f"{shown(file)} cannot be read: {error.strerror}.", Remedy.DRIVE) from error


def _heard(files: Sequence[Path], model: Path, dimensions: int) -> list[Analysis]:
    """Hear whole files in processes of their own, since nobody has vetted them."""
    nothing = np.zeros((0, dimensions), np.float16)
    with local_pool(model, TIME_LIMIT, len(files)) as pool:
        futures = [pool.schedule(hear_whole, file.absolute(), nothing) for file in files]
        return [outcome(file, future, TIME_LIMIT) for file, future in zip(files, futures, strict=True)]


def _version(analysis: Analysis, recordings: Sequence[Recording], vectors: Vectors) -> TrackId | None:
    """Return the song of the library that a file outside is a version of; None where it is none."""
    tags = analysis.tags
    new = Recording(TrackId(-1), tags.title, tags.artist, analysis.duration, analysis.content)
    fresh = np.arange(len(recordings) + 1) == len(recordings)
    pairs = versions([*recordings, new], np.concatenate([vectors, analysis.track[None]]), fresh)
    songs: Mapping[TrackId, TrackId] = {known.track: known.song or known.track for known in recordings}
    return next((songs[other] for _, other in pairs), None)


def _track(track: TrackId, analysis: Analysis, song: TrackId | None) -> Track:
    tags = analysis.tags
    return Track(
        track, analysis.path, tags.title, tags.artist, tags.album, analysis.duration, analysis.cues, version_of=song
    )
