"""`livedj blind-test`: two lists are played without their names, and a person says which one was better.

The author of "Deej-A.I." called it his Coca-Cola test. Chance says which list is heard first.
"""

import contextlib
import json
import os
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias, TypeVar

import click

from livedj import settings
from livedj.errors import PlaybackError, PlaylistError
from livedj.music import Seconds, Track
from livedj.play.deck import DeckEvent, DeckName
from livedj.play.excerpt import Excerpt, ExcerptOver, ExcerptPlayer, excerpt

VOTES = "votes.jsonl"
"""The file in the data folder: one vote a line, the latest last."""
PATIENCE = Seconds(20.0)
"""A song that takes so much longer than it lasts is given up: the drive, or the sound output, does not answer."""
_MOST_SEEDS = 10_000
_NEXT, _STOP = "n", "q"
_LIST = click.Path(path_type=Path)
_List = TypeVar("_List")


def drawn(lists: Sequence[_List], seed: int) -> list[_List]:
    """Return the lists in the order in which they are heard; `seed` draws it, and each order is as likely."""
    return random.Random(seed).sample(lists, len(lists))


def tally(lines: Iterable[str], lists: Sequence[str]) -> Counter[str | None]:
    """Return how many votes each of two lists has won against the other, by its path; None: neither was better."""
    won: Counter[str | None] = Counter()
    for line in lines:
        with contextlib.suppress(ValueError, TypeError, KeyError):  # a line that was cut off, or is none of ours
            vote = json.loads(line)
            if sorted(vote["lists"]) == sorted(lists) and vote["winner"] in (*lists, None):
                won[vote["winner"]] += 1
    return won


@click.command("blind-test")
@click.argument("one", type=_LIST)
@click.argument("other", type=_LIST)
@click.option("--songs", type=click.IntRange(min=1), default=5, show_default=True, help="How many of each list.")
@click.option("--seconds", type=click.FloatRange(min=2), default=20, show_default=True, help="How much of each song.")
@click.option("--seed", type=click.IntRange(min=0), metavar="S", help="Draws which list is heard first.")
def blind_test(one: Path, other: Path, songs: int, seconds: float, seed: int | None) -> None:
    """Play two lists without telling which is which, and take a vote.

    Ctrl-C stops the music; then no vote is kept.
    """
    from livedj.library.files import real_path

    if real_path(one) == real_path(other):
        raise click.UsageError("A list cannot be told from itself: name two.")
    seed = random.randrange(_MOST_SEEDS) if seed is None else seed
    try:
        # Drawn when all is read: how long each list takes might tell which is which.
        heard = drawn([*zip((one, other), _tracks((one, other), songs), strict=True)], seed)
        answer = _hear_and_ask([[excerpt(track, Seconds(seconds)) for track in tracks] for _, tracks in heard])
    except KeyboardInterrupt as stop:
        raise click.Abort("There is no vote.") from stop
    if answer == _STOP:
        click.echo("Stopped. There is no vote.")
        return
    for number, (path, played) in enumerate(heard, 1):
        click.echo(f"List {number} was {click.format_filename(path)}:")
        for track in played:
            click.echo(f"  {track.label}")
    paths = [str(real_path(path)) for path, _ in heard]
    winner = dict(zip("12", paths, strict=True)).get(answer)
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    votes = _keep({"moment": moment, "seed": seed, "lists": paths, "winner": winner}, settings.DATA_FOLDER / VOTES)
    won = tally(votes, paths)
    first, second = (f"{click.format_filename(path)} {won[str(real_path(path))]}" for path in (one, other))
    click.echo(f"Votes for these lists so far: {first}, {second}, neither {won[None]}.")


