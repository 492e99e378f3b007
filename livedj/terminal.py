"""`livedj listen`: what goes well next, in the terminal."""

import contextlib
import queue
from dataclasses import replace
from pathlib import Path

import click

from livedj import settings
from livedj.app import clock
from livedj.choose.proposals import Proposal, propose
from livedj.choose.scene import Opinion, Scene, Taste
from livedj.ear.encoder import read_card
from livedj.errors import ListenerDiedError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.models import Models
from livedj.library.songs import Songs
from livedj.listen.heard import Heard, InputDevice
from livedj.listen.listener import Listener
from livedj.listen.microphone import PortAudioMicrophone

_METER = 30
"""Width of the level meter, one character for two decibels."""


def listen_until_interrupted(kept: settings.Settings, data: Path) -> None:
    """Print the proposals whenever they change, and the level all the time, until Ctrl-C. Raises LiveDjError."""
    model = Models(data).serving()
    card = read_card(model)
    with Catalogue(data / FILE_NAME) as catalogue:
        opinions = catalogue.opinions()
        if not catalogue.size(card.sha256):
            click.echo("The library is empty, so there is nothing to propose. Add music: livedj scan FOLDER.")
    inbox: queue.SimpleQueue[Heard | str] = queue.SimpleQueue()
    listener = Listener(
        PortAudioMicrophone(),
        model,
        lambda: Songs(data, card),
        InputDevice(kept.input_name, kept.input_host_api),
        post=inbox.put,
        died=inbox.put,
        clock=clock,
    )
    listener.start()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            _show(inbox, Scene(opinions=opinions, unrelated=card.unrelated, taste=Taste(kept.taste)))
    finally:
        click.echo()
        listener.stop()


def _show(inbox: "queue.SimpleQueue[Heard | str]", scene: Scene) -> None:
    banned = {song for song, opinion in scene.opinions.items() if opinion is Opinion.BANNED}
    shown: tuple[Proposal, ...] = ()
    while True:
        heard = inbox.get()
        if isinstance(heard, str):
            raise ListenerDiedError(heard)
        barred = banned | ({heard.itself.song} if heard.itself else set())
        proposals = propose(heard.neighbours, shown, replace(scene, now=heard.itself), barred=barred)
        if [p.track.id for p in proposals] != [p.track.id for p in shown]:
            _print_proposals(heard, proposals)
        shown = proposals
        click.echo(f"\r\033[K{_status(heard)}", nl=False)


def _print_proposals(heard: Heard, proposals: tuple[Proposal, ...]) -> None:
    click.echo("\r\033[K" + (f"I hear: {heard.itself.label}" if heard.itself else "Next:"))
    for number, proposal in enumerate(proposals, 1):
        click.echo(f"  {number}. {proposal.similarity:>3} %  {proposal.track.label}  ({proposal.reason})")


def _status(heard: Heard) -> str:
    bar = "█" * max(0, round((heard.level + 2 * _METER) / 2))
    return f"{bar:<{_METER}} {heard.level:6.1f} dBFS  {heard.state}  {heard.detail}"
