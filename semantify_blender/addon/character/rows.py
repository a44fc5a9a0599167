"""Which row of its model each vertex of a character's mesh is, so that an edited or dressed mesh keeps following it."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils.bvhtree import BVHTree

from ...core.model.grounded import Grounded
from ...core.model.span import Span
from ..state import memory
from . import models

ATTRIBUTE = ".semantify_row"
"""Integer of a vertex: its row, counted from 1, over the body's vertices and then those of every part (`Dressed.rows`);
0 for vertices that were added and follow nothing. The dot hides it from Blender's lists."""
SAME = 1e-5
"""Metres within which two copies of a vertex are both where the model has it."""


def mark(mesh: bpy.types.Mesh, rows: np.ndarray) -> None:
    """Write the rows of a new mesh. rows: (V,) int32 from 0."""
    attribute = mesh.attributes.new(ATTRIBUTE, "INT", "POINT")
    attribute.data.foreach_set("value", rows.astype(np.int32) + np.int32(1))


def unmark(mesh: bpy.types.Mesh) -> None:
    """Take the rows away from a mesh that is no longer a character."""
    attribute = mesh.attributes.get(ATTRIBUTE)
    if attribute is not None:
        mesh.attributes.remove(attribute)


def rows_of(mesh: bpy.types.Mesh, count: int) -> np.ndarray:
    """(V,) int32 row of every vertex, −1 for none. count: rows of the model.

    Blender gives copies of vertices, and those it makes between others, the row of one of them: see `span_of`.
    A mesh that lost the attribute has the model's own order, or, with other vertices, no rows.
    """
    vertices = len(mesh.vertices)
    marks = _marks(mesh)
    if marks is None:
        return np.arange(vertices, dtype=np.int32) if vertices == count else np.full(vertices, -1, np.int32)
    return np.where(marks <= count, marks - np.int32(1), np.int32(-1))


def _marks(mesh: bpy.types.Mesh) -> np.ndarray | None:
    """(V,) int32 of the attribute; None where a mesh lost it."""
    attribute = mesh.attributes.get(ATTRIBUTE)
    if attribute is None or attribute.data_type != "INT" or len(attribute.data) != len(mesh.vertices):
        return None
    marks = np.empty(len(mesh.vertices), np.int32)
    attribute.data.foreach_get("value", marks)
    return marks


def whole(mesh: bpy.types.Mesh, grounded: Grounded) -> np.ndarray | None:
    """The rows of a mesh whose every vertex is one of the model's, none twice; None for an edited mesh."""
    rows = rows_of(mesh, len(grounded.points))
    unique = len(rows) > 0 and rows.min() >= 0 and len(np.unique(rows)) == len(rows)
    return rows if unique else None


def span_of(mesh: bpy.types.Mesh) -> Span | None:
    """What each component adds to every vertex of the mesh; None when the model is missing.

    Kept until the rows change. Vertices that an edit made between others (subdivide, loop cut, knife) move as the
    nearest point of the body's surface does, until they are moved elsewhere; what was added from elsewhere stays.
    """
    grounded = models.grounded_of(mesh.semantify)
    if grounded is None:
        return None
    kept = memory.spans.get(mesh.session_uid)
    if kept is not None and kept[0] is grounded and mesh.is_editmode and len(kept[1]) == len(mesh.vertices):
        # Blender shows no attributes in Edit Mode, and no change before its end
        return kept[2]
    marks = _marks(mesh)
    if marks is None:
        marks = np.full(len(mesh.vertices), -1, np.int32)
    if kept is None or kept[0] is not grounded or not np.array_equal(kept[1], marks) or _moved(mesh, *kept[3]):
        rows = rows_of(mesh, len(grounded.points))
        copies = _copies(rows)
        places = _rest(mesh)[copies] if len(copies) else np.empty((0, 3), np.float32)
        span = _span(mesh, grounded, rows, marks)
        kept = memory.spans[mesh.session_uid] = (grounded, marks, span, (copies, places))
    return kept[2]


