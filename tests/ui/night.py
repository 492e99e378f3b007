"""Snapshots as a night brings them."""

from dataclasses import replace

import numpy as np

from livedj.choose.proposals import Proposal
from livedj.listen.heard import DEFAULT_INPUT, Heard, InputDevice, ListenState
from livedj.music import Dbfs, Seconds, Track
from livedj.party.snapshot import Playing, Snapshot
from livedj.play.transition import Kind, Transition
from tests.songs import song

NOW = Seconds(1000.0)
BUILT_IN = InputDevice("Built-in microphone", "ALSA")
USB = InputDevice("Scarlett 2i2 USB", "ALSA")


def later(seconds: float) -> Seconds:
    return Seconds(NOW + seconds)


def track(number: int, title: str = "", artist: str = "", duration: float = 240.0) -> Track:
    plain = song(number, duration)
    return replace(plain, title=title or plain.title, artist=artist or plain.artist)


def mel(seed: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.random.default_rng(seed).uniform(-80, 0, (96, 216)).astype(np.float32)


def proposal(number: int, similarity: int | None = 80, reason: str = "the same beat") -> Proposal:
    return Proposal(track(number), None if similarity is None else 0.8, similarity, reason)


EMPTY = Snapshot(at=NOW)
HEARD = Heard(NOW, ListenState.LISTENING, level=Dbfs(-20.0), log_mel=mel(), inputs=(BUILT_IN, USB), input=DEFAULT_INPUT)
LISTENING = Snapshot(
    at=NOW,
    heard=HEARD,
    proposals=tuple(proposal(number, 100 - 5 * number) for number in range(11, 16)),
    library_size=1204,
)
UNHEARD = replace(
    LISTENING, proposals=tuple(proposal(number, None, "not played for longest") for number in range(11, 16))
)
"""Nothing was heard yet: the songs not played for longest."""
PLAYING = replace(LISTENING, playing=Playing(track(1), Seconds(83.0)), auto=True)
FADE = Transition(Kind.FADE, begin=Seconds(125.0), seconds=Seconds(8.2), start=Seconds(0.0))
PLANNED = replace(PLAYING, transition=FADE, fades_in=Seconds(42.0), cued=track(3))
PAUSED = replace(PLAYING, playing=Playing(track(1), Seconds(83.0), paused=True))
FADING = replace(PLAYING, playing=Playing(track(2), Seconds(2.0)), leaving=Playing(track(1), Seconds(236.0)), fade=0.46)
