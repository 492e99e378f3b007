"""The demo's score: what each song of the demo library plays, read from `resources/demo/*.toml` and checked.

One file holds one style: its instruments, mix, patterns and sections, and the four songs that share them. Signs of the
patterns (a `|` divides bars; the signs of a bar share it evenly; the signs of a tune stand apart, all others together):

    -  holds the note before      .  rests
    drum, chord   x a hit   X an accent   o a soft hit
    bass          1 3 5 7 that tone of the chord   8 the octave   ~ a semitone below the next chord's bass
    arp           1…9 the n-th note of the voiced chord, counted upwards
    tune          1…7 degree of the song's scale, #4 or b7 altered, 1' an octave up, 1, an octave down
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livedj.errors import DemoError

ROLES = ("drum", "chord", "bass", "arp", "tune", "texture")
FORMATS = ("mp3", "m4a", "flac", "ogg", "opus", "wav")

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
}
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
    "add9": (0, 4, 7, 14),
    "m9": (0, 3, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "9sus4": (0, 5, 7, 10, 14),
    "7b9": (0, 4, 7, 10, 13),
    "13": (0, 4, 10, 14, 21),
}
_CHORD = re.compile(r"([A-G][#b]?)([^/]*)(?:/([A-G][#b]?))?")
_SIGNS = {
    "drum": re.compile(r"[xXo.-]"),
    "chord": re.compile(r"[xXo.-]"),
    "bass": re.compile(r"[13578~.-]"),
    "arp": re.compile(r"[1-9.-]"),
    "tune": re.compile(r"[#b]?[1-7](?:'*|,*)|[.-]"),
}

Pattern = tuple[tuple[str, ...], ...]
"""Bars of signs."""


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord symbol understood: pitch classes are counted in semitones from C."""

    root: int
    intervals: tuple[int, ...]
    """Semitones above the root, ascending, the root included."""
    bass: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """A player and its place in the mix."""

    voice: str
    """The name of a function in `livedj.demo.voices`."""
    role: str
    """How its patterns are read: one of ROLES. A texture has no pattern, it sounds throughout."""
    level: float
    """dB, before the whole mix is brought to its loudness."""
    register: int = 60
    """MIDI note: the centre of a chord's voicing, the lowest bass note, or the tonic nearest to it of a tune."""
    pan: float = 0.0
    """−1 left … 1 right."""
    spread: float = 0.0
    """How far notes two octaves above or below the register stand to the right or left."""
    reverb: float = 0.0
    """Amplitude sent to the reverb."""
    echo: float = 0.0
    """Amplitude sent to the echo."""
    duck: float = 0.0
    """How deeply the kick pushes it down: 0 not, 1 to silence."""
    tremolo: tuple[float, float] | None = None
    """Auto-pan: rate in Hz and depth 0…1."""
    loose: float = 3.0
    """Standard deviation of its timing, ms."""
    late: float = 0.0
    """How far it plays behind the beat, ms."""
    strum: float = 0.0
    """ms from one note of a chord to the next higher one."""
    open: bool = False
    """Voice chords in open position (drop 2) instead of close position."""
    options: Mapping[str, float] = field(default_factory=dict)
    """Keyword arguments of the voice."""


@dataclass(frozen=True, slots=True)
class Section:
    """Some bars in which the same instruments play the same patterns."""

    bars: int
    chords: str
    """The name of one of the song's progressions, repeated to fill the bars."""
    parts: Mapping[str, str]
    """Instrument -> the name of a pattern of the song or of its style, repeated to fill the bars."""


@dataclass(frozen=True, slots=True)
class Mix:
    """The room and the master bus of a style."""

    reverb_seconds: float
    """Until the reverb has fallen by 60 dB."""
    reverb_cutoff: float
    """Hz: the reverb is darker above."""
    echo_beats: float = 0.75
    echo_feedback: float = 0.35
    drive: float = 0.0
    """dB into the master's saturation; 0 = none."""
    cutoff: float = 18_000.0
    """Hz: low-pass of the master."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What a style's sleeves show."""

    motif: str
    """The name of a drawing in `livedj.demo.cover`."""
    palette: tuple[str, str, str]
    """#rrggbb: top and bottom of the ground, and the figure."""


@dataclass(frozen=True, slots=True)
class Song:
    """One track: what sets it apart from the others of its style."""

    number: int
    """Within the whole library, from 1."""
    title: str
    artist: str
    album: str
    format: str
    """One of FORMATS."""
    seed: int
    tempo: float
    """Beats a minute."""
    tonic: int
    """Pitch class."""
    scale: tuple[int, ...]
    chords: Mapping[str, tuple[tuple[Chord, ...], ...]]
    """Progressions: bars of chords that share the bar evenly."""
    patterns: Mapping[str, str]
    """The song's own patterns; they win over the style's."""


