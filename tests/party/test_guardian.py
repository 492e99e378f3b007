"""The guardian: what it makes of the ear and of the sound server's facts. No sound, no clock."""

from dataclasses import replace

import pytest

from livedj.listen.heard import Heard, ListenState
from livedj.music import SILENCE, Dbfs, Gain, Loudness, Seconds, Track
from livedj.party.guardian import (
    ANSWER_WITHIN,
    LOOK_EVERY,
    NO_LOUDSPEAKER,
    NOT_HEARD,
    SAY_AGAIN,
    CheckOutput,
    Guardian,
    Mend,
    ReplaceDeck,
    Request,
    Say,
    Sounding,
    checked,
    watched,
)
from livedj.play.deck import DeckName
from livedj.play.output import DUMMY, MoveStreams, OutputFacts, SinkFacts, StreamFacts, WakeSink
from tests.songs import song

SPEAKERS = SinkFacts(1, "speakers", "Speakers")
HEADPHONES = SinkFacts(2, "headphones", "Headphones")
NOWHERE = SinkFacts(3, DUMMY, "Dummy Output")
STREAM = StreamFacts(7, "A", sink=1)
GOOD = OutputFacts((SPEAKERS, HEADPHONES), "speakers", (STREAM,))
USUAL = Dbfs(-30.0)
NOISE = Dbfs(-42.0)
"""12 dB below the music: what is left of the room where it stops."""


class Watch:
    """A song on deck A, an ear that hears `level` and `music`, and a server that shows `facts`."""

    def __init__(self) -> None:
        self.guardian = Guardian()
        self.now = Seconds(100.0)
        self.facts: OutputFacts | None = GOOD
        self.heard = Heard(self.now, ListenState.LISTENING, level=USUAL, music=1.0)
        self.ours: Sounding | None = Sounding(DeckName.A, song(1), Gain(1.0))

    def passes(self, seconds: float) -> list[Request]:
        """Let ten reports a second come in, and answer every question at once."""
        orders = []
        for _ in range(round(seconds * 10)):
            self.now = Seconds(self.now + 0.1)
            self.guardian, asks = watched(self.guardian, replace(self.heard, at=self.now), self.ours, self.now)
            if asks is not None:
                assert asks == CheckOutput()
                self.guardian, order = checked(self.guardian, self.facts, self.now)
                orders += [order] if order else []
        return orders

    def hears(self, level: float, music: float | None = 0.0) -> None:
        self.heard = replace(self.heard, level=Dbfs(level), music=music)

    def plays(self, track: Track, gain: float = 1.0) -> None:
        self.ours = Sounding(DeckName.A, track, Gain(gain))

    def shows(self, *, sink: SinkFacts = SPEAKERS, stream: StreamFacts = STREAM) -> None:
        self.facts = OutputFacts((sink, HEADPHONES), "speakers", (stream,))


@pytest.fixture
def watch() -> Watch:
    """Return a watch that has heard our music for a while."""
    watch = Watch()
    assert watch.passes(30.0) == []
    return watch


def sentences(orders: list[Request]) -> list[str]:
    return [order.sentence for order in orders if isinstance(order, Say)]


def test_it_learns_how_loud_we_come_back(watch: Watch) -> None:
    assert watch.guardian.coupling == pytest.approx(USUAL + 18.0, abs=0.1)
    assert watch.guardian.unheard_for(watch.now) == 0.0
    watch.hears(-20.0, 1.0)
    watch.passes(60.0)
    assert watch.guardian.coupling == pytest.approx(-20.0 + 18.0, abs=0.1)


@pytest.mark.parametrize(("level", "music"), [(-55.0, 0.9), (NOISE, 0.0), (SILENCE, 0.0)])
def test_a_room_that_falls_silent_does_not_hear_us(watch: Watch, level: float, music: float) -> None:
    watch.hears(level, music)
    watch.passes(2.5)
    assert watch.guardian.unheard_for(watch.now) == 0.0, "it may be a break in the song"
    watch.passes(1.0)
    assert watch.guardian.unheard_for(watch.now) >= 3.0
    watch.hears(USUAL, 1.0)
    watch.passes(0.1)
    assert watch.guardian.unheard_for(watch.now) == 0.0


@pytest.mark.parametrize(("level", "music"), [(-45.0, 0.9), (-34.0, 0.0)])
def test_a_quiet_passage_or_a_drum_solo_is_heard(watch: Watch, level: float, music: float) -> None:
    watch.hears(level, music)
    watch.passes(6.0)
    assert watch.guardian.unheard_for(watch.now) == 0.0


def test_guests_who_drown_us_are_a_concern_after_a_while(watch: Watch) -> None:
    watch.hears(-25.0, 0.0)
    watch.passes(7.0)
    assert watch.guardian.unheard_for(watch.now) == 0.0
    watch.passes(2.0)
    assert watch.guardian.unheard_for(watch.now) >= 8.0


