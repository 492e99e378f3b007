"""A queue of songs as one sound: what two decks would play, computed instead of played. Pure.

Plans, ramps and levels are those of a night. What differs: the first song begins in full sound, the last one ends
where its sound does, and of a cut nothing of the outgoing song is left behind the moment of it but CUT_FADE.
"""

import math
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livedj.music import Gain, Seconds, Stereo, Track
from livedj.play.crossfade import Ramp
from livedj.play.transition import CUT_FADE, Kind, Transition, level_of, planned

OpenSong = Callable[[Track, Seconds], Generator[Stereo]]
"""(song, position in it) -> its sound from there on, in blocks of any length but 0; nothing where it has none."""

_NOTHING: Stereo = np.zeros((0, 2), np.float32)
_FULL, _SILENT = Gain(1.0), Gain(0.0)
_AT_ONCE = Seconds(0.0)


def rendered(tracks: Iterable[Track], open_song: OpenSong, longest: Seconds, rate: int) -> Iterator[Track | Stereo]:
    """Yield each song where it sets in, and after it, block by block, the mix until the next one does.

    `longest` is what the person allows a fade to take, `rate` the one of all sound, in Hz. A song of which nothing
    sounds is left out. No more than two songs are open at a time, and of each no more than a block is held in memory.
    What exceeds full scale is cut off, as sound servers do with the sum of both decks.
    """
    for part in _mixed(tracks, open_song, longest, rate):
        yield part if isinstance(part, Track) else np.clip(part, -1.0, 1.0)


def length_of(tracks: Sequence[Track], longest: Seconds) -> Seconds:
    """Return how long the mix of these songs, one or more, is going to be."""
    plans = [planned(outgoing, incoming, longest) for outgoing, incoming in pairwise(tracks)]
    starts = [tracks[0].cues.start, *(plan.start for plan in plans)]
    ends = [*(plan.begin for plan in plans), tracks[-1].cues.end]
    return Seconds(sum(end - start for start, end in zip(starts, ends, strict=True)))


class _Song:
    """One song of the mix: its sound under its level, read once from `start` on."""

    def __init__(self, track: Track, level: Gain, start: Seconds, sound: Generator[Stereo], rate: int) -> None:
        self.track = track
        self.level = level
        self._start = start
        self._sound = sound
        self._rate = rate
        self._read = 0
        self._block = next(sound, _NOTHING)

    @property
    def sounds(self) -> bool:
        """Whether there is more to be read."""
        return len(self._block) > 0

    def until(self, position: float) -> Iterator[Stereo]:
        """Yield what is left before a position in the file."""
        end = (position - self._start) * self._rate
        while self.sounds and (left := round(min(end - self._read, len(self._block)))) > 0:
            yield self._take(left)

    def read(self, count: int) -> Stereo:
        """Return the next `count` frames; fewer where the song ends, shape (≤ count, 2)."""
        parts = [_NOTHING]
        while self.sounds and count:
            parts.append(self._take(count))
            count -= len(parts[-1])
        return np.concatenate(parts)

    def close(self) -> None:
        """Stop reading."""
        self._sound.close()

    def _take(self, count: int) -> Stereo:
        """Return the next frames, `count` at most."""
        taken, self._block = self._block[:count], self._block[count:]
        self._read += len(taken)
        if not self.sounds:
            self._block = next(self._sound, _NOTHING)
        return taken * np.float32(self.level)


def _mixed(tracks: Iterable[Track], open_song: OpenSong, longest: Seconds, rate: int) -> Iterator[Track | Stereo]:
    outgoing: _Song | None = None
    for plan, incoming in _opened(tracks, open_song, longest, rate):
        if outgoing is not None:
            # The next song of an album follows where the decoder finds the end, to the sample.
            yield from outgoing.until(math.inf if plan.kind is Kind.GAPLESS else plan.begin)
        yield incoming.track
        if outgoing is not None:
            yield from _together(outgoing, incoming, plan.seconds, rate)
            outgoing.close()
        outgoing = incoming
    if outgoing is not None:
        yield from outgoing.until(outgoing.track.cues.end)
        yield from _together(outgoing, None, _AT_ONCE, rate)


def _opened(
    tracks: Iterable[Track], open_song: OpenSong, longest: Seconds, rate: int
) -> Iterator[tuple[Transition, _Song]]:
    """Yield the songs that sound, each with the transition into it."""
    before: _Song | None = None
    for track in tracks:
        if before is None:
            plan = Transition(Kind.CUT, _AT_ONCE, _AT_ONCE, track.cues.start)
        else:
            plan = planned(before.track, track, longest)
        # The songs of one album are as loud as they are meant to be beside each other.
        level = before.level if before is not None and plan.kind is Kind.GAPLESS else level_of(track)
        song = _Song(track, level, plan.start, open_song(track, plan.start), rate)
        if song.sounds:
            yield plan, song
            before = song


def _together(outgoing: _Song, incoming: _Song | None, seconds: Seconds, rate: int) -> Iterator[Stereo]:
    """Yield the sound from where `incoming` sets in until `outgoing` is silent, `seconds` later or within CUT_FADE."""
    falling = Ramp(_AT_ONCE, max(seconds, CUT_FADE), _FULL, _SILENT)
    rising = Ramp(_AT_ONCE, seconds, _SILENT, _FULL)
    frames = round(falling.seconds * rate)
    for first in range(0, frames, rate):
        moments = np.arange(first, min(first + rate, frames)) / rate
        old = _under(falling, outgoing, moments)
        new = _NOTHING if incoming is None else _under(rising, incoming, moments)
        longer, shorter = (old, new) if len(old) > len(new) else (new, old)
        longer[: len(shorter)] += shorter
        yield longer


def _under(ramp: Ramp, song: _Song, moments: NDArray[np.float64]) -> Stereo:
    """Read a song under a ramp; `moments` are those of the frames, shape (n,)."""
    sound = song.read(len(moments))
    return sound * ramp.gains(moments[: len(sound)])[:, None].astype(np.float32)
