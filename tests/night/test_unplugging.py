"""The microphone is pulled out, the sound server dies: the window says so, the music plays on, listening comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from livedj.demo.room import VirtualRoom
from livedj.listen.heard import ListenState
from livedj.party.messages import TogglePause
from livedj.settings import Settings
from tests.conftest import reopen_portaudio
from tests.night.conftest import livedj

pytestmark = [pytest.mark.room, pytest.mark.timeout(300)]

SLOW_MACHINE = 3.0
SAID_WITHIN, BACK_WITHIN = 2.0 * SLOW_MACHINE, 5.0 * SLOW_MACHINE
"""The figures that the bench holds without the factor."""


@pytest.fixture
def frail_room() -> Iterator[VirtualRoom]:
    """Yield a room of its own, since it is broken in the test."""
    with VirtualRoom() as virtual:
        virtual.enter_process()
        reopen_portaudio()
        yield virtual
    reopen_portaudio()


def test_a_microphone_that_is_pulled_out_is_missed_while_the_music_plays_on(
    frail_room: VirtualRoom, demo_data: Path
) -> None:
    with livedj(demo_data, Settings()) as night:
        night.until(lambda now: now.library_size > 0 and now.heard.state is not ListenState.STARTING)
        night.app.send(TogglePause())
        night.until(lambda now: now.heard.state is ListenState.LISTENING and now.playing is not None)
        frail_room.unplug_microphone()
        lost, _ = night.until(lambda now: now.heard.state is ListenState.NO_MICROPHONE, SAID_WITHIN)
        assert lost.heard.detail
        before = lost.playing
        assert before is not None
        night.until(lambda now: now.playing is not None and now.playing.position > before.position + 2)
        frail_room.plug_microphone()
        night.until(lambda now: now.heard.state is ListenState.LISTENING, BACK_WITHIN)


def test_a_sound_server_that_dies_and_comes_back_brings_music_and_ear_back(
    frail_room: VirtualRoom, demo_data: Path
) -> None:
    with livedj(demo_data, Settings()) as night:
        night.until(lambda now: now.library_size > 0 and now.heard.state is not ListenState.STARTING)
        night.app.send(TogglePause())
        night.until(lambda now: now.heard.state is ListenState.LISTENING and now.playing is not None)
        frail_room.kill_server()
        night.until(lambda now: now.heard.state is ListenState.NO_MICROPHONE, SAID_WITHIN)
        frail_room.restart_server()
        night.until(lambda now: now.heard.state is ListenState.LISTENING, BACK_WITHIN)
        # The microphone hears nothing but our own deck: LISTENING means that the music is back in the room too.
        night.until(lambda now: now.playing is not None and now.playing.position > 1)
