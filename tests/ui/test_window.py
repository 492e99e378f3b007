"""The window as a whole: keys, readers of screens, sizes, and how little a frame costs."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QProgressBar, QSlider, QWidget
from pytestqt.qtbot import QtBot

from livedj.listen.heard import ListenState
from livedj.music import SILENCE, Dbfs, Seconds
from livedj.party.messages import Cut, FadeNow, Intent, PlayNext, ScanProgressed, SetAuto, Skip, TogglePause
from livedj.party.snapshot import Playing, Snapshot
from tests.ui.night import (
    EMPTY,
    FADING,
    HEARD,
    LISTENING,
    NOW,
    PAUSED,
    PLANNED,
    PLAYING,
    UNHEARD,
    later,
    mel,
    proposal,
    track,
)
from ui.covers import Covers
from ui.window import KEYS, MainWindow

SCANNING = replace(PLAYING, scan=ScanProgressed(3, 10, 1, "a/very/long/folder/with/a/very/long/song name.flac"))
LONG = "A title that is far too long for any window, and goes on, " * 3
LONG_WINDED = replace(
    PLANNED,
    heard=replace(HEARD, state=ListenState.NO_MICROPHONE, detail=LONG[:170], itself=track(9, LONG, LONG)),
    playing=Playing(track(1, LONG, LONG), Seconds(30.0)),
    cued=track(2, LONG, LONG),
    proposals=tuple(replace(proposal(n, 100, LONG), track=track(n, LONG, LONG)) for n in range(11, 16)),
    message=LONG,
)
STATES = {
    "first start": EMPTY, "listening": LISTENING, "planned": PLANNED, "fading": FADING, "scanning": SCANNING,
    "long-winded": LONG_WINDED, "unheard": UNHEARD, "no music": replace(EMPTY, scan=ScanProgressed(0, 0, 0)),
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "wish"),
    [
        (Qt.Key.Key_Space, TogglePause()),
        (Qt.Key.Key_N, Skip()),
        (Qt.Key.Key_X, Cut()),
        (Qt.Key.Key_F, FadeNow()),
        (Qt.Key.Key_A, SetAuto(False)),
        (Qt.Key.Key_1, PlayNext(track(11))),
        (Qt.Key.Key_5, PlayNext(track(15))),
    ],
)
def test_the_partys_keys(window: MainWindow, wishes: list[Intent], qtbot: QtBot, key: Qt.Key, wish: Intent) -> None:
    window.render_snapshot(PLAYING, NOW)
    QTest.keyClick(QApplication.focusWidget() or window, key)
    qtbot.waitUntil(lambda: wishes == [wish])


def test_a_key_that_is_held_down_counts_once(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    from PySide6.QtGui import QKeyEvent

    window.render_snapshot(PLAYING, NOW)
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_N, Qt.KeyboardModifier.NoModifier, "n", True)
    QApplication.sendEvent(window, held)
    assert wishes == []


@pytest.mark.parametrize("key", [Qt.Key.Key_N, Qt.Key.Key_A])
def test_keys_with_a_modifier_are_not_ours(window: MainWindow, wishes: list[Intent], qtbot: QtBot, key: Qt.Key) -> None:
    window.render_snapshot(PLAYING, NOW)
    QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
    assert wishes == []


def test_a_mouse_click_leaves_the_keys_to_the_party(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(PLAYING, NOW)
    QTest.mouseClick(window.playing.skip, Qt.MouseButton.LeftButton)
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Space)
    assert wishes == [Skip(), TogglePause()]


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_a_control_reached_by_tab_is_pressed_by_the_usual_keys(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot, key: Qt.Key
) -> None:
    window.render_snapshot(PLAYING, NOW)
    window.playing.skip.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(window.playing.skip, key)
    window.controls.auto.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(window.controls.auto, key)
    assert wishes == [Skip(), SetAuto(False)]


def test_escape_gives_the_keys_back(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(PLAYING, NOW)
    window.playing.skip.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(window.playing.skip, Qt.Key.Key_Escape)
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Space)
    assert wishes == [TogglePause()]


def test_arrows_seek_from_a_button_too(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(PAUSED, NOW)
    window.playing.skip.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(window.playing.skip, Qt.Key.Key_Right)
    assert window.playing.seek.elapsed.text() == "1:28"
    assert window.playing.skip.hasFocus()


@pytest.mark.parametrize("state", STATES)
def test_everything_a_hand_can_reach_has_a_name_for_screen_readers(window: MainWindow, state: str) -> None:
    window.render_snapshot(STATES[state], NOW)
    controls = [
        widget
        for kind in (QAbstractButton, QSlider, QComboBox, QProgressBar)
        for widget in window.findChildren(kind)
        if widget.isVisible()
    ]
    assert len(controls) > 5
    assert [widget for widget in controls if not widget.accessibleName()] == []


def test_every_key_is_told_in_a_tool_tip(window: MainWindow) -> None:
    window.render_snapshot(PLAYING, NOW)
    keys: dict[str, QAbstractButton] = {"Space": window.playing.pause, "N": window.playing.skip}
    keys |= {"F": window.playing.fade, "A": window.controls.auto, "H": window.controls.library.history}
    keys |= {str(number): row for number, row in enumerate(window.proposals.rows, 1)}
    for key, control in keys.items():
        assert f"[{key}]" in control.toolTip()
        assert f"Key: {key}." in control.accessibleDescription()
    assert "← →" in window.playing.seek.bar.toolTip()


def test_tab_goes_through_the_window_as_it_is_read(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(PLAYING, NOW)
    reached = []
    for _ in range(31):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    playing, controls = window.playing, window.controls
    assert reached == [
        playing.opinion.heart, playing.opinion.ban, playing.seek.bar, playing.pause, playing.skip, playing.fade,
        *(part for row in window.proposals.rows for part in (row, row.opinion.heart, row.opinion.ban)),
        controls.auto, controls.situations, controls.taste, controls.length, controls.microphone,
        controls.library.button,
        controls.library.songs, controls.library.queue, controls.library.history, controls.library.map,
    ]  # fmt: skip


def test_the_focus_can_be_seen(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(PLAYING, NOW)
    for control in (
        window.playing.skip, window.proposals.rows[0], window.proposals.rows[3], window.controls.auto,
        window.controls.length, window.controls.microphone, window.controls.library.button, window.playing.seek.bar,
        window.controls.situations, window.controls.library.history,
    ):  # fmt: skip
        before = control.grab().toImage()
        control.setFocus(Qt.FocusReason.TabFocusReason)
        assert control.grab().toImage() != before, control
        window.setFocus()


def _visible_outside(window: MainWindow) -> list[QWidget]:
    """Visible widgets that reach out of the one they stand in, or have no room at all."""
    central = window.centralWidget()
    assert central is not None
    outside = []
    for widget in central.findChildren(QWidget):
        parent = widget.parentWidget()
        fits = parent is not None and parent.rect().contains(widget.geometry()) and widget.width() > 1
        if widget.isVisible() and not fits:
            outside.append(widget)
    return outside


@pytest.mark.parametrize("size", [(900, 600), (1180, 760), (1920, 1080), (900, 1200), (2560, 1080)])
@pytest.mark.parametrize("state", STATES)
def test_everything_fits_at_every_size(window: MainWindow, qtbot: QtBot, state: str, size: tuple[int, int]) -> None:
    window.resize(*size)
    window.render_snapshot(STATES[state], NOW)
    QApplication.processEvents()
    assert (window.width(), window.height()) == size
    assert window.minimumSizeHint().width() <= size[0]
    assert window.minimumSizeHint().height() <= size[1]
    assert _visible_outside(window) == []


def test_the_type_grows_with_the_window(window: MainWindow) -> None:
    heights = []
    for size in ((900, 600), (1180, 760), (1920, 1080)):
        window.resize(*size)
        heights.append(window.playing.title.fontMetrics().height())
    assert heights[0] < heights[1] < heights[2]


def test_the_message_tells_the_truth_in_its_line(window: MainWindow) -> None:
    window.render_snapshot(PLAYING, NOW)
    assert window.message.text() == KEYS
    window.render_snapshot(replace(PLAYING, message="The file could not be played; the next one is."), later(0.1))
    assert window.message.text() == "The file could not be played; the next one is."


Paints = Callable[[Snapshot, list[tuple[Snapshot, Seconds]]], list[QObject]]


class _Paints(QObject):
    """Counts what is painted anew."""

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[QObject] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        if event.type() is QEvent.Type.Paint and isinstance(watched, QWidget):
            self.painted.append(watched)
        return False


@pytest.fixture
def paints(window: MainWindow, qapp: QApplication, qtbot: QtBot, covers: Covers) -> Iterator[Paints]:
    """Render frames and return every widget that was painted for them, once for each time."""
    count = _Paints()
    qapp.installEventFilter(count)

    def settled() -> bool:
        before = len(count.painted)
        qapp.processEvents()
        return len(count.painted) == before and not covers.waiting

    def render(first: Snapshot, frames: list[tuple[Snapshot, Seconds]]) -> list[QObject]:
        window.render_snapshot(first, NOW)
        qtbot.waitUntil(settled)
        count.painted.clear()
        for snapshot, now in frames:
            window.render_snapshot(snapshot, now)
            qapp.processEvents()
        return count.painted

    yield render
    qapp.removeEventFilter(count)


def test_a_picture_that_does_not_change_is_not_painted_again(paints: Paints) -> None:
    still = replace(PAUSED, heard=replace(HEARD, level=SILENCE))
    assert paints(still, [(still, later(frame / 30)) for frame in range(300)]) == []


def test_the_same_snapshot_at_the_same_moment_is_not_even_looked_at(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.render_snapshot(PLAYING, NOW)
    looks: list[object] = []
    monkeypatch.setattr(window.heard, "render_heard", lambda *arguments: looks.append(arguments))
    window.render_snapshot(PLAYING, NOW)
    assert looks == []
    window.render_snapshot(PLAYING, later(0.033))
    assert len(looks) == 1


def test_a_new_level_paints_the_meter_and_its_number_only(paints: Paints) -> None:
    louder = replace(PAUSED, heard=replace(HEARD, level=Dbfs(-10.0)))
    painted = {type(widget).__name__ for widget in paints(PAUSED, [(louder, later(0.1))])}
    assert "LevelMeter" in painted
    assert painted.isdisjoint({"MelView", "CoverView", "ProposalRow", "Slider", "Switch", "SimilarityBar"})


def test_ten_seconds_of_a_busy_window_cost_little(paints: Paints) -> None:
    """300 frames with 30 levels and 2 pictures a second: on average less than a frame's time of the processor's."""
    pictures = [mel(seed) for seed in range(20)]
    heard = [replace(HEARD, level=Dbfs(-40 + n % 30), log_mel=pictures[n // 15]) for n in range(300)]
    frames = [(replace(FADING, at=later(n / 30), fade=n / 300, heard=heard[n]), later(n / 30)) for n in range(300)]
    before = time.process_time()
    painted = paints(FADING, frames)
    assert (time.process_time() - before) / len(frames) < 0.033
    assert sum(type(widget).__name__ == "MelView" for widget in painted) <= 21
    assert sum(type(widget).__name__ == "CoverView" for widget in painted) <= 60


def test_closing_is_told_once(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closed):
        window.close()
