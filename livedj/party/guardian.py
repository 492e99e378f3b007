"""The dead-air guardian: the program plays, but does the room hear it? Pure.

There are two witnesses: the ear, which knows how loud our own music usually comes back to the microphone, and the
sound server, which is asked twice a second where our stream goes (`CheckOutput`, answered by `checked`). What the
server shows to have broken by itself is mended at once, with or without an ear: a suspended output, a stream that was
left on an output that nobody hears, a deck without a stream. What a person set – mute, volume, another output – is
never undone; where the room does not hear us, a sentence says so. A microphone that is muted or away says nothing.
"""

import math
from dataclasses import dataclass, replace

from livedj.ear.gate import MUSIC, THRESHOLD
from livedj.listen.heard import Heard
from livedj.music import SILENCE, Dbfs, Gain, Seconds, Track
from livedj.play.deck import DeckName
from livedj.play.output import MoveStreams, OutputFacts, Repair, SinkFacts, StreamFacts, WakeSink
from livedj.play.transition import TARGET, level_of

LOOK_EVERY = Seconds(0.5)
"""Between two questions to the sound server, which answers in 2 ms."""
ANSWER_WITHIN = Seconds(10.0)
"""A question without an answer for so long is asked again."""
FULL = Gain(0.9)
"""From this gain on, before levelling, a deck is meant to be heard; fades are left alone."""
SETTLED = Seconds(5.0)
"""Only after so long at full gain what comes back is learned from: the ear's window then holds nothing else."""
PACE = 0.01
"""How much one report, of ten a second, moves what was learned: a time constant of 10 s."""
DROP = 20.0
"""dB below its usual level, at which our music is gone from the room."""
DROP_WITHOUT_MUSIC = 8.0
"""The same where the ear hears no music either: above noise 12 dB below the music, the level falls no further."""
GONE_FOR = Seconds(3.0)
"""So long the room must have been silent until we believe that it does not hear us: longer than a break in a song."""
DROWNED_FOR = Seconds(8.0)
"""The same where it is loud, but the ear hears no music: guests may drown it, or a song begins with talk."""
NO_WAY_FOR = Seconds(15.0)
"""After so long a loudspeaker may be off, for all that is known of the output; few songs are silent for longer."""
FAULT_FOR = Seconds(0.3)
"""A fault must be seen twice in a row: outputs and streams are on the move for some milliseconds."""
MISSING_FOR = Seconds(3.0)
"""So long a deck may lack a stream or hold it: it cues, or replaces its player by itself."""
INAUDIBLE = 0.05
"""Volume, as sliders show it, up to which hardly anything is heard: −78 dB."""
FIRST_REST, LONGEST_REST = Seconds(2.0), Seconds(30.0)
"""After a repair the next waits so long, then twice as long each time, but no longer than this."""
TRIES = 3
"""After so many repairs in vain the person is told."""
SAY_AGAIN = Seconds(20.0)
"""A sentence stands for so long; it is said again while its reason lasts."""

NO_LOUDSPEAKER = "There is no loudspeaker. Plug one in, or choose an output in the sound settings."
NOT_HEARD = "The music plays, but the room does not hear it. Is the loudspeaker switched on and turned up?"


@dataclass(frozen=True, slots=True)
class Sounding:
    """What the room is to hear of us."""

    deck: DeckName
    track: Track
    gain: Gain
    """The deck's, as its ramp has it: without the song's levelling."""


@dataclass(frozen=True, slots=True)
class CheckOutput:
    """Ask the sound server for its facts, and answer with `checked`; None as facts where nobody can be asked."""


@dataclass(frozen=True, slots=True)
class Mend:
    """Let the sound server do something."""

    repair: Repair
    why: str
    """One sentence, for the log and the person."""


