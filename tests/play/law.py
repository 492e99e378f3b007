"""The crossfade as it is heard: two decks play noise of disjoint bands, and each band's level is held against the plan.

Both decks share one sink, so what is measured is all that lies between a Ramp and the loudspeaker: the steps of the
driver's thread, libVLC's whole percents, the cubic law, and the sound server.
"""

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livedj.demo.room import VirtualRoom
from livedj.music import SAMPLE_RATE, Gain, Samples, Seconds
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckCued, DeckMoved, DeckName
from tests.play.bench import VlcBench
from tests.play.sounds import pink_noise, write_wav

BANDS = {DeckName.A: (200.0, 800.0), DeckName.B: (2000.0, 6000.0)}
AROUND = Seconds(1.7)
"""Recorded before and after the crossfade, where one deck alone plays in full."""
BLOCK = Seconds(0.25)
"""The noise repeats itself after so long: every block of it has the same power."""
JUDGED_ABOVE = -24.0
"""dB. Below, one percent of libVLC's volume is more than 1.3 dB, and no plan can be kept to ±1 dB."""
TOLERANCE = 1.0
LONGEST_GAP = Seconds(0.05)


@dataclass(frozen=True)
class Measured:
    """One crossfade."""

    worst: float
    """dB. The largest distance between plan and sound."""
    offset: Seconds
    """How much later than the plan the sound is, on both decks; 30 ms of it may be the recording's clock."""
    gap: Seconds
    """The longest stretch at less than a tenth of the usual amplitude."""

    @property
    def kept(self) -> bool:
        """Whether the plan was kept, without a gap."""
        return self.worst <= TOLERANCE and self.gap <= LONGEST_GAP


def make_noises(folder: Path) -> dict[DeckName, Path]:
    """Write one song of noise for each deck, long enough for one crossfade."""
    return {name: write_wav(folder / f"{name}.wav", pink_noise(*band, seconds=20.0)) for name, band in BANDS.items()}


def measure(room: VirtualRoom, noises: dict[DeckName, Path], path: Path, fade: Seconds) -> Measured:
    """Record a crossfade of `fade` seconds from A to B and hold it against the plan."""
    benches = {name: VlcBench(name) for name in DeckName}
    try:
        tokens = {name: bench.load(noises[name]) for name, bench in benches.items()}
        for name, bench in benches.items():
            bench.wait(DeckCued, tokens[name])
        a, b = benches[DeckName.A], benches[DeckName.B]
        a.deck.ramp(tokens[DeckName.A], Ramp(a.now(), Seconds(0.0), Gain(1.0), Gain(1.0)))
        a.deck.play(tokens[DeckName.A])
        a.wait(DeckMoved, tokens[DeckName.A], lambda event: event.position > 1.0)
        recording = room.record(path, "dj.monitor")
        begin = Seconds(a.now() + AROUND)
        ramps = {
            DeckName.A: Ramp(begin, fade, Gain(1.0), Gain(0.0)),
            DeckName.B: Ramp(begin, fade, Gain(0.0), Gain(1.0)),
        }
        b.deck.play(tokens[DeckName.B])
        for name, bench in benches.items():
            bench.deck.ramp(tokens[name], ramps[name])
        b.wait(DeckMoved, tokens[DeckName.B], lambda event: event.at > begin + fade + AROUND)
        sound = recording.stop()
    finally:
        for bench in benches.values():
            bench.deck.close()
    return compare(sound, recording.began, ramps)


def compare(sound: Samples, began: Seconds, ramps: dict[DeckName, Ramp]) -> Measured:
    """Find the one offset in time at which both decks fit their plans best, and tell how well they do there."""
    bands = {name: band_of(sound, *BANDS[name]) for name in DeckName}
    ramp = ramps[DeckName.A]
    begin, fade = ramp.begin - began, ramp.seconds
    alone = {DeckName.A: (begin - 1.5, begin - 0.5), DeckName.B: (begin + fade + 0.5, begin + fade + 1.5)}
    full = {name: power(bands[name], *alone[name]) for name in DeckName}
    best = Measured(np.inf, Seconds(0.0), longest_gap(sound, Seconds(begin - 1.0), Seconds(begin + fade + 1.0)))
    for offset in np.arange(-0.1, 0.3, 0.005):
        errors = []
        for name, start in itertools.product(DeckName, np.arange(0.0, fade, BLOCK)):
            planned = planned_power(ramps[name], start)
            if planned > 10 ** (JUDGED_ABOVE / 10):
                heard = power(bands[name], begin + start + offset, begin + start + offset + BLOCK) / full[name]
                errors.append(10 * np.log10((heard + 1e-12) / planned))
        worst = float(np.max(np.abs(errors)))
        if worst < best.worst:
            best = Measured(worst, Seconds(float(offset)), best.gap)
    return best


def band_of(sound: Samples, low: float, high: float) -> NDArray[np.float64]:
    """Return what of `sound` lies between two frequencies."""
    spectrum = np.fft.rfft(sound)
    frequencies = np.fft.rfftfreq(sound.size, 1 / SAMPLE_RATE)
    return np.fft.irfft(np.where((frequencies > low - 50) & (frequencies < high + 50), spectrum, 0), sound.size)


def power(sound: NDArray[np.float64], start: float, end: float) -> float:
    return float(np.mean(sound[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)] ** 2))


def planned_power(ramp: Ramp, start: float) -> float:
    """Return the mean of gain² over the block that begins `start` seconds into the ramp."""
    moments = ramp.begin + start + np.linspace(0.0, BLOCK, 50)
    return float(np.mean([ramp.gain(Seconds(moment)) ** 2 for moment in moments]))


def longest_gap(sound: Samples, start: Seconds, end: Seconds) -> Seconds:
    """Return the longest stretch between two moments without a peak above a tenth of the usual amplitude."""
    piece = np.abs(sound[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)])
    loud = np.flatnonzero(piece > 0.1 * np.sqrt(np.mean(np.square(piece))))
    edges = np.concatenate([[0], loud, [piece.size]])
    return Seconds(float(np.max(np.diff(edges))) / SAMPLE_RATE)
