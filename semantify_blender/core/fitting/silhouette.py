"""Outlines: how much of each pixel a figure covers, distances to an outline, and a figure's rim."""

from dataclasses import dataclass

import numpy as np

from ..model.morphable_model import MorphableModel

_FINER = 4
"""Sub-rows and sub-columns of a pixel."""
_EDGE = 2.2
"""Pixels over which `outward` sees a straight edge rise from 0 to 1, by its steepest slope."""


def silhouette(model: MorphableModel, points: np.ndarray, size: int, finer: int = _FINER) -> np.ndarray:
    """Coverage of pixels by a projected figure.

    points: (V, 2) pixels as `Camera.project` gives them. finer: sub-rows and sub-columns that a pixel is divided into.
    Returns (size, size) float32, 0..1.
    """
    side = size * finer
    # every triangle fills, in each sub-row whose middle line it crosses, the span between two of its edges
    corners = (np.asarray(points, np.float32) * np.float32(finer))[model.triangles]
    x, y = corners[..., 0], corners[..., 1]
    top, bottom = y.min(1), y.max(1)
    first = np.ceil(np.clip(top - 0.5, 0, side)).astype(np.int32)
    count = np.ceil(np.clip(bottom - 0.5, 0, side)).astype(np.int32) - first
    which = np.flatnonzero(count > 0)
    first, count = first[which], count[which]
    triangle = np.repeat(which, count)
    row = np.arange(len(triangle), dtype=np.int32) + np.repeat(first - np.cumsum(count) + count, count).astype(np.int32)
    line = row.astype(np.float32) + np.float32(0.5)
    low = np.full(len(triangle), np.inf, np.float32)
    high = np.full(len(triangle), -np.inf, np.float32)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        ya, yb, xa, xb = y[triangle, a], y[triangle, b], x[triangle, a], x[triangle, b]
        crosses = (ya <= line) != (yb <= line)
        fall = np.where(crosses, yb - ya, np.float32(1))
        at = xa + (line - ya) / fall * (xb - xa)
        low = np.where(crosses, np.minimum(low, at), low)
        high = np.where(crosses, np.maximum(high, at), high)
    filled = high > low
    row, low, high = row[filled], low[filled], high[filled]
    start = np.ceil(np.clip(low - 0.5, 0, side)).astype(np.int32)
    end = np.ceil(np.clip(high - 0.5, 0, side)).astype(np.int32)
    cells = side * (side + 1)
    steps = np.bincount(row * (side + 1) + start, minlength=cells) - np.bincount(
        row * (side + 1) + end, minlength=cells
    )
    inside = np.cumsum(steps.reshape(side, side + 1), axis=1)[:, :side] > 0
    return inside.reshape(size, finer, size, finer).mean((1, 3), dtype=np.float32)


def disagreement(one: np.ndarray, other: np.ndarray, counted: np.ndarray | None = None, loose: float = 1.0) -> float:
    """1 − soft intersection over union of two coverages (S, S): 0 where they are the same, 1 where they are apart.

    counted: (S, S) bool, pixels that count; None: all of them. loose: what a pixel counts of the other one alone.
    """
    union, shared = np.maximum(one, other), np.minimum(one, other)
    union = union - (1 - loose) * (other - shared)
    if counted is not None:
        union, shared = union[counted], shared[counted]
    whole = float(union.sum())
    return 1.0 - float(shared.sum()) / whole if whole > 0 else 0.0


@dataclass(frozen=True)
class Outline:
    """The outline of a coverage and the distances to it.

    points: (N, 2) float32 pixels, about one per pixel of length. normals: (N, 2) float32, unit, pointing outwards.
    distance: (S, S) float32 pixels, of the pixels' centres: above 0 outside, below 0 inside.
    """

    points: np.ndarray
    normals: np.ndarray
    distance: np.ndarray

    @classmethod
    def of(cls, coverage: np.ndarray) -> "Outline":
        """The line where a coverage (S, S) is one half. Without such a line there are no points."""
        points = _half_line(coverage)
        size = len(coverage)
        if not len(points):
            return cls(points, points, np.full((size, size), float(size), np.float32))
        # exact to the part of a pixel that an antialiased edge tells: the distance to the nearest point of the line
        near = points[nearest(points, size)]
        distance = np.linalg.norm(near - _centres(size).reshape(size, size, 2), axis=2)
        signed = np.where(coverage > 0.5, -1, 1).astype(np.float32) * distance
        return cls(points, outward(coverage, points)[1], signed)


