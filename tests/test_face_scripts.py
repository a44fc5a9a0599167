"""How heads are cut and closed, and where their lines are drawn: on shapes made up for it, without Anny."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from scripts.anny.face_chart import AXIS_Y, BROW, brow_distance, hairline_distance
from scripts.anny.neck import RINGS, beyond, bust_base, neck_loop
from scripts.anny.uv_raster import PADDING, layout

RADII = [0.30, 0.20, 0.13, 0.10, 0.07, 0.06, 0.08, 0.09, 0.07]
"""Of a figure's rings from its shoulders up to its head."""
AROUND = 24


def figure() -> tuple[np.ndarray, np.ndarray]:
    """A turned body: vertices (V, 3) and quads (F, 4), open at both ends, facing −Y."""
    turn = np.radians(90 * 3) + 2 * np.pi * np.arange(AROUND) / AROUND
    heights = np.linspace(1.35, 1.75, len(RADII))
    rings = [
        np.stack([r * np.cos(turn), r * np.sin(turn), 0 * turn + z], 1) for r, z in zip(RADII, heights, strict=True)
    ]
    feet = [[0.1, 0.0, 0.0], [0.1, 0.1, 0.0], [0.2, 0.1, 0.0], [0.2, 0.0, 0.0]]
    here = np.arange(AROUND)
    after = np.roll(here, -1)
    quads = [
        np.stack([i * AROUND + here, i * AROUND + after, (i + 1) * AROUND + after, (i + 1) * AROUND + here], 1)
        for i in range(len(RADII) - 1)
    ]
    count = AROUND * len(RADII)
    vertices = np.concatenate([*rings, feet])
    return vertices, np.concatenate([*quads, np.arange(count, count + 4)[None]])


def test_a_head_ends_at_the_widest_loop_of_the_neck() -> None:
    vertices, faces = figure()
    loop = neck_loop(vertices, faces)
    assert sorted(loop.tolist()) == list(range(3 * AROUND, 4 * AROUND))
    steps = np.linalg.norm(vertices[loop] - vertices[np.roll(loop, -1)], axis=1)
    assert steps.max() < 0.03, "in order around"
    head = beyond(vertices, faces, loop)
    heights = vertices[faces].mean(1)[:, 2]
    np.testing.assert_array_equal(head, heights > vertices[loop, 2].mean())


def test_a_mesh_without_a_neck_is_refused() -> None:
    vertices, faces = figure()
    with pytest.raises(ValueError, match="no edge loop"):
        neck_loop(vertices * [3, 3, 1], faces)


def test_the_base_of_a_bust_follows_its_rim_and_looks_outwards() -> None:
    vertices, faces = figure()
    loop = neck_loop(vertices, faces)
    basis = np.random.default_rng(0).normal(0, 0.01, (3, len(vertices), 3))
    part = bust_base(vertices, basis, loop)
    coefficients = np.array([0.5, -1.0, 0.3])
    moved = vertices + np.tensordot(coefficients, basis, 1)
    base = part.template + np.tensordot(coefficients, part.basis, 1)
    np.testing.assert_allclose(base[: len(loop)], moved[loop], atol=1e-6)
    middle = moved[loop].mean(0) + np.array([0, 0, RINGS[-1, 1]])
    np.testing.assert_allclose(base[-1], middle, atol=1e-6)
    last = part.template[part.corner_vertices[part.face_offsets[-2] :]]
    assert np.cross(last[1] - last[0], last[2] - last[0])[2] < 0, "the bottom looks down"
    edges = np.concatenate([
        np.sort(np.stack([face, np.roll(face, -1)], 1), 1)
        for face in np.split(part.corner_vertices, part.face_offsets[1:-1])
    ])  # fmt: skip
    times = np.unique(edges, axis=0, return_counts=True)[1]
    assert (times == 1).sum() == len(loop), "closed but for the rim"


def test_hair_lies_on_the_skull_and_not_on_the_face() -> None:
    pupils = np.array([0.0, -0.14, 1.72])
    back = pupils[1] + AXIS_Y

    def at(x: float, y: float, up: float) -> float:
        both = hairline_distance(np.array([[x, y, pupils[2] + up], [-x, y, pupils[2] + up]]), pupils)
        assert both[0] == pytest.approx(both[1])
        return float(both[0])

    assert at(0.0, -0.13, 0.10) > 0.01, "above the forehead"
    assert at(0.0, -0.15, 0.05) < -0.01, "forehead"
    assert at(0.05, -0.11, -0.05) < -0.01, "cheek"
    assert at(0.08, back, 0.03) > 0.01, "above the ear"
    assert at(0.0, back + 0.1, -0.05) > 0.01, "back of the head"
    assert at(0.0, back + 0.1, -0.10) < -0.01, "neck"


def test_brows_are_as_wide_as_they_are_drawn() -> None:
    pupils = np.array([0.0, -0.14, 1.72])
    x, up, half = BROW[len(BROW) // 2]
    heights = np.array([0.0, half, -half, 2 * half])
    points = np.stack([np.full(4, -x), np.full(4, -0.15), pupils[2] + up + heights], 1)
    inside = brow_distance(points, pupils)
    assert inside[0] == pytest.approx(half, rel=0.1)
    np.testing.assert_allclose(inside[1:3], 0, atol=0.1 * half)
    assert inside[3] < -0.8 * half


def test_every_texel_of_an_island_shows_its_point() -> None:
    vertices = np.array([[0, 0, 0], [2, 0, 0], [2, 0, 2], [0, 0, 2]], float)
    uv = np.array([[[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]])
    found = layout(vertices, np.array([[0, 1, 2, 3]]), uv, 128)
    u, v = (found.columns + 0.5) / 128, (found.rows + 0.5) / 128
    inside = (abs(u - 0.5) < 0.25) & (abs(v - 0.5) < 0.25)
    assert inside.sum() == 64 * 64
    np.testing.assert_allclose(found.points[inside, 0], (u[inside] - 0.25) * 4, atol=1e-5)
    np.testing.assert_allclose(found.points[inside, 2], (v[inside] - 0.25) * 4, atol=1e-5)
    assert abs(u - 0.5).max() > 0.25 + (PADDING - 2) / 128, "neighbours outside are filled in"
    np.testing.assert_allclose(found.of_vertices(vertices[:, 0]), found.points[:, 0], atol=1e-5)
