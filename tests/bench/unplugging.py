"""How soon a lost microphone is said, and how soon listening is back: in a virtual room that is broken on purpose."""

import time
from collections.abc import Iterator
from pathlib import Path

from livedj.app import App
from livedj.demo.room import VirtualRoom
from livedj.listen.heard import ListenState
from livedj.party.messages import TogglePause
from livedj.settings import Settings

PATIENCE = 60.0


def unplug(data: Path) -> Iterator[tuple[str, float, float]]:
    """Yield for each fault its name, the seconds until it was said, and from the device's return until it listens."""
    with VirtualRoom() as room:
        room.enter_process()
        app = App(Settings(), data, settings_file=data / "settings.toml")
        app.start()
        try:
            _until(app, ListenState.TOO_QUIET)
            app.send(TogglePause())  # our own song is what the microphone hears
            _until(app, ListenState.LISTENING)
            room.unplug_microphone()
            said = _until(app, ListenState.NO_MICROPHONE)
            room.plug_microphone()
            yield "microphone unplugged", said, _until(app, ListenState.LISTENING)
            room.kill_server()
            said = _until(app, ListenState.NO_MICROPHONE)
            room.restart_server()
            yield "sound server killed", said, _until(app, ListenState.LISTENING)
        finally:
            app.stop()


def _until(app: App, state: ListenState) -> float:
    began = time.monotonic()
    while app.snapshot.heard.state is not state:
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError(f"not {state} within {PATIENCE} s, but {app.snapshot.heard.state}")
        time.sleep(0.02)
    return time.monotonic() - began
