"""What embeddings make of songs: each is cut, heard in some conditions, and embedded as the program would do it."""

import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, cached_property

import librosa
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from livedj.ear.encoder import Encoder, MelParams
from livedj.library.decode import claimed_duration, decode
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Samples, Seconds, Vectors, unit
from livedj.train.bootstrap import Bootstrap, Interval
from livedj.train.data import QUIET, Song
from livedj.train.frontend import FrontEnd
from livedj.train.measures import Listening, Measure, outcomes_of
from livedj.train.rooms import Hear

STRIDE = Seconds(1.0)
"""Half as many windows as live: the running vector is the same for all that matters, at half the wait."""
_AHEAD = 4
"""Songs that are decoded and spoiled while another one is embedded."""


@dataclass(frozen=True)
class Windows:
    """Windows of samples, (n, 110,250), for embeddings that want those and for those that want log-mels."""

    samples: NDArray[np.float32]

    @cached_property
    def log_mel(self) -> NDArray[np.float32]:
        """Their log-mels, dB below each window's maximum, (n, 96, 216)."""
        log_mel: NDArray[np.float32] = _front_end()(self.samples).numpy()
        return log_mel


@cache
def _front_end() -> FrontEnd:
    return FrontEnd(MelParams())


Embed = Callable[[Windows], NDArray[np.float32]]
"""Windows -> their vectors, (n, dimensions)."""


@dataclass(frozen=True, slots=True)
class Take:
    """A song that is to be embedded."""

    song: Song
    samples: Samples
    """Clean, without silence at either end."""
    heard: Mapping[str, Samples]
    """By condition: a stretch of it as it is heard."""


Figures = Mapping[str, Mapping[str, Mapping[Measure, Interval]]]
"""By name of the embedding and by condition."""


def measure(
    embeds: Mapping[str, Embed], songs: Sequence[Song], hear: Hear, least: Seconds, whiten: Collection[str] = ()
) -> Figures:
    """Measure several embeddings at once on the songs that last `least`; see `listen`."""
    return figures_of(listen(embeds, takes(songs, hear, least), whiten))


def figures_of(listened: Mapping[str, Sequence[Listening]]) -> Figures:
    """Return the figures of retrieval, with intervals over collections, in every condition."""
    songs = next(iter(listened.values()))
    bootstrap = Bootstrap([one.collection for one in songs])
    return {
        name: {
            condition: {
                measure: bootstrap.mean(outcome)
                for measure, outcome in outcomes_of(listenings, condition, STRIDE).items()
            }
            for condition in songs[0].streams
        }
        for name, listenings in listened.items()
    }


def takes(songs: Sequence[Song], hear: Hear, least: Seconds) -> Iterator[Take]:
    """Yield the songs that last `least` without silence, as they are heard; the next ones are made meanwhile."""
    with ThreadPoolExecutor(1) as pool, tqdm(total=len(songs), desc="songs", unit="song") as bar:
        coming = [pool.submit(_take, song, hear, least) for song in songs[:_AHEAD]]
        for place in range(len(songs)):
            take = coming.pop(0).result()
            if place + _AHEAD < len(songs):
                coming.append(pool.submit(_take, songs[place + _AHEAD], hear, least))
            if take is not None:
                yield take
            bar.update()


def _take(song: Song, hear: Hear, least: Seconds) -> Take | None:
    claimed = claimed_duration(song.path)
    if claimed is not None and claimed < least:
        return None
    samples: Samples = librosa.effects.trim(decode(song.path), top_db=QUIET)[0]
    if len(samples) < least * SAMPLE_RATE:
        return None
    return Take(song, samples, hear(samples, seed_of(song)))


def seed_of(song: Song) -> int:
    """Return a song's own seed: the same whichever other songs are measured beside it."""
    return zlib.crc32(f"{song.path.parent.name}/{song.path.name}".encode())


def listen(
    embeds: Mapping[str, Embed], taken: Iterable[Take], whiten: Collection[str] = ()
) -> dict[str, list[Listening]]:
    """Return, by name of the embedding, what it makes of every song.

    The vectors of those named in `whiten` are whitened: hand-made and random features vary a thousand times more along
    one direction than along another, and a cosine would see the first alone.
    """
    listened: dict[str, list[Listening]] = defaultdict(list)
    for take in taken:
        parts = [windows(take.samples, WINDOW_SAMPLES)]
        parts += [windows(heard, round(STRIDE * SAMPLE_RATE)) for heard in take.heard.values()]
        together = Windows(np.concatenate(parts))
        ends = np.cumsum([len(part) for part in parts])[:-1]
        for name, embed in embeds.items():
            stored, *streams = np.split(embed(together), ends)
            live = dict(zip(take.heard, streams, strict=True))
            listened[name].append(Listening(take.song.collection, stored, live, take.song.style))
    return {name: whitened(one) if name in whiten else one for name, one in listened.items()}


def windows(samples: Samples, stride: int) -> NDArray[np.float32]:
    """Return all whole windows of `samples`, `stride` samples apart, (n, 110,250)."""
    return np.lib.stride_tricks.sliding_window_view(samples, WINDOW_SAMPLES)[::stride]


def embed_with(encoder: Encoder) -> Embed:
    """Return the embedding of a model."""
    return lambda heard: np.stack([encoder.encode(samples).embedding for samples in heard.samples])


def whitened(listenings: Sequence[Listening]) -> list[Listening]:
    """Return vectors that are uncorrelated and of unit deviation over the clean library, as unit vectors (PCA)."""
    library = np.concatenate([one.stored for one in listenings]).astype(np.float64)
    mean = library.mean(axis=0)
    spread, axes = np.linalg.eigh(np.cov(library - mean, rowvar=False))
    scale = axes / np.sqrt(np.maximum(spread, 1e-9 * spread[-1]))

    def white(vectors: Vectors) -> Vectors:
        return unit((vectors - mean) @ scale)

    return [
        replace(one, stored=white(one.stored), streams={name: white(live) for name, live in one.streams.items()})
        for one in listenings
    ]