def _tracks(lists: Sequence[Path], songs: int) -> list[list[Track]]:
    """Return the first songs of each list, as many of one as of the other.

    Raises:
        PlaylistError: a list cannot be read, is empty, or names a song that cannot be played.

    """
    from livedj.library.files import shown
    from livedj.library.guests import tracks_of
    from livedj.library.playlists import read_playlist

    files = [read_playlist(path) for path in lists]
    for path, of_one in zip(lists, files, strict=True):
        if not of_one:
            raise PlaylistError(f"There is no song in {shown(path)}.")
    count = min(songs, *map(len, files))  # or the number alone would tell which list it is
    read: list[Track] = []
    wanted = [file for of_one in files for file in of_one[:count]]
    with click.progressbar(tracks_of(settings.DATA_FOLDER, wanted), len(wanted), "Reading") as reading:
        for one in reading:
            if not isinstance(one, Track):
                sentence = f"A song of {shown(lists[len(read) // count])} cannot be played: {one.reason} {one.remedy}"
                raise PlaylistError(sentence)
            read.append(one)
    return [read[:count], read[count:]]


def _hear_and_ask(lists: Sequence[Sequence[Excerpt]]) -> str:
    """Play both lists and return the person's answer: 1, 2, 0 for neither, or _STOP. Raises PlaybackError."""
    click.echo(f"{_NEXT} and Enter: the next song. {_STOP} and Enter: stop.")
    with contextlib.closing(_Player()) as player:
        for number, excerpts in enumerate(lists, 1):
            for place, part in enumerate(excerpts, 1):
                click.echo(f"List {number}, song {place} of {len(excerpts)}")
                if not player.play(part):
                    return _STOP
        click.echo("Which did you like better: 1, 2, or 0 for neither? ", nl=False)
        return player.answer(("1", "2", "0", _STOP))


def _keep(vote: dict[str, object], file: Path) -> list[str]:
    """Write the vote down and return all lines of the file. Raises ClickException where that cannot be."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a+", encoding="utf-8", errors="replace") as votes:
            votes.seek(0)
            whole = votes.read()
            cut_off = whole != "" and not whole.endswith("\n")  # by a full disk, or the end of the power
            votes.write(("\n" if cut_off else "") + json.dumps(vote) + "\n")
            votes.seek(0)
            return votes.read().splitlines()
    except OSError as error:
        raise click.ClickException(f"The vote cannot be kept in {file}: {error.strerror}.") from error


_Inbox: TypeAlias = "queue.SimpleQueue[DeckEvent | str]"


class _Player:
    """Plays excerpts, and obeys the keys. Close it."""

    def __init__(self) -> None:
        from livedj.play.vlc_deck import VlcDeck  # starts processes: not for the other verbs

        self._inbox: _Inbox = queue.SimpleQueue()
        self._excerpts = ExcerptPlayer(VlcDeck(DeckName.A, self._inbox.put), _clock)
        threading.Thread(target=_read_keys, args=(self._inbox,), name="keys", daemon=True).start()

    def play(self, part: Excerpt) -> bool:
        """Play one excerpt to its end or the key for the next; return False at the key to stop.

        Raises:
            PlaybackError: it cannot be played.

        """
        self._excerpts.play(part)
        patience, pressed = _clock() + part.seconds + PATIENCE, set[str]()
        over: ExcerptOver | None = None
        while over is None:
            message = self._next(patience)
            if not isinstance(message, str):
                over = self._excerpts.take(message)
            elif message in (_NEXT, _STOP):
                pressed.add(message)
                over = self._excerpts.fade_out()
        if over.reason and not pressed:
            raise PlaybackError(f"A song cannot be played: {over.reason}. To see what is wrong: livedj doctor")
        return _STOP not in pressed

    def answer(self, keys: Sequence[str]) -> str:
        """Wait for one of these keys."""
        while (key := self._inbox.get()) not in keys:
            pass
        return str(key)

    def close(self) -> None:
        """Stop the music."""
        self._excerpts.close()

    def _next(self, until: float) -> DeckEvent | str:
        try:
            return self._inbox.get(timeout=max(0.0, until - _clock()))
        except queue.Empty:
            raise PlaybackError("A song does not play. To see what is wrong: livedj doctor") from None


def _read_keys(inbox: _Inbox) -> None:
    """Tell every key; at the end of the input nobody can vote any more, which is the key to stop.

    Not by sys.stdin: a thread that waits there holds a lock that Python wants at its end.
    """
    with contextlib.suppress(OSError):
        while typed := os.read(0, 64):
            for key in "".join(typed.decode(errors="ignore").lower().split()):
                inbox.put(key)
    inbox.put(_STOP)


def _clock() -> Seconds:
    return Seconds(time.monotonic())
