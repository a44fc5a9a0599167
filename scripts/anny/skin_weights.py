"""Skin weights for geometry near a body: clothes, teeth, tongue and lashes go where the skin beside them goes."""

import numpy as np
from scipy.spatial import cKDTree

from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig, sparse_weights

NEAREST = 12
"""Vertices whose triangles are tried for each point."""


def weights_beside(model: MorphableModel, points: np.ndarray, rigid: str | None = None) -> dict[str, np.ndarray]:
    """The arrays "rig_index" (P, 4) uint8 and "rig_weights" (P, 4) float16 of a part of a model with a rig.

    points: (P, 3) metres, of the part's template: each gets what the nearest point of the body's surface has.
    rigid: a bone that carries all of it instead, "head" for teeth: no lip may pull them.
    """
    rig = Rig.of(model)
    if rig is None:
        raise ValueError(f"{model.name} has no rig: run scripts/anny/rig.py on it first")
    if rigid is not None:
        dense = np.zeros((len(points), len(rig.names)))
        dense[:, rig.names.index(rigid)] = 1
    else:
        corners, shares = nearest_on_surface(model.template, model.triangles, points)
        dense = np.einsum("pc,pcj->pj", shares, rig.weights[corners])
    index, values = sparse_weights(dense)
    return {"rig_index": index, "rig_weights": values}


def nearest_on_surface(
    vertices: np.ndarray, triangles: np.ndarray, points: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The triangle (P, 3) that each point is nearest to, as vertices, and the nearest spot in it, (P, 3) barycentric.

    Among triangles around the vertices that are nearest to the point.
    """
    around: list[list[int]] = [[] for _ in vertices]
    for t, corners in enumerate(triangles):
        for corner in corners:
            around[corner].append(t)
    _, near = cKDTree(vertices).query(points, min(NEAREST, len(vertices)))
    found, shares = np.zeros((len(points), 3), int), np.zeros((len(points), 3))
    for p, (point, rows) in enumerate(zip(points, near, strict=True)):
        tried = triangles[sorted({t for row in rows for t in around[row]})]
        spots = _spots(vertices[tried].astype(np.float64), point)
        off = np.linalg.norm(np.einsum("tc,tcx->tx", spots, vertices[tried]) - point, axis=1)
        best = int(off.argmin())
        found[p], shares[p] = tried[best], spots[best]
    return found, shares


def _spots(corners: np.ndarray, point: np.ndarray) -> np.ndarray:
    """(T, 3) barycentric: the spot of each triangle (T, 3, 3) that is nearest to a point (3,)."""
    a, b, c = corners.transpose(1, 0, 2)
    # inside first; where that fails, the best of the three edges
    ab, ac, ap = b - a, c - a, point - a
    dots = [(x * y).sum(1) for x, y in ((ab, ab), (ab, ac), (ac, ac), (ap, ab), (ap, ac))]
    area = np.maximum(dots[0] * dots[2] - dots[1] ** 2, 1e-18)
    v, w = (dots[2] * dots[3] - dots[1] * dots[4]) / area, (dots[0] * dots[4] - dots[1] * dots[3]) / area
    spots = np.stack([1 - v - w, v, w], 1)
    outside = (spots < 0).any(1)
    tried, far = [], []
    for i, j in ((0, 1), (1, 2), (2, 0)):
        along = corners[:, j] - corners[:, i]
        share = ((point - corners[:, i]) * along).sum(1) / np.maximum((along**2).sum(1), 1e-18)
        edge = np.zeros_like(spots)
        edge[:, j] = np.clip(share, 0, 1)
        edge[:, i] = 1 - edge[:, j]
        tried.append(edge)
        far.append(np.linalg.norm(np.einsum("tc,tcx->tx", edge, corners) - point, axis=1))
    best = np.stack(tried)[np.argmin(far, axis=0), np.arange(len(spots))]
    return np.asarray(np.where(outside[:, None], best, spots))
