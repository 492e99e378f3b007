"""The instruments: each voice turns one note into sound, about ±1 at full velocity, without click at either end.

A voice's keyword arguments are what the score may set under `options`. Times are in seconds, cutoffs in Hz.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livedj.demo import synth
from livedj.demo.synth import RATE, Random, Sound


@dataclass(frozen=True, slots=True)
class Tone:
    """What a voice is asked to play."""

    frequency: float
    """Hz."""
    seconds: float
    """Held for so long; the voice's release follows."""
    velocity: float
    """0…1: how bright; loudness is left to the mixer."""
    rng: Random


# Sustained


def pad(
    tone: Tone, *, attack: float = 1.2, release: float = 2.5, tilt: float = 1.5, cents: float = 25, cutoff: float = 2500
) -> Sound:
    """Play a wide ensemble; partials fall with 1/n^tilt and beyond `cutoff`."""
    number = np.arange(1, 49)
    partials = number**-tilt / np.sqrt(1 + (number * tone.frequency / cutoff) ** 4)
    shape = synth.envelope(tone.seconds, attack=attack, release=release)
    ensemble = synth.spectral_pad(tone.frequency, len(shape) / RATE, partials, cents, tone.rng)
    return 0.3 * ensemble * shape[:, None]


def saws(
    tone: Tone,
    *,
    attack: float = 0.01,
    decay: float = 0.4,
    sustain: float = 0.7,
    release: float = 0.25,
    cents: float = 14,
    cutoff: float = 3000,
    sweep: float = 0.0,
) -> Sound:
    """Play seven detuned saws in stereo; `sweep` opens the filter at the attack (1 = two octaves)."""
    shape = synth.envelope(tone.seconds, attack=attack, decay=decay, sustain=sustain, release=release)
    time = _axis(shape)
    dark = synth.saw(tone.frequency, cutoff * (0.6 + 0.4 * tone.velocity))
    bright = synth.saw(tone.frequency, cutoff * 4)
    opening = (sweep * np.exp(-time / 0.12)).astype(np.float32)
    sides = [np.zeros(len(shape), np.float32), np.zeros(len(shape), np.float32)]
    for index, offset in enumerate((-1.0, -0.63, -0.31, 0.0, 0.29, 0.66, 1.0)):
        phase = tone.frequency * 2 ** (offset * cents / 1200) * time + tone.rng.random()
        voice = synth.oscillate(phase, dark)
        if sweep:
            voice = voice + opening * (synth.oscillate(phase, bright) - voice)
        sides[index % 2] += voice
        sides[1 - index % 2] += 0.35 * voice
    return 0.28 * np.stack(sides, axis=1) * shape[:, None]


def reese(tone: Tone, *, cutoff: float = 500, rate: float = 0.35, cents: float = 18, growl: float = 1.0) -> Sound:
    """Play two saws beating against each other under a slowly moving filter, over a clean sub."""
    shape = synth.envelope(tone.seconds, attack=0.012, release=0.09)
    time = _axis(shape)
    sway = (0.5 - 0.5 * np.cos(2 * np.pi * rate * time)).astype(np.float32)
    low, high = synth.saw(tone.frequency, cutoff), synth.saw(tone.frequency, cutoff * 3.5)
    sides = []
    for side in (-1, 1):
        total = np.zeros(len(shape), np.float32)
        for offset in (-cents, 0.31 * side * cents, cents):
            phase = tone.frequency * 2 ** (offset / 1200) * time + tone.rng.random()
            closed = synth.oscillate(phase, low)
            total += closed + growl * sway * (synth.oscillate(phase, high) - closed)
        sides.append(synth.highpass(total, 70))
    sub = np.sin(2 * np.pi * tone.frequency * time).astype(np.float32)
    return (0.28 * synth.soft_clip(np.stack(sides, axis=1), 4) + 0.45 * sub[:, None]) * shape[:, None]


def sub(tone: Tone, *, attack: float = 0.02, release: float = 0.15, warmth: float = 0.25) -> Sound:
    """Play a round sine bass with a little second and third partial."""
    shape = synth.envelope(tone.seconds, attack=attack, release=release)
    phase = tone.frequency * _axis(shape)
    return 0.8 * synth.oscillate(phase, np.array([1.0, warmth, warmth / 3])) * shape


