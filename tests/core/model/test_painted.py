"""Painted lines told apart from faces that they do not touch; clothes that follow vertices alone."""

from dataclasses import replace

import numpy as np

from semantify_blender.core.model.following import Following
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.painted import PaintedFaces, levels, painted_colours, shown_regions
from tests.synthetic import dressed_model, synthetic_model


def squares(paint: np.ndarray, count: int = 8) -> MorphableModel:
    """A flat board of count × count squares whose UVs fill 0..1, painted with "hair"."""
    steps = np.linspace(0, 1, count + 1)
    x, y = (axis.ravel() for axis in np.meshgrid(steps, steps))
    template = np.stack([x, 0 * x, y], 1).astype(np.float32)
    first = (np.arange(count)[:, None] * (count + 1) + np.arange(count)).ravel()
    corners = np.stack([first, first + 1, first + count + 2, first + count + 1], 1).ravel().astype(np.int32)
    return MorphableModel(
        name="board",
        template=template,
        basis=np.zeros((1, len(template), 3), np.float32),
        standard_deviations=np.ones(1, np.float32),
        corner_vertices=corners,
        face_offsets=np.arange(0, 4 * count**2 + 1, 4, dtype=np.int32),
        uv=template[corners][:, [0, 2]],
        regions={"hair": np.ones(count**2, bool), "eyes": np.arange(count**2) == 0},
        paint={"hair": paint},
    )


def test_faces_are_inside_outside_or_crossed() -> None:
    size = 256
    row, column = np.mgrid[:size, :size]
    away = np.hypot(row - size / 2, column - size / 2)
    board = squares(np.clip(128 + (80 - away) * 12, 0, 255).astype(np.uint8))
    found = PaintedFaces.of(board)
    centres = (np.stack(np.meshgrid(np.arange(8), np.arange(8)), -1).reshape(-1, 2) + 0.5) / 8
    far = np.hypot(*(centres - 0.5).T) * size
    half = size / 8 * np.sqrt(0.5)
    assert found.inside["hair"][far < 80 - half - 5].all()
    assert not found.inside["hair"][far > 80 - half + 1].any()
    assert found.crossed[np.abs(far - 80) < 8].all()
    assert not found.crossed[far > 80 + half + 5].any()


def test_a_line_through_the_middle_of_a_face_is_found() -> None:
    paint = np.zeros((256, 256), np.uint8)
    paint[14:18, 14:18] = 255  # within the first face, at none of its corners
    assert np.flatnonzero(PaintedFaces.of(squares(paint)).crossed).tolist() == [0]


def test_paint_goes_before_regions_and_colours_corners() -> None:
    paint = np.zeros((16, 16), np.uint8)
    paint[8:] = 255
    board = squares(paint)
    regions, index = shown_regions(board)
    assert list(regions) == ["eyes", "skin"], "whole faces of a painted region do not show"
    assert index[0] == 0
    assert (index[1:] == 1).all()
    colours = painted_colours(board, np.zeros((len(board.corner_vertices), 3)), {"hair": (1.0, 0.5, 0.0)})
    assert board.uv is not None
    np.testing.assert_array_equal(colours[:, 0] == 1, levels(paint, board.uv) > 128)
    assert 0.4 < colours[:, 0].mean() < 0.6
    assert levels(paint, np.array([[-0.1, 0.9], [0.5, 1.2], [0.5, 0.9]])).tolist() == [0, 0, 255]


def test_clothes_follow_a_body_that_is_turned_and_moved() -> None:
    model = dressed_model(synthetic_model())
    dressed = model.dressed()
    following = Following.of(model, dressed)
    np.testing.assert_allclose(following.vertices(model.template), dressed.model.template, atol=1e-5)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turn *= np.sign(np.linalg.det(turn))
    moved = following.vertices(model.template @ turn.T + [1, 2, 3])
    np.testing.assert_allclose(moved, dressed.model.template @ turn.T + [1, 2, 3], atol=1e-4)


def test_a_body_without_parts_is_followed_by_itself() -> None:
    model = replace(synthetic_model(), paint={})
    shape = model.vertices(np.array([0.3, 0.2]))
    np.testing.assert_array_equal(Following.of(model, model.dressed()).vertices(shape), shape)
