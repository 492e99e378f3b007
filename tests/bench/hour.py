"""An hour of a room: other people's music with talk, applause and pauses in between. How soon is its end heard?

The hour is drawn from a seed and heard in simulated time, as the program hears: acts of some five minutes, each in a
room of its own with noise 12 dB below its mean power. Songs, voices and noises are ones that the network has not met in
training. A *passage* is music of one to three songs without a pause: they are faded into one another, or stand up to
2 s apart, some with applause over the gap as on a live record. In every third song something happens: a break of 1–2 s,
a word, or a quiet stretch with a word. What the noise covers for longer than that is no passage: nobody could hear that
music goes on.
"""

import csv
import importlib.util
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Self
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from livedj.ear.encoder import Encoder
from livedj.library.decode import decode
from livedj.listen.heard import Heard, ListenState
from livedj.listen.listener import REPORT, Hearing
from livedj.listen.window import RollingWindow
from livedj.music import SAMPLE_RATE, Samples, Seconds
from livedj.party import outside
from livedj.party.outside import Outside, followed
from livedj.train.configuration import DEFAULT, read_configuration
from livedj.train.hearing import hear
from livedj.train.noises import Noises
from livedj.train.voices import UNSEEN
from tests.listen.one_song import OneSong

HOUR = Seconds(3600.0)
ACT = Seconds(300.0)
LIMIT = Seconds(3.0)
"""After the end of a passage auto-DJ is to start within this time."""
PATIENCES = tuple(map(Seconds, (1.05, 1.25, 1.45, 2.05)))
"""In place of `outside.ENDED_AFTER`: what is gained in time is lost to breaks that are taken for ends."""
SNR = 12.0
SEEDS = (31, 32)
"""Fresh ones: others served to fit `livedj.ear.gate.goes_on`."""
AIR = Path("../shared/air.py")
SHORTEST = Seconds(45.0)
"""Of a song that is taken."""
COVERED, GONE = 10.0, 25.0
"""dB below its usual level, at which the room's noise covers music, and at which it has ended."""
WIDEST = Seconds(1.5)
"""A song that is covered for longer has a pause of its own, and is left out."""
EVENTFUL = 1 / 3
AFTERWARDS = ("silence", "speech", "applause", "crowd", "babble", "clatter")
ENDS = ("stop", "fade", "own")
JOINTS = ("crossfade", "gap", "gap", "applause")
EVENTS = ("break", "word", "quiet")

Spoil = Callable[[Samples, int], Samples]
"""A sound and a seed -> the sound as the microphone hears it."""
Sound = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Passage:
    """Music between two pauses."""

    begin: Seconds
    faded: Seconds
    """From here on the noise of the room covers it."""
    end: Seconds
    """The last of it, for somebody who stands beside the loudspeaker."""
    kind: str
    """How it ended, and what followed."""

    def later(self, seconds: float) -> "Passage":
        """Return it as it stands in a longer sound that begins so much earlier."""
        return replace(
            self,
            begin=Seconds(self.begin + seconds),
            faded=Seconds(self.faded + seconds),
            end=Seconds(self.end + seconds),
        )


@dataclass(frozen=True, slots=True)
class Night:
    """How the ends of some hours were heard."""

    delays: tuple[Seconds, ...]
    """From the end of a passage to the start; infinite where there was none before the next passage."""
    kinds: tuple[str, ...]
    false: tuple[Seconds, ...]
    """Moments of starts while music played, or a second start in one pause."""

    @classmethod
    def of(cls, hours: Iterable[Self]) -> Self:
        """Return several hours as one."""
        parts = [(one.delays, one.kinds, one.false) for one in hours]
        delays, kinds, false = (tuple(chain(*part)) for part in zip(*parts, strict=True))
        return cls(delays, kinds, false)

    @property
    def in_time(self) -> float:
        """Share of the ends that auto-DJ started after within LIMIT."""
        return float(np.mean(np.array(self.delays) <= LIMIT))


