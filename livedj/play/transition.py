"""How one song gives way to the next: three kinds of transition, planned ahead. Pure.

Every position is in seconds from the start of its song's file. As in Mixxx, a fade is as long as the shorter of the
outgoing song's outro and the incoming one's intro. Where the outro is longer than that, half of what is left over is
played before the fade, and half is given up. That lies between Mixxx's two modes, and neither would do: *Full Intro +
Outro* fades at the very end, but a song that fades out by itself is 15–21 dB down there, which a dance floor hears as a
hole; *Fade At Outro Start* would throw away most of a long outro that was made to be mixed over.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from livedj.music import Beats, Gain, Seconds, Track

SHORTEST, LONGEST = Seconds(2.0), Seconds(12.0)
"""Of a fade. An outro that is shorter than SHORTEST makes it shorter still, since no fade begins before the outro: a
song that ends in full sound is played to its end, and the next one follows at once."""
USUAL = Seconds(6.0)
"""What an intro or outro that nobody knows counts as."""
CUT_FADE = Seconds(0.03)
"""A cut without a click."""
SEAMLESS = Seconds(0.2)
"""Silence at the seam of two songs that is taken for none: encoders alone leave 25–50 ms at each end of a file."""
SURE = 0.5
"""The confidence from which on a beat is taken for one: of 60 real songs, all 33 whose intro and outro both reach it
have one tempo in both, to 1 %; of the 18 below 0.2 a third have."""
SAME_TEMPO = 0.05
"""How far two tempi may differ: at 120 beats a minute, 5 % let the songs slip by 25 ms a beat."""
BEATS_REACH = Seconds(30.0)
"""How far from a song's end its `outro_beats` are known: farther away, a small error of the tempo adds up."""

TARGET = -18.0
"""LUFS. The reference of ReplayGain 2."""
CEILING = -1.0
"""dBTP. The highest true peak that EBU R 128 permits, and to which loudgain and rsgain limit their boost."""
MOST_BOOST = 12.0
"""dB. With more, the noise of a quiet recording would be heard as such."""
UNMEASURED = -6.0
"""dB. A song of unknown loudness is taken for a usual master of −12 LUFS, as Mixxx does (the median of 60 real songs is
−12.7): too soft for once is better than a leap."""


class Kind(StrEnum):
    """The kinds of transition."""

    FADE = "fade"
    """Both sound together, at constant power."""
    GAPLESS = "gapless"
    """The next song of an album begins at the moment at which the file of the last one ends."""
    CUT = "cut"
    """One stops, the other begins."""


@dataclass(frozen=True, slots=True)
class Transition:
    """The plan of one transition."""

    kind: Kind
    begin: Seconds
    """The position in the outgoing song at which the incoming one begins to sound."""
    seconds: Seconds
    """How long both sound; 0 where it is no fade."""
    start: Seconds
    """The position in the incoming song from which it plays."""
    on_beat: bool = False
    """Whether `begin` was moved so that the incoming song's first beat falls on one of the outgoing song."""


def planned(
    outgoing: Track,
    incoming: Track,
    longest: Seconds,
    duration: Seconds = Seconds(0.0),
    excerpt: Seconds | None = None,
) -> Transition:
    """Return how `outgoing` gives way to `incoming` by itself.

    `longest` is what the person allows. `duration` is the outgoing file's as the player measured it (0: not yet) and
    wins over the catalogue's. Where `excerpt` is set, so much of every song is played and no more.

    A fade lasts at most a third of the shorter song, so that a song is alone for a while between its two fades.
    """
    file_end = duration or outgoing.duration
    if excerpt is None and _flow_together(outgoing, incoming, file_end):
        return Transition(Kind.GAPLESS, file_end, Seconds(0.0), Seconds(0.0))
    cues = outgoing.cues
    end = Seconds(max(cues.start, min(cues.end, file_end)))
    outro_start = cues.outro_start
    if excerpt is not None and cues.start + excerpt < end:
        end, outro_start = Seconds(cues.start + excerpt), None  # the song is cut off wherever it may be
    earliest = Seconds(cues.start if outro_start is None else min(max(cues.start, outro_start), end))
    outro = USUAL if outro_start is None else end - earliest
    suits = min(max(min(outro, _intro(incoming)), SHORTEST), LONGEST)
    third = _third_of_the_shorter(outgoing, incoming, excerpt)
    seconds = max(0.0, min(suits, longest, third, end - earliest))
    given_up = 0.0 if outro_start is None else (end - earliest - seconds) / 2
    begin = Seconds(max(earliest, end - given_up - seconds))
    transition = _simultaneous(begin, Seconds(seconds), incoming)
    return _on_a_beat(transition, outgoing, incoming, earliest, end)


