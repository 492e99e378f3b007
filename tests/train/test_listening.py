import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.ear.encoder import Encoder
from livedj.music import SAMPLE_RATE, WINDOW_SAMPLES, Samples, Seconds, unit
from livedj.train.configuration import read_configuration
from livedj.train.data import read_songs
from livedj.train.listening import Windows, embed_with, listen, measure, seed_of, takes, whitened, windows
from livedj.train.measures import Listening, Measure
from livedj.train.rooms import ROOM, rooms_of

LEAST = Seconds(75.0)
AIR = '''
"""A stand-in for the judge's file, by which one can see what was asked of it."""

def air(samples, snr_db, seed):
    return samples[::-1] * 10 ** (-snr_db / 20)

def queries(track, seed):
    start = int(0.55 * len(track))
    clean = track[start : start + 15 * 22050]
    heard = {"clean": clean, "air12": air(clean, 12, seed), "air6": air(clean, 6, seed + 1)}
    return {"intro": track[: 30 * 22050], **heard}
'''


def halves(track: Samples, seed: int) -> dict[str, Samples]:
    return {"clean": track[: 10 * SAMPLE_RATE], "late": track[-10 * SAMPLE_RATE :]}


def energies(heard: Windows) -> np.ndarray:
    """The energy of each window in four bands: an embedding that needs no network."""
    spectrum = np.abs(np.fft.rfft(heard.samples[:, ::4])) ** 2
    return unit(np.stack([part.sum(axis=1) for part in np.array_split(spectrum, 4, axis=1)], axis=1))


def test_windows_begin_a_stride_apart() -> None:
    ramp = np.arange(3 * WINDOW_SAMPLES - 1, dtype=np.float32)
    cut = windows(ramp, WINDOW_SAMPLES)
    assert cut.shape == (2, WINDOW_SAMPLES), "what is left is shorter than a window"
    assert cut[:, 0].tolist() == [0, WINDOW_SAMPLES]
    assert len(windows(np.zeros(15 * SAMPLE_RATE, np.float32), SAMPLE_RATE)) == 11


def test_songs_are_taken_without_silence_and_short_ones_left_out(music: Path) -> None:
    songs = read_songs(music)
    taken = list(takes(songs[:3], halves, LEAST))
    assert [take.song for take in taken] == songs[:3]
    assert all(np.array_equal(take.heard["clean"], take.samples[: 10 * SAMPLE_RATE]) for take in taken)
    assert not list(takes(songs[:3], halves, Seconds(100.0)))


def test_a_song_has_its_room_whatever_else_is_measured(music: Path) -> None:
    songs = read_songs(music)
    seeds = [seed_of(song) for song in songs]
    assert len(set(seeds)) == len(songs)
    assert seed_of(dataclasses.replace(songs[3], path=Path("elsewhere") / songs[3].path.relative_to(music))) == seeds[3]


def test_embeddings_of_one_song_are_told_apart_by_place_and_name(music: Path) -> None:
    take = next(takes(read_songs(music)[:1], halves, LEAST))
    heard = listen({"energy": energies, "twice": lambda parts: 2 * energies(parts)}, [take])
    (one,), (two,) = heard["energy"], heard["twice"]
    assert one.collection == "low"
    assert len(one.stored) == 16
    assert {name: len(stream) for name, stream in one.streams.items()} == {"clean": 6, "late": 6}
    assert np.array_equal(one.streams["late"], energies(Windows(windows(take.heard["late"], SAMPLE_RATE))))
    assert np.array_equal(two.stored, 2 * one.stored)


def test_a_model_embeds_each_window_by_itself(music: Path) -> None:
    take = next(takes(read_songs(music)[:1], halves, LEAST))
    encoder, parts = Encoder(), Windows(windows(take.heard["clean"], SAMPLE_RATE))
    vectors = embed_with(encoder)(parts)
    assert np.array_equal(vectors[2], encoder.encode(parts.samples[2]).embedding)
    log_mel = encoder.encode(parts.samples[2]).log_mel
    assert log_mel is not None
    assert parts.log_mel[2] == pytest.approx(log_mel, abs=0.01)


def test_whitened_vectors_are_uncorrelated_over_the_library() -> None:
    rng = np.random.default_rng(6)
    mixing = rng.standard_normal((8, 8)) * 10.0 ** np.linspace(-1, 2, 8)
    raw = [(5 + rng.standard_normal((12, 8)) @ mixing).astype(np.float32) for _ in range(60)]
    white = whitened([Listening("a", one, {"clean": one[:3]}, "x") for one in raw])
    library = np.concatenate([one.stored for one in white])
    assert np.linalg.norm(library, axis=1) == pytest.approx(np.ones(720), abs=1e-5)
    assert np.cov(library, rowvar=False) * 8 == pytest.approx(np.eye(8), abs=0.2)
    assert all(np.allclose(one.streams["clean"], one.stored[:3]) for one in white), "streams by the library's axes"
    assert (white[0].collection, white[0].style) == ("a", "x")


def test_several_embeddings_are_measured_at_once(music: Path) -> None:
    songs = read_songs(music)[:6]
    blind = lambda parts: np.ones((len(parts.samples), 4), np.float32)  # noqa: E731  # as short as an embedding gets
    figures = measure({"energy": energies, "blind": blind}, songs, halves, LEAST, whiten=["energy"])
    assert figures["energy"]["clean"][Measure.OWN_FIRST].value > 0.5
    assert figures["energy"]["clean"][Measure.COLLECTION].value == pytest.approx(2 / 5), "two of five others"
    assert figures["blind"]["late"][Measure.OWN_FIRST].value == 0.0


def test_the_judges_rooms_are_used_as_they_are(tmp_path: Path) -> None:
    air = tmp_path / "air.py"
    air.write_text(AIR, encoding="utf-8")
    rooms = rooms_of(read_configuration().augment, air)
    track = np.random.default_rng(1).standard_normal(80 * SAMPLE_RATE).astype(np.float32)
    heard = rooms.hear(track, 5)
    clean = track[44 * SAMPLE_RATE : 59 * SAMPLE_RATE]
    assert set(heard) == {"clean", "air12", "air6", ROOM}
    assert np.array_equal(heard["clean"], clean)
    assert heard["air12"] == pytest.approx(clean[::-1] * 10**-0.6)
    assert rooms.spoil(clean, 0) == pytest.approx(heard["air12"])
    assert rooms.table == ("clean", "air12", "air6")


def test_without_the_judges_rooms_our_own_are_named_as_such(tmp_path: Path) -> None:
    rooms = rooms_of(read_configuration().augment, tmp_path / "air.py")
    assert "not there" in rooms.words
    track = np.random.default_rng(1).standard_normal(80 * SAMPLE_RATE).astype(np.float32)
    heard, again, other = rooms.hear(track, 5), rooms.hear(track, 5), rooms.hear(track, 6)
    assert rooms.table == ("clean", "room12", "room6")
    assert {len(one) for one in heard.values()} == {15 * SAMPLE_RATE}
    assert np.array_equal(heard["room12"], again["room12"])
    assert not np.array_equal(heard["room12"], other["room12"])
