import numpy as np
import pytest

from livedj.errors import TrainingError
from livedj.music import SAMPLE_RATE, SILENCE, level_of
from livedj.train.noises import KINDS, Noises
from livedj.train.voices import TRAINING, UNSEEN, Cast, Voice, calls, sentences, speak

SECONDS = 3.0


@pytest.fixture(scope="module")
def noises() -> Noises:
    return Noises(UNSEEN, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_sound_of_the_length_asked_for(noises: Noises, kind: str) -> None:
    drawn = [noises.draw(kind, SECONDS) for _ in range(6)]
    for sound in drawn:
        assert sound.shape == (round(SECONDS * SAMPLE_RATE),)
        assert sound.dtype == np.float32
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() <= 1.0
    assert not np.array_equal(drawn[-1], drawn[-2]) or kind == "silence"
    if kind != "silence":
        assert all(-55 < level_of(sound) < -8 for sound in drawn)


def test_silence_is_digital_or_what_a_microphone_makes_of_it(noises: Noises) -> None:
    levels = [level_of(noises.draw("silence", SECONDS)) for _ in range(20)]
    assert min(levels) == SILENCE
    assert SILENCE < max(levels) < -50


def test_the_same_seed_draws_the_same_sounds() -> None:
    one, same, other = Noises(UNSEEN, 5), Noises(UNSEEN, 5), Noises(UNSEEN, 6)
    for kind in KINDS:
        first = one.draw(kind, SECONDS)
        assert np.array_equal(first, same.draw(kind, SECONDS))
        assert not np.array_equal(first, other.draw(kind, SECONDS)) or kind == "silence"


def test_voices_kept_for_measuring_are_unlike_those_of_training() -> None:
    assert not set(TRAINING.languages) & set(UNSEEN.languages)
    assert not set(TRAINING.variants) & set(UNSEEN.variants)


@pytest.mark.parametrize("cast", [TRAINING, UNSEEN], ids=["training", "unseen"])
def test_every_language_and_every_throat_can_speak(cast: Cast) -> None:
    voices = [Voice(language, cast.variants[0], 50, 200) for language in cast.languages]
    voices += [Voice(cast.languages[0], variant, 50, 200) for variant in cast.variants]
    said = [speak(voice, "badu nime, kor") for voice in voices]
    assert all(len(sound) > SAMPLE_RATE / 2 for sound in said)
    assert len({sound.tobytes() for sound in said}) >= len(voices) - 1  # the first of both lists may be the same one


def test_speech_is_at_unit_power_and_the_same_each_time() -> None:
    rng = np.random.default_rng(1)
    voice, text = UNSEEN.voices(1, rng)[0], sentences(rng, 5)
    assert level_of(speak(voice, text)) == pytest.approx(0.0, abs=0.01)
    assert np.array_equal(speak(voice, text), speak(voice, text))
    assert len(speak(voice, calls(rng))) > SAMPLE_RATE


def test_an_unknown_voice_is_said() -> None:
    with pytest.raises(TrainingError, match=r"cannot speak as nowhere\+m1"):
        speak(Voice("nowhere", "m1", 50, 200), "badu")


def test_a_missing_program_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(TrainingError, match="espeak-ng is missing"):
        speak(Voice("da", "m5", 50, 200), "badu")
