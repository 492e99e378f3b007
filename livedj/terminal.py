"""`livedj listen`: what goes well next, in the terminal."""

import contextlib
import queue
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import click

from livedj import settings
from livedj.app import clock
from livedj.choose.proposals import Proposal
from livedj.choose.scene import Taste
from livedj.ear.encoder import read_card
from livedj.errors import ListenerDiedError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.models import Models
from livedj.library.songs import Songs
from livedj.listen.heard import Heard, InputDevice
from livedj.listen.listener import Listener
from livedj.listen.microphone import PortAudioMicrophone
from livedj.music import Seconds, TrackId
from livedj.party.autodj import step
from livedj.party.messages import LibraryChanged, Steer
from livedj.party.state import PartyState

_Inbox: TypeAlias = "queue.SimpleQueue[Heard | LibraryChanged | str]"
_METER = 30
"""Width of the level meter, one character for two decibels."""


def listen_until_interrupted(kept: settings.Settings, data: Path) -> None:
    """Print the proposals whenever they change, and the level all the time, until Ctrl-C. Raises LiveDjError."""
    model = Models(data).serving()
    card = read_card(model)
    with Catalogue(data / FILE_NAME) as catalogue:
        opinions, size = catalogue.opinions(), catalogue.size(card.sha256)
        if not size:
            click.echo("The library is empty, so there is nothing to propose. Add music: livedj scan FOLDER.")
    inbox: _Inbox = queue.SimpleQueue()
    inbox.put(LibraryChanged(size, (), opinions=opinions))
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
    party = PartyState(
        crossfade=Seconds(kept.crossfade),
        unrelated=card.unrelated,
        taste=Taste(kept.taste),
        keep_on=kept.keep_on,
        drunk=kept.drunk,
        seed=secrets.randbits(32),
    )
    try:
        with contextlib.suppress(KeyboardInterrupt):
            _show(inbox, listener, party)
    finally:
        click.echo()
        listener.stop()


def _show(inbox: _Inbox, listener: Listener, party: PartyState) -> None:
    """Hold a party that only listens: its proposals are those of the window."""
    shown: list[TrackId] = []
    while True:
        message = inbox.get()
        if isinstance(message, str):
            raise ListenerDiedError(message)
        party, commands = step(party, message, clock())
        for command in commands:
            if isinstance(command, Steer):
                listener.steer(command.steering)
        if shown != (shown := [proposal.track.id for proposal in party.proposals]):
            _print_proposals(party.heard, party.proposals)
        click.echo(f"\r\033[K{_status(party.heard)}", nl=False)


def _print_proposals(heard: Heard, proposals: Sequence[Proposal]) -> None:
    click.echo("\r\033[K" + (f"I hear: {heard.itself.label}" if heard.itself else "Next:"))
    for number, proposal in enumerate(proposals, 1):
        click.echo(f"  {number}. {proposal.similarity:>3} %  {proposal.track.label}  ({proposal.reason})")


def _status(heard: Heard) -> str:
    bar = "█" * max(0, round((heard.level + 2 * _METER) / 2))
    return f"{bar:<{_METER}} {heard.level:6.1f} dBFS  {heard.state}  {heard.detail}"
