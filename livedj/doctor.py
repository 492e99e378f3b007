"""`livedj doctor`: a line of truth for each thing livedj stands on, and a line of advice where it does not hold."""

import contextlib
import platform
import queue
import shutil
import sys
import tempfile
import threading
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livedj import settings
from livedj.app import clock, vlc_decks
from livedj.ear.card import name_of
from livedj.ear.encoder import Encoder, read_card
from livedj.errors import LiveDjError
from livedj.library.catalogue import FILE_NAME, Catalogue
from livedj.library.index import INDEX_FOLDER, IntroIndex
from livedj.library.models import Models
from livedj.listen.heard import InputDevice
from livedj.listen.microphone import Microphone, PortAudioMicrophone
from livedj.listen.sound_server import SoundServer
from livedj.music import SAMPLE_RATE, SILENCE, WINDOW_SAMPLES, Seconds, level_of
from livedj.play.deck import DeckCued, DeckEvent, DeckMoved, Token

LISTEN_FOR = Seconds(3.0)
"""How long the microphone is tried: a sound server that has just started needs two seconds."""
CUE_WITHIN = Seconds(5.0)
"""How long a deck is waited for: libVLC takes a second to load."""
FREE_MEGABYTES = 500
_OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of truth, and what to do about it; without advice all is well."""

    subject: str
    truth: str
    advice: str = ""
    vital: bool = True
    """Without it livedj cannot do its work; a machine without a microphone still plays."""


def examine(data: Path, kept: settings.Settings) -> Iterator[Finding]:
    """Look at one thing after another."""
    wanted = InputDevice(kept.input_name, kept.input_host_api)
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("Python", _python),
        ("Microphone", lambda: _microphone(PortAudioMicrophone(), wanted)),
        ("Playback", _playback),
        ("Model", lambda: _model(data)),
        ("Library", lambda: _library(data)),
        ("Index", lambda: _index(data)),
        ("Disk", lambda: _disk(data)),
    ]
    for subject, check in checks:
        try:
            yield check()
        except LiveDjError as error:
            yield Finding(subject, "does not work", str(error), vital=subject != "Microphone")


def _python() -> Finding:
    truth = f"{platform.python_version()} on {platform.system()}"
    if sys.version_info < _OLDEST_PYTHON:
        return Finding("Python", truth, "Install Python 3.11 or newer.")
    return Finding("Python", truth)


def _microphone(microphone: Microphone, wanted: InputDevice) -> Finding:
    server = SoundServer()
    try:
        rate = microphone.open(wanted)
        level, heard = SILENCE, 0
        end = clock() + LISTEN_FOR
        pause = threading.Event()
        while clock() < end and level <= SILENCE:
            pause.wait(0.05)
            block = microphone.read()
            heard += len(block)
            level = max(level, level_of(block))
        facts = server.our_input()
        inputs = len(microphone.inputs())
    finally:
        microphone.close()
        server.close()
    name = facts.name if facts else wanted.label
    truth = f"{name}: {rate:.0f} Hz, {level:.0f} dBFS, {inputs} inputs"
    advice = ""
    if facts and facts.monitor:
        advice = "That is the sound of an output, not a microphone. Plug one in or choose another in the window."
    elif facts and facts.muted:
        advice = "It is muted. Unmute it in the sound settings."
    elif not heard:
        advice = "It brings no sound at all. Unplug and plug it, or choose another."
    elif level <= SILENCE:
        advice = "It brings pure silence. It may be switched off, or forbidden in the privacy settings."
    return Finding("Microphone", truth, advice, vital=False)


def _playback() -> Finding:
    events: queue.SimpleQueue[DeckEvent] = queue.SimpleQueue()
    decks = vlc_decks(events.put)
    from livedj.play.vlc_song import VLC_VERSION  # loads libVLC, which may be missing

    with tempfile.TemporaryDirectory() as folder:
        silence = Path(folder) / "silence.wav"
        _write_silence(silence)
        for deck in decks.values():
            deck.load(Token(1), silence, Seconds(0.0))
        answers = _answers(events, len(decks))
        for deck in decks.values():
            deck.close()
    cued = sum(isinstance(answer, DeckCued) for answer in answers)
    advice = "" if cued == len(decks) else "A song cannot be cued. Is a sound output there, and does it answer?"
    return Finding("Playback", f"libVLC {VLC_VERSION}, {cued} of {len(decks)} decks ready", advice)


def _answers(events: "queue.SimpleQueue[DeckEvent]", count: int) -> list[DeckEvent]:
    """Return what became of `count` loads, or fewer where a deck does not answer in time."""
    answers: list[DeckEvent] = []
    end = clock() + CUE_WITHIN
    while len(answers) < count and clock() < end:
        with contextlib.suppress(queue.Empty):
            event = events.get(timeout=max(0.0, end - clock()))
            answers += [] if isinstance(event, DeckMoved) else [event]
    return answers


def _write_silence(path: Path) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(bytes(2 * 2 * SAMPLE_RATE))


def _model(data: Path) -> Finding:
    models = Models(data)
    encoder = Encoder(models.serving())
    began = clock()
    encoder.encode(np.zeros(WINDOW_SAMPLES, np.float32))
    milliseconds = 1000 * (clock() - began)
    wanted, chosen = read_card(models.wanted()), models.chosen()
    advice = ""
    if chosen not in (None, wanted.sha256):
        advice = "The copy of the model you chose is gone or damaged. Choose it again: livedj model use FILE.tflite."
    elif wanted.sha256 != encoder.card.sha256:
        advice = f"{name_of(wanted)} takes over once it has heard your songs: open the window, or livedj scan."
    truth = f"{name_of(encoder.card)}, {encoder.card.dimensions} numbers a window, {milliseconds:.0f} ms"
    return Finding("Model", truth, advice, vital=False)


def _library(data: Path) -> Finding:
    if not data.is_dir():
        return Finding("Library", "empty", "Add a music folder: livedj scan FOLDER.", vital=False)
    with Catalogue(data / FILE_NAME) as catalogue:
        size, problems = catalogue.in_folders(read_card(Models(data).serving()).sha256), len(catalogue.problems())
    truth = f"{size} songs, {problems} files that cannot be used, in {data}"
    return Finding("Library", truth, "" if size else "Add a music folder: livedj scan FOLDER.", vital=False)


def _index(data: Path) -> Finding:
    if not (data / INDEX_FOLDER).is_dir():
        return Finding("Index", "not built yet", "It is built by the first scan.", vital=False)
    card = read_card(Models(data).serving())
    index = IntroIndex.open(data / INDEX_FOLDER, card.sha256, card.dimensions)
    return Finding("Index", f"{index.size} intros")


def _disk(data: Path) -> Finding:
    folder = next(parent for parent in (data, *data.parents) if parent.exists())
    free = shutil.disk_usage(folder).free // 1_000_000
    advice = "" if free >= FREE_MEGABYTES else "Free some space: the library may not be able to grow."
    return Finding("Disk", f"{free / 1000:.1f} GB free at {folder}", advice)
