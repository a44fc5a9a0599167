"""Where on a mesh the finder's points lie: there, where the surface is nearest to them in all pictures at once."""

from collections.abc import Sequence

import numpy as np

from scripts.faces.rendered import SIZE, Rendered

SOFT = 0.02
"""Heights of the face: a point that far off counts half (Geman and McClure 1987)."""
NEAREST = 6
"""Vertices whose triangles are tried for each point."""


def places(seen: Sequence[Rendered], triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Triangle and place in it of each point: vertices (468, 3) int, weights (468, 3) from 0, rows adding up to 1.

    Heads that differ and move their lips tell an upper lip from a lower one, which one picture does not.
    triangles: (T, 3) of the mesh.
    """
    points = np.stack([one.points for one in seen])  # (R, 468, 2)
    tall = np.ptp(points[..., 1], axis=1)
    shown = np.stack([one.camera.project(one.vertices, SIZE) for one in seen]) / tall[:, None, None]
    points = points / tall[:, None, None]
    cost = np.zeros((points.shape[1], shown.shape[1]), np.float32)
    for surface, wanted in zip(shown.astype(np.float32), points.astype(np.float32), strict=True):
        apart = ((wanted[:, None] - surface) ** 2).sum(-1)
        cost += apart / (apart + SOFT**2)
    vertices, weights = [], []
    for number, row in enumerate(cost):
        near = np.argpartition(row, NEAREST)[:NEAREST]
        tried = [
            (*_place_in(shown[:, corners], points[:, number]), corners)
            for corners in triangles[np.isin(triangles, near).any(1)]
        ]
        _, place, corners = min(tried, key=lambda one: one[0])
        vertices.append(corners)
        weights.append(place)
    return np.stack(vertices).astype(np.int64), np.stack(weights)


def _place_in(corners: np.ndarray, points: np.ndarray) -> tuple[float, np.ndarray]:
    """The best place in one triangle and its cost. corners: (R, 3, 2). points: (R, 2)."""
    sides, wanted = (corners[:, :2] - corners[:, 2:]).transpose(0, 2, 1), points - corners[:, 2]
    sure = np.ones(len(points))
    place, apart = np.full(3, 1 / 3), np.zeros(len(points))
    for _ in range(5):
        normal = np.einsum("rij,r,rik->jk", sides, sure, sides) + 1e-9 * np.eye(2)
        a, b = np.linalg.solve(normal, np.einsum("rij,r,ri->j", sides, sure, wanted)).tolist()
        place = np.array([a, b, 1 - a - b]).clip(0)
        place /= place.sum()
        apart = np.linalg.norm(np.einsum("c,rcd->rd", place, corners) - points, axis=1)
        sure = 1 / (1 + (apart / SOFT) ** 2) ** 2
    return float((apart**2 / (apart**2 + SOFT**2)).sum()), place