@dataclass(frozen=True, slots=True)
class ReplaceDeck:
    """Put a fresh player in this deck's place; its song goes on where it was."""

    deck: DeckName
    why: str


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the person something that only a person can, or may, change."""

    sentence: str


Request = Mend | ReplaceDeck | Say


@dataclass(frozen=True, slots=True)
class Guardian:
    """What is known of the way from our decks to the room's ears."""

    ours: Sounding | None = None
    """What is to be heard; None while nothing is."""
    full_since: Seconds = Seconds(0.0)
    """Since when we are at full gain, and the ear can tell."""
    coupling: float | None = None
    """dB from a song's loudness (LUFS, levelled) to its level in the microphone; None before any was heard."""
    loud: Seconds | None = None
    """The last moment at which the level was that of our music; None while the ear can say nothing."""
    musical: Seconds | None = None
    """The last moment at which there was music, too; None likewise."""
    pure_silence: bool = False
    """The microphone brings nothing but zeros: it may be switched off."""
    asked: Seconds | None = None
    """When the server was last asked."""
    waiting: bool = False
    """It has not answered yet."""
    good: OutputFacts | None = None
    """The facts when our stream was last where it should be."""
    fault: str = ""
    """What the server shows to have broken, as of its last answer; empty: nothing."""
    fault_since: Seconds = Seconds(0.0)
    tries: int = 0
    """Repairs of this fault so far."""
    mended: Seconds = Seconds(0.0)
    """The moment of the last one."""
    said: str = ""
    said_at: Seconds = Seconds(0.0)

    def unheard_for(self, now: Seconds) -> Seconds:
        """Return for how long the room has seemed not to hear us; 0 while it does, or the ear can say nothing."""
        if self.ours is None or self.loud is None or self.musical is None:
            return Seconds(0.0)
        silent, drowned = now - self.loud, now - self.musical
        return Seconds(silent if silent >= GONE_FOR else drowned if drowned >= DROWNED_FOR else 0.0)


def watched(
    guardian: Guardian, heard: Heard, ours: Sounding | None, now: Seconds
) -> tuple[Guardian, CheckOutput | None]:
    """Take in one report of the ear while `ours` is on air (None: nothing is, or it is paused)."""
    if ours is None:
        return replace(guardian, ours=None, loud=None, musical=None, fault="", tries=0, said=""), None
    guardian = _listened(replace(guardian, ours=ours), ours, heard, now)
    due = guardian.asked is None or now - guardian.asked >= (ANSWER_WITHIN if guardian.waiting else LOOK_EVERY)
    return (replace(guardian, asked=now, waiting=True), CheckOutput()) if due else (guardian, None)


def checked(guardian: Guardian, facts: OutputFacts | None, now: Seconds) -> tuple[Guardian, Request | None]:
    """Take in the sound server's answer, and tell what is to be done."""
    guardian = replace(guardian, waiting=False)
    if guardian.ours is None:
        return guardian, None
    fault = None if facts is None else _fault(facts, guardian, guardian.ours.deck)
    if fault is not None:
        return _mended(guardian, fault, now)
    unheard = guardian.unheard_for(now)
    stream = None if facts is None else facts.stream(guardian.ours.deck)
    if stream is not None and not unheard:
        guardian = replace(guardian, good=facts)
    guardian = replace(guardian, fault="", tries=0)
    sentence = _for_the_person(facts, stream, guardian, unheard)
    return _told(guardian, sentence, now) if sentence else (replace(guardian, said=""), None)


# The ear --------------------------------------------------------------------------------------------------------------


def _listened(guardian: Guardian, ours: Sounding, heard: Heard, now: Seconds) -> Guardian:
    if ours.gain < FULL or heard.music is None or heard.muted:
        return replace(guardian, full_since=now, loud=None, musical=None)
    music = heard.music >= MUSIC
    sure = heard.itself is not None and heard.itself.id == ours.track.id
    loud = sure or heard.level >= _least_level(guardian, ours, music=music)
    guardian = replace(
        guardian,
        loud=now if loud or guardian.loud is None else guardian.loud,
        musical=now if (loud and music) or guardian.musical is None else guardian.musical,
        pure_silence=heard.level <= SILENCE,
    )
    if not (loud and music) or now - guardian.full_since < SETTLED:
        return guardian
    coupling = heard.level - _loudness(ours)
    former = coupling if guardian.coupling is None else guardian.coupling
    return replace(guardian, coupling=former + PACE * (coupling - former))


def _least_level(guardian: Guardian, ours: Sounding, *, music: bool) -> Dbfs:
    """Return the level from which on it may well be our music that is heard."""
    if guardian.coupling is None:
        return THRESHOLD
    return Dbfs(guardian.coupling + _loudness(ours) - (DROP if music else DROP_WITHOUT_MUSIC))


def _loudness(ours: Sounding) -> float:
    """Return how loud our song is meant to be, in LUFS; one that was not measured, as loud as the rest."""
    measured = ours.track.loudness
    levelled = TARGET if measured is None else measured.lufs + 20 * math.log10(level_of(ours.track))
    return levelled + 20 * math.log10(ours.gain)