class Mixer:
    """Draws acts: what a room hears, before it is a room."""

    def __init__(self, songs: Iterator[Samples], noises: Noises, seed: int) -> None:
        self._songs = songs
        self._noises = noises
        self._rng = np.random.default_rng(seed)

    def act(self, seconds: Seconds) -> tuple[Samples, list[Passage]]:
        """Return passages and pauses by turns, at least so long together; music has unit power."""
        sounds: list[Sound] = [self._pause("silence", 3.0)]
        passages: list[Passage] = []
        while (length := sum(map(len, sounds)) / SAMPLE_RATE) < seconds:
            end, after = self._rng.choice(ENDS), str(self._rng.choice(AFTERWARDS))
            music = self._passage(str(end))
            heard, begin, faded, gone = self._with_pause(music, after)
            sounds.append(heard)
            passages.append(Passage(begin, faded, gone, f"{end}, {after}").later(length))
        return np.concatenate(sounds).astype(np.float32), passages

    # Music ------------------------------------------------------------------------------------------------------------

    def _passage(self, end: str) -> Sound:
        """Return one to three songs and what is heard beside them, ending in silence."""
        music = self._song(end="own" if end == "own" else "cut")
        for _ in range(self._rng.integers(0, 3)):
            music = self._joined(self._song(end="cut"), music)
        if end == "fade":
            length = round(self._rng.uniform(3, 8) * SAMPLE_RATE)
            music[-length:] *= np.linspace(1, 0, length)
        return music

    def _song(self, end: str) -> Sound:
        """Return 40 s to 160 s of a song, or the whole of a short one; in some of them something happens."""
        for whole in self._songs:
            length = round(self._rng.uniform(40, 160) * SAMPLE_RATE)
            start = self._rng.integers(max(1, len(whole) - length)) if end == "cut" else max(0, len(whole) - length)
            piece = _sounding(whole[start : start + length], whole_end=end == "own")
            if piece is not None:
                break
        else:
            raise ValueError("there are no songs")
        piece = piece * 10 ** (self._rng.uniform(-3, 3) / 20)
        if self._rng.random() < EVENTFUL:
            self._disturb(piece, str(self._rng.choice(EVENTS)))
        return piece

    def _disturb(self, song: Sound, event: str) -> None:
        """Let something happen in a song, in place, not near its ends."""
        length = round(self._rng.uniform(1, 2) * SAMPLE_RATE)
        at = int(self._rng.integers(8 * SAMPLE_RATE, len(song) - 12 * SAMPLE_RATE))
        word = self._noise("speech", length) * 10 ** (self._rng.uniform(-6, 0) / 20)
        if event == "break":
            song[at : at + length] *= _edges(length, inverse=True)
        elif event == "quiet":
            around = round(self._rng.uniform(1, 2) * SAMPLE_RATE)
            song[at - around : at + length + around] *= 10 ** (-self._rng.uniform(3, 7) / 20)
        if event != "break":
            song[at : at + length] += word

    def _joined(self, first: Sound, second: Sound) -> Sound:
        """Return two songs in a row."""
        joint, seconds = self._rng.choice(JOINTS), self._rng.uniform(0, 2)
        if joint == "crossfade":
            return _crossfaded(first, second, 3 * SAMPLE_RATE)
        both = np.concatenate([first, np.zeros(round(seconds * SAMPLE_RATE)), second])
        if joint == "applause":
            length = round((seconds + 2) * SAMPLE_RATE)
            at = len(first) - SAMPLE_RATE
            both[at : at + length] += self._noise("applause", length) * 10 ** (self._rng.uniform(-12, -3) / 20)
        return both

    # What is no music -------------------------------------------------------------------------------------------------

    def _with_pause(self, music: Sound, after: str) -> tuple[Sound, Seconds, Seconds, Seconds]:
        """Return a passage and the pause after it, and when its music begins, is covered, and ends."""
        begin, faded, end = _span(music)
        seconds = self._rng.uniform(60, 90) if self._rng.random() < 0.15 else self._rng.uniform(10, 25)
        pause = self._pause(after, seconds)
        breath = 0.5 if after == "applause" else 3.0
        at = round((end + self._rng.uniform(-1, breath)) * SAMPLE_RATE)
        heard = np.zeros(max(len(music), at + len(pause)))
        heard[: len(music)] += music
        heard[at : at + len(pause)] += pause
        return heard, begin, faded, end

    def _pause(self, kind: str, seconds: float) -> Sound:
        length = round(seconds * SAMPLE_RATE)
        if kind == "silence":
            return np.zeros(length)
        louder = 10 ** (self._rng.uniform(-12, 2) / 20)
        busy = round(length * (self._rng.uniform(0.3, 0.9) if kind == "applause" else 0.95))
        return np.concatenate([louder * self._noise(kind, busy), np.zeros(length - busy)])

    def _noise(self, kind: str, length: int) -> Sound:
        """Return a sound of unit power that swells and dies away within 0.1 s."""
        sound = self._noises.draw(kind, length / SAMPLE_RATE)
        return np.asarray(sound / np.sqrt(np.mean(np.square(sound)) + 1e-12) * _edges(length))


