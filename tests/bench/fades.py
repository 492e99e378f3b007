"""Transitions as they are heard: two decks play a plan, and the recording is held against the plan rendered offline.

Each song is looked for in the recording by itself, by cross-correlation. So it is known to the millisecond where in the
outgoing song the incoming one set in, whatever the delays of players, sound server and recorder.
"""

import csv
import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy import signal

from livedj import bundled
from livedj.demo.room import VirtualRoom
from livedj.demo.synth import RATE
from livedj.ear.encoder import read_card
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.decode import decode
from livedj.library.encode import Labels, write
from livedj.library.scanner import Scanner
from livedj.music import SAMPLE_RATE, Gain, Samples, Seconds, Track
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckCued, DeckMoved, DeckName
from livedj.play.transition import LONGEST, Kind, Transition, level_of, planned
from tests.play.bench import VlcBench

MUSIC = Path("../shared/music")
PAIRS = 20
BEATS = 12
PARTS = 6
LONG_ENOUGH = 60.0
"""Seconds. A shorter piece is a loop or a jingle rather than a song."""
AROUND = Seconds(12.0)
"""Played and judged before and after a transition."""
ANNOUNCED = Seconds(2.0)
"""How long before the transition the incoming deck is told when to begin."""
SHORT_TERM = Seconds(3.0)
"""The window of EBU R 128's short-term loudness."""
HOP = Seconds(0.1)
AUDIBLE = -50.0
"""LUFS. Of softer music no difference is heard."""
TOLERANCE = 1.0
"""LU."""
AT_ONCE = Seconds(0.0)
TO_THE_MOMENT = Seconds(0.1)
"""So much before the outro nobody misses: the usual lag of a player."""
FULL, SILENT = Gain(1.0), Gain(0.0)
Decks = tuple[VlcBench, VlcBench]
"""The outgoing song's, and the incoming one's."""


@dataclass(frozen=True)
class Heard:
    """What became of a plan."""

    plan: Transition
    late: Seconds
    """How much later than planned the incoming song set in, by the outgoing one's clock."""
    worst: float
    """LU. The largest difference of short-term loudness between recording and render."""
    amputated: Seconds
    """How much of the outgoing song before its outro the incoming one covered."""

    @property
    def kept(self) -> bool:
        """Whether it sounded as loud as planned all the time."""
        return self.worst <= TOLERANCE

    @property
    def cut(self) -> bool:
        """Whether music before the outro was lost."""
        return self.amputated > TO_THE_MOMENT


@dataclass(frozen=True)
class Render:
    """Both songs as the plan wants them, each alone; shape (n,) each, the incoming one sets in at sample `begin`."""

    outgoing: Samples
    incoming: Samples
    begin: int


def fades(room: VirtualRoom, demo: Sequence[Path], folder: Path) -> Iterator[tuple[str, float | None, str, str]]:
    """Play PAIRS whole songs, each into the next of like tempo; yield name, value, unit and target of each figure.

    The songs are real ones, or `demo` ones where there are none; what a scan finds in them goes into `folder`.
    """
    tracks = scanned(whole_songs(MUSIC, PAIRS) if MUSIC.is_dir() else demo[:PAIRS], folder)
    pairs = itertools.pairwise([*tracks, tracks[0]])
    yield from figures(heard_in(room, [(*pair, planned(*pair, LONGEST)) for pair in pairs], folder))


def figures(heard: Sequence[Heard]) -> Iterator[tuple[str, float | None, str, str]]:
    """Sum up."""
    aligned = [1000 * abs(one.late) for one in heard if one.plan.on_beat]
    late = [1000 * abs(one.late) for one in heard]
    worst = [one.worst for one in heard]
    count = len(heard)
    yield f"transitions within ±1 LU of their render, of {count}", sum(one.kept for one in heard), "runs", str(count)
    yield f"worst distance from the render, median of {count}", float(np.median(worst)), "LU", "≤ 1"
    yield f"worst distance from the render, of all {count}", max(worst), "LU", "≤ 1"
    yield "songs of these that were cut before their outro", sum(one.cut for one in heard), "songs", "0"
    yield f"transitions on a beat, of {count}", len(aligned), "runs", "–"
    yield "beats of both songs apart, median", float(np.median(aligned)) if aligned else None, "ms", "< 40"
    yield "incoming songs off the plan, median", float(np.median(late)), "ms", "–"
    yield "incoming songs off the plan, p95", float(np.percentile(late, 95)), "ms", "–"