def breath(tone: Tone, *, attack: float = 0.18, release: float = 0.8, air: float = 0.08) -> Sound:
    """Play a soft flute: few partials, breath, and vibrato that comes late."""
    shape = synth.envelope(tone.seconds, attack=attack, decay=0.6, sustain=0.8, release=release)
    phase = synth.vibrato(len(shape) / RATE, tone.frequency, rate=4.7, cents=14)
    body = synth.oscillate(phase, np.array([1.0, 0.22, 0.12, 0.03]))
    wind = synth.bandpass(synth.noise(tone.rng, len(shape) / RATE), tone.frequency * 0.9, tone.frequency * 3)
    return (0.7 * body + air * wind) * shape


def surf(tone: Tone, *, cutoff: float = 900, rate: float = 0.07) -> Sound:
    """Play a far-off sea: dark noise that comes and goes, different left and right."""
    shape = synth.envelope(tone.seconds, attack=2.0, release=4.0)
    # It lasts as long as the song, so it is made one side after the other and in float32.
    time = synth.clock(len(shape) / RATE)
    sides = np.empty((len(shape), 2), np.float32)
    for side, turn in enumerate((0.0, 0.3)):
        swell = 0.55 + 0.45 * np.sin(np.float32(2 * np.pi) * (np.float32(rate) * time + np.float32(turn)))
        sides[:, side] = synth.bandpass(synth.noise(tone.rng, len(shape) / RATE), 150, cutoff) * swell * shape
    return 0.5 * sides


def crackle(tone: Tone, *, density: float = 9.0) -> Sound:
    """Play a worn record: `density` ticks a second of uneven strength over a soft hiss."""
    shape = synth.envelope(tone.seconds, attack=0.05, release=1.2)
    count = int(density * len(shape) / RATE)
    places = tone.rng.integers(0, len(shape), count)
    strengths = np.minimum(tone.rng.exponential(0.25, count) ** 1.5, 0.35) * tone.rng.choice((-1, 1), count)
    pans = tone.rng.uniform(0.25, 0.75, count)
    sides = np.empty((len(shape), 2), np.float32)
    for side, gains in enumerate((1 - pans, pans)):
        ticks = np.zeros(len(shape), np.float32)
        np.add.at(ticks, places, (strengths * gains).astype(np.float32))
        sides[:, side] = 9 * synth.bandpass(ticks, 700, 6500) * shape
        sides[:, side] += 0.05 * synth.bandpass(synth.noise(tone.rng, len(shape) / RATE), 300, 7000) * shape
    return sides


# Struck and plucked


def bell(tone: Tone, *, ratio: float = 3.5, t60: float = 4.0, hardness: float = 1.4) -> Sound:
    """Play a glassy bell by frequency modulation, ringing out by itself."""
    seconds = 0.8 * t60
    shape = synth.decay(seconds, t60) * np.minimum(synth.clock(seconds) / 0.004, 1)
    index = hardness * tone.velocity * synth.decay(seconds, t60 * 0.35)
    high = 0.25 * synth.modulated(tone.frequency * 2.003, seconds, ratio=1.0, index=0.3)
    return np.asarray(
        0.5 * (synth.modulated(tone.frequency, seconds, ratio=ratio, index=index) + high) * shape, np.float32
    )


def electric_piano(tone: Tone, *, bark: float = 1.0, t60: float = 7.0, release: float = 0.25) -> Sound:
    """Play a tine piano: a warm modulated body, and a tine that rings at the attack."""
    t60 = t60 * (261 / tone.frequency) ** 0.35
    shape = synth.envelope(tone.seconds, attack=0.003, decay=t60 / 6.9, sustain=0.0, release=release)
    seconds = len(shape) / RATE
    soft = tone.velocity**1.5
    time = _axis(shape)
    body = synth.modulated(tone.frequency, seconds, ratio=1.0, index=bark * (0.25 + 1.3 * soft) * np.exp(-time / 0.6))
    tine = synth.modulated(tone.frequency, seconds, ratio=14.0, index=0.22 * soft * np.exp(-time / 0.09))
    return np.asarray(0.5 * (0.75 * body + 0.35 * tine) * shape, np.float32)


