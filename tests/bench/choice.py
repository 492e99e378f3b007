"""How calm and how quick the proposals are: other people's music, one song after another, and what is proposed to it.

    python -m tests.bench.choice

50 real recordings that the network has not met, 68 s of each, in the room of `../shared/air.py`, are heard as the
program hears them, with simulated time; then five of them in the virtual room, by the whole program. The library is
the recordings of the collections that none of the 50 is from. The same with 25 songs of the library, which the ear
comes to know while they play. Writes out/choice.json.

*Calm*: songs that enter the five proposals in the last 60 s of a recording. *Quick*: the proposals follow when most of
them are nearer to what is heard now than to what was heard before, as wholes. Where they are so already while the other
music plays there is nothing to be followed, and the switch is left out.
"""

import csv
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from livedj import bundled
from livedj.app import App
from livedj.choose.proposals import Proposal
from livedj.demo.room import VirtualRoom
from livedj.ear.encoder import Encoder, read_card
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.decode import decode
from livedj.library.scanner import Scanner
from livedj.library.songs import Songs
from livedj.listen.heard import Heard
from livedj.listen.listener import Hearing
from livedj.listen.window import STRIDE_SAMPLES, RollingWindow
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Samples, Seconds, TrackId, Vector, unit
from livedj.party.autodj import step
from livedj.party.messages import LibraryChanged
from livedj.party.state import PartyState
from livedj.settings import Settings
from tests.bench.hour import AIR, Spoil, spoil_of

OUT = Path("out/choice.json")
MUSIC = Path("../shared/music")
LIBRARY = Path("out/choice library")
SONGS, OWN, IN_THE_ROOM = 50, 25, 5
SETTLING, LISTENED = Seconds(8.0), Seconds(60.0)
MOST_CHANGES, MAJORITY = 2, 3
LOUDNESS = 0.1
"""RMS of what the microphone brings: −20 dBFS."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What was proposed at one moment of one recording."""

    song: int
    seconds: Seconds
    """Since the recording began."""
    proposals: tuple[TrackId, ...]


