"""From score to timed notes: form, swing, voice-leading and a human hand. Pure, and the same on every run."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from livedj.demo.score import Chord, Instrument, Pattern, Section, Song, Style

BEATS = 4
"""In a bar."""
_STRENGTH = {"x": 0.8, "X": 1.0, "o": 0.45}


@dataclass(frozen=True, slots=True)
class Note:
    """One note of one player."""

    at: float
    """Seconds from the start of the song."""
    seconds: float
    """How long it is held; its release follows."""
    pitch: int
    """MIDI note number; a drum's is its instrument's register."""
    velocity: float
    """0…1."""


@dataclass(frozen=True, slots=True)
class Performance:
    """What every player plays, and when the last bar ends (releases and reverb ring on)."""

    notes: dict[str, list[Note]]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Gesture:
    """A sign of a pattern with its length: beats from the start of the song."""

    sign: str
    start: float
    end: float
    chord: Chord
    next_chord: Chord


def perform(style: Style, song: Song) -> Performance:
    """Play `song`: return each instrument's notes in the order they begin."""
    bars = sum(style.sections[name].bars for name in style.form)
    seconds = _seconds(style, song, float(bars * BEATS))
    notes = {
        name: [Note(0.0, seconds, instrument.register, 1.0)]
        if instrument.role == "texture"
        else _play(style, song, name, instrument)
        for name, instrument in style.instruments.items()
    }
    return Performance(notes, seconds)


def voice_chords(chords: list[Chord], register: int, *, open_position: bool) -> list[tuple[int, ...]]:
    """Voice a progression smoothly: of all inversions near `register`, each moves least from the one before.

    With four tones or more the root is left to the bass. Returns ascending MIDI notes, one tuple a chord.
    """
    voicings: list[tuple[int, ...]] = []
    for chord in chords:
        intervals = chord.intervals if len(chord.intervals) < 5 else chord.intervals[1:]
        candidates = [
            _opened(notes) if open_position else notes
            for notes in _inversions({(chord.root + interval) % 12 for interval in intervals}, register)
        ]
        before = voicings[-1] if voicings else None

        def cost(notes: tuple[int, ...], before: tuple[int, ...] | None = before) -> float:
            from_centre = abs(sum(notes) / len(notes) - register)
            return from_centre if before is None else 0.35 * from_centre + _movement(before, notes)

        voicings.append(min(candidates, key=cost))
    return voicings


def _inversions(classes: set[int], register: int) -> Iterator[tuple[int, ...]]:
    """Every close position of the pitch classes whose lowest note lies within an octave below the register."""
    for lowest in range(register - 12, register + 3):
        if lowest % 12 in classes:
            yield tuple(sorted(lowest + (pitch - lowest) % 12 for pitch in classes))


def _opened(notes: tuple[int, ...]) -> tuple[int, ...]:
    """Drop 2: the second highest note sounds an octave lower."""
    return tuple(sorted((*notes[:-2], notes[-2] - 12, notes[-1])))


def _movement(before: tuple[int, ...], after: tuple[int, ...]) -> float:
    """Mean semitones from each note to the nearest of the chord before."""
    return sum(min(abs(note - other) for other in before) for note in after) / len(after)


def _play(style: Style, song: Song, name: str, instrument: Instrument) -> list[Note]:
    rng = np.random.default_rng([song.seed, zlib.crc32(name.encode())])
    notes: list[Note] = []
    voicings: dict[Chord, tuple[int, ...]] = {}
    for gesture in _gestures(style, song, name):
        if instrument.role in ("chord", "arp") and gesture.chord not in voicings:
            voicings.update(_voiced(song, instrument))
        start = _seconds(style, song, gesture.start)
        end = _seconds(style, song, gesture.end)
        # Off the beat a hand strikes a little softer; the rest is chance, limited so that nothing stumbles.
        strength = _STRENGTH.get(gesture.sign, 0.8) * (1.0 if gesture.start % 1 == 0 else 0.9)
        velocity = float(np.clip(strength * (1 + 0.06 * np.clip(rng.standard_normal(), -2, 2)), 0.1, 1.0))
        drift = (instrument.late + instrument.loose * float(np.clip(rng.standard_normal(), -2, 2))) / 1000
        for index, pitch in enumerate(_pitches(gesture, song, instrument, voicings)):
            at = max(0.0, start + drift + index * instrument.strum / 1000)
            notes.append(Note(at, end - start, pitch, velocity))
    return notes