def vibraphone(tone: Tone, *, t60: float = 3.5, release: float = 0.5) -> Sound:
    """Play metal bars: fundamental, double octave, and a short tap of the mallet."""
    shape = synth.envelope(tone.seconds, attack=0.003, decay=t60 / 6.9, sustain=0.0, release=release)
    time = _axis(shape)
    turn = 2 * np.pi * tone.frequency * time
    bar = np.sin(turn) + 0.22 * tone.velocity * np.sin(4 * turn) * np.exp(-time / 0.35)
    bar += 0.1 * tone.velocity * np.sin(9.2 * turn) * np.exp(-time / 0.05)
    return np.asarray(0.6 * bar * shape, np.float32)


def guitar(tone: Tone, *, brightness: float = 0.5, t60: float = 3.2, release: float = 0.12) -> Sound:
    """Play a nylon string on a wooden body."""
    held = min(tone.seconds, 3.0)
    shape = synth.envelope(held, attack=0.001, release=release)
    ring = synth.string(
        tone.frequency,
        len(shape) / RATE,
        tone.rng,
        t60=t60 * (220 / tone.frequency) ** 0.4,
        brightness=brightness * (0.6 + 0.4 * tone.velocity),
    )
    body = synth.bandpass(ring, 90, 130) + 0.8 * synth.bandpass(ring, 190, 260) + 0.5 * synth.bandpass(ring, 380, 520)
    return np.asarray(0.7 * (0.75 * ring + 0.6 * body) * shape, np.float32)


def upright(tone: Tone, *, brightness: float = 0.22, t60: float = 2.2) -> Sound:
    """Play a plucked double bass: a dark string, a round body, the finger's thump."""
    held = min(tone.seconds, 2.0)
    shape = synth.envelope(held, attack=0.004, release=0.09)
    seconds = len(shape) / RATE
    ring = synth.string(tone.frequency, seconds, tone.rng, t60=t60, brightness=brightness, pluck_at=0.2)
    phase = tone.frequency * _axis(shape)
    body = synth.oscillate(phase, np.array([1.0, 0.35, 0.1])) * np.exp(-_axis(shape) / 0.55)
    return np.asarray((0.45 * synth.lowpass(ring, 1400) + 0.5 * body) * shape, np.float32)


def organ(tone: Tone, *, release: float = 0.08, click: float = 0.3) -> Sound:
    """Play a percussive organ stab of the house years."""
    shape = synth.envelope(tone.seconds, attack=0.004, decay=0.35, sustain=0.35, release=release)
    phase = tone.frequency * _axis(shape)
    body = synth.oscillate(phase, np.array([0.6, 0.5, 0.35, 0.16, 0.0, 0.12, 0.0, 0.1]))
    knock = synth.oscillate(phase * 3, np.array([1.0, 0.4])) * np.exp(-_axis(shape) / 0.03)
    return np.asarray(0.6 * (body + click * tone.velocity * knock) * shape, np.float32)


def pluck(tone: Tone, *, cutoff: float = 2600, t60: float = 0.9, release: float = 0.2) -> Sound:
    """Play a short synthetic pluck: a saw whose filter closes quickly."""
    shape = synth.envelope(tone.seconds, attack=0.002, decay=t60 / 4, sustain=0.0, release=release)
    time = _axis(shape)
    phase = tone.frequency * time
    bright = synth.oscillate(phase, synth.saw(tone.frequency, cutoff * (0.7 + 0.6 * tone.velocity)))
    dark = synth.oscillate(phase * 1.002 + 0.3, synth.saw(tone.frequency, cutoff / 5))
    opening = np.exp(-time / 0.07).astype(np.float32)
    return np.asarray(0.7 * (opening * bright + (1 - 0.5 * opening) * dark) * shape, np.float32)


# Game machine


def square(tone: Tone, *, duty: float = 0.25, decay: float = 0.5, sustain: float = 0.5, sway: float = 8.0) -> Sound:
    """Play a pulse channel: hard edges, stepped loudness, vibrato."""
    shape = synth.envelope(tone.seconds * 0.92, attack=0.001, decay=decay, sustain=sustain, release=0.02)
    phase = synth.vibrato(len(shape) / RATE, tone.frequency, rate=6.0, cents=sway, delay=0.15)
    stepped = np.ceil(shape * 15) / 15
    wave = synth.oscillate(phase, synth.pulse(tone.frequency, duty))
    return synth.ended(0.4 * wave * synth.lowpass(stepped, 400, 1), 0.004)


