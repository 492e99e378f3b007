"""`livedj demo`: another DJ plays a song into the virtual room; livedj hears it, proposes, takes over, and goes on.

Everything is real but the air: PortAudio hears what libVLC plays through a private sound server. Where there is no such
server (macOS, Windows) a file plays the microphone's part and the songs go to the loudspeakers.
"""

import contextlib
import json
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

import ui
from livedj import bundled, settings
from livedj.app import App, clock, vlc_decks
from livedj.demo.deck_log import BLOCK, Run, logged, loudness, planned_loudness
from livedj.demo.room import OutsidePlayer, VirtualRoom
from livedj.demo.songs import folder_in, make_demo_library
from livedj.demo.timeline import Entry, Timeline
from livedj.errors import DemoError
from livedj.library.decode import decode
from livedj.library.scanner import Progress, Scanner
from livedj.library.shelf import Shelf
from livedj.listen.microphone import FileMicrophone, Microphone
from livedj.music import SAMPLE_RATE, Samples, Seconds
from livedj.party.messages import PlayNext, SetAuto
from livedj.party.mixing import CUE_AHEAD
from livedj.party.snapshot import Snapshot
from livedj.play.deck import DeckName

LIBRARY = folder_in(settings.DATA_FOLDER)
"""The demo's songs and their own catalogue; kept, so that a second demo starts at once."""
OUTSIDE_STYLE = "House"
OUTSIDE = Seconds(24.0)
"""How long the other DJ plays before livedj takes over."""
EXCERPT = Seconds(36.0)
"""How much is played of each song, to see three transitions in a few minutes."""
TRANSITIONS = 3
CROSSFADE = Seconds(6.0)
_PATIENCE = Seconds(90.0)
"""The longest wait for anything to happen before the demo owns up to a failure."""
_LOOK = Seconds(0.1)


@dataclass
class Show:
    """What one performance leaves behind."""

    timeline: Timeline
    runs: list[Run]
    picture: Snapshot | None = None
    recorded: Samples | None = None
    began: Seconds = Seconds(0.0)
    """The moment of the first recorded sample."""


def perform(out: Path) -> None:
    """Give the demo and leave its recording, pictures and timeline in `out`.

    Raises:
        DemoError: something did not happen in time.
        RoomError: this Linux machine cannot have a virtual room.

    """
    out.mkdir(parents=True, exist_ok=True)
    songs = _prepare_library()
    outside = _faded_out(decode(_middle_of(songs), Seconds(15.0), Seconds(OUTSIDE + CROSSFADE)))
    with contextlib.ExitStack() as stack:
        room = stack.enter_context(_room()) if sys.platform == "linux" else None
        microphone: Microphone | None = None
        if room is None:
            click.echo(VirtualRoom.why_not())
            microphone = FileMicrophone(outside, SAMPLE_RATE, clock)
        _without_screen()
        show = _play(out, room, outside, microphone)
    _leave(out, show)


# Preparing --------------------------------------------------------------------------------------------------------


