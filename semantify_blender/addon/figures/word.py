"""What one word does to a character: pictures of its ends, and where on the body it acts."""

from __future__ import annotations

import bpy
import numpy as np

from ..character import layers
from . import portrait, shapes, surface

SIZE = 260, 300
HEAD_SIZE = 260, 280
ACTS = 0.1
"""Share of the farthest move beyond which a vertex is part of what a word moves."""


def pictures(mesh: bpy.types.Mesh, layer: bpy.types.PropertyGroup, index: int) -> tuple[str, ...]:
    """Names of previews: the slider at −1, as it is, at +1, and where it acts as a heat-map.

    Raises SemantifyError where nothing can be drawn.
    """
    ends = shapes.of_slider(mesh, layer, index)
    triangles = surface.Triangles.of(mesh)
    moved = shapes.moved(ends)
    window = _window(mesh, layer, ends, moved)
    size = HEAD_SIZE if np.ptp(window[:, 2]) < 1.3 * np.ptp(window[:, 0]) else SIZE
    found = [portrait.portrait(*triangles.shaded(points, triangles.colours), window, size) for points in ends]
    found.append(portrait.portrait(*triangles.shaded(ends[1], surface.heat(moved)), window, size))
    return tuple(found)


def _window(
    mesh: bpy.types.Mesh, layer: bpy.types.PropertyGroup, ends: tuple[np.ndarray, ...], moved: np.ndarray
) -> np.ndarray:
    """(2, 3) metres: the whole figure, or of a face and an expression what is around that which moves."""
    points = np.concatenate(ends)
    if layers.name_of(layer):
        chosen = np.concatenate([end[moved > ACTS] for end in ends]) if (moved > ACTS).any() else points
        points = chosen if len(chosen) else points
        middle, reach = (points.min(0) + points.max(0)) / 2, max(0.13, float(np.ptp(points, 0).max()) / 2)
        return np.stack([middle - reach, middle + reach])
    return np.stack([points.min(0), points.max(0)])