def outward(coverage: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Blurred coverage at points, and the direction in which it falls fastest.

    coverage: (S, S). points: (N, 2) pixels. Returns ((N,) 0..1, (N, 2) unit vectors, zero where nothing changes).
    """
    soft = blurred(coverage)
    fall = -gradient(soft, points)
    length = np.linalg.norm(fall, axis=1, keepdims=True)
    return sample(soft, points), np.where(length > 1e-3, fall / np.maximum(length, 1e-9), 0).astype(np.float32)


def nearest(points: np.ndarray, size: int) -> np.ndarray:
    """Which of some points (N, 2), in pixels, is nearest to each pixel's middle. Returns (size, size) int."""
    centres, squares = _centres(size), (points**2).sum(1)
    rows = [
        (squares - 2 * centres[start : start + 4096] @ points.T).argmin(1) for start in range(0, len(centres), 4096)
    ]
    return np.concatenate(rows).reshape(size, size)


def blurred(picture: np.ndarray) -> np.ndarray:
    """A picture (S, S) with each pixel mixed with its neighbours 1 : 2 : 1 both ways."""
    for _ in range(2):
        edge = np.pad(picture, ((1, 1), (0, 0)), mode="edge")
        picture = ((edge[:-2] + edge[2:]) * np.float32(0.25) + picture * np.float32(0.5)).T
    return picture


def sample(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Bilinear values of a picture (S, S) at points (..., 2) in pixels; beyond the border as at the border."""
    size = len(picture)
    x = np.clip(points[..., 0] - 0.5, 0, size - 1.001)
    y = np.clip(points[..., 1] - 0.5, 0, size - 1.001)
    column, row = x.astype(np.int32), y.astype(np.int32)
    u, v = x - column, y - row
    upper = picture[row, column] * (1 - u) + picture[row, column + 1] * u
    lower = picture[row + 1, column] * (1 - u) + picture[row + 1, column + 1] * u
    return upper * (1 - v) + lower * v


def gradient(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Central differences of a picture (S, S), per pixel, at points (N, 2). Returns (N, 2) float32."""
    step = np.array([[0.5, 0], [0, 0.5]], np.float32)
    return np.stack([sample(picture, points + s) - sample(picture, points - s) for s in step], -1)


def _half_line(coverage: np.ndarray) -> np.ndarray:
    """Points (N, 2) where a coverage passes one half between the centres of two neighbouring pixels."""
    found = []
    for axis in (0, 1):
        here = coverage if axis else coverage.T
        a, b = here[:, :-1], here[:, 1:]
        line, at = np.nonzero((a > 0.5) != (b > 0.5))
        a, b = a[line, at], b[line, at]
        along = at + 0.5 + (0.5 - a) / (b - a)
        found.append(np.stack([along, line + 0.5] if axis else [line + 0.5, along], 1))
    return np.concatenate(found).astype(np.float32)


def _centres(size: int) -> np.ndarray:
    y, x = np.mgrid[:size, :size].astype(np.float32) + np.float32(0.5)
    return np.stack([x.ravel(), y.ravel()], 1)


class Edges:
    """A model's edges with the triangles on their two sides: what finds the rim of a figure seen from anywhere."""

    def __init__(self, model: MorphableModel) -> None:
        triangles = model.triangles.astype(np.int64)
        sides = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
        owner = np.tile(np.arange(len(triangles)), 3)
        key = sides[:, 0] * model.vertex_count + sides[:, 1]
        order = np.argsort(key, kind="stable")
        key, owner = key[order], owner[order]
        first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
        shared = np.r_[first[1:], len(key)] - first
        self.vertices = np.stack([key[first] // model.vertex_count, key[first] % model.vertex_count], 1)
        """(E, 2) vertices of each edge."""
        self.triangles = np.stack([owner[first], np.where(shared > 1, owner[first + (shared > 1)], -1)], 1)
        """(E, 2) triangles beside each edge; −1 where there is none: the border of an open mesh."""
        self.border = np.zeros(model.vertex_count, bool)
        """(V,) whether a vertex is on the border of an open mesh."""
        self.border[self.vertices[self.triangles[:, 1] < 0].ravel()] = True
        self._corners = triangles

    def near_border(self, rings: int) -> np.ndarray:
        """(V,) whether a vertex is at most so many edges away from the border of an open mesh."""
        near = self.border.copy()
        for _ in range(rings):
            near[self.vertices[near[self.vertices].any(1)].ravel()] = True
        return near

    def rim(self, points: np.ndarray, coverage: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Edges where the surface turns away or ends, and that lie on the outer outline.

        points: (V, 2) pixels. coverage: (S, S) of these points. Returns (n,) numbers of edges; (n, 2) the points of the
        outline beside their middles, pixels; (n, 2) unit vectors that point outwards there.
        """
        a, b, c = (points[self._corners[:, i]] for i in range(3))
        facing = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) > (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        one, other = self.triangles.T
        turns = np.flatnonzero((facing[one] != facing[other]) | (other < 0))
        middle = points[self.vertices[turns]].mean(1)
        inside = ((middle > 0) & (middle < len(coverage))).all(1)
        turns, middle = turns[inside], middle[inside]
        value, normal = outward(coverage, middle)
        outer = (value > 0.2) & (value < 0.8) & (np.abs(normal).sum(1) > 0)
        turns, middle, value, normal = turns[outer], middle[outer], value[outer], normal[outer]
        # a mesh's rim zigzags beside its outline; how much of the surroundings is covered tells by how much
        return turns, middle - (_EDGE * (0.5 - value))[:, None] * normal, normal
