"""One night: the program plays in the virtual room, faults come by plan, and all that is heard is recorded."""

import random
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from livedj.demo.room import VirtualRoom
from livedj.errors import RoomError
from livedj.music import Seconds
from livedj.night.log import sessions
from livedj.settings import Settings, save
from tests.chaos.faults import KINDS, Fault, NotPossibleError, Scene, clock, favour_server
from tests.chaos.judge import Incident, Piece, Span, Verdict, judge, levels, silences
from tests.chaos.library import copy_songs
from tests.chaos.program import Cost, Program
from tests.chaos.recorder import Recorder
from tests.chaos.schedule import LAST, Planned

FIRST_MUSIC = Seconds(60.0)
"""Until the program must play something; it waits until the room is silent first."""
COST_EVERY = Seconds(2.0)
_LOOK = 0.2
Say = Callable[[str], None]


@dataclass
class Night:
    """What is known of a night when it is over."""

    span: Span
    pieces: Sequence[Piece]
    incidents: Sequence[Incident]
    refused: Sequence[str]
    """Faults that could not be brought about, each with the reason."""
    absent: Sequence[Span]
    helped: Sequence[Seconds]
    """When the harness had to start the program again, since nothing of it was left."""
    costs: Sequence[Cost]
    tracks: int

    @property
    def verdict(self) -> Verdict:
        """What the recording says."""
        loudness = levels(self.pieces, self.span)
        return judge(silences(loudness, self.span, self.absent), self.incidents, self.span, self.helped)


class Watch:
    """Looks at the program all the time: what it costs, what its decks have open, and whether it is there at all."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self.costs: list[Cost] = []
        self.helped: list[Seconds] = []

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look away: the program may end now."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        due = clock()
        while not self._over.wait(_LOOK):
            self._program.held()
            if self._program.gone:
                self.helped.append(clock())
                self._program.start()
            if clock() >= due:
                due = Seconds(due + COST_EVERY)
                self.costs.append(self._program.cost())


@dataclass
class Stage:
    """A program that plays in a room, and who records and looks after it."""

    scene: Scene
    watch: Watch
    recorder: Recorder
    began: Seconds
    incidents: list[Incident] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def until(self, moment: float) -> None:
        """Let time pass until that moment."""
        time.sleep(max(0.0, moment - clock()))

    def rest(self, seconds: float) -> None:
        """Let so much time pass."""
        self.until(clock() + seconds)

    def meet(self, fault: Fault) -> Incident | str:
        """Let one fault happen and be undone; return what happened, or why it could not."""
        scene = self.scene
        scene.strike()
        try:
            with fault.meet(scene) as detail:
                self.rest(fault.holds)
        except (NotPossibleError, RoomError, OSError, sqlite3.Error, subprocess.SubprocessError) as error:
            self.refused.append(f"{fault.kind}: {error}")
            return f"{error}"
        incident = Incident(fault.kind, scene.struck, clock(), detail, fault.kills)
        self.incidents.append(incident)
        return incident

    def end(self) -> Night:
        """Close the window and return what is known."""
        span = Span(self.began, clock())
        self.watch.stop()
        pieces, tracks = self.recorder.stop(), tracks_played(self.scene.program)
        absent, helped, costs = self.scene.absent, self.watch.helped, self.watch.costs
        return Night(span, pieces, self.incidents, self.refused, absent, helped, costs, tracks)


@contextmanager
def stage(songs: Sequence[Path], out: Path, seed: int) -> Iterator[Stage]:
    """Set the stage: room, scanned library, recorders and the program, with auto-DJ on; yield when it plays."""
    with tempfile.TemporaryDirectory(prefix="livedj-chaos-") as folder, VirtualRoom() as room:
        home, music = Path(folder) / "home", Path(folder) / "music"
        program = Program(home, music, room.environment)
        copies = copy_songs(list(songs), music)
        save(Settings(auto=True), program.settings)
        program.run("scan", str(music))
        recorder = Recorder(room.environment, out)
        scene = Scene(room, program, music, dict(zip(copies, songs, strict=True)), Path(folder), random.Random(seed))
        watch = Watch(program)
        recorder.start()
        favour_server(room)
        program.start()
        watch.start()
        try:
            began = clock()
            _wait_for_music(program, began)
            yield Stage(scene, watch, recorder, began)
        finally:
            watch.stop()
            program.stop()
            recorder.stop()


def spend(stage: Stage, planned: Sequence[Planned], length: Seconds, say: Say) -> Night:
    """Let a night of at least `length` pass with all the planned faults; one that waits delays those that follow."""
    began = clock()
    delay = 0.0
    for plan in planned:
        moment = began + plan.at + delay
        stage.until(moment)
        fault = KINDS[plan.kind]
        met = stage.meet(fault)
        say(f"{clock() - began:7.1f} s  {fault.kind} {met.detail}" if isinstance(met, Incident)
            else f"{clock() - began:7.1f} s  {fault.kind}: not possible, {met}")
        delay += max(0.0, clock() - moment - fault.holds)
    stage.until(max(began + length, clock() + LAST))
    return stage.end()


def holds(kinds: Sequence[str] = ()) -> Mapping[str, Seconds]:
    """Return how long each of these kinds lasts, or each of all."""
    return {kind: KINDS[kind].holds for kind in kinds or KINDS}


def tracks_played(program: Program) -> int:
    """Return how many songs the session's log has, or the history where there is none."""
    return sum(session.songs for session in sessions(program.data)) or program.history()


def _wait_for_music(program: Program, began: Seconds) -> None:
    while not program.held():
        if clock() - began > FIRST_MUSIC:
            raise TimeoutError(f"no deck opened a song within {FIRST_MUSIC:.0f} s, see {program.home / 'program.log'}")
        time.sleep(_LOOK)
