"""Giving a mesh other vertices and faces in place: all that the user has on those that stay, stays."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import bmesh
import bpy
import numpy as np
from mathutils.kdtree import KDTree

from ...blender.textures import UV_MAP
from ...core.model.morphable_model import MorphableModel
from . import live_key, rows


@dataclass(frozen=True, eq=False)
class Surface:
    """Vertices and faces of a mesh, or those that it is to have, in terms of one model's rows.

    rows: (V,) int32, rising. corners: (L,) int32 rows, face after face. offsets: (F + 1,) int32.
    """

    rows: np.ndarray
    corners: np.ndarray
    offsets: np.ndarray

    @classmethod
    def of(cls, model: MorphableModel, numbers: np.ndarray) -> Surface:
        """That of a dressed model. numbers: (V,) int32, its `Dressed.rows`."""
        return cls(numbers, numbers[model.corner_vertices], model.face_offsets)

    def shown_by(self, mesh: bpy.types.Mesh, count: int) -> bool:
        """Whether a mesh has exactly these vertices and faces, in this order. count: rows of the model."""
        counts = len(mesh.vertices), len(mesh.loops), len(mesh.polygons)
        if counts != (len(self.rows), len(self.corners), len(self.offsets) - 1):
            return False
        found = rows.rows_of(mesh, count)
        corners, starts = np.empty(counts[1], np.int32), np.empty(counts[2], np.int32)
        mesh.loops.foreach_get("vertex_index", corners)
        mesh.polygons.foreach_get("loop_start", starts)
        same = np.array_equal(found, self.rows) and np.array_equal(starts, self.offsets[:-1])
        return same and np.array_equal(found[corners], self.corners)

    def faces(self) -> list[tuple[int, ...]]:
        """The rows of each face."""
        corners, bounds = self.corners.tolist(), self.offsets.tolist()
        return [tuple(corners[first:last]) for first, last in pairwise(bounds)]


def regrow(
    mesh: bpy.types.Mesh, before: Surface, after: Surface, points: np.ndarray, uv: np.ndarray | None
) -> np.ndarray:
    """Turn a mesh that shows one surface into one that shows another; whose shape keys are there, the live one too.

    Vertices that stay keep everything; those that come take vertex groups, attributes, and what was sculpted on the
    Basis and on each shape key, from the nearest one there was. Nothing is changed when anything fails.

    points: (R, 3) float32, every row at rest. uv: (L, 2) float32 of the new surface's corners, or None.
    Returns (F,) bool, faces that came: they have the first material yet.
    """
    sources = _sources(before.rows, after.rows, points)
    keys = {key.name: live_key.points_of(key) for key in mesh.shape_keys.key_blocks}
    work = bmesh.new()
    try:
        # keeps shape keys, groups and attributes of every domain, as Edit Mode does
        work.from_mesh(mesh)
        fresh = _exchange(work, before, after, points, sources)
        work.to_mesh(mesh)
    finally:
        work.free()
    came = before.rows[sources] != after.rows
    rest, rest_there = points[after.rows[came]], points[before.rows[sources[came]]]
    for key in mesh.shape_keys.key_blocks:
        place = keys[key.name][sources]
        # exact where nothing was sculpted
        place[came] = rest + (place[came] - rest_there)
        key.points.foreach_set("co", place.ravel())
        if key == mesh.shape_keys.reference_key:
            mesh.vertices.foreach_set("co", place.ravel())
    layer = mesh.uv_layers.get(UV_MAP)
    if uv is not None and layer is not None:
        _write_uv(layer, uv, np.repeat(fresh, np.diff(after.offsets)))
    mesh.update()
    return fresh


def _sources(before: np.ndarray, after: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(V,) which vertex of before each one of after is, or is nearest to at rest."""
    found = np.searchsorted(before, after).clip(0, len(before) - 1)
    came = np.flatnonzero(before[found] != after)
    if len(came):
        tree = KDTree(len(before))
        for number, point in enumerate(points[before].tolist()):
            tree.insert(point, number)
        tree.balance()
        found[came] = [tree.find(point)[1] for point in points[after[came]].tolist()]
    return found


def _exchange(
    work: bmesh.types.BMesh, before: Surface, after: Surface, points: np.ndarray, sources: np.ndarray
) -> np.ndarray:
    """Make what comes, delete what goes, and put all in order. Returns (F,) bool, faces that came."""
    layer = work.verts.layers.int[rows.ATTRIBUTE]
    old = list(work.verts)
    by_row = dict(zip(before.rows.tolist(), old, strict=True))
    vertices = []
    for row, source in zip(after.rows.tolist(), sources.tolist(), strict=True):
        vertex = by_row.get(row)
        if vertex is None:
            vertex = by_row[row] = work.verts.new(points[row].tolist(), old[source])
            vertex[layer] = row + 1
        vertices.append(vertex)
    known = dict(zip(before.faces(), work.faces, strict=True))
    faces, fresh = [], []
    for corners in after.faces():
        face = known.pop(corners, None)
        fresh.append(face is None)
        if face is None:
            face = work.faces.new([by_row[row] for row in corners])
            face.smooth = True
        faces.append(face)
    bmesh.ops.delete(work, geom=list(known.values()), context="FACES")
    gone = set(before.rows.tolist()).difference(after.rows.tolist())
    bmesh.ops.delete(work, geom=[v for v in (by_row[row] for row in gone) if v.is_valid], context="VERTS")
    for sequence, wanted in ((work.verts, vertices), (work.faces, faces)):
        for number, element in enumerate(wanted):
            element.index = number
        sequence.sort()
    return np.array(fresh)


def _write_uv(layer: bpy.types.MeshUVLoopLayer, uv: np.ndarray, corners: np.ndarray) -> None:
    """Only where faces came: the user may have unwrapped the others anew. corners: (L,) bool."""
    found = np.empty((len(corners), 2), np.float32)
    layer.data.foreach_get("uv", found.ravel())
    found[corners] = uv[corners]
    layer.data.foreach_set("uv", found.ravel())
