"""livedj put together: the only place that chooses adapters, and the order in which they start and stop."""

import logging
import math
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from livedj import bundled, settings
from livedj.choose.scene import Taste
from livedj.ear.encoder import read_card
from livedj.ear.vector import WINDOW
from livedj.errors import SettingsError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.composer import Composer, Wanted
from livedj.library.librarian import Holdings, Librarian
from livedj.library.models import Models
from livedj.library.progress import Progress
from livedj.library.songs import Songs
from livedj.listen.heard import Heard, InputDevice
from livedj.listen.listener import Listener
from livedj.listen.microphone import Microphone, PortAudioMicrophone
from livedj.memory import Memory
from livedj.music import NO_SONG, CuePoints, Loudness, Seconds, Track, TrackId
from livedj.night.heart import Heart
from livedj.party.conductor import Conductor
from livedj.party.guardian import CheckOutput, Mend
from livedj.party.messages import (
    AddFolder,
    ChooseInput,
    Command,
    FaultMet,
    FindSongs,
    HoldVector,
    Intent,
    LibraryChanged,
    MakeDemoLibrary,
    ModelChanged,
    MoveCues,
    OutputChecked,
    Remember,
    RemoveFolder,
    Restart,
    ScanProgressed,
    SetAuto,
    SetCrossfade,
    SetDrunk,
    SetKeepOn,
    SetOpinion,
    SetSituations,
    SetTaste,
    Situations,
    SongsFound,
    Steer,
    StopScan,
    UseModel,
    WorkerDied,
)
from livedj.party.snapshot import Snapshot
from livedj.party.state import PartyState
from livedj.play.deck import Deck, DeckName, Post
from livedj.play.excerpt import Excerpt
from livedj.play.output_watch import OutputWatch
from livedj.play.preview import Previewer

_LOOP = Track(
    NO_SONG, bundled.LOOP, "Bridge", "livedj", "", Seconds(bundled.LOOP_SECONDS),
    CuePoints(Seconds(0.0), Seconds(bundled.LOOP_SECONDS)), Loudness(-16.1, -1.0),
)  # fmt: skip
_log = logging.getLogger(__name__)


def clock() -> Seconds:
    """Return the moment now on the monotonic clock that all rooms share."""
    return Seconds(time.monotonic())


def vlc_deck(post: Post) -> Deck:
    """Return a deck on libVLC that is no part of the party. Raises PlaybackError where it is missing."""
    from livedj.play.vlc_deck import VlcDeck

    return VlcDeck(DeckName.A, post)


def vlc_decks(post: Post) -> Mapping[DeckName, Deck]:
    """Return two decks on libVLC. Raises PlaybackError where it is missing."""
    from livedj.play.vlc_deck import VlcDeck  # loads libVLC: not for commands that play nothing

    return {name: VlcDeck(name, post) for name in DeckName}


