"""A mesh laid out in its UVs: for every texel the point of the surface that it shows."""

from dataclasses import dataclass

import numpy as np
import scipy.ndimage

PADDING = 24
"""Texels beside an island that show its nearest point, so that a texture filter never mixes in what is not there."""


@dataclass(frozen=True)
class Layout:
    """Texels of a square picture, row 0 at v = 0, that show the surface or lie within PADDING of its islands.

    size: S. rows, columns: (T,) int32. points: (T, 3) float32, metres. faces: (T,) int32.
    corners, shares: (T, 3) int32 and float32, the vertices that each point lies between and their weights.
    """

    size: int
    rows: np.ndarray
    columns: np.ndarray
    points: np.ndarray
    faces: np.ndarray
    corners: np.ndarray
    shares: np.ndarray

    def of_vertices(self, values: np.ndarray) -> np.ndarray:
        """(T,) of numbers at vertices (V,)."""
        return (values[self.corners] * self.shares).sum(1)

    def picture(self, values: np.ndarray, elsewhere: float) -> np.ndarray:
        """(S, S) float32 of a number per texel (T,)."""
        found = np.full((self.size, self.size), elsewhere, np.float32)
        found[self.rows, self.columns] = values
        return found


def layout(vertices: np.ndarray, faces: np.ndarray, uv: np.ndarray, size: int) -> Layout:
    """Lay out quads. vertices: (V, 3). faces: (F, 4). uv: (F, 4, 2) in 0..1."""
    triangle = np.full((size, size), -1, np.int32)
    shares = np.zeros((size, size, 3), np.float32)
    halves = np.array([[0, 1, 2], [0, 2, 3]])
    corners_uv = uv[:, halves].reshape(-1, 3, 2).astype(np.float64) * size - 0.5  # texel centres lie at whole numbers
    low = np.clip(np.floor(corners_uv.min(1)).astype(int), 0, size - 1)
    high = np.clip(np.ceil(corners_uv.max(1)).astype(int), 0, size - 1)
    for number, (a, b, c) in enumerate(corners_uv):
        across, up = b - a, c - a
        area = across[0] * up[1] - across[1] * up[0]
        if abs(area) < 1e-9:
            continue
        x, y = np.meshgrid(
            np.arange(low[number, 0], high[number, 0] + 1), np.arange(low[number, 1], high[number, 1] + 1)
        )
        s = ((x - a[0]) * up[1] - (y - a[1]) * up[0]) / area
        t = ((y - a[1]) * across[0] - (x - a[0]) * across[1]) / area
        inside = (s >= -1e-6) & (t >= -1e-6) & (s + t <= 1 + 1e-6)
        at = y[inside], x[inside]
        triangle[at] = number
        shares[at] = np.stack([1 - s - t, s, t], -1)[inside]
    away, (near_row, near_column) = scipy.ndimage.distance_transform_edt(triangle < 0, return_indices=True)
    rows, columns = np.nonzero(away <= PADDING)
    source = near_row[rows, columns], near_column[rows, columns]
    number = triangle[source]
    corners = faces[:, halves].reshape(-1, 3)[number]
    weights = shares[source]
    points = (vertices[corners] * weights[..., None]).sum(1).astype(np.float32)
    return Layout(size, rows.astype(np.int32), columns.astype(np.int32), points, number // 2, corners, weights)
