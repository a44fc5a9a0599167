"""Outline, joints and features of the face drawn over a cut: where they should be, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from semantify_blender.core.pictures.crop import Crop, Cut
from semantify_blender.core.pictures.landmarks import BODY_POINTS, FACE_POINTS, BodyLandmarks, FaceLandmarks
from semantify_blender.core.pictures.marked import FACE, FEATURES, LEFT, OUTLINE, RIGHT, marked
from semantify_blender.core.pictures.strokes import draw_dot, draw_line, draw_outline

SIZE, SIDE = 96, 240
PLAIN = Cut(np.full((SIZE, SIZE, 3), 90, np.uint8), None, Crop(0, 0, SIZE), "whole", ())


def _near(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return np.abs(picture.astype(int) - colour).max(2) < 40


def _body() -> BodyLandmarks:
    """Standing upright in the middle, seen from in front: the person's left is to the right."""
    points = np.full((len(BODY_POINTS), 2), 48, np.float32)
    heights = {"ear": 15, "eye": 14, "shoulder": 25, "elbow": 40, "wrist": 52, "hip": 50, "knee": 70, "ankle": 88,
               "heel": 90, "toe": 91, "index": 56, "pinky": 56, "thumb": 54, "mouth": 19, "nose": 16}  # fmt: skip
    for i, name in enumerate(BODY_POINTS):
        kind, _, side = name.partition(".")
        points[i, 1] = heights[kind.split("_")[0]]
        points[i, 0] += {"L": 14, "R": -14, "": 0}[side]
    ones = np.ones(len(points), np.float32)
    return BodyLandmarks(points, ones, ones, np.zeros((len(points), 3), np.float32), 1.0)


def test_nothing_found_is_the_picture_at_another_size() -> None:
    picture = marked(PLAIN, SIDE)
    assert picture.shape == (SIDE, SIDE, 3)
    assert picture.dtype == np.uint8
    assert (picture == 90).all()


def test_the_outline_runs_along_the_mask() -> None:
    mask = np.zeros((SIZE, SIZE), np.float32)
    mask[20:70, 30:60] = 1
    white = _near(marked(replace(PLAIN, mask=mask), SIDE), OUTLINE)
    rows, columns = np.flatnonzero(white.any(1)), np.flatnonzero(white.any(0))
    ends = np.array([rows[0], rows[-1] + 1, columns[0], columns[-1] + 1]) * SIZE / SIDE
    assert ends == pytest.approx([20, 70, 30, 60], abs=0.8)
    assert not white[60:160, 90:130].any()
    for empty in (np.zeros_like(mask), np.ones_like(mask)):
        assert (marked(replace(PLAIN, mask=empty), SIDE) == 90).all()


def test_sides_of_a_body_have_their_colours() -> None:
    picture = marked(replace(PLAIN, body=_body()), SIDE)
    assert _near(picture, LEFT)[:, SIDE // 2 :].sum() > 200
    assert _near(picture, RIGHT)[:, : SIDE // 2].sum() > 200
    assert not _near(picture, LEFT)[:, : SIDE // 2 - 4].any()
    assert not _near(picture, RIGHT)[:, SIDE // 2 + 4 :].any()


def test_hidden_limbs_are_faint_and_those_outside_are_not_drawn() -> None:
    body = _body()
    legs = [i for i, name in enumerate(BODY_POINTS) if name.startswith(("knee", "ankle", "heel", "toe"))]
    hidden, away = body.seen.copy(), body.inside.copy()
    hidden[legs], away[legs] = 0.1, 0.1
    below = np.s_[int(60 / SIZE * SIDE) :]
    changed = [
        np.abs(marked(replace(PLAIN, body=one), SIDE)[below].astype(int) - 90).sum()
        for one in (body, replace(body, seen=hidden), replace(body, inside=away))
    ]
    assert changed[0] > 2 * changed[1] > 0
    assert changed[2] == 0


def test_features_of_a_face_are_drawn_through_its_points() -> None:
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform(10, 86, (FACE_POINTS, 2)), np.zeros((FACE_POINTS, 1))], 1).astype(np.float32)
    face = FaceLandmarks(points, 1.0)
    green = _near(marked(replace(PLAIN, face=face), SIDE), FACE)
    places = sorted({index for path in FEATURES for index in path})
    assert places[-1] < FACE_POINTS
    at = (points[places, :2] * SIDE / SIZE).astype(int)
    hit = [green[y - 2 : y + 3, x - 2 : x + 3].any() for x, y in at]
    assert np.mean(hit) == 1


def test_the_cut_itself_stays() -> None:
    cut = replace(PLAIN, mask=np.eye(SIZE, dtype=np.float32), body=_body())
    before = cut.pixels.copy()
    marked(cut, SIDE)
    assert np.array_equal(cut.pixels, before)


def test_lines_are_smooth_and_as_wide_as_asked() -> None:
    picture = np.zeros((40, 60, 3), np.float32)
    draw_line(picture, np.array([[10.0, 20.0], [50.0, 20.0]]), (100, 200, 50), 4)
    assert picture[20, 30] == pytest.approx([100, 200, 50])
    assert picture[:, 30, 1].sum() / 200 == pytest.approx(4, abs=0.1)
    slanted = np.zeros((40, 60, 3), np.float32)
    draw_line(slanted, np.array([[10.0, 10.0], [40.0, 30.0]]), (255, 255, 255), 2)
    shades = np.unique(slanted[..., 0].round())
    assert len(shades) > 4


@pytest.mark.parametrize("points", [[[-500.0, -500.0], [-400.0, -90.0]], [[1e30, 0.0], [1e30, 9.0]],
                                    [[np.nan, 1.0], [2.0, 2.0]], [[61.0, 5.0], [90.0, 7.0]]])  # fmt: skip
def test_lines_outside_of_the_picture_draw_nothing(points: list[list[float]]) -> None:
    picture = np.zeros((40, 60, 3), np.float32)
    draw_line(picture, np.array(points), (255, 255, 255), 2)
    draw_dot(picture, points[0], (255, 255, 255), 2)
    assert not picture.any()


def test_lines_that_leave_the_picture_and_tiny_pictures_are_no_trouble() -> None:
    picture = np.zeros((40, 60, 3), np.float32)
    draw_line(picture, np.array([[30.0, 20.0], [1e4, 2e4]]), (255, 255, 255), 2)
    assert picture[25, 33].any() or picture[26, 33].any()
    for shape in ((1, 1, 3), (1, 50, 3), (3, 2, 3)):
        small = np.zeros(shape, np.float32)
        draw_outline(small, np.ones(shape[:2], np.float32), (255, 255, 255), 1)
        draw_dot(small, (0.5, 0.5), (255, 255, 255), 2)
        assert np.isfinite(small).all()
