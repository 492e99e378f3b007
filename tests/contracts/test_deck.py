"""What every deck promises: run against the silent one and the one that sounds."""

import itertools
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from livedj.music import Gain, Seconds
from livedj.play.crossfade import Ramp
from livedj.play.deck import DeckCued, DeckEnded, DeckFailed, DeckMoved, DeckName, Token
from tests.play.bench import Bench, SilentBench, VlcBench
from tests.play.sounds import tone, write_wav

LONG = 20.0
SHORT = 3.0


def wav_duration(path: Path) -> Seconds | None:
    """Tell a WAV file's length, or None where it is none: what a silent deck knows of files."""
    try:
        with wave.open(str(path)) as file:
            return Seconds(file.getnframes() / file.getframerate())
    except (OSError, EOFError, wave.Error):
        return None


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("songs")
    text = folder / "text.mp3"
    text.write_text("This is no song.\n" * 1000)
    empty = folder / "empty.mp3"
    empty.touch()
    long = write_wav(folder / "long.wav", tone(440, LONG))
    truncated = folder / "truncated.wav"
    truncated.write_bytes(long.read_bytes()[:30])
    playlist = folder / "playlist.mp3"
    playlist.write_text(f"#EXTM3U\n{long}\n")
    return {
        "long": long,
        "other": write_wav(folder / "other.wav", tone(660, LONG)),
        "short": write_wav(folder / "short ä#1.wav", tone(440, SHORT)),
        "missing": folder / "missing.mp3",
        "folder": folder,
        "endless name": folder / f"{'x' * 300}.mp3",
        "text": text,
        "empty": empty,
        "truncated": truncated,
        "playlist": playlist,
    }


@pytest.fixture(params=["silent", pytest.param("vlc", marks=pytest.mark.room)])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if request.param == "vlc":
        request.getfixturevalue("room")
        bench: Bench = VlcBench()
    else:
        bench = SilentBench(wav_duration)
    yield bench
    bench.deck.close()


def is_playing(event: DeckMoved) -> bool:
    return event.playing


def is_held(event: DeckMoved) -> bool:
    return not event.playing