def triangle(tone: Tone) -> Sound:
    """Play the 4-bit triangle channel: sixteen steps, no loudness of its own."""
    shape = synth.envelope(tone.seconds * 0.9, attack=0.002, release=0.015)
    phase = tone.frequency * _axis(shape)
    steps = np.round(15 * np.abs(2 * (np.arange(512) / 512) - 1)) / 7.5 - 1
    partials = 2 * np.abs(np.fft.rfft(steps)[1 : max(2, min(200, int(14_000 / tone.frequency)))]) / 512
    return 0.8 * synth.oscillate(phase, partials) * shape


def game_noise(tone: Tone, *, clock: float = 8000, t60: float = 0.2, drop: float = 0.0) -> Sound:
    """Play the noise channel: random bits at `clock` Hz; `drop` adds a falling thump (its start in Hz)."""
    time = synth.clock(t60)
    held = np.repeat(tone.rng.choice((-1.0, 1.0), int(t60 * clock) + 2), int(np.ceil(RATE / clock)))[: len(time)]
    bits = held.astype(np.float32) * synth.decay(t60, t60)
    if drop:
        phase = synth.glide(45 + drop * np.exp(-time / 0.035))
        thump = np.sign(np.sin(2 * np.pi * phase)).astype(np.float32)
        return synth.lowpass(0.15 * bits + 0.7 * thump * synth.decay(t60, t60 * 0.9), 6000)
    return 0.5 * synth.lowpass(bits, 15_000)


# Drums


def kick(
    tone: Tone, *, low: float = 50, sweep: float = 180, t60: float = 0.45, click: float = 0.25, punch: float = 0.03
) -> Sound:
    """Play a falling sine that settles at `low` Hz, with a short click of the beater."""
    time = synth.clock(t60)
    phase = synth.glide(low + sweep * np.exp(-time / punch) + 4 * sweep * np.exp(-time / 0.004))
    body = np.sin(2 * np.pi * phase).astype(np.float32) * synth.decay(t60, t60)
    beater = synth.bandpass(synth.noise(tone.rng, t60), 1500, 6000) * np.exp(-time / 0.004)
    return np.asarray(synth.soft_clip(1.1 * body, 3) + click * tone.velocity * beater, np.float32)


def snare(tone: Tone, *, pitch: float = 190, t60: float = 0.28, wires: float = 0.8, low: float = 1200) -> Sound:
    """Play two modes of the head and the wires below it."""
    time = synth.clock(t60)
    head = np.sin(2 * np.pi * synth.glide(pitch * (1 + 0.5 * np.exp(-time / 0.012)))) * np.exp(-time / (t60 * 0.22))
    head += 0.5 * np.sin(2 * np.pi * 1.83 * pitch * time) * np.exp(-time / (t60 * 0.13))
    rattle = synth.bandpass(synth.noise(tone.rng, t60), low, 9500) * np.exp(-time / (t60 * 0.2))
    return synth.ended(0.65 * head + wires * (0.5 + 0.5 * tone.velocity) * rattle)


def clap(tone: Tone, *, t60: float = 0.3, centre: float = 1500) -> Sound:
    """Play several hands: three early bursts and a tail, a little different left and right."""
    time = synth.clock(t60)
    shape = 0.7 * np.exp(-np.maximum(time - 0.027, 0) / (t60 * 0.16)) * (time >= 0.027)
    for start in (0.0, 0.009, 0.018):
        shape = shape + (time >= start) * np.exp(-np.maximum(time - start, 0) / 0.003)
    hands = synth.noise(tone.rng, t60)[:, None] + 0.6 * tone.rng.standard_normal((len(time), 2), dtype=np.float32)
    return synth.ended(0.75 * synth.bandpass(hands, centre * 0.6, centre * 2.2) * shape[:, None].astype(np.float32))


def hat(tone: Tone, *, t60: float = 0.12, low: float = 7000, metal: float = 0.4) -> Sound:
    """Play a cymbal pair: noise and six inharmonic squares above `low` Hz."""
    ring = np.zeros(round(t60 * RATE), np.float32)
    for frequency in (2051, 3072, 3691, 4181, 5407, 6089):
        ring += np.sign(np.sin(2 * np.pi * frequency * synth.clock(t60) + 6 * tone.rng.random())).astype(np.float32)
    mixed = metal * ring / 3 + (1 - metal) * synth.noise(tone.rng, t60)
    return 0.6 * synth.lowpass(synth.highpass(mixed, low), 15_000) * synth.decay(t60, t60)