# An hour, and what is heard of it -------------------------------------------------------------------------------------


def ends(songs: Sequence[Path]) -> Iterator[tuple[str, float | None, str, str]]:
    """Yield name, value, unit and target: how the ends of some hours were heard. An hour takes some minutes."""
    spoil = spoil_of(AIR)
    acts = (hour(shuffled(songs, seed), Noises(UNSEEN, seed), seed, spoil) for seed in SEEDS)
    hours = [listened(of_one_hour) for of_one_hour in acts]
    night = Night.of(judged(*one) for one in hours)
    met = sorted(night.delays)
    p95 = met[int(0.95 * len(met))]
    yield f"ends of other people's music, in {len(SEEDS)} hours", len(met), "ends", "–"
    yield f"auto-DJ starts within {LIMIT:.0f} s of them", 100 * night.in_time, "%", "100"
    yield "from the end to the start, median", float(np.median(met)), "s", "≤ 3"
    yield "from the end to the start, p95", p95 if math.isfinite(p95) else None, "s", "≤ 3"
    yield "starts while music plays, an hour", len(night.false) / len(SEEDS), "starts", "≤ 1"
    for patience in PATIENCES:
        with mock.patch.object(outside, "ENDED_AFTER", patience):
            other = Night.of(judged(*one) for one in hours)
        yield f"were music over after {patience} s without any: in time", 100 * other.in_time, "%", "–"
        false = len(other.false) / len(SEEDS)
        yield f"were music over after {patience} s: starts while music plays, an hour", false, "starts", "–"


def hour(
    songs: Iterator[Samples], noises: Noises, seed: int, spoil: Spoil, seconds: Seconds = HOUR
) -> Iterator[tuple[Samples, list[Passage]]]:
    """Yield act after act, so long together, as the microphone hears them, and the passages of music in each."""
    rng = np.random.default_rng(seed)
    mixer = Mixer(songs, noises, seed)
    passed = 0.0
    while passed < seconds:
        sound, passages = mixer.act(Seconds(min(ACT, seconds - passed)))
        heard = spoil(sound, int(rng.integers(2**31)))
        loudness = 10 ** (rng.uniform(-36, -16) / 20)
        yield (loudness * heard / np.sqrt(np.mean(np.square(heard)))).astype(np.float32), passages
        passed += len(sound) / SAMPLE_RATE


def listened(acts: Iterable[tuple[Samples, list[Passage]]]) -> tuple[list[Heard], list[Passage]]:
    """Return what the listener reports, ten times a second, and all passages, from the moment 0 on."""
    hearing, window = Hearing(Encoder(), OneSong()), RollingWindow(SAMPLE_RATE)
    block, reports, passages = round(REPORT * SAMPLE_RATE), 0, list[Passage]()
    heard, told = Heard(Seconds(0.0), ListenState.STARTING), list[Heard]()
    for sound, in_act in acts:
        passages += [passage.later(reports * REPORT) for passage in in_act]
        for start in range(0, len(sound) - block + 1, block):
            reports += 1
            now = Seconds(reports * REPORT)
            window.add(sound[start : start + block])
            if window.glance_due():
                if window.stride_done():
                    heard = replace(hearing.hear(window, now), log_mel=None)  # the pictures of an hour fill 600 MB
                else:
                    heard = replace(heard, music=hearing.glance(window))
            told.append(replace(heard, at=now, level=window.level))
    return told, passages


def judged(told: Iterable[Heard], passages: Sequence[Passage]) -> Night:
    """Hold the starts against the ends of the passages: the first one after each is right, any other is false."""
    starts = _starts(told)
    delays: list[Seconds] = []
    for passage, until in zip(passages, [*(after.begin for after in passages[1:]), math.inf], strict=True):
        right = next((start for start in starts if passage.faded <= start < until), None)
        delays.append(Seconds(math.inf if right is None else right - passage.end))
        starts = [start for start in starts if start != right]
    return Night(tuple(delays), tuple(passage.kind for passage in passages), tuple(starts))