def test_a_song_that_the_ear_knows_is_heard_however_softly(watch: Watch) -> None:
    watch.heard = replace(watch.heard, itself=song(1))
    watch.hears(-60.0, 0.9)
    watch.passes(10.0)
    assert watch.guardian.unheard_for(watch.now) == 0.0


def test_a_soft_song_is_expected_to_be_soft(watch: Watch) -> None:
    soft = replace(song(2), loudness=Loudness(-40.0, -1.0))  # its peaks leave no room for a boost
    watch.plays(soft)
    watch.hears(USUAL - 22.0, 0.9)
    watch.passes(10.0)
    assert watch.guardian.unheard_for(watch.now) == 0.0
    watch.plays(song(3))
    watch.passes(4.0)
    assert watch.guardian.unheard_for(watch.now) >= 3.0, "of a song at full loudness so little is a break"


def test_a_song_of_unknown_loudness_is_expected_as_loud_as_the_rest(watch: Watch) -> None:
    watch.plays(replace(song(2), loudness=None))
    watch.hears(NOISE)
    watch.passes(4.0)
    assert watch.guardian.unheard_for(watch.now) >= 3.0


@pytest.mark.parametrize("change", [{"music": None}, {"muted": True}])
def test_a_microphone_that_is_away_or_muted_says_nothing(watch: Watch, change: dict[str, object]) -> None:
    watch.heard = replace(watch.heard, level=SILENCE, **change)  # type: ignore[arg-type]
    watch.shows(sink=replace(SPEAKERS, muted=True))
    assert watch.passes(60.0) == []
    assert watch.guardian.unheard_for(watch.now) == 0.0


def test_a_fade_and_a_pause_are_left_alone(watch: Watch) -> None:
    watch.hears(NOISE)
    watch.plays(song(1), 0.5)
    watch.passes(10.0)
    assert watch.guardian.unheard_for(watch.now) == 0.0
    watch.plays(song(1))
    watch.ours = None
    assert watch.passes(30.0) == []
    assert watch.guardian.unheard_for(watch.now) == 0.0


def test_it_learns_nothing_from_a_fade(watch: Watch) -> None:
    watch.plays(song(1), 0.5)
    watch.hears(-50.0, 1.0)
    watch.passes(60.0)
    watch.plays(song(1))
    watch.passes(4.0)
    assert watch.guardian.coupling == pytest.approx(USUAL + 18.0, abs=0.1)


def test_before_anything_was_learned_a_silent_room_is_a_concern() -> None:
    watch = Watch()
    watch.hears(-62.0)
    watch.passes(4.0)
    assert watch.guardian.unheard_for(watch.now) >= 3.0


def test_the_server_is_asked_twice_a_second_and_not_before_it_has_answered() -> None:
    guardian, heard, ours = Guardian(), Watch().heard, Watch().ours
    asked = []
    for tenth in range(300):
        now = Seconds(50.0 + tenth / 10)
        guardian, asks = watched(guardian, heard, ours, now)
        asked += [now] if asks else []
        if asks and now < 52.0:
            guardian, _ = checked(guardian, GOOD, now)
    answered = [now for now in asked if now < 52.0]
    assert len(answered) == 4
    assert answered[1] - answered[0] == pytest.approx(LOOK_EVERY, abs=0.11)
    unanswered = [now for now in asked if now >= 52.0]
    assert unanswered[1] - unanswered[0] == pytest.approx(ANSWER_WITHIN, abs=0.11)


def test_an_answer_after_the_music_was_stopped_moves_nothing(watch: Watch) -> None:
    guardian, _ = watched(watch.guardian, watch.heard, None, watch.now)
    suspended = replace(GOOD, sinks=(replace(SPEAKERS, suspended=True),))
    assert checked(guardian, suspended, watch.now) == (replace(guardian, waiting=False), None)


@pytest.mark.parametrize("music", [1.0, None])
def test_a_suspended_output_is_woken_within_a_second_ear_or_no_ear(watch: Watch, music: float | None) -> None:
    watch.hears(USUAL, music)
    watch.shows(sink=replace(SPEAKERS, suspended=True))
    assert watch.passes(0.6) == []
    watch.shows(sink=replace(SPEAKERS, suspended=True), stream=replace(STREAM, corked=True))
    assert watch.passes(0.5) == [Mend(WakeSink(1), "The output “Speakers” was suspended and is woken.")]
    watch.facts = GOOD
    assert watch.passes(30.0) == []


def test_an_output_that_was_suspended_for_a_moment_is_left_alone(watch: Watch) -> None:
    watch.shows(sink=replace(SPEAKERS, suspended=True))
    assert watch.passes(0.5) == []
    watch.facts = GOOD
    assert watch.passes(2.0) == []


def test_repairs_in_vain_become_rarer_and_are_told(watch: Watch) -> None:
    watch.shows(sink=replace(SPEAKERS, suspended=True))
    first = watch.passes(10.0)
    assert len([order for order in first if isinstance(order, Mend)]) == 3
    later = watch.passes(60.0)
    assert 2 <= len([order for order in later if isinstance(order, Mend)]) <= 4
    told = sentences(first + later)
    assert set(told) == {"The output “Speakers” does not wake up. Choose another one in the sound settings."}
    assert 2 <= len(told) <= 70 / SAY_AGAIN + 1