def ride(tone: Tone, *, t60: float = 1.2, low: float = 3500) -> Sound:
    """Play a ride cymbal: many inharmonic modes and a wash."""
    time = synth.clock(t60)
    modes = tone.rng.uniform(2500, 11_000, 24)
    ping = np.zeros(len(time), np.float32)
    for mode in modes:
        ping += np.sin(2 * np.pi * mode * time + 6 * tone.rng.random()) * np.exp(-time / (t60 * 900 / mode))
    wash = synth.highpass(synth.noise(tone.rng, t60), low) * np.exp(-time / (t60 * 0.16))
    return synth.ended(0.12 * ping + 0.22 * wash, 0.05)


def crash(tone: Tone, *, t60: float = 2.6, low: float = 3000) -> Sound:
    """Play a wide cymbal crash."""
    wash = tone.rng.standard_normal((round(t60 * RATE), 2), dtype=np.float32)
    shape = synth.decay(t60, t60) * np.minimum(synth.clock(t60) / 0.004, 1)
    return np.asarray(0.4 * synth.lowpass(synth.highpass(wash, low), 12_000) * shape[:, None], np.float32)


def riser(tone: Tone, *, low: float = 400, high: float = 9000) -> Sound:
    """Play noise that swells and brightens until the next section begins."""
    count = round(tone.seconds * RATE)
    rise = np.linspace(0, 1, count, dtype=np.float32)[:, None]
    wash = tone.rng.standard_normal((count, 2), dtype=np.float32)
    swept = (1 - rise) * synth.bandpass(wash, low, low * 3) + rise * synth.bandpass(wash, low * 4, high)
    return synth.ended(0.5 * swept * rise**2, 0.02)


def shaker(tone: Tone, *, t60: float = 0.13, low: float = 5000) -> Sound:
    """Play grains thrown forward: a soft start and a short fall."""
    time = synth.clock(t60)
    shape = np.minimum(time / 0.025, 1) * np.exp(-time / (t60 * 0.3))
    return synth.ended(0.7 * synth.bandpass(synth.noise(tone.rng, t60), low, 12_000) * shape)


def brush(tone: Tone, *, sweep: float = 0.0, t60: float = 0.2, low: float = 1800) -> Sound:
    """Play wire brush on a snare: a tap, or a stroke that swells for `sweep` seconds."""
    time = synth.clock(sweep + t60)
    if sweep:
        shape = np.sin(np.pi * np.clip(time / (sweep + t60), 0, 1)) ** 1.5
    else:
        shape = np.minimum(time / 0.002, 1) * np.exp(-time / (t60 * 0.2))
    return synth.ended(0.5 * synth.bandpass(synth.noise(tone.rng, sweep + t60), low, 8000) * shape)


def rim(tone: Tone, *, pitch: float = 1700, t60: float = 0.07) -> Sound:
    """Play the stick across the rim: two short wooden modes."""
    time = synth.clock(t60)
    wood = np.sin(2 * np.pi * pitch * time) + 0.7 * np.sin(2 * np.pi * 0.46 * pitch * time)
    knock = synth.bandpass(synth.noise(tone.rng, t60), 1200, 5000) * np.exp(-time / 0.003)
    return synth.ended(0.5 * wood * np.exp(-time / (t60 * 0.15)) + 0.3 * knock)


def _axis(shape: Sound) -> NDArray[np.float64]:
    """Time of every sample of an envelope; in float64, so that phases stay exact through long notes."""
    return np.arange(len(shape)) / RATE


Voice = Callable[..., Sound]
VOICES: Mapping[str, Voice] = {
    voice.__name__: voice
    for voice in (
        *(pad, saws, reese, sub, breath, surf, crackle),
        *(bell, electric_piano, vibraphone, guitar, upright, organ, pluck),
        *(square, triangle, game_noise),
        *(kick, snare, clap, hat, ride, crash, riser, shaker, brush, rim),
    )
}
"""Every voice by the name that the score calls it by."""
