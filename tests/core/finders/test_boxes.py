"""Detectors: where they look, what counts as one thing, and how a thing's points turn what is read of it."""

import math
import time

import numpy as np
import pytest

from semantify_blender.core.finders import boxes, face, person
from semantify_blender.core.finders.boxes import Found
from semantify_blender.core.finders.regions import Region
from semantify_blender.core.pictures.picture import Picture


def blank(width: int, height: int) -> Picture:
    return Picture(np.full((height, width, 4), 255, np.uint8), "blank")


def test_anchors_are_the_middles_of_cells() -> None:
    found = boxes.anchors(8, (2, 4, 4))
    assert found.shape == (4 * 4 * 2 + 2 * 2 * 4, 2)
    np.testing.assert_allclose(found[:4], [[0.125, 0.125], [0.125, 0.125], [0.375, 0.125], [0.375, 0.125]])
    np.testing.assert_allclose(found[32:37], [[0.25, 0.25]] * 4 + [[0.75, 0.25]])
    for name, strides, count in (("person", person._STRIDES, 2254), ("face", face._STRIDES, 896)):
        anchors = boxes.anchors(boxes.side_of(name), strides)
        assert len(anchors) == count
        assert 0 < anchors.min() < anchors.max() < 1


@pytest.mark.parametrize(("width", "height"), [(300, 200), (200, 300), (1, 5000), (5000, 1), (1, 1), (333, 333)])
@pytest.mark.parametrize("share", [0.62, 0.4])
def test_tiles_cover_a_picture(width: int, height: int, share: float) -> None:
    tiles = boxes.tiles(blank(width, height), share)
    assert len(tiles) <= 16
    y, x = np.mgrid[: height : max(1, height // 40), : width : max(1, width // 40)] + 0.5
    inside = [(abs(x - tile.x) <= tile.side / 2 + 1e-6) & (abs(y - tile.y) <= tile.side / 2 + 1e-6) for tile in tiles]
    assert np.any(inside, 0).all()
    middles = {(tile.x, tile.y) for tile in tiles}
    assert len(middles) == len(tiles)


def square(x: float, y: float, side: float) -> Found:
    return Found(np.array([x, y, x + side, y + side]), np.zeros((0, 2)), 1)


def test_overlap_is_of_areas() -> None:
    assert square(0, 0, 10).overlap(square(0, 0, 10)) == pytest.approx(1)
    assert square(0, 0, 10).overlap(square(5, 0, 10)) == pytest.approx(1 / 3)
    assert square(0, 0, 10).overlap(square(20, 0, 10)) == 0
    assert square(0, 0, 0).overlap(square(0, 0, 0)) == 0


def merged(*things: tuple[float, float, float, float]) -> list[Found]:
    """Squares: left, top, side, score."""
    table = np.array(things).reshape(-1, 4)
    x, y, side, scores = table.T
    corners = np.stack([x, y, x + side, y + side], 1)
    points = np.stack([np.stack([x, y], 1), np.stack([x + side, y], 1)], 1)
    return boxes._merged(corners, points, scores)


def test_boxes_that_overlap_become_one_by_their_scores() -> None:
    found = merged((2, 0, 10, 0.3), (0, 0, 10, 0.9), (50, 0, 10, 0.6))
    assert [round(one.score, 6) for one in found] == [0.9, 0.6]
    np.testing.assert_allclose(found[0].box, [0.5, 0, 10.5, 10])
    np.testing.assert_allclose(found[0].points, [[0.5, 0], [10.5, 0]])
    assert len(merged(*[(0, 0, 10, 0.5)] * 5)) == 1
    assert len(merged((0, 0, 10, 0.9), (5.3, 0, 10, 0.8))) == 1  # a share of 0.307 of both together
    assert len(merged((0, 0, 10, 0.9), (5.5, 0, 10, 0.8))) == 2  # 0.29
    assert merged() == []
    assert len(merged((0, 0, 0, 0.5), (0, 0, 0, 0.5))) == 2


def test_a_detector_that_is_sure_of_everything_costs_little() -> None:
    rng = np.random.default_rng(0)
    count = 2254 * 16
    start = time.process_time()
    merged(*np.column_stack([rng.uniform(0, 9999, (count, 2)), rng.uniform(1, 9, count), np.ones(count)]))
    assert time.process_time() - start < 2
    assert len(boxes.tiles(blank(4000, 4000), 1e-6)) <= 64


def detection(monkeypatch: pytest.MonkeyPatch, region: Region, values: list[float]) -> list[Found]:
    """What a detector finds that says the same of its first cell only."""
    said = {"boxes": np.zeros((896, 16), np.float32), "scores": np.full((896, 1), -60, np.float32)}
    said["boxes"][0, :] = values
    said["scores"][0] = 3
    monkeypatch.setattr(boxes, "look", lambda name, pixels: said)
    return boxes.detect("face", face._STRIDES, blank(100, 100), [region])


def test_a_box_is_told_in_pixels_from_its_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [64.0, 0.0] * 6
    (found,) = detection(monkeypatch, Region(50, 50, 256), [60, 60, 32, 16, *points])
    # the first cell's middle lies 4 pixels into the network's 128, of which each is two of the picture's
    np.testing.assert_allclose(found.box, [-78 + 96, -78 + 112, -78 + 160, -78 + 144], atol=1e-3)
    np.testing.assert_allclose(found.points, [[-78 + 136, -78 + 8]] * 6, atol=1e-3)
    assert found.score == pytest.approx(1 / (1 + math.exp(-3)))
    assert found.size == pytest.approx(64)


def test_scores_beyond_all_bounds_are_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    for score, count in ((1e30, 1), (-1e30, 0)):
        said = {"boxes": np.zeros((896, 16), np.float32), "scores": np.full((896, 1), score, np.float32)}
        monkeypatch.setattr(boxes, "look", lambda name, pixels, said=said: said)
        found = boxes.detect("face", face._STRIDES, blank(10, 10), boxes.whole(blank(10, 10)))
        assert bool(found) is bool(count)


@pytest.mark.parametrize("degrees", [0, 30, -75, 180])
def test_a_turned_person_is_looked_at_turned(degrees: float) -> None:
    turn = math.radians(degrees)
    end = np.array([100 + 60 * math.sin(turn), 80 - 60 * math.cos(turn)])
    found = Found(np.array([0, 0, 1, 1.0]), np.array([[100, 80.0], end]), 0.9)
    region = person.region_of(found)
    assert (region.x, region.y) == (100, 80)
    assert region.side == pytest.approx(150)
    assert math.cos(region.turn - turn) == pytest.approx(1)
    np.testing.assert_allclose(region.to_picture(np.array([0.5, 0.5 - 60 / 150])), end, atol=1e-3)
    assert person.reach_of(found) == pytest.approx(60)


@pytest.mark.parametrize("degrees", [0, 40, -90])
def test_a_turned_face_is_looked_at_turned(degrees: float) -> None:
    turn = math.radians(degrees)
    eyes = np.array([[50, 50], [50 + 20 * math.cos(turn), 50 + 20 * math.sin(turn)]])
    region = face.region_of(Found(np.array([40, 30, 80, 70.0]), eyes, 0.9))
    assert (region.x, region.y, region.side) == (60, 50, 60)
    upright = region.to_shares(eyes)
    assert upright[0, 1] == pytest.approx(upright[1, 1], abs=1e-4)
    assert upright[0, 0] < upright[1, 0]


def test_points_that_lie_together_make_a_region_all_the_same() -> None:
    found = Found(np.array([5, 5, 5, 5.0]), np.full((6, 2), 5.0), 0.9)
    assert person.region_of(found).side >= 1
    assert face.region_of(found).side >= 1
