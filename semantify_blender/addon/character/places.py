"""Where the people of a crowd stand, and which way they look: in rows, or along a curve."""

from __future__ import annotations

import bpy
import numpy as np

FRONT = (0.0, -1.0, 0.0)
"""Where characters look when they are added."""


def grid(count: int, spacing: float) -> np.ndarray:
    """(n, 3) float64 of a block of rows about as wide as deep, the first in front, its middle at the origin."""
    columns = int(np.ceil(np.sqrt(count)))
    numbers = np.arange(count)
    places = np.zeros((count, 3))
    places[:, 0] = spacing * (numbers % columns - (min(columns, count) - 1) / 2)
    places[:, 1] = spacing * (numbers // columns)
    return places


def along(lines: list[np.ndarray], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 3) at even distances along lines, each (P, 3), and the directions (n, 3) of the lines there.

    One open line has people at both ends; a closed one, whose last point is its first, and several lines have the same
    room before the first as behind the last.
    """
    begins = np.concatenate([line[:-1] for line in lines])
    steps = np.concatenate([np.diff(line, axis=0) for line in lines])
    lengths = np.linalg.norm(steps, axis=1)
    begins, steps, lengths = (each[lengths > 0] for each in (begins, steps, lengths))
    ends = np.cumsum(lengths)
    whole = ends[-1] if len(ends) else 0.0
    if len(lines) == 1 and not np.array_equal(lines[0][0], lines[0][-1]):
        wanted = np.linspace(0.0, whole, count) if count > 1 else np.array([whole / 2])
    else:
        wanted = (np.arange(count) + 0.5) * whole / count
    piece = np.searchsorted(ends, wanted).clip(0, len(ends) - 1)
    share = 1 - (ends[piece] - wanted) / lengths[piece]
    return begins[piece] + share[:, None] * steps[piece], steps[piece]


def turns(directions: np.ndarray) -> np.ndarray:
    """(n,) radians about Z by which a figure that looks to the front is turned to look along directions (n, 3)."""
    level = np.linalg.norm(directions[:, :2], axis=1) > 1e-6 * np.linalg.norm(directions, axis=1)
    found = np.arctan2(directions[:, 0], -directions[:, 1])
    return np.where(level, found, 0.0)


def lines_of(obj: bpy.types.Object) -> list[np.ndarray]:
    """The lines of a curve object in world space, each (P, 3) float64; a closed one ends where it begins.

    What makes it thick is left out. Raises SemantifyError for a curve without length.
    """
    from ...core.errors import SemantifyError

    curve = obj.data.copy()
    thin = bpy.data.objects.new(curve.name, curve)
    try:
        curve.bevel_mode, curve.bevel_object = "ROUND", None
        curve.bevel_depth = curve.extrude = curve.offset = 0.0
        curve.dimensions = "3D"
        mesh = thin.to_mesh()
        points = np.array([vertex.co for vertex in mesh.vertices], np.float64).reshape(-1, 3)
        edges = [tuple(edge.vertices) for edge in mesh.edges]
        thin.to_mesh_clear()
    finally:
        bpy.data.objects.remove(thin)
        bpy.data.curves.remove(curve)
    matrix = np.array(obj.matrix_world)
    points = points @ matrix[:3, :3].T + matrix[:3, 3]
    lines = [points[numbers] for numbers in _chains(edges)]
    if not any(np.ptp(line, axis=0).any() for line in lines):
        raise SemantifyError(f"the curve {obj.name!r} has no length: choose another one, or a grid")
    return lines


def _chains(edges: list[tuple[int, int]]) -> list[list[int]]:
    """Numbers of vertices, line after line, of edges that follow each other; that which closes a line comes last."""
    chains: list[list[int]] = []
    for one, other in edges:
        if chains and chains[-1][-1] in (one, other):
            chains[-1].append(other if chains[-1][-1] == one else one)
        elif chains and {one, other} == {chains[-1][0], chains[-1][-1]}:
            chains[-1].append(chains[-1][0])
        else:
            chains.append([one, other])
    return chains