def test_a_song_is_cued_with_its_duration(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"])
    cued = bench.wait(DeckCued, token)
    assert cued.deck is DeckName.A
    assert cued.duration == pytest.approx(LONG, abs=0.1)
    assert bench.events == [cued]


def test_it_is_cued_once_and_holds_its_playhead_at_the_start(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"], start=5.0)
    bench.wait(DeckCued, token)
    moved = [event for event in bench.pass_by(1.0) if isinstance(event, DeckMoved)]
    assert len(moved) == len(bench.events) - 1  # and nothing but that
    assert moved
    assert all(not event.playing and event.position == pytest.approx(5.0, abs=0.1) for event in moved)


def test_played_it_moves_in_step_with_the_clock(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"], start=2.0)
    bench.wait(DeckCued, token)
    bench.deck.play(token)
    first = bench.wait(DeckMoved, token, is_playing)
    last = bench.wait(DeckMoved, token, lambda event: event.at >= first.at + 2.0)
    assert first.position == pytest.approx(2.0, abs=0.5)
    assert last.position - first.position == pytest.approx(last.at - first.at, abs=0.3)


def test_it_reports_its_playhead_several_times_a_second(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"])
    bench.wait(DeckCued, token)
    bench.deck.play(token)
    bench.wait(DeckMoved, token, is_playing)
    reports = [event for event in bench.pass_by(3.0) if isinstance(event, DeckMoved)]
    assert 6 <= len(reports) <= 15
    assert all(later.position >= earlier.position for earlier, later in itertools.pairwise(reports))


def test_paused_it_stays_and_played_again_it_goes_on(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"])
    bench.wait(DeckCued, token)
    bench.deck.play(token)
    bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
    bench.deck.pause(token)
    held = bench.wait(DeckMoved, token, is_held)
    bench.pass_by(1.0)
    still = bench.wait(DeckMoved, token)
    assert still.position == pytest.approx(held.position, abs=0.05)
    bench.deck.play(token)
    again = bench.wait(DeckMoved, token, is_playing)
    assert again.position == pytest.approx(held.position, abs=0.5)


def test_a_playing_song_goes_on_from_where_it_was_sought(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"])
    bench.wait(DeckCued, token)
    bench.deck.play(token)
    bench.wait(DeckMoved, token, is_playing)
    bench.deck.seek(token, Seconds(10.0))
    there = bench.wait(DeckMoved, token, lambda event: event.position > 9.0)
    assert there.playing
    assert there.position == pytest.approx(10.0, abs=0.5)
    bench.wait(DeckMoved, token, lambda event: event.position > 11.0)
    assert sum(isinstance(event, DeckCued) for event in bench.events) == 1


def test_a_held_song_stays_held_where_it_was_sought(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"])
    bench.wait(DeckCued, token)
    bench.deck.seek(token, Seconds(10.0))
    there = bench.wait(DeckMoved, token, lambda event: event.position > 9.0)
    assert not there.playing
    assert there.position == pytest.approx(10.0, abs=0.1)


def test_a_song_asked_to_play_before_it_is_cued_plays_then(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"])
    bench.deck.play(token)
    bench.wait(DeckCued, token)
    bench.wait(DeckMoved, token, lambda event: event.playing and event.position > 0.5)


def test_asked_for_a_moment_it_begins_to_play_then(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"], start=4.0)
    bench.wait(DeckCued, token)
    at = Seconds(bench.now() + 1.5)
    bench.deck.play(token, at)
    moved = bench.wait(DeckMoved, token, lambda event: event.position > 6.0)
    assert moved.position - 4.0 == pytest.approx(moved.at - at, abs=0.3)


def test_a_moment_that_has_passed_is_now(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"])
    bench.wait(DeckCued, token)
    now = bench.now()
    bench.deck.play(token, Seconds(now - 10.0))
    moved = bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
    assert moved.position == pytest.approx(moved.at - now, abs=0.5)


def test_paused_before_its_moment_it_does_not_begin(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"])
    bench.wait(DeckCued, token)
    bench.deck.play(token, Seconds(bench.now() + 1.0))
    bench.deck.pause(token)
    bench.pass_by(1.5)
    assert bench.wait(DeckMoved, token).position == pytest.approx(0.0, abs=0.05)


def test_a_ramp_is_no_event(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"])
    bench.wait(DeckCued, token)
    bench.deck.ramp(token, Ramp(bench.now(), Seconds(0.5), Gain(0.0), Gain(1.0)))
    bench.deck.play(token)
    bench.wait(DeckMoved, token, lambda event: event.position > 1.0)
    assert {type(event) for event in bench.events} == {DeckCued, DeckMoved}


def test_the_end_is_told_once_and_is_the_last_word(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["short"])
    bench.wait(DeckCued, token)
    bench.deck.play(token)
    bench.wait(DeckEnded, token)
    assert bench.pass_by(1.5) == []
    bench.deck.play(token)
    bench.deck.seek(token, Seconds(0.0))
    assert bench.pass_by(1.0) == []


def test_after_the_end_the_next_song_plays(bench: Bench, songs: dict[str, Path]) -> None:
    first = bench.load(songs["short"], start=1.0)
    bench.deck.play(first)
    bench.wait(DeckEnded, first)
    second = bench.load(songs["short"])
    bench.deck.play(second)
    bench.wait(DeckEnded, second)


@pytest.mark.parametrize("name", ["missing", "folder", "endless name", "text", "empty", "truncated", "playlist"])
def test_what_cannot_be_played_fails_with_a_reason(bench: Bench, songs: dict[str, Path], name: str) -> None:
    asked = bench.now()
    token = bench.load(songs[name])
    bench.deck.play(token)
    failed = bench.wait(DeckFailed, token)
    assert bench.now() - asked < 9.0  # within 3 s
    assert failed.reason
    assert bench.pass_by(0.5) == []
    assert bench.events == [failed]
    good = bench.load(songs["long"])
    bench.wait(DeckCued, good)


def test_requests_with_an_old_token_do_nothing(bench: Bench, songs: dict[str, Path]) -> None:
    old = bench.load(songs["long"])
    bench.wait(DeckCued, old)
    new = bench.load(songs["other"])
    bench.wait(DeckCued, new)
    bench.deck.play(old)
    bench.deck.seek(old, Seconds(10.0))
    bench.deck.ramp(old, Ramp(bench.now(), Seconds(0.0), Gain(1.0), Gain(1.0)))
    bench.deck.unload(old)
    bench.pass_by(0.5)
    moved = bench.wait(DeckMoved, new)
    assert not moved.playing
    assert moved.position == pytest.approx(0.0, abs=0.1)


def test_a_load_replaces_what_plays(bench: Bench, songs: dict[str, Path]) -> None:
    old = bench.load(songs["long"])
    bench.deck.play(old)
    bench.wait(DeckMoved, old, is_playing)
    new = bench.load(songs["other"], start=3.0)
    bench.wait(DeckCued, new)
    moved = bench.wait(DeckMoved, new)
    assert not moved.playing
    assert all(event.token == new for event in bench.pass_by(1.0))


def test_unloaded_it_says_no_more(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["short"])
    bench.deck.play(token)
    bench.wait(DeckMoved, token, is_playing)
    bench.deck.unload(token)
    bench.pass_by(0.5)  # a report may have been under way
    assert bench.pass_by(SHORT) == []


def test_requests_to_an_empty_deck_do_nothing(bench: Bench) -> None:
    token = Token(7)
    bench.deck.play(token)
    bench.deck.pause(token)
    bench.deck.seek(token, Seconds(1.0))
    bench.deck.unload(token)
    assert bench.pass_by(0.5) == []


def test_closed_it_says_no_more(bench: Bench, songs: dict[str, Path]) -> None:
    token = bench.load(songs["long"])
    bench.deck.play(token)
    bench.wait(DeckMoved, token, is_playing)
    bench.deck.close()
    bench.pass_by(0.2)
    bench.deck.play(token)
    assert bench.pass_by(0.7) == []