# The sound server -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Fault:
    """Something that broke by itself."""

    why: str
    request: Mend | ReplaceDeck
    in_vain: str
    """What to say where the repair does not help."""
    patience: Seconds = FAULT_FOR


def _fault(facts: OutputFacts, guardian: Guardian, deck: DeckName) -> _Fault | None:
    """Return what is broken on the way of our stream, as far as the server sees and nobody wanted it so."""
    stream = facts.stream(deck)
    sink, default = None if stream is None else facts.sink(stream.sink), facts.default_sink
    if sink is not None and sink.suspended:  # libVLC corks its stream now and then while it is
        why = f"The output “{sink.label}” was suspended and is woken."
        in_vain = f"The output “{sink.label}” does not wake up. Choose another one in the sound settings."
        return _Fault(why, Mend(WakeSink(sink.number), why), in_vain)
    if stream is None or stream.corked:
        why = "The sound server has nothing of the song that plays."
        in_vain = "The sound server does not take our music. Restart it, or the computer."
        return _Fault(why, ReplaceDeck(deck, why), in_vain, MISSING_FOR)
    if default is not None and not default.heard_by_nobody and _left_behind(facts, sink, guardian.good, deck):
        why = f"The music went nowhere and is moved to the output “{default.label}”."
        in_vain = f"The music cannot be moved to the output “{default.label}”. Choose another in the sound settings."
        return _Fault(why, Mend(MoveStreams(default.number), why), in_vain)
    return None


def _left_behind(facts: OutputFacts, sink: SinkFacts | None, good: OutputFacts | None, deck: DeckName) -> bool:
    """Tell whether our stream came by itself to `sink`, which is not the default one.

    It did where nobody hears that sink, or where the one that it was on has gone since: the server moves the streams of
    a sink that vanishes. Where that one is still there, somebody moved the stream, or the default.
    """
    if sink is None or sink.name == facts.default:
        return False
    former = None if good is None else good.stream(deck)
    return sink.heard_by_nobody or (former is not None and facts.sink(former.sink) is None)


def _mended(guardian: Guardian, fault: _Fault, now: Seconds) -> tuple[Guardian, Request | None]:
    """Order the repair when it is due."""
    if fault.why != guardian.fault:
        return replace(guardian, fault=fault.why, fault_since=now, tries=0), None
    rest = min(FIRST_REST * 2 ** (guardian.tries - 1), LONGEST_REST) if guardian.tries else 0.0
    if now - guardian.fault_since < fault.patience or now - guardian.mended < rest:
        in_vain = guardian.tries >= TRIES
        return _told(guardian, fault.in_vain, now) if in_vain else (guardian, None)
    return replace(guardian, tries=guardian.tries + 1, mended=now), fault.request


# The person -----------------------------------------------------------------------------------------------------------


def _for_the_person(
    facts: OutputFacts | None, stream: StreamFacts | None, guardian: Guardian, unheard: Seconds
) -> str:
    """Return what only a person can, or may, change; empty where there is nothing."""
    if facts is not None and (facts.default_sink is None or facts.default_sink.heard_by_nobody):
        return NO_LOUDSPEAKER
    if not unheard:
        return ""
    sink = None if facts is None or stream is None else facts.sink(stream.sink)
    if facts is not None and stream is not None and sink is not None:
        set_so = _set_so(facts, stream, sink)
        if set_so:
            return set_so
    return NOT_HEARD if unheard >= NO_WAY_FOR and not guardian.pure_silence else ""


def _set_so(facts: OutputFacts, stream: StreamFacts, sink: SinkFacts) -> str:
    """Return what a person has set so that the room hears nothing; empty where it is nothing of that."""
    if sink.muted:
        return f"The output “{sink.label}” is muted. Unmute it in the sound settings."
    if sink.volume <= INAUDIBLE:
        return f"The output “{sink.label}” is turned down. Turn it up in the sound settings."
    if stream.muted:
        return "livedj is muted in the sound settings. Unmute it there."
    if stream.volume <= INAUDIBLE:
        return "livedj is turned down in the sound settings. Turn it up there."
    if sink.name != facts.default:
        return f"The music goes to the output “{sink.label}”, which is not the default one. Is it the right one?"
    return ""


def _told(guardian: Guardian, sentence: str, now: Seconds) -> tuple[Guardian, Request | None]:
    """Say a sentence, if it was not said a short while ago."""
    if sentence == guardian.said and now - guardian.said_at < SAY_AGAIN:
        return guardian, None
    return replace(guardian, said=sentence, said_at=now), Say(sentence)
