"""Notes to a finished stereo track: buses, side-chain, echo, reverb, loudness and limiter."""

import zlib

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from livedj.demo import synth
from livedj.demo.performance import Note, perform
from livedj.demo.score import Instrument, Mix, Song, Style
from livedj.demo.synth import RATE, Sound
from livedj.demo.voices import VOICES, Tone
from livedj.errors import DemoError

LOUDNESS = -16.0
"""LUFS: every track's, so that none stands out."""
CEILING = 10 ** (-1.5 / 20)
"""Peak: lossy encoders overshoot by up to about 1 dB."""
_RING_OUT = 9.0
"""Seconds kept for releases and reverb after the last bar; cut where they have died away."""
_INAUDIBLE = 10 ** (-60 / 20)
_VARIATIONS = 4
"""Takes of each drum, so that no two strokes in a row are the same samples."""


def render(style: Style, song: Song) -> Sound:
    """Synthesise `song`: stereo (n, 2) at 44.1 kHz, LOUDNESS, no sample above CEILING. The same on every run."""
    return _trim(_master(_mixdown(style, song), style.mix))


def loudness(sound: Sound) -> float:
    """Return the integrated loudness of a stereo sound in LUFS (ITU-R BS.1770-4: K-weighting, both gates)."""
    block, hop = round(0.4 * RATE), round(0.1 * RATE)
    power = np.zeros(len(sound) + 1)
    for channel in sound.T:
        power[1:] += signal.sosfilt(_k_weighting(), channel) ** 2
    power = np.cumsum(power)
    starts = np.arange(0, max(1, len(sound) - block), hop)
    blocks = (power[np.minimum(starts + block, len(sound))] - power[starts]) / block + 1e-12
    blocks = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(blocks):
        return -70.0
    gated = blocks[blocks > blocks.mean() / 10]
    return float(-0.691 + 10 * np.log10(gated.mean()))


def _mixdown(style: Style, song: Song) -> Sound:
    """Play every instrument on its bus, and add up buses, echo and reverb."""
    performance = perform(style, song)
    frames = round((performance.seconds + _RING_OUT) * RATE)
    ducking = _ducking(performance.notes.get("kick", []), frames)
    dry = np.zeros((frames, 2), np.float32)
    reverb, echo = np.zeros_like(dry), np.zeros_like(dry)
    for name, instrument in style.instruments.items():
        bus = _bus(style, name, performance.notes[name], frames)
        if instrument.tremolo is not None:
            _tremolo(bus, *instrument.tremolo)
        if instrument.duck:
            bus *= 1 - np.float32(instrument.duck) * ducking[:, None]
        bus *= np.float32(10 ** (instrument.level / 20))
        dry += bus
        if instrument.reverb:
            reverb += np.float32(instrument.reverb) * bus
        if instrument.echo:
            echo += np.float32(instrument.echo) * bus
    repeats = _echo(echo, style.mix, song.tempo)
    reverb += 0.3 * repeats
    dry += repeats
    dry += _reverb(reverb, style.mix)
    return dry


def _bus(style: Style, name: str, notes: list[Note], frames: int) -> Sound:
    """One instrument alone: each different note is synthesised once and placed wherever it is played."""
    instrument = style.instruments[name]
    bus = np.zeros((frames, 2), np.float32)
    takes: dict[tuple[int, int, int, int], Sound] = {}
    for count, note in enumerate(notes):
        take = count % _VARIATIONS if instrument.role == "drum" else 0
        shade = round(note.velocity * 4)
        key = (note.pitch, round(note.seconds * 100), shade, take)
        if key not in takes:
            takes[key] = _sound(instrument, f"{style.name} {name}", *key)
        _place(bus, takes[key], note, instrument)
    return bus


def _sound(instrument: Instrument, name: str, pitch: int, centiseconds: int, shade: int, take: int) -> Sound:
    # No song's seed: the four songs of a style play the very same instruments, down to the grain of a cymbal.
    rng = np.random.default_rng([zlib.crc32(name.encode()), pitch, centiseconds, shade, take])
    tone = Tone(440 * 2 ** ((pitch - 69) / 12), centiseconds / 100, shade / 4, rng)
    try:
        return VOICES[instrument.voice](tone, **instrument.options)
    except (KeyError, TypeError) as error:
        raise DemoError(f"The demo's score gives {name} a voice or an option that is not known: {error}.") from error


def _place(bus: Sound, sound: Sound, note: Note, instrument: Instrument) -> None:
    start = round(note.at * RATE)
    end = min(start + len(sound), len(bus))
    pan = np.clip(instrument.pan + instrument.spread * (note.pitch - instrument.register) / 24, -1, 1)
    # Constant power, 1 in the middle; a stereo sound is balanced rather than panned.
    angle = (pan + 1) * np.pi / 4
    gains = np.float32(np.sqrt(2) * note.velocity) * np.array([np.cos(angle), np.sin(angle)], np.float32)
    bus[start:end] += (sound if sound.ndim == 2 else sound[:, None])[: end - start] * gains


def _ducking(kicks: list[Note], frames: int) -> NDArray[np.float32]:
    """How far the side-chain is pressed down, 0…1: at once before each kick, back within a quarter of a second."""
    curve = np.zeros(frames, np.float32)
    rise, fall = round(0.006 * RATE), round(0.26 * RATE)
    shape = np.concatenate([np.linspace(0, 1, rise), 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, fall))])
    for kick in kicks:
        start = max(0, round(kick.at * RATE) - rise)
        part = curve[start : start + len(shape)]
        np.maximum(part, shape[: len(part)] * min(1.0, 1.2 * kick.velocity), out=part)
    return curve


