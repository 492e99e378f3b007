"""What a person sets."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from livedj.listen.heard import DEFAULT_INPUT
from livedj.music import Seconds
from livedj.party.messages import (
    AddFolder,
    ChooseInput,
    Intent,
    MakeDemoLibrary,
    ScanProgressed,
    SetAuto,
    SetCrossfade,
    StopScan,
)
from tests.ui.night import BUILT_IN, EMPTY, HEARD, LISTENING, NOW, USB, later
from ui.window import MainWindow


def test_auto_dj_is_switched_by_the_mouse(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(LISTENING, NOW)
    switch = window.controls.auto
    for place in (QPoint(12, switch.height() // 2), QPoint(switch.width() - 12, switch.height() // 2)):
        QTest.mouseClick(switch, Qt.MouseButton.LeftButton, pos=place)
    assert wishes == [SetAuto(True), SetAuto(False)]


def test_the_switch_does_not_flicker_back_while_its_wish_is_on_its_way(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(LISTENING, NOW)
    window.controls.auto.click()
    window.render_snapshot(LISTENING, later(0.03))
    assert window.controls.auto.isChecked()
    window.render_snapshot(replace(LISTENING, auto=True), later(0.06))
    window.render_snapshot(LISTENING, later(0.09))
    assert not window.controls.auto.isChecked(), "somebody else may switch it off again"


def test_on_and_off_look_nothing_alike(window: MainWindow) -> None:
    window.render_snapshot(LISTENING, NOW)
    place = QPoint(window.controls.auto.width() - 16, window.controls.auto.height() // 2)
    off = window.controls.auto.grab().toImage().pixelColor(place).lightness()
    window.render_snapshot(replace(LISTENING, auto=True), later(0.1))
    assert window.controls.auto.grab().toImage().pixelColor(place).lightness() > off + 80


def test_the_crossfade_has_2_to_12_seconds(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(replace(LISTENING, crossfade=Seconds(6.0)), NOW)
    bar, line = window.controls.length, window.controls.length_line
    assert (bar.value(), line.text()) == (6, "FADE · ≤ 6 s")
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(bar.width() - 1, bar.height() // 2))
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(0, bar.height() // 2))
    assert wishes == [SetCrossfade(Seconds(12.0)), SetCrossfade(Seconds(2.0))]
    assert line.text() == "FADE · ≤ 2 s"


def test_the_crossfade_is_set_by_keys_too(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(replace(LISTENING, crossfade=Seconds(6.0)), NOW)
    window.controls.length.setFocus()
    QTest.keyClick(window.controls.length, Qt.Key.Key_Right)
    assert wishes == [SetCrossfade(Seconds(7.0))]


def test_a_crossfade_outside_the_slider_is_told_as_it_is(window: MainWindow) -> None:
    window.render_snapshot(replace(LISTENING, crossfade=Seconds(20.0)), NOW)
    assert window.controls.length.value() == 12
    assert window.controls.length_line.text() == "FADE · ≤ 20 s"


def _labels(window: MainWindow) -> list[str]:
    chooser = window.controls.microphone
    return [chooser.itemText(place) for place in range(chooser.count())]


def test_the_chooser_lists_the_default_first(window: MainWindow) -> None:
    window.render_snapshot(LISTENING, NOW)
    assert _labels(window) == ["System default", BUILT_IN.label, USB.label]
    assert window.controls.microphone.currentText() == "System default"


def test_the_chosen_microphone_is_asked_for_and_stays_chosen(
    window: MainWindow, wishes: list[Intent], qtbot: QtBot
) -> None:
    window.render_snapshot(LISTENING, NOW)
    chooser = window.controls.microphone
    chooser.setFocus()
    QTest.keyClick(chooser, Qt.Key.Key_Down)
    assert wishes == [ChooseInput(BUILT_IN)]
    window.render_snapshot(LISTENING, later(0.5))
    assert chooser.currentText() == BUILT_IN.label, "opening it takes a while"
    window.render_snapshot(replace(LISTENING, heard=replace(HEARD, input=BUILT_IN)), later(1.0))
    assert chooser.currentText() == BUILT_IN.label


def test_a_microphone_that_cannot_be_opened_is_not_shown_as_chosen(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(LISTENING, NOW)
    window.controls.microphone.setFocus()
    QTest.keyClick(window.controls.microphone, Qt.Key.Key_Down)
    window.render_snapshot(LISTENING, later(0.1))
    window.render_snapshot(LISTENING, later(6.0))
    assert window.controls.microphone.currentText() == DEFAULT_INPUT.label


def test_new_devices_keep_the_selection(window: MainWindow) -> None:
    window.render_snapshot(replace(LISTENING, heard=replace(HEARD, inputs=(USB,), input=USB)), NOW)
    window.render_snapshot(replace(LISTENING, heard=replace(HEARD, input=USB)), later(0.5))
    assert _labels(window) == ["System default", BUILT_IN.label, USB.label]
    assert window.controls.microphone.currentText() == USB.label


def test_a_microphone_that_has_gone_is_still_the_choice(window: MainWindow) -> None:
    window.render_snapshot(replace(LISTENING, heard=replace(HEARD, inputs=(), input=USB)), NOW)
    assert _labels(window) == ["System default", USB.label]
    assert window.controls.microphone.currentText() == USB.label


def test_nothing_changes_under_the_hand_while_the_list_is_open(window: MainWindow, qtbot: QtBot) -> None:
    window.render_snapshot(LISTENING, NOW)
    chooser = window.controls.microphone
    chooser.showPopup()
    qtbot.waitUntil(chooser.view().isVisible)
    window.render_snapshot(replace(LISTENING, heard=replace(HEARD, inputs=(), input=USB)), later(0.1))
    assert _labels(window) == ["System default", BUILT_IN.label, USB.label]
    chooser.hidePopup()
    qtbot.waitUntil(lambda: not chooser.view().isVisible())
    window.render_snapshot(replace(LISTENING, heard=replace(HEARD, inputs=(), input=USB)), later(0.2))
    assert _labels(window) == ["System default", USB.label]


def test_the_library_tells_its_size(window: MainWindow) -> None:
    window.render_snapshot(LISTENING, NOW)
    assert window.controls.library.size_line.text() == "LIBRARY · 1 204 songs"
    window.render_snapshot(replace(LISTENING, library_size=1), later(0.1))
    assert window.controls.library.size_line.text() == "LIBRARY · 1 song"


def test_the_menu_makes_the_demo_library(window: MainWindow, wishes: list[Intent]) -> None:
    window.controls.library.menu.actions()[1].trigger()
    assert wishes == [MakeDemoLibrary()]


@pytest.mark.parametrize("from_welcome", [True, False])
def test_a_folder_is_chosen_and_added(
    window: MainWindow, wishes: list[Intent], monkeypatch: pytest.MonkeyPatch, from_welcome: bool
) -> None:
    window.render_snapshot(EMPTY, NOW)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: "/home/guest/Music")
    if from_welcome:
        window.welcome.folder.click()
    else:
        window.controls.library.menu.actions()[0].trigger()
    assert wishes == [AddFolder("/home/guest/Music")]


def test_a_folder_not_chosen_is_not_added(
    window: MainWindow, wishes: list[Intent], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: "")
    window.controls.library.menu.actions()[0].trigger()
    assert wishes == []


def test_a_scan_shows_how_far_it_is_and_can_be_stopped(window: MainWindow, wishes: list[Intent], qtbot: QtBot) -> None:
    window.render_snapshot(replace(LISTENING, scan=ScanProgressed(312, 1024, 3, "Copper Sun/02.flac")), NOW)
    library = window.controls.library
    assert library.size_line.text() == "INTROS · 312 of 1024 · 3 skipped"
    assert (library.progress.value(), library.progress.maximum()) == (312, 1024)
    assert library.progress.isVisible()
    assert library.file.text() == "Copper Sun/02.flac"
    QTest.mouseClick(library.stop, Qt.MouseButton.LeftButton)
    assert wishes == [StopScan()]


def test_a_scan_for_a_new_model_says_so(window: MainWindow) -> None:
    window.render_snapshot(replace(LISTENING, scan=ScanProgressed(120, 3000, 0, "01.flac", anew=True)), NOW)
    assert window.controls.library.size_line.text() == "HEARING ANEW · 120 of 3000"
    assert window.controls.library.file.text() == "for the new model · 01.flac"


def test_a_scan_that_is_over_leaves_its_result(window: MainWindow) -> None:
    window.render_snapshot(replace(LISTENING, scan=ScanProgressed(1024, 1024, 3)), NOW)
    assert window.controls.library.button.isVisible()
    assert window.controls.library.size_line.text() == "LIBRARY · 1 204 songs · 3 skipped"
