"""What can go wrong, each in one sentence that says what to do.

    LiveDjError
    ├── SettingsError      the settings file cannot be read or holds a wrong value
    ├── ModelError         a model or its card is missing, broken or does not fit
    ├── MicrophoneError    no input, or it cannot be opened
    ├── ListenerDiedError  the listener broke off by itself
    ├── DecodeError        a file cannot be decoded to sound
    ├── EncodeError        a sound file cannot be written
    ├── PlaybackError      libVLC is missing, or a song cannot be played
    ├── MixError           songs cannot be mixed into a file
    ├── CatalogueError     the catalogue cannot be opened
    ├── NeighbourIndexError  the neighbour index is missing, broken or of another model
    ├── MapError           the map of the library cannot be drawn
    ├── ScanError          the processes that read music files cannot be kept alive
    ├── PlaylistError      a playlist cannot be read, written or played
    ├── ChoiceError        there are too few songs to choose from
    ├── TasteError         a person's taste cannot be learned from what there is
    ├── TrainingError      a training run cannot be taken up
    ├── RoomError          the virtual room cannot be set up
    └── DemoError          the demo's songs cannot be made

Foreign exceptions are translated at the border with `raise … from error`. A refusal that belongs to normal life (a
load that failed, a deck that was lost) is an event, not an exception.
"""

from enum import StrEnum


class LiveDjError(Exception):
    """The root of the tree: its text is shown to the person as it is."""


class SettingsError(LiveDjError):
    """The settings file cannot be read or holds a wrong value."""


class ModelError(LiveDjError):
    """A model or its card is missing, broken or does not fit."""


class MicrophoneError(LiveDjError):
    """There is no input, or it cannot be opened."""


class ListenerDiedError(LiveDjError):
    """The listener broke off by itself."""


class Remedy(StrEnum):
    """What a person can do about a file that cannot be used, in a sentence."""

    ANEW = "Copy or download it again."
    CONVERT = "Convert it to another format, FLAC for instance."
    NOTHING = "Nothing is to be done: it is no song."
    PERMIT = "Allow livedj to read it: change its permissions."
    DRIVE = "Check the drive that it is on."
    CONNECT = "Connect its drive, or remove the folder from the library."


class DecodeError(LiveDjError):
    """A file cannot be decoded to sound."""

    def __init__(self, sentence: str, remedy: Remedy) -> None:
        super().__init__(sentence, remedy)  # both, since an exception travels between processes as its arguments
        self.remedy = remedy

    def __str__(self) -> str:
        return str(self.args[0])


class EncodeError(LiveDjError):
    """A sound file cannot be written."""


class PlaybackError(LiveDjError):
    """LibVLC, which plays the songs, is missing, or a song cannot be played."""


class MixError(LiveDjError):
    """Songs cannot be mixed into a file."""


class CatalogueError(LiveDjError):
    """The catalogue cannot be opened."""


class NeighbourIndexError(LiveDjError):
    """The neighbour index is missing, broken or of another model."""


class MapError(LiveDjError):
    """The map of the library cannot be drawn."""


class ScanError(LiveDjError):
    """The processes that read music files cannot be kept alive."""


class PlaylistError(LiveDjError):
    """A playlist cannot be read, written or played."""


class ChoiceError(LiveDjError):
    """There are too few songs to choose from."""


class TasteError(LiveDjError):
    """A person's taste cannot be learned from what there is."""


class TrainingError(LiveDjError):
    """A training run cannot be taken up."""


class RoomError(LiveDjError):
    """The virtual room cannot be set up on this machine."""


class DemoError(LiveDjError):
    """The demo's songs cannot be made: the score is wrong or an encoder is missing."""
