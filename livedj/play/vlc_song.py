"""One song in libVLC. The only file that imports vlc, and all that we know of its ways.

Every load gets a **fresh** MediaPlayer, and so does every seek. Measured on libVLC 3.0.24 with PulseAudio:

* the second stream of a player starts at full volume, whatever was set before; the first one obeys;
* seeking in a running player leaves gaps of up to a second in 4 of 10 cases; a fresh player at the new position is
  heard after 10–50 ms, in 10 of 10;
* there is no stop() between two songs that could hang or deadlock.

Landing is exact (±30 ms, flac +0.1 s) only with FFmpeg's demuxer: VLC's own one for Ogg is off by up to 4 s. It also
refuses what is no music at all, such as a playlist that is named .mp3, and reads what the library's decoder reads.
"""

import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

from livedj.errors import PlaybackError
from livedj.music import Gain, Seconds

try:
    import vlc

    VLC_VERSION: str = vlc.libvlc_get_version().decode()
    """The version of the libVLC that was found."""
# python-vlc looks for the library while it is imported and fails in as many ways as there are systems
except (ImportError, OSError, NameError, AttributeError, NotImplementedError) as error:
    raise PlaybackError(
        "libVLC is missing, and without it no song can be played: install VLC (on Debian and Ubuntu the packages"
        " libvlc5 and vlc-plugin-base)."
    ) from error

_OPTIONS = (
    "--quiet",
    "--no-video",  # cover pictures are video to VLC
    "--no-lua",
    "--no-metadata-network-access",
    "--codec=avcodec,any",  # mpg123, the first choice for mp3, writes every broken frame to the terminal
)
_PULSE = "--aout=pulse,none"
"""No other output: VLC would go to ALSA when the server is gone for a moment, a second behind the other deck."""
_WINDOWS = "--aout=directsound"
"""With the default output on Windows two players of one process are reported to share one volume."""
SETTLING = Seconds(0.5)
"""PipeWire begins a stream at full volume and takes orders only from then on."""
START_LATENCY = Seconds(0.022)
"""From un-pausing a cued song to its sound: 14–30 ms on PulseAudio."""
TRUSTED = Seconds(1.0)
"""So long a playhead is taken to run on since libVLC last told it. It tells four times a second: then it stands."""
RUNS_DRY = Seconds(1.3)
"""Of what libVLC has decoded, 1.1 s are still to be heard. When no more has come for so long, there is silence."""
MISTOLD = Seconds(0.5)
"""What libVLC tells of the playhead is up to 0.3 s off; the clock since the song began to sound is not. Only what lies
further off is believed: the song has been held up."""


def open_vlc(application: str, *, pulse: bool) -> Any:
    """Return a libVLC instance whose streams carry `application` as their application.id. Slow: up to seconds.

    Raises:
        PlaybackError: libVLC cannot start.

    """
    output = [_PULSE] if pulse else [_WINDOWS] if sys.platform == "win32" else []
    instance = vlc.Instance([*_OPTIONS, *output])
    if instance is None:
        raise PlaybackError("libVLC cannot start; VLC may be installed without its plugins (vlc-plugin-base).")
    # Sound servers remember volumes by this name: a faded-out deck must not silence the person's own VLC tomorrow.
    instance.set_app_id(application, "1", "livedj")
    instance.set_user_agent("livedj", "livedj/1")
    return instance


def volume_percent(gain: Gain) -> int:
    """Return libVLC's volume for a linear `gain`.

    VLC's outputs (pulse, directsound, wasapi, its own software mixer) and PulseAudio's volumes are cubic: amplitude =
    (percent / 100)³, see `pa_sw_volume_to_linear` in pulse/volume.c and `VolumeSet` in VLC's audio_output modules. The
    whole percent steps cost ±0.13 dB at gain 1 and ±0.7 dB at −24 dB.
    """
    return round(100 * math.cbrt(gain))


class Sign(Enum):
    """What libVLC tells of a song."""

    BUFFERED = auto()
    MOVED = auto()
    ENDED = auto()
    BROKEN = auto()


@dataclass(frozen=True, slots=True)
class Notice:
    """A sign of `song`, made in one of libVLC's own threads."""

    song: "VlcSong"
    sign: Sign
    time: Seconds = Seconds(0.0)
    """With MOVED: the playhead."""