def beats(room: VirtualRoom, demo: Sequence[Path], folder: Path) -> Iterator[tuple[str, float | None, str, str]]:
    """Play BEATS transitions that are planned to fall on a beat: few real songs have a neighbour of like tempo."""
    pairs = [
        (outgoing, incoming, plan)
        for outgoing, incoming in itertools.permutations(scanned(demo, folder), 2)
        if (plan := planned(outgoing, incoming, LONGEST)).on_beat
    ]
    heard = heard_in(room, pairs[:: max(1, len(pairs) // BEATS)][:BEATS], folder)
    apart = [1000 * abs(one.late) for one in heard]
    yield f"beats of both songs apart, median of {len(apart)}, demo library", float(np.median(apart)), "ms", "< 40"
    yield f"beats of both songs apart, worst of {len(apart)}, demo library", max(apart), "ms", "–"


def seams(room: VirtualRoom, song: Path, folder: Path) -> Iterator[tuple[str, float | None, str, str]]:
    """Play a song that is cut into an album of PARTS; what is off at a seam is a gap, or lost music."""
    tracks = sorted(scanned(cut_up(song, folder), folder), key=lambda track: track.number or 0)
    pairs = [(*pair, planned(*pair, LONGEST)) for pair in itertools.pairwise(tracks)]
    heard = heard_in(room, [pair for pair in pairs if pair[2].kind is Kind.GAPLESS], folder)
    gaps = [1000 * abs(one.late) for one in heard]
    yield f"seams of an album of {PARTS}: off by, median of {len(gaps)}", float(np.median(gaps)), "ms", "–"
    yield f"seams of an album of {PARTS}: off by, worst of {len(gaps)}", max(gaps), "ms", "–"


def cut_up(song: Path, folder: Path) -> list[Path]:
    """Write the parts of a song as an album, in a format that knows to the sample where it ends."""
    sound = np.repeat(soxr.resample(decode(song), SAMPLE_RATE, RATE)[:, None], 2, axis=1)
    folder.mkdir()
    files = []
    for number, part in enumerate(np.array_split(sound, PARTS), start=1):
        files.append(folder / f"{number}.flac")
        write(files[-1], "flac", part, Labels(f"Part {number}", "Nobody", "Album", number=number))
    return files


def heard_in(room: VirtualRoom, pairs: Iterable[tuple[Track, Track, Transition]], folder: Path) -> list[Heard]:
    """Play the transitions one after the other, and tell what became of each."""
    with two_decks() as decks:
        return [measure(room, decks, *pair, folder / "fade.wav") for pair in pairs]


def whole_songs(music: Path, count: int) -> list[Path]:
    """Return `count` of the real songs that are whole, of as many collections as there are."""
    with (music / "tracks.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["whole"] == "yes" and float(row["seconds"]) >= LONG_ENOUGH]
    rows.sort(key=lambda row: row["collection"])
    groups = [list(group) for _, group in itertools.groupby(rows, lambda row: row["collection"])]
    in_turn = itertools.chain.from_iterable(itertools.zip_longest(*groups))
    return [music / row["file"] for row in itertools.islice(filter(None, in_turn), count)]


def scanned(files: Sequence[Path], folder: Path) -> list[Track]:
    """Return what a scan knows of the files, songs of like tempo next to each other."""
    songs = folder / "songs"
    songs.mkdir(parents=True)
    for number, file in enumerate(files):
        (songs / f"{number}{file.suffix}").symlink_to(file.resolve())
    Scanner(folder, bundled.MODEL).scan([songs])
    with Catalogue(folder / FILE_NAME) as catalogue:
        tracks = list(catalogue.least_recently_played(read_card(bundled.MODEL).sha256))
    return sorted(tracks, key=lambda track: track.outro_beats.tempo if track.outro_beats else np.inf)


@contextmanager
def two_decks() -> Iterator[Decks]:
    """Yield both decks."""
    benches = VlcBench(DeckName.A), VlcBench(DeckName.B)
    try:
        yield benches
    finally:
        for bench in benches:
            bench.deck.close()


def measure(
    room: VirtualRoom,
    decks: Decks,
    outgoing: Track,
    incoming: Track,
    plan: Transition,
    path: Path,
    around: Seconds = AROUND,
) -> Heard:
    """Let two decks carry out `plan`, record them to `path`, and compare."""
    rendered = render(outgoing, incoming, plan, around)
    return compare(perform(room, decks, outgoing, incoming, plan, path, around), rendered, plan, outgoing)


def perform(
    room: VirtualRoom,
    decks: Decks,
    outgoing: Track,
    incoming: Track,
    plan: Transition,
    path: Path,
    around: Seconds,
) -> Samples:
    """Play from `around` before the transition until `around` after it; return what the loudspeakers got."""
    a, b = decks
    lead = min(around, plan.begin)
    first = a.load(outgoing.path, plan.begin - lead, level_of(outgoing))
    second = b.load(incoming.path, plan.start, level_of(incoming))
    a.wait(DeckCued, first)
    b.wait(DeckCued, second)
    recording = room.record(path, "dj.monitor")
    a.deck.ramp(first, Ramp(a.now(), AT_ONCE, FULL, FULL))
    a.deck.play(first)
    a.pass_by(lead - ANNOUNCED)
    moved = a.wait(DeckMoved, first, lambda event: event.playing)
    at = Seconds(moved.at + plan.begin - moved.position)
    b.deck.play(second, at)
    b.deck.ramp(second, Ramp(at, plan.seconds, SILENT, FULL))
    if plan.kind is not Kind.GAPLESS:
        a.deck.ramp(first, Ramp(at, plan.seconds, FULL, SILENT))
    b.pass_by(at + plan.seconds + around - b.now())
    a.deck.unload(first)
    b.deck.unload(second)
    return recording.stop()


def render(outgoing: Track, incoming: Track, plan: Transition, around: Seconds = AROUND) -> Render:
    """Return what the decks are to play, from the files themselves."""
    lead = min(around, plan.begin)
    before = decode(outgoing.path, Seconds(plan.begin - lead), Seconds(lead + plan.seconds))
    after = decode(incoming.path, plan.start, Seconds(plan.seconds + around))
    begin = round(lead * SAMPLE_RATE)
    sounds = np.zeros((2, begin + after.size), np.float32)
    sounds[0, : before.size] = before * level_of(outgoing)
    sounds[1, begin:] = after * level_of(incoming)
    moments = (np.arange(sounds.shape[1]) - begin) / SAMPLE_RATE
    for sound, (start, end) in zip(sounds, ((FULL, SILENT), (SILENT, FULL)), strict=True):
        ramp = Ramp(AT_ONCE, plan.seconds, start, end)
        during = slice(begin, begin + round(plan.seconds * SAMPLE_RATE))
        sound[during] *= ramp.gains(moments[during])
    return Render(sounds[0], sounds[1], begin)


def compare(sound: Samples, rendered: Render, plan: Transition, outgoing: Track) -> Heard:
    """Hold a recording against its render."""
    lags = [lag_of(sound, part) for part in (rendered.outgoing, rendered.incoming)]
    late = (lags[1] - lags[0]) / SAMPLE_RATE
    # The render is laid where the outgoing song is; before its first and after its last sample nothing is judged.
    planned = rendered.outgoing + rendered.incoming
    heard = np.pad(sound, (max(0, -lags[0]), planned.size))[max(0, lags[0]) :][: planned.size]
    wanted, got = short_term(planned), short_term(heard)
    audible = wanted > AUDIBLE
    outro_start = outgoing.cues.outro_start
    return Heard(
        plan,
        Seconds(late),
        float(np.max(np.abs(got - wanted)[audible])),
        Seconds(0.0 if outro_start is None else max(0.0, outro_start - (plan.begin + late))),
    )


def lag_of(sound: Samples, part: Samples) -> int:
    """Return the sample of `sound` at which `part` begins; both are whitened first, which sharpens the peak."""
    whitened = [np.diff(samples, prepend=np.float32(0)) for samples in (sound, part)]
    correlation = signal.correlate(whitened[0], whitened[1], mode="full", method="fft")
    return int(np.argmax(correlation)) - (part.size - 1)


def short_term(samples: Samples) -> NDArray[np.float64]:
    """Return the short-term loudness after EBU R 128, every HOP, in LUFS of one channel."""
    power = np.concatenate([[0.0], np.cumsum(np.square(k_weighted(samples)))])
    window = round(SHORT_TERM * SAMPLE_RATE)
    starts = np.arange(0, samples.size - window + 1, round(HOP * SAMPLE_RATE))
    means = (power[starts + window] - power[starts]) / window
    return np.asarray(-0.691 + 10 * np.log10(means + 1e-12))


def k_weighted(samples: Samples) -> NDArray[np.float64]:
    """Weight by frequency as ITU-R BS.1770 does: a shelf of +4 dB from 1.7 kHz and a high-pass at 38 Hz.

    Analogue prototypes after De Man, "Evaluation of implementations of the EBU R128 loudness measurement" (2018).
    """
    s = 1j * np.fft.rfftfreq(samples.size, 1 / SAMPLE_RATE)
    high, middle = 10 ** (3.99984 / 20), 10 ** (3.99984 / 20 * 0.49967)
    corner, quality = 1681.9745, 0.7071752
    shelf = (high * s**2 + middle * corner / quality * s + corner**2) / (s**2 + corner / quality * s + corner**2)
    corner, quality = 38.13547, 0.5003270
    cut = s**2 / (s**2 + corner / quality * s + corner**2)
    return np.fft.irfft(np.fft.rfft(samples) * shelf * cut, samples.size)