def _starts(told: Iterable[Heard]) -> list[Seconds]:
    """Return the moments at which auto-DJ would start: when it learns of an end."""
    starts, known = [], Outside()
    for heard in told:
        former, known = known, followed(known, heard, ours=False, now=heard.at)
        if known.ended is not None and known.ended != former.ended:
            starts.append(heard.at)
    return starts


def spoil_of(air: Path) -> Spoil:
    """Return the judge's air 12 dB above the noise; where it or what it needs is absent, a room of our own."""
    if air.is_file() and importlib.util.find_spec("pyroomacoustics"):
        spec = importlib.util.spec_from_file_location("air", air)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return lambda sound, seed: np.asarray(module.air(sound, SNR, seed), np.float32)
    augment = read_configuration(DEFAULT).augment
    return lambda sound, seed: hear(sound, augment, np.random.default_rng(seed), SNR)


def unheard(music: Path) -> list[Path]:
    """Return the songs of the real recordings that the network was not trained on."""
    with (music / "tracks.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["split"] == "validate"]
    return [music / row["file"] for row in rows if float(row["kept_seconds"]) >= SHORTEST]


def shuffled(songs: Sequence[Path], seed: int) -> Iterator[Samples]:
    """Yield the songs without end, each round in another order."""
    rng = np.random.default_rng(seed)
    while True:
        for number in rng.permutation(len(songs)):
            yield decode(songs[number])


# Shapes ---------------------------------------------------------------------------------------------------------------


def _levels(sound: Sound) -> NDArray[np.float64]:
    """Return the level of every 0.1 s in dB below the usual one, the median of all that sounds; smoothed over 0.4 s."""
    tenth = SAMPLE_RATE // 10
    power = np.mean(np.square(sound[: len(sound) // tenth * tenth]).reshape(-1, tenth), axis=1)
    power = np.convolve(power, np.full(4, 0.25), mode="same")
    loud = power[power > 1e-4 * power.max()]
    levels: NDArray[np.float64] = -10 * np.log10(power / np.median(loud) + 1e-12)
    return levels


def _sounding(piece: Samples, *, whole_end: bool) -> Sound | None:
    """Return a piece of a song at unit power without silence before and, but for its own ending, after it.

    None where it is too short, or has a pause of its own.
    """
    if len(piece) < 30 * SAMPLE_RATE or not np.any(piece):
        return None
    covered = _levels(piece) > COVERED
    sounds = np.flatnonzero(~covered)
    first, last = sounds[0], sounds[-1] + 1
    edges = np.flatnonzero(np.diff(np.concatenate([[0], covered[first:last], [0]])))
    if max(edges[1::2] - edges[::2], default=0) > 10 * WIDEST or last - first < 300:
        return None
    tenth = SAMPLE_RATE // 10
    cut = piece[first * tenth : None if whole_end else last * tenth].astype(np.float64)
    cut *= 1 / np.sqrt(np.mean(np.square(cut)))
    cut[: tenth // 10] *= np.linspace(0, 1, tenth // 10)
    cut[-tenth // 10 :] *= np.linspace(1, 0, len(cut[-tenth // 10 :]))
    return cut


def _span(music: Sound) -> tuple[Seconds, Seconds, Seconds]:
    """Return when music begins, when the noise covers it, and when it ends."""
    levels = _levels(music)
    begin, faded, end = (np.flatnonzero(levels < below) for below in (COVERED, COVERED, GONE))
    return Seconds(begin[0] / 10), Seconds((faded[-1] + 1) / 10), Seconds((end[-1] + 1) / 10)


def _edges(length: int, *, inverse: bool = False) -> Sound:
    """Return a gain of 1 that rises from and falls to 0 within 0.1 s; or the inverse, a gap."""
    ramp = min(length // 2, SAMPLE_RATE // 10)
    gain = np.ones(length)
    gain[:ramp] = np.linspace(0, 1, ramp)
    gain[length - ramp :] = np.linspace(1, 0, ramp)
    return 1 - gain if inverse else gain


def _crossfaded(first: Sound, second: Sound, length: int) -> Sound:
    """Return two songs of which the second comes in while the first goes, at constant power."""
    turn = np.linspace(0, np.pi / 2, length)
    over = first[-length:] * np.cos(turn) + second[:length] * np.sin(turn)
    return np.concatenate([first[:-length], over, second[length:]])
