"""Dots as a picture, and the view that says where they are seen."""

import numpy as np
import pytest

from ui.camera import MOST, Camera, towards
from ui.dots import Rgb, _disc, dots

GROUND, RED, BLUE = 0xFF000000, 0xFFFF0000, 0xFF0000FF
PALETTE = np.array([[255, 0, 0], [0, 0, 255]], np.uint8)


def _picture(*centres: tuple[float, float], groups: tuple[int, ...] = (0, 0)) -> Rgb:
    places = np.array(centres, np.float32).reshape(-1, 2)
    return dots(places, np.array(groups[: len(centres)], np.int64), PALETTE, np.zeros(3, np.uint8), 5.0, (20, 10))


def test_a_dot_is_round_with_a_soft_rim() -> None:
    picture = _picture((10.5, 5.5))
    assert picture.shape == (10, 20)
    assert picture[5, 10] == picture[5, 12] == picture[3, 10] == RED
    assert picture[3, 12] not in (RED, GROUND)
    assert picture[2, 12] == picture[0, 0] == GROUND


def test_dots_at_the_edges_are_cut_and_those_beyond_are_not_drawn() -> None:
    picture = _picture((0.0, 0.0), (19.9, 9.9))
    assert picture[0, 0] == picture[9, 19] == picture[0, 2] == RED
    assert (_picture((-30.0, 5.0), (400.0, -7.0)) == GROUND).all()
    assert (_picture() == GROUND).all()


def test_no_rim_covers_the_heart_of_another_dot() -> None:
    picture = _picture((8.5, 5.5), (10.5, 5.5), groups=(0, 1))
    assert (picture[5, 8], picture[5, 10]) == (RED, BLUE)


def test_zooming_through_any_number_of_sizes_keeps_few_of_them() -> None:
    nothing = np.zeros((0, 2), np.float32)
    for diameter in np.linspace(5, 6, 30):
        dots(nothing, np.zeros(0, np.int64), PALETTE, np.zeros(3, np.uint8), float(diameter), (20, 10))
    assert _disc.cache_info().currsize <= 4


def test_a_view_is_undone_by_asking_for_the_place() -> None:
    camera = Camera(800, 600, (0.0, 0.1), (1.0, 0.6)).zoomed(3, 100, 50).moved(20, -30)
    (x, y) = camera.seen(np.array([[0.3, 0.4]]))[0]
    assert camera.place(float(x), float(y)) == pytest.approx((0.3, 0.4))


def test_the_whole_map_fits_into_any_view() -> None:
    for corners in (np.array([[0.0, 0.0], [1.0, 0.5]]), np.array([[0.7, 0.1], [0.9, 0.15]]), np.array([[0.9, 0.9]])):
        for width, height in ((800, 600), (600, 800), (1600, 300)):
            seen = Camera(width, height).over(corners).seen(corners)
            assert (seen >= 0).all()
            assert (seen <= (width, height)).all()


def test_a_view_of_a_part_goes_no_further_than_there_are_songs() -> None:
    near = Camera(800, 600).over(np.array([[0.0, 0.0], [1.0, 1.0]])).zoomed(3, 400, 300).moved(-400, 0)
    assert near.over(np.array([[0.2, 0.1], [1.0, 0.9]])).centre == near.centre
    assert near.over(np.array([[0.0, 0.0], [0.2, 0.2]])).centre == (0.2, 0.2)
    assert near.over(np.zeros((0, 2))).least == (0.0, 0.0)


def test_there_is_an_end_to_looking_nearer_and_wider_and_away() -> None:
    near = Camera(800, 600).zoomed(1000, 0, 0)
    assert near.zoom == MOST
    assert near.zoomed(0.00001, 5, 5) == Camera(800, 600)
    assert Camera(800, 600).moved(1e6, -1e6).centre == (0.0, 1.0)


@pytest.mark.parametrize(("direction", "row"), [((1, 0), 1), ((-1, 0), None), ((0, 1), 3), ((0, -1), None)])
def test_the_next_dot_is_near_and_lies_ahead(direction: tuple[int, int], row: int | None) -> None:
    places = np.array([[0.0, 0.0], [9.0, 1.0], [5.0, 4.0], [2.0, 4.0], [30.0, 0.0]], np.float32)
    assert towards(places, places[0], direction) == row
    assert towards(places[:0], places[0], direction) is None


def test_what_is_pointed_at_is_brought_into_view_and_no_further() -> None:
    camera = Camera(800, 600).zoomed(5, 400, 300)
    assert camera.with_in_view(700, 100) == camera
    for x, y in ((1500, 300), (-20, 900), (400, -300)):
        moved = camera.with_in_view(x, y)
        [(right, down)] = moved.seen(np.array([camera.place(x, y)]))
        assert 59 <= right <= 741
        assert 59 <= down <= 541
