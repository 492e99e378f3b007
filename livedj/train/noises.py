"""What is heard where there is no music: silence, noise, applause, guests, speech, clatter. All of it is synthesised.

Every sound is drawn from a seeded generator, mono at 22,050 Hz. Rooms and microphones come afterwards
(`livedj.train.augment`, `livedj.train.hearing`), but for the echo of the hall that applause and guests stand in.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, oaconvolve, sosfilt

from livedj.music import SAMPLE_RATE, Samples
from livedj.train.hearing import coloured_noise
from livedj.train.voices import Cast, calls, sentences, speak

Sound = NDArray[np.floating]
"""Samples in the making."""

VOICES = 64
"""Speakers who are drawn from the cast; babble has up to 30 of them at once."""
CROWD = 40
"""Voices of a full room."""
CALLERS = 8
QUIETEST = 1e-4
"""Full scale to the noise of the best microphone (−80 dBFS): what sounds never fades into digital zero."""


class Noises:
    """An endless source of sounds without music; the same cast and seed give the same ones."""

    def __init__(self, cast: Cast, seed: int) -> None:
        """Let the voices of `cast` speak, which takes some seconds. Raises TrainingError where espeak-ng is missing."""
        self._rng = np.random.default_rng(seed)
        self._speeches = [speak(voice, sentences(self._rng)) for voice in cast.voices(VOICES, self._rng)]
        self._calls = [speak(voice, calls(self._rng)) for voice in cast.voices(CALLERS, self._rng)]

    def draw(self, kind: str, seconds: float) -> Samples:
        """Return the next sound of one of KINDS, of a random level between whisper and full scale."""
        sound = KINDS[kind](self, round(seconds * SAMPLE_RATE))
        if kind == "silence":
            return np.asarray(sound, np.float32)
        own = QUIETEST * self._rng.standard_normal(len(sound)) * (self._rng.random() < 0.8)
        level = 10 ** (self._rng.uniform(-50, -12) / 20)
        return np.asarray(np.clip(level * _levelled(sound) + own, -1, 1), np.float32)

    # The kinds --------------------------------------------------------------------------------------------------------

    def silence(self, count: int) -> Samples:
        """Return digital silence, a few steps of a converter, or the noise and hum of a microphone alone."""
        match self._rng.integers(3):
            case 0:
                return np.zeros(count, np.float32)
            case 1:
                steps = self._rng.uniform(0.3, 3) * self._rng.standard_normal(count)
                return np.asarray(np.round(steps) / 32768, np.float32)
        sound = self._coloured(count, self._rng.uniform(-4, 1)) + self._rng.uniform(0, 0.5) * self._hum(count)
        return np.asarray(10 ** (self._rng.uniform(-90, -55) / 20) * sound, np.float32)

    def noise(self, count: int) -> Samples:
        """Return noise: of any colour, in a band, of a fan, of traffic that passes."""
        sound = self._coloured(count, self._rng.uniform(-9, 3))
        kind = self._rng.integers(4)
        if kind == 1:
            low = self._rng.uniform(50, 3000)
            sound = _band(sound, low, low * self._rng.uniform(1.5, 8)) + 0.02 * sound
        elif kind == 2:  # a fan: the blades' note is weak beside the air
            sound = sound + self._rng.uniform(0, 0.4) * self._hum(count)
        elif kind == 3:
            sound = self._coloured(count, self._rng.uniform(-9, -4)) * self._swelling(count, 3.0, 8.0)
        return np.asarray(sound, np.float32)

    def applause(self, count: int) -> Samples:
        """Return clapping, from two people to a hall, with whistles and calls."""
        rng = self._rng
        people = round(10 ** rng.uniform(0.4, 2.3))
        hands = [self._clap() for _ in range(12)]
        sound: Sound = np.zeros(count)
        for pair in range(len(hands)):
            hits = np.zeros(count)
            for _ in range(pair, people, len(hands)):
                steps = rng.uniform(0.16, 0.4) * (1 + 0.12 * rng.standard_normal(3 + count // (SAMPLE_RATE // 8)))
                at = (np.cumsum(np.abs(steps)) * SAMPLE_RATE).astype(int)
                at = at[at < count]
                hits[at] += self._distance() * (1 + 0.25 * rng.standard_normal(len(at)))
            sound += oaconvolve(hits, hands[pair])[:count]
        sound = _levelled(sound) * self._swelling(count, 4.0, 4.0)
        if rng.random() < 0.5:
            sound = sound + rng.uniform(0.2, 1.0) * self._calling(count)
        if rng.random() < 0.3:
            sound = sound + rng.uniform(0.1, 0.6) * self._whistles(count)
        return self._in_hall(sound)

    def crowd(self, count: int) -> Samples:
        """Return a full room: more voices than can be told apart, a clap or a glass here and there, the air."""
        rng = self._rng
        sound = _levelled(self._talking(count, CROWD))
        sound = sound + rng.uniform(0, 0.5) * self._coloured(count, -5.0)
        if rng.random() < 0.5:
            sound = sound + rng.uniform(0, 0.4) * _levelled(self.clatter(count))
        if rng.random() < 0.3:
            sound = sound + rng.uniform(0, 0.5) * self._calling(count)
        return self._in_hall(sound)

    def babble(self, count: int) -> Samples:
        """Return 2 to 30 people who talk at once."""
        people = round(10 ** self._rng.uniform(0.3, 1.48))
        return self._talking(count, people)

    def speech(self, count: int) -> Samples:
        """Return one person who talks, in a quiet place or a noisy one."""
        noise = 10 ** (self._rng.uniform(-50, -10) / 20) * self._coloured(count, self._rng.uniform(-8, 0))
        return np.asarray(self._talk(count) + noise, np.float32)

    def clatter(self, count: int) -> Samples:
        """Return glasses, steps and rustling."""
        rng = self._rng
        sound = rng.uniform(0.001, 0.1) * self._coloured(count, -4.0)
        for make, rate in ((self._clink, 1.5), (self._thud, 2.0), (self._rustle, 0.7)):
            for _ in range(rng.poisson(rng.uniform(0, 2 * rate) * count / SAMPLE_RATE)):
                _add(sound, self._distance() * make(), int(rng.integers(count)))
        return np.asarray(sound, np.float32)

    # What they are made of --------------------------------------------------------------------------------------------

    def _coloured(self, count: int, slope: float) -> Samples:
        return coloured_noise(count, slope, self._rng)

    def _distance(self) -> float:
        return float(10 ** (self._rng.normal(0, 6) / 20))

    def _talk(self, count: int) -> Samples:
        """Return a stretch of somebody's speech, begun anywhere."""
        speech = self._speeches[self._rng.integers(len(self._speeches))]
        return np.take(speech, np.arange(count) + self._rng.integers(len(speech)), mode="wrap")

    def _talking(self, count: int, people: int) -> Samples:
        """Return so many people who talk at once, near and far."""
        sound = np.zeros(count, np.float32)
        for _ in range(people):
            sound += np.float32(self._distance()) * self._talk(count)
        return sound

    def _calling(self, count: int) -> Samples:
        sound = np.zeros(count, np.float32)
        for _ in range(self._rng.integers(1, 4 + count // SAMPLE_RATE)):
            call = self._calls[self._rng.integers(len(self._calls))]
            start, length = self._rng.integers(len(call)), round(self._rng.uniform(0.4, 1.5) * SAMPLE_RATE)
            piece = call[start : start + length]
            _add(sound, self._distance() * piece * np.hanning(len(piece)), int(self._rng.integers(count)))
        return _levelled(sound)

    def _whistles(self, count: int) -> Samples:
        """Return whistling through the fingers: a loud note that slides up and down again."""
        sound = np.zeros(count, np.float32)
        for _ in range(self._rng.integers(1, 2 + count // SAMPLE_RATE)):
            length = round(self._rng.uniform(0.2, 0.9) * SAMPLE_RATE)
            bend = np.sin(np.linspace(0, np.pi * self._rng.uniform(0.7, 2), length))
            hertz = self._rng.uniform(1000, 2500) * (1 + self._rng.uniform(0.1, 0.8) * bend)
            note = np.sin(2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE) * np.hanning(length)
            _add(sound, self._distance() * note, int(self._rng.integers(count)))
        return _levelled(sound)

    def _clap(self) -> Samples:
        """Return one pair of hands: a burst of noise about the resonance of the hollow between them."""
        burst = self._rng.standard_normal(round(0.03 * SAMPLE_RATE))
        hertz = self._rng.uniform(500, 2800)
        burst = 2 * _band(burst, hertz / 1.6, hertz * 1.6) + 0.3 * burst
        return _levelled(_dying(burst, self._rng.uniform(0.002, 0.008)))

    def _clink(self) -> Samples:
        """Return one glass: a few partials without a common root, dying away."""
        seconds = np.arange(round(0.6 * SAMPLE_RATE)) / SAMPLE_RATE
        hertz = self._rng.uniform(1200, 8000, (self._rng.integers(2, 6), 1))
        partials = np.sin(2 * np.pi * hertz * seconds) * self._rng.uniform(0.2, 1, hertz.shape)
        return _dying(partials.sum(axis=0), self._rng.uniform(0.02, 0.15))

    def _thud(self) -> Samples:
        low = self._rng.uniform(40, 200)
        burst = _band(self._rng.standard_normal(round(0.3 * SAMPLE_RATE)), low, low * self._rng.uniform(2, 12))
        return 4 * _dying(burst, self._rng.uniform(0.01, 0.06))

    def _rustle(self) -> Samples:
        length = round(self._rng.uniform(0.1, 0.8) * SAMPLE_RATE)
        return np.asarray(0.5 * self._coloured(length, self._rng.uniform(-3, 3)) * np.hanning(length), np.float32)

    def _hum(self, count: int) -> Samples:
        """Return what the mains and a motor add: weak harmonics of one steady note."""
        seconds = np.arange(count) / SAMPLE_RATE
        root = self._rng.choice((50.0, 60.0, 100.0, 120.0, self._rng.uniform(30, 300)))
        harmonics = np.arange(1, 9)[:, np.newaxis]
        strength = self._rng.random(harmonics.shape) / harmonics
        return _levelled((strength * np.sin(2 * np.pi * root * harmonics * seconds)).sum(axis=0))

    def _swelling(self, count: int, decibels: float, seconds: float) -> Samples:
        """Return a gain that rises and falls slowly, by so many decibels within so many seconds."""
        points = 2 + int(np.ceil(count / SAMPLE_RATE / seconds * 2))
        curve = np.interp(np.linspace(0, points - 1, count), np.arange(points), self._rng.standard_normal(points))
        return np.asarray(10 ** (decibels * curve / 20), np.float32)

    def _in_hall(self, sound: Sound) -> Samples:
        """Return `sound` with the statistical tail of a hall behind it (Moorer 1979)."""
        rt60 = self._rng.uniform(0.3, 2.0)
        seconds = np.arange(round(rt60 * SAMPLE_RATE)) / SAMPLE_RATE
        tail = self._rng.standard_normal(len(seconds)) * 10 ** (-3 * seconds / rt60)
        wet = _levelled(fftconvolve(sound, tail)[: len(sound)])
        return np.asarray(_levelled(sound) + self._rng.uniform(0, 2) * wet, np.float32)


KINDS: dict[str, Callable[[Noises, int], Samples]] = {
    "silence": Noises.silence,
    "noise": Noises.noise,
    "applause": Noises.applause,
    "crowd": Noises.crowd,
    "babble": Noises.babble,
    "speech": Noises.speech,
    "clatter": Noises.clatter,
}
"""By name: what draws so many samples of it."""


def _levelled(sound: Sound) -> Samples:
    """Return `sound` at unit power; silence stays silence."""
    return np.asarray(sound / np.sqrt(np.mean(np.square(sound, dtype=np.float64)) + 1e-12), np.float32)


def _dying(burst: Sound, seconds: float) -> Samples:
    """Return `burst` dying away by a factor e in so many seconds."""
    return np.asarray(burst * np.exp(-np.arange(len(burst)) / (seconds * SAMPLE_RATE)), np.float32)


def _band(sound: Sound, low: float, high: float) -> Samples:
    """Return what lies between two frequencies in Hz."""
    high = min(high, 0.45 * SAMPLE_RATE)
    return np.asarray(sosfilt(butter(2, [low, high], "band", fs=SAMPLE_RATE, output="sos"), sound), np.float32)


def _add(sound: Sound, piece: Sound, at: int) -> None:
    """Add `piece` to `sound` in place from `at` on, as much of it as there is room for."""
    length = min(len(piece), len(sound) - at)
    sound[at : at + length] += piece[:length]
