"""What the session logs tell the window."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from livedj.errors import PlaylistError
from livedj.music import Seconds, TrackId
from livedj.night.entries import Began, Chooser, Chosen, Ended, Entry, OnAir, Played, Song, to_line
from livedj.night.log import new_session
from ui.nights import history_in

EVENING = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def _song(number: int) -> Song:
    return Song(TrackId(number), Path(f"/music/{number}.ogg"), f"Title {number}", f"Artist {number}", Seconds(200.0))


def _minutes(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


def _keep(data: Path, began: datetime, *told: Entry) -> None:
    path = new_session(data, began)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(map(to_line, (Began(began, "1.0"), *told))))


def _played(began: datetime, number: int, by: Chooser | None, minute: float) -> list[Entry]:
    """A song that plays for three minutes, chosen a minute before."""
    at = began + _minutes(minute)
    chosen: list[Entry] = [] if by is None else [Chosen(at - _minutes(1), _song(number), by)]
    over = Played(at + _minutes(3), at, _song(number), Seconds(0.0), Seconds(180.0))
    return [*chosen, OnAir(at, _song(number), Seconds(0.0)), over]


def test_without_a_log_there_is_no_history(tmp_path: Path) -> None:
    assert list(history_in(tmp_path).sessions()) == []


def test_sessions_come_newest_first_and_only_those_in_which_something_was_played(tmp_path: Path) -> None:
    nights = [EVENING + timedelta(days=day) for day in range(4)]
    _keep(tmp_path, nights[0], *_played(nights[0], 1, Chooser.PERSON, 1), Ended(nights[0] + _minutes(9)))
    _keep(tmp_path, nights[1], Ended(nights[1] + _minutes(5)))
    _keep(tmp_path, nights[2], *_played(nights[2], 1, Chooser.PERSON, 1))  # the program died
    _keep(tmp_path, nights[3], *_played(nights[3], 1, None, 1), *_played(nights[3], 2, None, 5))
    found = history_in(tmp_path).sessions()
    assert [session.began for session in found] == [nights[3], nights[2], nights[0]]
    assert [session.songs for session in found] == [2, 1, 1]
    assert [session.running for session in found] == [True, False, False]
    assert found[2].last == nights[0] + _minutes(9)


def test_a_newest_session_that_has_ended_is_not_the_present_one(tmp_path: Path) -> None:
    _keep(tmp_path, EVENING, *_played(EVENING, 1, None, 1), Ended(EVENING + _minutes(9)))
    (session,) = history_in(tmp_path).sessions()
    assert not session.running


def test_an_older_session_is_not_the_present_one_while_nothing_was_played_in_that(tmp_path: Path) -> None:
    _keep(tmp_path, EVENING, *_played(EVENING, 1, None, 1))
    _keep(tmp_path, EVENING + timedelta(days=1))
    (session,) = history_in(tmp_path).sessions()
    assert (session.began, session.running) == (EVENING, False)


def test_each_song_tells_its_time_and_who_chose_it(tmp_path: Path) -> None:
    _keep(
        tmp_path,
        EVENING,
        *_played(EVENING, 1, Chooser.PERSON, 1),
        Chosen(EVENING + _minutes(4), _song(2), Chooser.PERSON),
        *_played(EVENING, 2, Chooser.AUTO_DJ, 6),  # the last word counts
        *_played(EVENING, 3, Chooser.REPAIR, 10),
        *_played(EVENING, 1, None, 14),  # it was chosen once, not twice
    )
    history = history_in(tmp_path)
    (session,) = history.sessions()
    songs = history.songs(session)
    assert [(song.title, song.by) for song in songs] == [
        ("Title 1", "you"),
        ("Title 2", "auto-DJ"),
        ("Title 3", "stand-in"),
        ("Title 1", ""),
    ]
    assert [song.at for song in songs] == [EVENING + _minutes(minute) for minute in (1, 6, 10, 14)]
    assert songs[0].artist == "Artist 1"


def test_a_session_becomes_a_playlist(tmp_path: Path) -> None:
    _keep(tmp_path, EVENING, *_played(EVENING, 2, None, 1), *_played(EVENING, 1, None, 5))
    history = history_in(tmp_path)
    (session,) = history.sessions()
    target = tmp_path / "night.m3u8"
    history.export(session, target)
    entries = [line for line in target.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert [Path(entry).name for entry in entries] == ["2.ogg", "1.ogg"]


def test_a_playlist_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    _keep(tmp_path, EVENING, *_played(EVENING, 1, None, 1))
    history = history_in(tmp_path)
    (session,) = history.sessions()
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    with pytest.raises(PlaylistError, match="cannot be written"):
        history.export(session, in_the_way / "night.m3u8")