@dataclass(frozen=True, slots=True)
class Style:
    """Four songs, and what they share."""

    name: str
    swing: float
    """Where the second of two swung notes falls within the pair: 0.5 straight, 0.66 triplets."""
    swing_beats: float
    """Length of the swung pair in beats."""
    mix: Mix
    cover: Cover
    instruments: Mapping[str, Instrument]
    patterns: Mapping[str, str]
    sections: Mapping[str, Section]
    form: tuple[str, ...]
    """Names of sections in the order they are played."""
    songs: tuple[Song, ...]

    def pattern(self, song: Song, instrument: str, name: str) -> Pattern:
        """Return a pattern's bars of signs; raise DemoError if it is unknown or not written for such an instrument."""
        text = song.patterns.get(name, self.patterns.get(name))
        if text is None:
            raise DemoError(f"{self.name}: '{song.title}' has no pattern '{name}' for {instrument}.")
        role = self.instruments[instrument].role
        bars = tuple(tuple(bar.split() if role == "tune" else bar.strip()) for bar in text.split("|"))
        allowed = _SIGNS[role]
        wrong = [sign for bar in bars for sign in bar if not allowed.fullmatch(sign)]
        if wrong or not all(bars):
            raise DemoError(f"{self.name}: pattern '{name}' for {instrument} holds {wrong or 'an empty bar'}.")
        return bars


def read_scores(folder: Path) -> tuple[Style, ...]:
    """Read every style of `folder`, in the order of their file names; raise DemoError if one is missing or wrong."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise DemoError(f"The demo's score is missing: there is no .toml file in {folder}.")
    styles: list[Style] = []
    for file in files:
        styles.append(_read_style(file, first_number=1 + sum(len(style.songs) for style in styles)))
    return tuple(styles)


def pitch_class(name: str) -> int:
    """Return the pitch class of a note name such as `F#` or `Bb`."""
    return (_LETTERS[name[0]] + name.count("#") - name[1:].count("b")) % 12


def parse_chord(symbol: str) -> Chord:
    """Return the chord of a symbol such as `F#m9` or `G/F`; raise DemoError if it is none that is known."""
    match = _CHORD.fullmatch(symbol)
    if match is None or match[2] not in _QUALITIES:
        raise DemoError(f"'{symbol}' is not a chord that the demo's score knows.")
    root = pitch_class(match[1])
    return Chord(root, _QUALITIES[match[2]], pitch_class(match[3]) if match[3] else root)


def _read_style(file: Path, first_number: int) -> Style:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        style = Style(
            name=data["name"],
            swing=data.get("swing", 0.5),
            swing_beats=data.get("swing_beats", 0.5),
            mix=Mix(**data["mix"]),
            cover=Cover(data["cover"]["motif"], tuple(data["cover"]["palette"])),
            instruments={name: Instrument(**entry) for name, entry in data["instruments"].items()},
            patterns=data["patterns"],
            sections={name: Section(**entry) for name, entry in data["sections"].items()},
            form=tuple(data["form"]),
            songs=tuple(_read_song(entry, first_number + index) for index, entry in enumerate(data["songs"])),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DemoError(f"The demo's score {file.name} cannot be read: {error!r}.") from error
    _check(style)
    return style


def _read_song(data: dict[str, Any], number: int) -> Song:
    tonic, scale = data["key"].split()
    return Song(
        number=number,
        title=data["title"],
        artist=data["artist"],
        album=data["album"],
        format=data["format"],
        seed=data["seed"],
        tempo=float(data["tempo"]),
        tonic=pitch_class(tonic),
        scale=SCALES[scale],
        chords={
            name: tuple(tuple(parse_chord(symbol) for symbol in bar.split()) for bar in text.split("|"))
            for name, text in data["chords"].items()
        },
        patterns=data.get("patterns", {}),
    )


def _check(style: Style) -> None:
    """Raise DemoError where names do not meet: roles, formats, sections, progressions, patterns."""
    for name, instrument in style.instruments.items():
        if instrument.role not in ROLES:
            raise DemoError(f"{style.name}: {name} has the unknown role '{instrument.role}'.")
    for song in style.songs:
        if song.format not in FORMATS:
            raise DemoError(f"{style.name}: '{song.title}' has the unknown format '{song.format}'.")
        for part in style.form:
            section = style.sections.get(part)
            if section is None:
                raise DemoError(f"{style.name}: the form names an unknown section '{part}'.")
            if section.chords not in song.chords:
                raise DemoError(f"{style.name}: '{song.title}' has no chords '{section.chords}'.")
            for instrument_name, pattern in section.parts.items():
                if instrument_name not in style.instruments:
                    raise DemoError(f"{style.name}: section '{part}' names an unknown player '{instrument_name}'.")
                style.pattern(song, instrument_name, pattern)