def main() -> None:
    """Measure, print and keep."""
    with (MUSIC / "tracks.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    others, own = _drawn(rows, "validate", SONGS), _drawn(rows, "train", OWN)
    Scanner(LIBRARY, bundled.MODEL).scan(sorted({MUSIC / row["collection"] for row in rows if row["split"] == "train"}))
    card = read_card(bundled.MODEL)
    with Catalogue(LIBRARY / FILE_NAME) as catalogue:
        ids, vectors = catalogue.intro_vectors(card.sha256)
    intros = {TrackId(int(track)): vector for track, vector in zip(ids, vectors, strict=True)}
    encoder = Encoder()
    result = {
        "other people's music": _judged(replayed(encoder, others, spoil_of(AIR)), encoder, others, intros),
        "songs of the library": _judged(replayed(encoder, own, spoil_of(AIR)), encoder, own, intros),
        "in the virtual room": _judged(in_the_room(others[:IN_THE_ROOM]), encoder, others, intros),
    }
    OUT.write_text(json.dumps(result, indent=1), encoding="utf-8")
    print(json.dumps(result, indent=1))  # noqa: T201


def _drawn(rows: Sequence[dict[str, str]], split: str, count: int) -> list[Samples]:
    """Return the middles of so many long recordings."""
    long = [row for row in rows if row["split"] == split and float(row["kept_seconds"]) >= SETTLING + LISTENED]
    return [_middle(MUSIC / row["file"]) for row in random.Random(6).sample(long, count)]


def replayed(encoder: Encoder, middles: Sequence[Samples], spoil: Spoil) -> Iterator[Shown]:
    """Yield what is proposed every half second, without threads and without waiting."""
    songs = Songs(LIBRARY, encoder.card)
    hearing, window = Hearing(encoder, songs), RollingWindow(SAMPLE_RATE)
    now = Seconds(1000.0)
    state = PartyState(crossfade=Seconds(6.0), unrelated=encoder.card.unrelated)
    state, _ = step(state, LibraryChanged(10_000, ()), now)
    for number, middle in enumerate(middles):
        sound = spoil(middle, number)
        sound = (LOUDNESS * sound / np.sqrt(np.mean(np.square(sound)))).astype(np.float32)
        for start in range(0, len(sound) - STRIDE_SAMPLES + 1, STRIDE_SAMPLES):
            now = Seconds(now + STRIDE_SAMPLES / SAMPLE_RATE)
            window.add(sound[start : start + STRIDE_SAMPLES])
            if window.stride_done():
                heard: Heard = hearing.hear(window, now)
                state, _ = step(state, heard, now)
            yield Shown(number, Seconds((start + STRIDE_SAMPLES) / SAMPLE_RATE), _ids(state.proposals))
    songs.close()


def in_the_room(middles: Sequence[Samples]) -> Iterator[Shown]:
    """Yield what the whole program proposes while an outside player plays into the virtual room."""
    with tempfile.TemporaryDirectory() as folder, VirtualRoom() as room:
        room.enter_process()
        app = App(Settings(), LIBRARY, settings_file=Path(folder) / "settings.toml")
        app.start()
        try:
            for number, middle in enumerate(middles):
                player, began = room.play(0.5 * middle), time.monotonic()
                while (passed := time.monotonic() - began) < SETTLING + LISTENED:
                    yield Shown(number, Seconds(passed), _ids(app.snapshot.proposals))
                    time.sleep(0.1)
                player.stop()
        finally:
            app.stop()


def _ids(proposals: Sequence[Proposal]) -> tuple[TrackId, ...]:
    return tuple(proposal.track.id for proposal in proposals)


def _judged(
    moments: Iterator[Shown], encoder: Encoder, middles: Sequence[Samples], intros: dict[TrackId, Vector]
) -> dict[str, Any]:
    shown, wholes = list(moments), [_whole(encoder, middle) for middle in middles]
    changes, seconds, followed_before = [], list[float](), 0
    for number in sorted({moment.song for moment in shown}):
        of_song = [moment for moment in shown if moment.song == number]
        changes.append(_entered([moment.proposals for moment in of_song if moment.seconds > SETTLING]))
        if number == 0:
            continue
        follows = _follows(wholes[number] - wholes[number - 1], intros)
        if follows(next(moment.proposals for moment in reversed(shown) if moment.song == number - 1)):
            followed_before += 1
            continue
        seconds.append(next((moment.seconds for moment in of_song if follows(moment.proposals)), np.inf))
    return {
        "songs": len(changes),
        "calm": round(float(np.mean(np.array(changes) <= MOST_CHANGES)), 3),
        "changes_median": float(np.median(changes)),
        "changes_mean": round(float(np.mean(changes)), 2),
        "changes_most": max(changes),
        "switches": len(seconds),
        "left_out": followed_before,
        "quick": round(float(np.mean(np.array(seconds) <= SETTLING)), 3),
        "seconds_median": round(float(np.median(seconds)), 1) if np.isfinite(np.median(seconds)) else None,
    }


def _entered(shown: Sequence[tuple[TrackId, ...]]) -> int:
    """Return how many songs came in after the first moment."""
    return sum(len(set(after) - set(before)) for before, after in pairwise(shown))


def _follows(way: Vector, intros: dict[TrackId, Vector]) -> Callable[[Sequence[TrackId]], bool]:
    """Return the judgement whether most of some proposals lie on the side of the new music."""
    return lambda proposals: sum(float(intros[track] @ way) > 0 for track in proposals) >= MAJORITY


def _middle(path: Path) -> Samples:
    """Return the middle of a recording, SETTLING and LISTENED long."""
    whole, count = decode(path), round((SETTLING + LISTENED) * SAMPLE_RATE)
    start = (len(whole) - count) // 2
    return whole[start : start + count]


def _whole(encoder: Encoder, middle: Samples) -> Vector:
    """Return what a recording sounds like as a whole: the mean of its windows without overlap, without a room."""
    starts = range(0, len(middle) - WINDOW_SAMPLES + 1, WINDOW_SAMPLES)
    windows = [encoder.encode(middle[start : start + WINDOW_SAMPLES]).embedding for start in starts]
    return unit(np.mean(windows, axis=0))


if __name__ == "__main__":
    main()