def hurried(outgoing: Track, incoming: Track, position: Seconds, seconds: Seconds) -> Transition:
    """Return how `outgoing` gives way at once, from `position` on, within `seconds` or what is left of it; 0: a cut.

    It waits for no beat: a person who says "now" means it, and where the outgoing song's beats lie is known near its
    end only.
    """
    left = outgoing.cues.end - position
    third = _third_of_the_shorter(outgoing, incoming, None)
    return _simultaneous(position, Seconds(max(0.0, min(seconds, LONGEST, left, third))), incoming)


def level_of(track: Track) -> Gain:
    """Return the factor that levels a song to TARGET.

    A boost ends where the song's true peak reaches CEILING. A song is never turned down for its peaks alone: they stand
    in the file as they were mastered, and its loudness would no longer be that of the others.
    """
    if track.loudness is None:
        return _factor(UNMEASURED)
    wanted = TARGET - track.loudness.lufs
    allowed = max(0.0, min(MOST_BOOST, CEILING - track.loudness.true_peak))
    return _factor(min(wanted, allowed))


def _factor(decibels: float) -> Gain:
    return Gain(10 ** (decibels / 20))


def _simultaneous(begin: Seconds, seconds: Seconds, incoming: Track) -> Transition:
    return Transition(Kind.FADE if seconds > 0 else Kind.CUT, begin, seconds, incoming.cues.start)


def _intro(track: Track) -> float:
    return USUAL if track.cues.intro_end is None else track.cues.intro_end - track.cues.start


def _third_of_the_shorter(outgoing: Track, incoming: Track, excerpt: Seconds | None) -> float:
    lengths = [track.cues.end - track.cues.start for track in (outgoing, incoming)]
    return min([*lengths, *([] if excerpt is None else [excerpt])]) / 3


def _flow_together(outgoing: Track, incoming: Track, file_end: Seconds) -> bool:
    """Tell whether two songs are neighbours of one album, without a pause between them."""
    one_album = outgoing.album != "" and outgoing.album == incoming.album and outgoing.disc == incoming.disc
    by_one_hand = outgoing.artist != "" and outgoing.artist == incoming.artist
    together = by_one_hand or outgoing.path.parent == incoming.path.parent  # a compilation lies in one folder
    in_order = outgoing.number is not None and incoming.number == outgoing.number + 1
    pause = max(0.0, file_end - outgoing.cues.end) + incoming.cues.start
    return one_album and together and in_order and pause <= SEAMLESS


def _on_a_beat(transition: Transition, outgoing: Track, incoming: Track, earliest: Seconds, end: Seconds) -> Transition:
    """Move a fade by less than a beat of the outgoing song, so that the incoming one's first beat meets a beat.

    The first beat it is, and not one amid the fade, since that is where an ear compares: two tempi that differ by 1 %
    drift apart by some 5 ms a beat. Of the two ways the shorter one is gone, unless it leads before the outro or leaves
    less than half of the fade.
    """
    leading, entering = outgoing.outro_beats, incoming.intro_beats
    known_from = outgoing.cues.end - BEATS_REACH
    if transition.kind is not Kind.FADE or transition.begin < known_from or not _in_step(leading, entering):
        return transition
    assert leading is not None
    assert entering is not None
    period = 60 / leading.tempo
    until_first = (entering.beat - transition.start) % (60 / entering.tempo)
    later = (leading.beat - until_first - transition.begin) % period
    for shift in sorted((later, later - period), key=abs):
        begin = transition.begin + shift
        if earliest <= begin <= end - transition.seconds / 2:
            seconds = Seconds(min(transition.seconds, end - begin))
            return replace(transition, begin=Seconds(begin), seconds=seconds, on_beat=True)
    return transition


def _in_step(leading: Beats | None, entering: Beats | None) -> bool:
    """Tell whether both tempi are sure and agree, where one may be the double of the other.

    Half and double are the usual mistakes of beat trackers, and then the beats of one still fall on beats of the other.
    """
    if leading is None or entering is None or min(leading.confidence, entering.confidence) < SURE:
        return False
    ratio = entering.tempo / leading.tempo
    return any(abs(ratio * octave - 1) <= SAME_TEMPO for octave in (0.5, 1.0, 2.0))
