import dataclasses

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.ear.encoder import MelParams
from livedj.train.augment import Room
from livedj.train.configuration import Augment, read_configuration
from livedj.train.data import Levels

MEL = MelParams()
FRAME = MEL.hop_length / MEL.sample_rate
NOWHERE = (-200.0, -200.0)


def plain(**changes: object) -> Augment:
    """A room that does nothing at all, but for the changes."""
    shipped = read_configuration().augment
    nothing = dataclasses.replace(
        shipped,
        rt60=(0.2, 0.2),
        direct_to_reverberant=(200.0, 200.0),
        low_cut=(0.001, 0.001),
        high_cut=(1e7, 1e7),
        equaliser=0.0,
        ripple=0.0,
        snr=(200.0, 200.0),
        crowd=0.0,
        mix=0.0,
        clipping=0.0,
        gain_control=0.0,
    )
    return dataclasses.replace(nothing, **changes)  # type: ignore[arg-type]  # each test names one field rightly


def hear(settings: Augment, levels: Levels, seed: int = 0) -> Levels:
    return Room(settings, MEL, np.random.default_rng(seed)).hear(levels, levels[::-1])


def some_music(count: int = 4) -> Levels:
    rng = np.random.default_rng(2)
    return np.asarray(rng.normal(-30, 10, (count, MEL.n_mels, 238)), np.float32)


def below_maximum(levels: Levels) -> Levels:
    below: Levels = levels - levels.max(axis=(-2, -1), keepdims=True)
    return below


def test_a_room_that_does_nothing_changes_nothing() -> None:
    music = some_music()
    assert below_maximum(hear(plain(), music)) == pytest.approx(below_maximum(music), abs=0.01)


def test_the_same_seed_gives_the_same_room() -> None:
    settings, music = read_configuration().augment, some_music()
    assert np.array_equal(hear(settings, music), hear(settings, music))
    assert not np.allclose(hear(settings, music), hear(settings, music, seed=1), atol=1.0)


def test_whatever_it_draws_it_returns_numbers() -> None:
    settings = read_configuration().augment
    silence_and_click = np.full((2, MEL.n_mels, 238), -100.0, np.float32)
    silence_and_click[1, :, 100] = 0.0
    for seed in range(20):
        assert np.isfinite(hear(settings, silence_and_click, seed)).all()
        assert np.isfinite(hear(settings, some_music(), seed)).all()


@pytest.mark.parametrize("rt60", [0.2, 0.5, 1.0])
def test_a_click_dies_away_by_sixty_decibels_in_the_reverberation_time(rt60: float) -> None:
    click = np.full((1, MEL.n_mels, 238), -100.0, np.float32)
    click[0, :, 50] = 0.0
    heard = hear(plain(rt60=(rt60, rt60), direct_to_reverberant=(-200.0, -200.0)), click)
    band = int(np.argmin(np.abs(np.linspace(0, 1, MEL.n_mels) - 0.4)))  # near 1 kHz, for which rt60 is given
    frames = round(0.3 * rt60 / FRAME)
    fall = heard[0, band, 51] - heard[0, band, 51 + frames]
    assert fall == pytest.approx(60 * frames * FRAME / rt60, rel=0.15)


@pytest.mark.parametrize("snr", [0.0, 10.0, 20.0])
def test_noise_lies_as_far_below_the_music_as_it_is_told(snr: float) -> None:
    music = some_music()
    with_noise = hear(plain(snr=(snr, snr), noise_slope=(0.0, 0.0)), music)
    without = hear(plain(), music)
    edges = np.asarray(_mel_edges())
    width = (edges[2:] - edges[:-2])[:, np.newaxis]
    energy, both = ((10 ** (levels / 10) * width).sum(axis=(1, 2)) for levels in (without, with_noise))
    assert 10 * np.log10(energy / (both - energy)) == pytest.approx(snr, abs=0.1)


def test_band_limits_take_away_bass_and_treble() -> None:
    flat = np.zeros((8, MEL.n_mels, 238), np.float32)
    heard = hear(plain(low_cut=(200.0, 200.0), high_cut=(5000.0, 5000.0)), flat).mean(axis=2)
    middle = heard[:, MEL.n_mels // 2]
    assert (heard[:, 0] < middle - 6).all()
    assert (heard[:, -1] < middle - 6).all()


def test_guests_babble() -> None:
    flat = np.full((8, MEL.n_mels, 238), -60.0, np.float32)
    still = hear(plain(snr=(-30.0, -30.0)), flat)
    babble = hear(plain(snr=(-30.0, -30.0), crowd=1.0), flat)
    speech = slice(10, 30)
    assert babble[:, speech].mean(axis=1).std(axis=1).mean() > 2 * still[:, speech].mean(axis=1).std(axis=1).mean()


def test_another_song_may_play_behind() -> None:
    one, other = np.full((2, MEL.n_mels, 238), -90.0, np.float32)
    one[:40], other[50:] = 0.0, 0.0
    heard = hear(plain(mix=1.0, mix_below=(10.0, 12.0)), np.stack([one, other]))
    assert -13 < (heard[0, 50:] - heard[0, :40].mean()).mean() < -9


def test_clipping_fills_the_bands_while_it_is_loud() -> None:
    beats = np.full((4, MEL.n_mels, 238), -80.0, np.float32)
    beats[:, 20:30, 100:120] = 0.0
    heard = hear(plain(clipping=1.0), beats)
    assert (heard[:, 60, 105:115] > heard[:, 60, 50:60] + 20).all()
    assert heard[:, 60, 50:60] == pytest.approx(beats[:, 60, 50:60], abs=0.5)


def test_gain_control_evens_out_loud_and_soft() -> None:
    steps = np.full((4, MEL.n_mels, 238), -30.0, np.float32)
    steps[:, :, 119:] = -10.0
    heard = hear(plain(gain_control=1.0), steps)
    rise = heard[:, :, -1].mean(axis=1) - heard[:, :, 110].mean(axis=1)
    assert (rise < 17).all()
    assert (rise > 3).all()


def _mel_edges() -> list[float]:
    librosa = pytest.importorskip("librosa")
    return list(librosa.mel_frequencies(MEL.n_mels + 2, fmin=0.0, fmax=MEL.sample_rate / 2))