def _moved(mesh: bpy.types.Mesh, copies: np.ndarray, places: np.ndarray) -> bool:
    """Whether copies of vertices are elsewhere than they were: what they follow depends on it."""
    return len(copies) > 0 and not np.array_equal(_rest(mesh)[copies], places)


def _span(mesh: bpy.types.Mesh, grounded: Grounded, rows: np.ndarray, marks: np.ndarray) -> Span:
    """One that another mesh has, where each vertex is a row of its own; else a new one."""
    if len(np.unique(rows)) == len(rows):
        for source, other, span, _ in memory.spans.values():
            if source is grounded and np.array_equal(other, marks):
                return span
    points = grounded.points[np.maximum(rows, 0)]
    if len(rows) == len(grounded.points) and np.array_equal(rows, np.arange(len(rows))):
        return Span.of(grounded.basis, points)
    return Span.of(_basis(mesh, grounded, rows), points)


def _basis(mesh: bpy.types.Mesh, grounded: Grounded, rows: np.ndarray) -> np.ndarray:
    components = len(grounded.basis)
    found = spread(mesh, grounded, rows, grounded.basis.reshape(components, -1, 3))
    return np.ascontiguousarray(found.reshape(components, -1))


def spread(mesh: bpy.types.Mesh, grounded: Grounded, rows: np.ndarray, by_row: np.ndarray) -> np.ndarray:
    """What is known of the model's rows, for the vertices of a mesh. rows: (V,). by_row: (K, R, 3). Gives (K, V, 3)."""
    found = by_row[:, np.maximum(rows, 0)]
    found[:, rows < 0] = 0.0
    between = _between(mesh, grounded, rows)
    if len(between):
        corners, weights = _nearest(grounded, _rest(mesh)[between])
        found[:, between] = np.einsum("knci,nc->kni", by_row[:, corners], weights, optimize=True)
    return found


def _between(mesh: bpy.types.Mesh, grounded: Grounded, rows: np.ndarray) -> np.ndarray:
    """Numbers of the vertices whose row is only that of a neighbour: not its first, and not where the model has it."""
    copies = _copies(rows)
    if not len(copies):
        return copies
    away = np.abs(_rest(mesh)[copies] - grounded.points[rows[copies]]).max(1)
    return copies[away > SAME]


def _copies(rows: np.ndarray) -> np.ndarray:
    """Numbers of the vertices whose row an earlier vertex has, too."""
    first = np.zeros(len(rows), bool)
    first[np.unique(rows, return_index=True)[1]] = True
    return np.flatnonzero(~first & (rows >= 0))


def _rest(mesh: bpy.types.Mesh) -> np.ndarray:
    """(V, 3) float32 of the Basis."""
    points = np.empty((len(mesh.vertices), 3), np.float32)
    mesh.shape_keys.reference_key.points.foreach_get("co", points.ravel())
    return points


def _nearest(grounded: Grounded, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The triangle of the body nearest to each point: its rows (n, 3), and the weights (n, 3) of the nearest place."""
    tree = BVHTree.FromPolygons(grounded.points.tolist(), grounded.triangles.tolist(), all_triangles=True)
    found = [tree.find_nearest(point) for point in points.tolist()]
    corners = grounded.triangles[[place[2] for place in found]]
    a, b, c = np.moveaxis(grounded.points[corners].astype(np.float64), 1, 0)
    here = np.array([place[0] for place in found], np.float64) - a
    u, v = b - a, c - a
    uu, uv, vv = (u * u).sum(1), (u * v).sum(1), (v * v).sum(1)
    hu, hv = (here * u).sum(1), (here * v).sum(1)
    size = np.maximum(uu * vv - uv * uv, 1e-30)
    s, t = (vv * hu - uv * hv) / size, (uu * hv - uv * hu) / size
    weights = np.clip(np.stack([1 - s - t, s, t], 1), 0.0, 1.0)
    return corners, (weights / weights.sum(1, keepdims=True)).astype(np.float32)
