import dataclasses
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="needs the train extra")

from livedj.ear.encoder import Encoder, MelParams
from livedj.library.decode import decode
from livedj.train.batches import Batches
from livedj.train.configuration import Configuration
from livedj.train.data import Heard, Song, cached, levels_of, normalised, read_songs, trimmed, window_at
from livedj.train.network import EDGE_FRAMES

MEL = MelParams()


def test_songs_are_read_with_split_and_licence(music: Path) -> None:
    songs = read_songs(music)
    assert len(songs) == 12
    assert {song.split for song in songs} == {"train", "validate"}
    assert all(song.path.is_file() and song.licence == "CC0" for song in songs)


def test_a_slice_of_a_track_is_what_the_front_end_in_the_model_sees(music: Path) -> None:
    samples = decode(read_songs(music)[0].path)
    start = 40
    window = samples[start * MEL.hop_length :][: MEL.window_samples]
    seen = Encoder().encode(window).log_mel
    assert seen is not None
    inside = slice(EDGE_FRAMES, -EDGE_FRAMES)
    cut = window_at(levels_of(samples, MEL), start, MEL.frames)
    # Cut without its padded edges, so that both are relative to the same maximum.
    expected = normalised(cut[:, inside], MEL.top_db)
    assert normalised(seen[:, inside], MEL.top_db) == pytest.approx(expected, abs=0.01)


def test_log_mels_are_computed_once(music: Path, tmp_path: Path) -> None:
    songs = read_songs(music)[:2]
    first = [heard.levels for heard in cached(songs, tmp_path, MEL)]
    gone = [dataclasses.replace(song, path=song.path.with_suffix(".gone")) for song in songs]
    again = [heard.levels for heard in cached(gone, tmp_path, MEL)]
    assert all(np.array_equal(levels, before) for levels, before in zip(again, first, strict=True))


def test_silence_at_either_end_is_cut_off() -> None:
    levels = np.full((96, 100), -100.0)
    levels[:, 20:70] = -10.0
    levels[:, 40] = -100.0
    assert trimmed(levels).shape == (96, 50)


def test_a_short_track_is_repeated() -> None:
    levels = np.arange(3.0)[np.newaxis] * np.ones((96, 1))
    assert window_at(levels, 1, 5)[0].tolist() == [1, 2, 0, 1, 2]


def song_of_one_band(number: int) -> Heard:
    """A song that is told by its loudest band; two songs make a collection."""
    levels = np.random.default_rng(number).normal(-60, 3, (MEL.n_mels, 3000))
    levels[5 * number] += 40
    song = Song(Path(f"{number}.wav"), "train", f"collection {number // 2}", "", "", "", "")
    return Heard(song, levels.astype(np.float16))


def test_a_batch_holds_two_windows_of_each_song(configuration: Configuration) -> None:
    clean = dataclasses.replace(configuration.augment, clean_first=1.0, clean_second=1.0, speed=0.0)
    heard = [song_of_one_band(number) for number in range(10)]
    batches = Batches(heard, dataclasses.replace(configuration, augment=clean), MEL, seed=4)
    count = configuration.fit.tracks
    for _ in range(5):
        batch = batches.draw(MEL.frames)
        assert batch.log_mel.shape == (2 * count, MEL.n_mels, MEL.frames)
        assert batch.log_mel.max(axis=(1, 2)) == pytest.approx(np.zeros(2 * count))
        assert batch.log_mel.min() >= -MEL.top_db
        songs = batch.log_mel.mean(axis=2).argmax(axis=1) // 5
        assert np.array_equal(songs[:count], songs[count:])
        assert len(set(songs)) == count, "no song twice"
        assert np.array_equal(batch.collections, songs[:count] // 2)
        assert len(set(batch.collections)) < count, "two of one collection"
        assert (batch.likeness[batch.collections[:, None] == batch.collections] >= 0).any()
        assert not np.array_equal(batch.log_mel[:count], batch.log_mel[count:])


def test_a_fast_song_is_shorter_and_higher(configuration: Configuration) -> None:
    fast = dataclasses.replace(configuration.augment, clean_first=1.0, clean_second=1.0, speed=0.3)
    heard = [song_of_one_band(number) for number in range(4, 14)]
    batches = Batches(heard, dataclasses.replace(configuration, augment=fast), MEL, seed=4)
    bands = np.concatenate([batches.draw(108).log_mel.mean(axis=2).argmax(axis=1) for _ in range(8)])
    shifts = (bands + 7) % 5 - 2  # the bands lie five apart: at most two are told from a song further up
    assert {-2, -1, 0, 1, 2} == set(shifts)


def test_the_same_seed_draws_the_same_batches(configuration: Configuration) -> None:
    heard = list(cached(read_songs(configuration.music), configuration.out / "mels", MEL))
    one, same, other = (Batches(heard, configuration, MEL, seed) for seed in (1, 1, 2))
    for _ in range(3):
        log_mel = one.draw(108).log_mel
        assert np.array_equal(log_mel, same.draw(108).log_mel)
        assert not np.array_equal(log_mel, other.draw(108).log_mel)
