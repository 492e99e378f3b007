"""Faults of the program's processes: the decks, the scan's workers, and the program itself."""

import signal
from collections.abc import Iterator

from tests.chaos.faults.frame import NotPossibleError, Scene, fault
from tests.chaos.program import Role, send

_WORKER_WITHIN = 20.0
_NEW_SONGS = 4


@fault("deck hangs", holds=6)
def _(scene: Scene) -> Iterator[str]:
    deck = _playing_deck(scene)
    send(deck, signal.SIGSTOP)
    yield f"process {deck}"
    send(deck, signal.SIGCONT)


@fault("deck killed", holds=1)
def _(scene: Scene) -> Iterator[str]:
    deck = _playing_deck(scene)
    send(deck, signal.SIGKILL)
    yield f"process {deck}"


@fault("both decks killed", holds=1)
def _(scene: Scene) -> Iterator[str]:
    decks = _some(scene, Role.DECK)
    for deck in decks:
        send(deck, signal.SIGKILL)
    yield f"{len(decks)} processes"


@fault("stop() hangs", holds=10)
def _(scene: Scene) -> Iterator[str]:
    yield from _stop_goes_wrong(scene, "hang", "hung")


@fault("stop() crashes", holds=6)
def _(scene: Scene) -> Iterator[str]:
    yield from _stop_goes_wrong(scene, "crash", "crashed")


@fault("program killed", holds=6, kills=True)
def _(scene: Scene) -> Iterator[str]:
    yield kill_program(scene)


@fault("program hangs", holds=18, kills=True)
def _(scene: Scene) -> Iterator[str]:
    """Only the program, not its decks: its parent must find out, and end it."""
    programs = _some(scene, Role.PROGRAM)
    for number in programs:
        send(number, signal.SIGSTOP)
    yield f"process {programs[0]}"
    for number in programs:
        send(number, signal.SIGCONT)


@fault("scan worker killed", holds=6)
def _(scene: Scene) -> Iterator[str]:
    scene.add_songs(scene.chance, _NEW_SONGS)
    scene.program.scan(scene.music)
    scene.wait_for(lambda: bool(scene.program.processes(Role.WORKER)), _WORKER_WITHIN, "no worker was seen")
    workers = scene.program.processes(Role.WORKER)
    for worker in workers:
        send(worker, signal.SIGKILL)
    yield f"{len(workers)} workers"


def kill_program(scene: Scene) -> str:
    """Kill the program itself (SIGKILL), not its parent or its decks; return what was killed."""
    programs = _some(scene, Role.PROGRAM)
    for number in programs:
        send(number, signal.SIGKILL)
    return f"process {programs[0]}"


def _some(scene: Scene, role: Role) -> list[int]:
    """Return the processes of this role; where there is none, the fault is not possible."""
    processes = scene.program.processes(role)
    if not processes:
        raise NotPossibleError(f"there is no {role} process")
    return processes


def _stop_goes_wrong(scene: Scene, trigger: str, done: str) -> Iterator[str]:
    """Let the next stop() of a deck go wrong as `trigger` says; a deck that met it leaves the file `done`."""
    (scene.program.triggers / trigger).touch()
    scene.program.skip()
    yield ""
    for left in (trigger, done):
        (scene.program.triggers / left).unlink(missing_ok=True)


def _playing_deck(scene: Scene) -> int:
    """Return the deck that has held its song for longest."""
    decks = scene.program.processes(Role.DECK)
    holding = [held.process for held in scene.program.held() if held.process in decks]
    if not holding:
        raise NotPossibleError("no deck with a process of its own plays")
    return holding[0]