def test_a_stream_on_an_output_that_nobody_hears_is_moved(watch: Watch) -> None:
    watch.facts = OutputFacts((SPEAKERS, NOWHERE), "speakers", (replace(STREAM, sink=3),))
    assert watch.passes(1.1) == [
        Mend(MoveStreams(1), "The music went nowhere and is moved to the output “Speakers”.")
    ]
    unplugged = replace(HEADPHONES, plugged=False)
    watch.facts = OutputFacts((SPEAKERS, unplugged), "speakers", (replace(STREAM, sink=2),))
    watch.passes(10.0)
    assert watch.guardian.tries > 0


def test_a_stream_that_the_server_moved_off_an_output_that_vanished_comes_back_with_it(watch: Watch) -> None:
    back = replace(SPEAKERS, number=9)
    watch.facts = OutputFacts((HEADPHONES, back), "speakers", (replace(STREAM, sink=2),))
    orders = watch.passes(1.1)
    assert [order.repair for order in orders if isinstance(order, Mend)] == [MoveStreams(9)]


def test_a_stream_that_a_person_moved_stays_there_and_is_told_once_the_room_is_silent(watch: Watch) -> None:
    watch.shows(stream=replace(STREAM, sink=2))
    assert watch.passes(10.0) == []
    watch.hears(NOISE)
    told = watch.passes(10.0)
    assert sentences(told) == [
        "The music goes to the output “Headphones”, which is not the default one. Is it the right one?"
    ]
    assert len(told) == 1


def test_where_a_person_chose_another_default_the_stream_stays(watch: Watch) -> None:
    watch.facts = replace(GOOD, default="headphones")
    watch.hears(NOISE)
    orders = watch.passes(10.0)
    assert [type(order) for order in orders] == [Say]


def test_a_stream_on_an_output_that_has_just_gone_waits_for_the_server(watch: Watch) -> None:
    watch.facts = replace(GOOD, sinks=(HEADPHONES,), default="headphones")
    assert watch.passes(5.0) == []


@pytest.mark.parametrize(
    ("sink", "stream", "says"),
    [
        ({"muted": True}, {}, "The output “Speakers” is muted. Unmute it in the sound settings."),
        ({"volume": 0.01}, {}, "The output “Speakers” is turned down. Turn it up in the sound settings."),
        ({}, {"muted": True}, "livedj is muted in the sound settings. Unmute it there."),
        ({}, {"volume": 0.0}, "livedj is turned down in the sound settings. Turn it up there."),
    ],
)
def test_what_a_person_set_is_told_and_left(
    watch: Watch, sink: dict[str, float], stream: dict[str, float], says: str
) -> None:
    watch.shows(sink=replace(SPEAKERS, **sink), stream=replace(STREAM, **stream))  # type: ignore[arg-type]
    assert watch.passes(10.0) == [], "whoever hears it needs no sentence"
    watch.hears(NOISE)
    assert watch.passes(10.0) == [Say(says)]
    assert watch.passes(SAY_AGAIN) == [Say(says)], "it is said again while it lasts"
    watch.facts = GOOD
    watch.hears(USUAL, 1.0)
    assert watch.passes(30.0) == []


def test_without_any_loudspeaker_it_says_so_at_once(watch: Watch) -> None:
    watch.facts = OutputFacts((NOWHERE,), DUMMY, (replace(STREAM, sink=3),))
    assert watch.passes(1.0) == [Say(NO_LOUDSPEAKER)]
    watch.facts = OutputFacts((), "", (STREAM,))
    assert watch.passes(SAY_AGAIN) == [Say(NO_LOUDSPEAKER)]


@pytest.mark.parametrize("streams", [(), (replace(STREAM, corked=True),), (replace(STREAM, deck="B"),)])
def test_a_deck_without_a_running_stream_is_replaced(watch: Watch, streams: tuple[StreamFacts, ...]) -> None:
    watch.facts = replace(GOOD, streams=streams)
    assert watch.passes(2.5) == [], "a deck that cues has none for a moment"
    why = "The sound server has nothing of the song that plays."
    assert watch.passes(2.0) == [ReplaceDeck(DeckName.A, why)]


@pytest.mark.parametrize("facts", [GOOD, None])
def test_where_nothing_is_wrong_it_asks_for_the_loudspeaker_after_a_while(
    watch: Watch, facts: OutputFacts | None
) -> None:
    watch.facts = facts
    watch.hears(NOISE)
    assert watch.passes(14.0) == []
    assert watch.passes(2.0) == [Say(NOT_HEARD)]


def test_of_pure_silence_the_microphone_may_be_the_reason(watch: Watch) -> None:
    watch.hears(SILENCE)
    assert watch.passes(60.0) == []