class App:
    """One running livedj: start it, read its `snapshot`, `send` it intents, stop it."""

    def __init__(
        self,
        kept: settings.Settings,
        data: Path = settings.DATA_FOLDER,
        *,
        settings_file: Path = settings.SETTINGS_FILE,
        model: Path = bundled.MODEL,
        microphone: Microphone | None = None,
        make_decks: Callable[[Post], Mapping[DeckName, Deck]] = vlc_decks,
        make_preview: Callable[[Post], Deck] = vlc_deck,
        excerpt: Seconds | None = None,
        resume: str = "",
        seed: int | None = None,
    ) -> None:
        """Put the parts together. `data` holds the library, `excerpt` cuts every song to so much.

        `seed` is what chance is drawn from, where a night is to be replayed.
        `resume` is a sentence on how the program died: the night then goes on where it stopped.

        `model` is the one that ships with livedj; the one that serves may be another (livedj.library.models).

        Raises:
            ModelError: the model does not fit.
            CatalogueError: the library cannot be opened.
            PlaybackError: libVLC is missing.

        """
        self._heart = Heart.from_environment()  # before any process starts
        Catalogue(data / FILE_NAME).close()  # made, or found to be broken, before any thread asks for it
        self._data = data
        self._model = Models(data, model).serving()
        self._card = read_card(self._model)
        self._settings = kept
        self._settings_file = settings_file
        self._microphone = microphone or PortAudioMicrophone()
        self._clerk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="clerk")
        self._decks = make_decks(lambda event: self._conductor.tell(event))
        self._previewer = Previewer(make_preview, self._previews, self._preview_failed)
        self._previews_until = Seconds(0.0)
        self._holding, self._held_by = threading.Lock(), set[str]()
        self._output = OutputWatch(lambda facts: self._conductor.tell(OutputChecked(facts)))
        self._librarian = Librarian(
            data,
            model,
            on_progress=self._scan_progressed,
            on_change=self._library_changed,
            on_fault=lambda sentence: self._conductor.tell(FaultMet(sentence)),
            workers=kept.scan_workers,
        )
        self._composer = Composer(data, lambda sentence: self._conductor.tell(FaultMet(sentence)))
        state = PartyState(
            Seconds(kept.crossfade),
            kept.auto or excerpt is not None,
            Situations(kept.auto_go_on, kept.auto_take_over, kept.auto_fill, Seconds(kept.auto_fill_after)),
            self._card.unrelated,
            excerpt,
            loop=_LOOP,
            taste=Taste(kept.taste),
            keep_on=kept.keep_on,
            drunk=kept.drunk,
            seed=secrets.randbits(32) if seed is None else seed,
        )
        self._memory = Memory(data, resume, self._clerk, lambda sentence: self._conductor.tell(FaultMet(sentence)))
        state = self._memory.resumed(state, clock()) if resume else state
        self._conductor = Conductor(state, self._decks, self._run_errand, clock, self._observe)
        self._listener = self._make_listener()

    @property
    def snapshot(self) -> Snapshot:
        """The newest state of things."""
        return self._conductor.snapshot

    def look(self) -> Snapshot:
        """Return the newest state of things to the window, whose looks are its signs of life."""
        self._heart.beat("window")
        return replace(self.snapshot, awake=self._memory.awake)

    def send(self, intent: Intent) -> None:
        """Take a person's wish; returns at once."""
        self._conductor.tell(intent)

    def cover(self, track: TrackId) -> bytes | None:
        """Return a song's cover picture as it stands in its file. Reads the catalogue: not for the window's thread."""
        with Catalogue(self._data / FILE_NAME) as catalogue:
            return catalogue.cover(track)

    def preview(self, part: Excerpt | None) -> None:
        """Let a part of a song be heard beside the party, which does not follow it; None lets it go."""
        self._previewer.hear(part)

    def start(self) -> None:
        """Begin: the conductor first, since all others report to it."""
        self._memory.begin(self._conductor.state)
        self._conductor.start()
        self._listener.start()
        self._librarian.open()

    def stop(self) -> None:
        """Stop all threads: first who gives orders, then who hears and plays, last who still has to write."""
        self._heart.rest()
        self._conductor.stop()
        self._listener.stop()
        for deck in self._decks.values():
            deck.close()
        self._previewer.close()
        self._output.close()
        self._librarian.close()
        self._composer.close()
        self._memory.close(self._conductor.state, clock())
        self._clerk.shutdown()
        self._heart.close()

    # What the previewer reports ------------------------------------------------------------------------------------

    def _previews(self, on: bool) -> None:
        """Hear nothing of a preview; once it is over, the ear's window holds some of it for a while."""
        self._previews_until = Seconds(math.inf if on else clock() + WINDOW)
        self._hold("preview", on)

    def _preview_failed(self, reason: str) -> None:
        self._conductor.tell(FaultMet(f"That song cannot be heard: {reason}."))

    # What the others report ---------------------------------------------------------------------------------------

    def _scan_progressed(self, progress: Progress) -> None:
        self._conductor.tell(
            ScanProgressed(
                progress.done, progress.total, progress.skipped, progress.file, progress.whole, progress.anew
            )
        )

    def _library_changed(self, holdings: Holdings) -> None:
        card = read_card(holdings.model)
        if card.sha256 != self._card.sha256:
            self._conductor.tell(ModelChanged(str(holdings.model), card.unrelated))
        self._conductor.tell(LibraryChanged(holdings.size, holdings.fallback, holdings.played, holdings.opinions))

    def _heard(self, heard: Heard) -> None:
        """Hand on what is heard; a preview is neither a song played to the room nor other people's music."""
        preview = heard.at < self._previews_until
        self._conductor.tell(replace(heard, itself=None, music=None) if preview else heard)

    def _hold(self, who: str, hold: bool) -> None:
        """Let the ear's vector stay as it is while the party or a preview wants that."""
        with self._holding:
            (self._held_by.add if hold else self._held_by.discard)(who)
            self._listener.hold(bool(self._held_by))

    def _make_listener(self) -> Listener:
        return Listener(
            self._microphone,
            self._model,
            partial(Songs, self._data, self._card),
            InputDevice(self._settings.input_name, self._settings.input_host_api),
            post=self._heard,
            died=lambda sentence: self._conductor.tell(WorkerDied("listener", sentence)),
            clock=clock,
        )

    def _observe(self, before: PartyState, after: PartyState, now: Seconds) -> None:
        self._heart.beat("conductor", _music_left(after, now))
        if before.on_air is None and after.on_air is not None:
            self._previewer.hear(None)
        self._memory.follow(before, after, now)

    # What the party orders ----------------------------------------------------------------------------------------

    def _run_errand(self, command: Command) -> None:
        """Hand a command on; called by the conductor, so nothing here may wait."""
        match command:
            case HoldVector(hold):
                self._hold("party", hold)
                self._librarian.give_way(hold)  # a crossfade: two decks play
            case Steer(steering):
                self._listener.steer(steering)
            case Remember(track):
                self._librarian.remember(track.id)
            case FindSongs(like, count, barred, fresh, keep_on, drunk, seed):
                wanted = Wanted(like.files, keep_on, drunk, seed)
                self._composer.find(
                    wanted, count, barred, fresh, lambda tracks: self._conductor.tell(SongsFound(like, tracks))
                )
            case UseModel(path):
                self._model = Path(path)
                self._card = read_card(self._model)
                self._listener.use(self._model, partial(Songs, self._data, self._card))
            case CheckOutput():
                self._output.check()
            case Mend(what):
                self._output.mend(what)
            case Restart():  # the listener is the one worker that can die
                self._listener = self._make_listener()
                self._listener.start()
                if self._held_by:
                    self._listener.hold(True)
            case ChooseInput(device):
                self._listener.listen_to(device)
                self._keep(replace(self._settings, input_name=device.name, input_host_api=device.host_api))
            case SetAuto(on):
                self._keep(replace(self._settings, auto=on))
            case SetSituations(on):
                self._keep(
                    replace(
                        self._settings,
                        auto_go_on=on.go_on,
                        auto_take_over=on.take_over,
                        auto_fill=on.fill,
                        auto_fill_after=on.fill_after,
                    )
                )
            case SetOpinion(track, opinion):
                self._librarian.keep_opinion(track.id, opinion)
            case SetTaste(taste):
                self._keep(replace(self._settings, taste=taste.value))
            case SetKeepOn(songs):
                self._keep(replace(self._settings, keep_on=songs))
            case SetDrunk(share):
                self._keep(replace(self._settings, drunk=share))
            case SetCrossfade(seconds):
                self._keep(replace(self._settings, crossfade=seconds))
            case AddFolder(path):
                self._librarian.scan(Path(path))
            case RemoveFolder(path):
                self._librarian.remove(Path(path))
            case MakeDemoLibrary():
                self._librarian.scan_made(partial(_make_demo, self._data))
            case StopScan():
                self._librarian.stop_scan()
            case MoveCues(track, cues):
                self._librarian.move_cues(track, cues)
            case _:
                _log.error("nobody carries out %r", command)

    def _keep(self, changed: settings.Settings) -> None:
        self._settings = changed
        self._clerk.submit(self._save, changed)

    def _save(self, changed: settings.Settings) -> None:
        try:
            settings.save(changed, self._settings_file)
        except SettingsError as error:
            self._conductor.tell(FaultMet(str(error)))


def _music_left(state: PartyState, now: Seconds) -> Seconds | None:
    """Return how long the deck on air plays on by itself; None where none does."""
    deck = state.playing
    if deck is None or deck.track is None or not deck.sounding:
        return None
    return Seconds(max(0.0, deck.track.cues.end - deck.position_at(now)))


def _make_demo(data: Path, progress: Callable[[Progress], None]) -> Path:
    from livedj.demo.songs import folder_in, make_demo_library  # a second to import, and rarely wanted

    folder = folder_in(data)
    make_demo_library(folder, lambda done, total: progress(Progress(done, total, 0, "making the demo library")))
    return folder
