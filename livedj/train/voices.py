"""Voices for what is not music: espeak-ng, run as a program, reads made-up words in many languages.

The words mean nothing, so that every voice has its own and a language is no more than its sounds and its melody.
"""

import io
import subprocess
import wave
from dataclasses import dataclass

import numpy as np

from livedj.errors import TrainingError
from livedj.music import SAMPLE_RATE, Samples

_ONSETS = ("", "b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "br", "st", "tr", "pl", "sk")
_NUCLEI = ("a", "e", "i", "o", "u", "ai", "ou")
_CODAS = ("", "", "", "n", "l", "s", "r", "t", "m")
_CALLS = ("woo", "hey", "yeah", "bravo", "oh", "ha ha ha ha", "more", "hooray", "wow")
WORDS = 50
"""In one speech: half a minute of a slow voice, a quarter of a quick one."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker."""

    language: str
    variant: str
    """espeak-ng's name of a throat: male, female, old, hoarse, whispering."""
    pitch: int
    """0…99; 50 is the variant's own."""
    speed: int
    """Words a minute."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Languages and variants from which voices are drawn. Two casts that share neither share no voice."""

    languages: tuple[str, ...]
    variants: tuple[str, ...]

    def voices(self, count: int, rng: np.random.Generator) -> list[Voice]:
        """Draw `count` speakers."""
        return [
            Voice(
                language=str(rng.choice(self.languages)),
                variant=str(rng.choice(self.variants)),
                pitch=int(rng.integers(15, 90)),
                speed=int(rng.integers(110, 260)),
            )
            for _ in range(count)
        ]


TRAINING = Cast(
    languages=("en-us", "en-gb", "de", "fr-fr", "es", "it", "pt-br", "nl", "pl", "sv", "tr", "hu", "id", "sw", "vi"),
    variants=("m1", "m2", "m3", "m4", "f1", "f2", "f3", "klatt", "klatt2", "croak", "whisper", "Annie", "Gene", "adam"),
)
UNSEEN = Cast(
    languages=("en-gb-scotland", "en-029", "da", "fi", "cs", "ca", "lt", "et", "hr", "sk", "is", "cy"),
    variants=("m5", "m6", "m7", "f4", "f5", "klatt3", "klatt4", "whisperf", "Andy", "Gene2", "steph", "michael"),
)
"""Kept for measuring."""


def sentences(rng: np.random.Generator, words: int = WORDS) -> str:
    """Return so many made-up words as sentences with commas and full stops."""
    text = ""
    for _ in range(words):
        syllables = (rng.choice(_ONSETS) + rng.choice(_NUCLEI) + rng.choice(_CODAS) for _ in range(rng.integers(1, 4)))
        text += "".join(syllables) + str(rng.choice((" ", " ", " ", " ", ", ", ". ", "? ")))
    return text


def calls(rng: np.random.Generator) -> str:
    """Return what guests call into applause."""
    return "! ".join(rng.choice(_CALLS, 6)) + "!"


def speak(voice: Voice, text: str) -> Samples:
    """Return `text` as `voice` reads it: mono, 22,050 Hz, unit power.

    Raises:
        TrainingError: espeak-ng is missing, or does not know the voice.

    """
    name = f"{voice.language}+{voice.variant}"
    command = ["espeak-ng", "--stdout", "-v", name, "-p", str(voice.pitch), "-s", str(voice.speed), "--", text]
    try:
        spoken = subprocess.run(command, capture_output=True, check=True).stdout
        with wave.open(io.BytesIO(spoken)) as file:
            rate, data = file.getframerate(), file.readframes(file.getnframes())
    except FileNotFoundError as error:
        raise TrainingError("The program espeak-ng is missing. Install it (Debian: espeak-ng).") from error
    except (subprocess.CalledProcessError, EOFError, wave.Error) as error:
        raise TrainingError(f"espeak-ng cannot speak as {name}. Install the data of its voices.") from error
    if rate != SAMPLE_RATE:
        raise TrainingError(f"espeak-ng speaks as {name} at {rate} Hz, not at {SAMPLE_RATE}. Install its own voices.")
    samples = np.frombuffer(data, "<i2").astype(np.float32)
    return np.asarray(samples / np.sqrt(np.mean(np.square(samples)) + 1e-9), np.float32)