def _tremolo(bus: Sound, rate: float, depth: float) -> None:
    """Swing the sound between left and right, as the stereo vibrato of an electric piano does."""
    sway = np.sin(2 * np.pi * rate * np.arange(len(bus)) / RATE).astype(np.float32)
    bus[:, 0] *= 1 + np.float32(depth) * sway
    bus[:, 1] *= 1 - np.float32(depth) * sway


def _echo(sent: Sound, mix: Mix, tempo: float) -> Sound:
    """Ping-pong: every repeat is on the other side, softer and darker."""
    step = round(mix.echo_beats * 60 / tempo * RATE)
    result = np.zeros_like(sent)
    if not sent.any():
        return result
    source = synth.lowpass(synth.highpass(sent.mean(axis=1), 250), 4500, 1)
    gain = 1.0
    for repeat in range(1, 7):
        gain *= mix.echo_feedback
        shift = repeat * step
        heard = source[: len(source) - shift]
        near, far = (0, 1) if repeat % 2 else (1, 0)
        result[shift:, near] += np.float32(1.25 * gain) * heard
        result[shift:, far] += np.float32(0.35 * gain) * heard
        source = synth.lowpass(source, 5000, 1)
    return result


def _reverb(sent: Sound, mix: Mix) -> Sound:
    """Convolve with a synthetic room: decorrelated noise whose highs die sooner, after 18 ms."""
    rng = np.random.default_rng(1961)
    time = synth.clock(mix.reverb_seconds)
    tail = rng.standard_normal((len(time), 2), dtype=np.float32)
    low = synth.lowpass(tail, mix.reverb_cutoff / 3, 1) * np.exp(-6.91 * time / mix.reverb_seconds)[:, None]
    high = (tail - synth.lowpass(tail, mix.reverb_cutoff / 3, 1)) * np.exp(-14 * time / mix.reverb_seconds)[:, None]
    room = synth.highpass(synth.lowpass(low + high, mix.reverb_cutoff, 1), 180)
    # Gathers over 25 ms, so that the reverb has no onset of its own.
    room *= np.minimum(time / 0.025, 1)[:, None]
    room *= np.float32(1 / np.sqrt(np.sum(room**2, axis=0).mean()))
    wet = np.zeros_like(sent)
    before = round(0.018 * RATE)
    for channel in (0, 1):
        wet[before:, channel] = signal.oaconvolve(sent[:, channel], room[:, channel])[: len(sent) - before]
    return wet


def _master(mixed: Sound, mix: Mix) -> Sound:
    """Bring to LOUDNESS, saturate, and hold peaks below CEILING with a limiter that looks ahead."""
    sound = synth.lowpass(synth.highpass(mixed, 28), mix.cutoff)
    sound *= np.float32(10 ** ((LOUDNESS - loudness(sound)) / 20))
    if mix.drive:
        sound = synth.soft_clip(sound, mix.drive)
    # Limiting takes a little loudness away again, so it is given back and limited once more.
    for _ in range(2):
        sound *= np.float32(10 ** ((LOUDNESS - loudness(sound)) / 20))
        sound = _limit(sound)
    return sound


def _limit(sound: Sound) -> Sound:
    """Turn down around each peak, smoothly and in time; what stays above by rounding is cut."""
    peaks = np.maximum(np.abs(sound).max(axis=1), np.float32(1e-6))
    if peaks.max() <= CEILING:
        return sound
    reach = round(0.005 * RATE)
    needed = np.minimum(np.float32(CEILING) / peaks, 1)
    held = ndimage.minimum_filter1d(needed, 4 * reach + 1)
    # Two box filters, together no wider than the minimum's reach, keep the gain at or below what is needed.
    gain = ndimage.uniform_filter1d(ndimage.uniform_filter1d(held, 2 * reach + 1), 2 * reach + 1)
    return np.asarray(np.clip(sound * gain[:, None], -CEILING, CEILING), np.float32)


def _trim(sound: Sound) -> Sound:
    """Cut what is inaudible at both ends; the cut itself is faded over 10 ms."""
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > _INAUDIBLE)
    start = max(0, int(loud[0]) - round(0.02 * RATE))
    return synth.ended(sound[start : int(loud[-1]) + round(0.1 * RATE)], 0.1)


def _k_weighting() -> NDArray[np.float64]:
    """Return the two filters of BS.1770 for our rate: a high shelf (+4 dB from 1.7 kHz) and a high-pass at 38 Hz.

    Analogue prototypes after De Man, "Evaluation of implementations of the EBU R128 loudness measurement" (2018).
    """
    warped = np.tan(np.pi * 1681.9745 / RATE)
    quality, high = 0.7071752, 10 ** (3.9998439 / 20)
    middle = high**0.4996668
    scale = 1 + warped / quality + warped**2
    shelf = [
        (high + middle * warped / quality + warped**2) / scale,
        2 * (warped**2 - high) / scale,
        (high - middle * warped / quality + warped**2) / scale,
        1.0,
        2 * (warped**2 - 1) / scale,
        (1 - warped / quality + warped**2) / scale,
    ]
    warped, quality = np.tan(np.pi * 38.13547 / RATE), 0.5003270
    scale = 1 + warped / quality + warped**2
    cut = [1.0, -2.0, 1.0, 1.0, 2 * (warped**2 - 1) / scale, (1 - warped / quality + warped**2) / scale]
    return np.array([shelf, cut])