def _voiced(song: Song, instrument: Instrument) -> dict[Chord, tuple[int, ...]]:
    """One voicing a chord, led through the song's progressions one after the other."""
    chords = list(dict.fromkeys(chord for bars in song.chords.values() for bar in bars for chord in bar))
    return dict(zip(chords, voice_chords(chords, instrument.register, open_position=instrument.open), strict=True))


def _gestures(style: Style, song: Song, name: str) -> Iterator[_Gesture]:
    first_bar = 0
    for part in style.form:
        section = style.sections[part]
        if name in section.parts:
            pattern = style.pattern(song, name, section.parts[name])
            yield from _section_gestures(song, section, pattern, first_bar)
        first_bar += section.bars


def _section_gestures(song: Song, section: Section, pattern: Pattern, first_bar: int) -> Iterator[_Gesture]:
    """Signs with their holds resolved; a note never sounds beyond its section."""
    progression = song.chords[section.chords]
    signs = [
        (first_bar * BEATS + (bar + step / len(pattern[bar % len(pattern)])) * BEATS, sign)
        for bar in range(section.bars)
        for step, sign in enumerate(pattern[bar % len(pattern)])
    ]
    struck = [(at, sign) for at, sign in signs if sign != "-"]
    end = float((first_bar + section.bars) * BEATS)
    for (start, sign), (stop, _) in pairwise([*struck, (end, ".")]):
        if sign != ".":
            beat = start - first_bar * BEATS
            yield _Gesture(sign, start, stop, _chord_at(progression, beat), _chord_after(progression, beat))


def _chord_at(progression: tuple[tuple[Chord, ...], ...], beat: float) -> Chord:
    bar = progression[int(beat // BEATS) % len(progression)]
    return bar[int(beat % BEATS * len(bar) / BEATS)]


def _chord_after(progression: tuple[tuple[Chord, ...], ...], beat: float) -> Chord:
    bar = progression[int(beat // BEATS) % len(progression)]
    return _chord_at(progression, beat + BEATS / len(bar))


def _pitches(
    gesture: _Gesture, song: Song, instrument: Instrument, voicings: dict[Chord, tuple[int, ...]]
) -> tuple[int, ...]:
    match instrument.role:
        case "chord":
            return voicings[gesture.chord]
        case "arp":
            octave, index = divmod(int(gesture.sign) - 1, len(voicings[gesture.chord]))
            return (voicings[gesture.chord][index] + 12 * octave,)
        case "bass":
            return (_bass_pitch(gesture, instrument.register),)
        case "tune":
            return (_tune_pitch(gesture.sign, song, instrument.register),)
        case _:
            return (instrument.register,)


def _bass_pitch(gesture: _Gesture, lowest: int) -> int:
    """Return the tone of the chord at or above `lowest`; fifths, thirds and sevenths stand above the bass note."""
    chord = gesture.chord
    if gesture.sign == "~":
        return _at_or_above(gesture.next_chord.bass, lowest) - 1
    bass = _at_or_above(chord.bass, lowest)
    if gesture.sign in "18":
        return bass + (12 if gesture.sign == "8" else 0)
    wanted = {"3": (3, 4, 5), "5": (7, 6, 8), "7": (10, 11, 9)}[gesture.sign]
    interval = next((step for step in wanted if step in chord.intervals), 7)
    return _at_or_above(chord.root + interval, bass)


def _tune_pitch(sign: str, song: Song, register: int) -> int:
    tonic = _at_or_above(song.tonic, register - 6)
    shift = sign.count("#") - sign.count("b")
    degree = int(sign.strip("#b',")) - 1
    return tonic + song.scale[degree] + shift + 12 * (sign.count("'") - sign.count(","))


def _at_or_above(pitch: int, lowest: int) -> int:
    return lowest + (pitch - lowest) % 12


def _seconds(style: Style, song: Song, beat: float) -> float:
    """Beats to seconds, swung: within each pair the first half is stretched to `swing` of it."""
    pair, inside = divmod(beat / style.swing_beats, 1.0)
    swung = inside * 2 * style.swing if inside < 0.5 else style.swing + (inside - 0.5) * 2 * (1 - style.swing)
    return (pair + swung) * style.swing_beats * 60 / song.tempo
