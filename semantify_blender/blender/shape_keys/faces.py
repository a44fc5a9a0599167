"""A mesh's faces as the renderer accepts them: no corner twice, no face twice, and only those that can be seen."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np


@dataclass(frozen=True, eq=False)
class Faces:
    """corners: (L,) int32 vertex of every corner. offsets: (F + 1,) int32. kept: (G,) bool, of the mesh's own faces.

    loops: (L,) int32, the mesh's own corner behind each, for what lies on corners such as UVs.
    """

    corners: np.ndarray
    offsets: np.ndarray
    kept: np.ndarray
    loops: np.ndarray


def faces_of(mesh: bpy.types.Mesh, flipped: bool, shown: np.ndarray) -> Faces:
    """The faces of a mesh that are shown and sound. flipped: of a mirrored object, turned outwards again.

    shown: (G,) bool. Of faces with the same vertices, in whatever order, the first stays.
    """
    corners, offsets = raw_faces(mesh)
    kept = shown & sound(corners, offsets)
    sizes = np.diff(offsets)
    loops = np.arange(len(corners)) if not flipped else _reversed(offsets)
    loops = loops[np.repeat(kept, sizes)].astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(sizes[kept])]).astype(np.int32)
    return Faces(corners[loops], offsets, kept, loops)


def raw_faces(mesh: bpy.types.Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Vertex of every corner (L,) and offsets of the faces (F + 1,), int32, as the mesh has them."""
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    starts = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_start", starts)
    return corners, np.append(starts, len(corners)).astype(np.int32)


def sound(corners: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(F,) bool: faces that Blender's own check of a mesh lets pass.

    It refuses faces of less than three corners, faces that have a vertex twice, and every face whose vertices are those
    of an earlier one, for example the reversed back that some programs write for two-sided materials.
    """
    sizes = np.diff(offsets)
    good = sizes >= 3
    for size in np.unique(sizes[good]).tolist():
        numbers = np.flatnonzero(sizes == size)
        rows = np.sort(corners[offsets[numbers][:, None] + np.arange(size)], axis=1)
        whole = (np.diff(rows, axis=1) > 0).all(1)
        good[numbers[~whole]] = False
        numbers, rows = numbers[whole], rows[whole]
        _, first = np.unique(rows, axis=0, return_index=True)
        again = np.ones(len(rows), bool)
        again[first] = False
        good[numbers[again]] = False
    return good


def _reversed(offsets: np.ndarray) -> np.ndarray:
    """Corner numbers with every face's corners in reverse order."""
    sizes = np.diff(offsets)
    last = np.repeat(offsets[1:] - 1, sizes)
    return last - (np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes))