def _prepare_library() -> list[Path]:
    """Make and scan the demo library where that is not done yet."""
    with click.progressbar(length=24, label="Making the demo library") as bar:

        def made(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        songs = make_demo_library(LIBRARY, made)
    with click.progressbar(length=len(songs), label="Listening to its songs ") as bar:

        def scanned(progress: Progress) -> None:
            bar.update(progress.done - bar.pos)

        Scanner(LIBRARY, bundled.MODEL, progress=scanned).scan([LIBRARY])
    return songs


def _middle_of(songs: list[Path]) -> Path:
    return next(path for path in songs if path.parent.name == OUTSIDE_STYLE)


def _faded_out(samples: Samples) -> Samples:
    """Let the other DJ pull the fader down while livedj takes over."""
    length = round(CROSSFADE * SAMPLE_RATE)
    gain = np.cos(np.linspace(0, np.pi / 2, length, dtype=np.float32))
    return np.concatenate([samples[:-length], samples[-length:] * gain]).astype(np.float32)


@contextlib.contextmanager
def _room() -> Iterator[VirtualRoom]:
    with VirtualRoom() as room:
        room.enter_process()
        if room.host_speakers():
            room.forward_to_speakers()
        yield room


def _without_screen() -> None:
    """Let Qt draw into memory where there is no screen."""
    if not ui.has_screen():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


# Playing ----------------------------------------------------------------------------------------------------------


def _play(out: Path, room: VirtualRoom | None, outside: Samples, microphone: Microphone | None) -> Show:
    runs: list[Run] = []
    show = Show(Timeline(clock(), _print), runs)
    with tempfile.TemporaryDirectory() as folder:
        app = App(
            settings.Settings(crossfade=CROSSFADE),
            LIBRARY,
            settings_file=Path(folder) / "settings.toml",
            microphone=microphone,
            make_decks=lambda post: logged(vlc_decks(post), runs, clock),
            excerpt=EXCERPT,
        )
        app.start()
        try:
            bridge = ui.open_window(lambda: app.snapshot, app.send, app.cover, Shelf(LIBRARY))
            act = _Act(app, room, outside, show, out, done=lambda: ui.close_window(bridge))
            act.start()
            ui.run_until_closed(bridge)
            act.stop()
        finally:
            app.stop()
        if act.error:
            raise act.error
        if show.picture:
            ui.picture(show.picture, app.cover, out / "window.png")
    return show


class _Act(threading.Thread):
    """The hand on the mouse: plays the other DJ, clicks, watches, and closes the window at the end."""

    def __init__(
        self,
        app: App,
        room: VirtualRoom | None,
        outside: Samples,
        show: Show,
        out: Path,
        done: Callable[[], None],
    ) -> None:
        super().__init__(name="demo", daemon=True)
        self._app, self._room, self._outside, self._show, self._out = app, room, outside, show, out
        self._done = done
        self._stopped = threading.Event()
        self.error: DemoError | None = None

    def stop(self) -> None:
        """Break off, where the window was closed early, and wait for the end."""
        self._stopped.set()
        self.join()

    def run(self) -> None:
        """Do everything in turn."""
        recording = self._room.record(self._out / "room.wav") if self._room else None
        try:
            self._night()
        except DemoError as error:
            self.error = error
        finally:
            if recording:
                self._show.recorded, self._show.began = recording.stop(), recording.began
            self._done()

    def _night(self) -> None:
        timeline, began = self._show.timeline, clock()
        player = self._other_dj()
        self._until("proposals", lambda now: bool(now.proposals))
        self._until("the other DJ's end", lambda now: now.at - began > OUTSIDE)
        timeline.note_proposals(self._app.snapshot)
        best = self._app.snapshot.proposals[0].track
        timeline.note(clock(), "clicked", best.label)
        self._app.send(PlayNext(best))
        self._app.send(SetAuto(True))
        self._until("our first song", lambda now: now.playing is not None)
        for number in range(TRANSITIONS):
            timeline.note_proposals(self._until("the cue", _about_to_cue))
            fading = self._until("a crossfade", lambda now: now.fade is not None and now.fade > 0.4)
            if number == 0:
                self._show.picture = fading
            self._until("its end", lambda now: now.fade is None)
        ended = clock()
        self._until("a last listen", lambda now: now.at - ended > CROSSFADE)
        if player:
            player.stop()

    def _other_dj(self) -> OutsidePlayer | None:
        self._show.timeline.note(clock(), "outside", f"another DJ plays a {OUTSIDE_STYLE} song into the room")
        return self._room.play(self._outside) if self._room else None

    def _until(self, wanted: str, true: Callable[[Snapshot], bool]) -> Snapshot:
        deadline = clock() + _PATIENCE
        while clock() < deadline:
            now = self._app.snapshot
            self._show.timeline.follow(now)
            if true(now):
                return now
            if self._stopped.wait(_LOOK):
                raise DemoError("The demo was closed before its end.")
        raise DemoError(f"The demo waited in vain for {wanted}.")


def _about_to_cue(now: Snapshot) -> bool:
    """Tell whether auto-DJ takes its pick within a second: what is proposed now is what it chooses from."""
    return now.fades_in is not None and now.fades_in < CUE_AHEAD + 1.0


# Leaving ----------------------------------------------------------------------------------------------------------


def _print(entry: Entry) -> None:
    click.echo(f"{entry.at:6.1f} s  {entry.kind:<9} {entry.text}")


def _leave(out: Path, show: Show) -> None:
    timeline = [entry.as_dict() for entry in show.timeline.entries]
    (out / "timeline.json").write_text(json.dumps(timeline, ensure_ascii=False, indent=1), encoding="utf-8")
    if show.recorded is not None:
        recorded = loudness(show.recorded)
        seconds = Seconds(len(recorded) * BLOCK)
        planned = {
            f"deck {name}, planned": planned_loudness((r for r in show.runs if r.deck is name), show.began, seconds)
            for name in DeckName
        }
        ui.chart(out / "crossfades.png", planned | {"room, recorded": recorded}, BLOCK)
    click.echo(f"Left in {out}: {', '.join(sorted(path.name for path in out.iterdir()))}.")