class VlcSong:
    """A song from the moment it is asked for, paused at `start`, until it is closed. Used from one thread only.

    `tell` is called in libVLC's threads and must do no more than put the notice into a queue.
    """

    def __init__(
        self, instance: Any, path: Path, start: Seconds, gain: Gain, output: str | None, tell: Callable[[Notice], None]
    ) -> None:
        self._tell = tell
        self._time = start
        self._at: Seconds | None = None
        self._told = Seconds(0.0)
        self._settled = Seconds(0.0)
        self._fed = self._looked = Seconds(0.0)
        self._statistics = vlc.MediaStats()
        self._volume = volume_percent(gain)
        self._player = instance.media_player_new()
        self._player.set_role(vlc.MediaPlayerRole._None)  # volumes are remembered by role first, see open_vlc
        if output is not None:
            self._player.audio_output_device_set(None, output)
        self._events = self._player.event_manager()  # kept: it holds the callbacks that libVLC calls
        for event, take in self._callbacks().items():
            self._events.event_attach(event, take)
        self._media = instance.media_new_path(os.fsencode(path))
        for option in (":start-paused", ":demux=avformat", f":start-time={start:.3f}"):
            self._media.add_option(option)
        self._player.set_media(self._media)
        # Before play(), so that the stream begins at this volume. PipeWire ignores that, see SETTLING.
        self._player.audio_set_volume(self._volume)
        self._player.play()

    def cued(self) -> Seconds | None:
        """Return the duration once the song is paused at its start, else None. Ask after BUFFERED."""
        length = self._player.get_length()
        if length <= 0 or self._player.get_state() != vlc.State.Paused:
            return None
        return Seconds(length / 1000)

    def run(self, now: Seconds) -> None:
        """Let the playhead run."""
        self._player.audio_set_volume(self._volume)
        self._player.set_pause(0)
        self._at, self._told, self._settled = Seconds(now + START_LATENCY), now, Seconds(now + SETTLING)

    def hold(self, now: Seconds) -> None:
        """Stop the playhead where it is."""
        self._player.set_pause(1)
        self._time, self._at = self.position(now), None

    def position(self, now: Seconds) -> Seconds:
        """Return the playhead by the clock since it began to run, for at most TRUSTED since libVLC told anything."""
        if self._at is None:
            return self._time
        return Seconds(self._time + max(0.0, min(now, self._told + TRUSTED) - self._at))

    def moved(self, time: Seconds, at: Seconds) -> None:
        """Take what libVLC told of the playhead at the moment `at`."""
        if self._at is None or at < self._at:
            return
        if abs(time - self.position(at)) > MISTOLD:
            self._time, self._at = time, at
        self._told = at

    def dry(self, now: Seconds) -> bool:
        """Tell whether a song that runs has nothing more to be heard; ask ten times a second.

        libVLC itself takes a file that was overwritten for music, and lets the playhead run on in silence for as long
        as the song would last. Near the end of a song this says nothing: there is nothing more to decode.
        """
        played = self._statistics.played_abuffers
        self._media.get_stats(self._statistics)
        slept = now - self._looked > RUNS_DRY / 2  # then libVLC may have slept, too
        if slept or self._statistics.played_abuffers != played:
            self._fed = now
        self._looked = now
        return now - self._fed > RUNS_DRY

    def settling(self, now: Seconds) -> bool:
        """Tell whether the stream is so young that its gain has to be set again and again."""
        return self._at is not None and now < self._settled

    def set_gain(self, gain: Gain, now: Seconds) -> None:
        """Set the linear gain."""
        volume = volume_percent(gain)
        if volume != self._volume or self.settling(now):
            self._volume = volume
            self._player.audio_set_volume(volume)

    def close(self) -> None:
        """Fall silent and give the player back."""
        for event in self._callbacks():
            self._events.event_detach(event)
        self._player.stop()
        self._player.release()
        self._media.release()

    def _callbacks(self) -> dict[Any, Callable[[Any], None]]:
        kind = vlc.EventType
        return {
            kind.MediaPlayerBuffering: self._buffering,
            kind.MediaPlayerTimeChanged: lambda event: self._tell(
                Notice(self, Sign.MOVED, Seconds(event.u.new_time / 1000))
            ),
            kind.MediaPlayerEndReached: lambda _: self._tell(Notice(self, Sign.ENDED)),
            kind.MediaPlayerEncounteredError: lambda _: self._tell(Notice(self, Sign.BROKEN)),
        }

    def _buffering(self, event: Any) -> None:
        if event.u.new_cache >= 100:
            self._tell(Notice(self, Sign.BUFFERED))
