"""The one shape key that carries a character's shape: its points are rewritten, at value 1, and its number stays one.

What is written is the Basis as it is now plus what the sliders add, so that sculpting on the Basis is kept.
"""

from __future__ import annotations

import bpy
import numpy as np

from ..state import memory
from . import rows

NAME = "Semantify"


def find(mesh: bpy.types.Mesh) -> bpy.types.ShapeKey | None:
    """The character's live key; None when it was deleted or renamed."""
    return None if mesh.shape_keys is None else mesh.shape_keys.key_blocks.get(NAME)


def moves(mesh: bpy.types.Mesh, key: bpy.types.ShapeKey | None) -> bool:
    """Whether a key can move the mesh: it is there, not the Basis, and of the mesh's vertices."""
    return key is not None and key != mesh.shape_keys.reference_key and len(key.points) == len(mesh.vertices)


def add(obj: bpy.types.Object) -> bpy.types.ShapeKey:
    """Make the live key, at rest, and the Basis where there is none; the active key stays the one it was."""
    active = obj.active_shape_key_index
    if obj.data.shape_keys is None:
        obj.shape_key_add(name="Basis", from_mix=False).value = 0.0
    key = obj.shape_key_add(name=NAME, from_mix=False)
    key.value = 1.0
    obj.active_shape_key_index = active
    return key


def write(mesh: bpy.types.Mesh, coefficients: np.ndarray) -> bool:
    """Put a shape on the live key; nothing is written when it is the last one and still there.

    coefficients: (k,) float32, k ≤ K. Returns False when the key is lost or the model cannot be had.
    """
    key = find(mesh)
    if key is None or not moves(mesh, key):
        return False
    span = rows.span_of(mesh)
    if span is None:
        return False
    if key.value != 1.0:
        key.value = 1.0
    kept = memory.added.get(mesh.session_uid)
    again = kept is not None and kept[0] is span and np.array_equal(kept[1], coefficients)
    added = kept[2] if kept is not None and again else span.added(coefficients)
    wanted = points_of(key.relative_key)
    wanted += added
    # an update asks for the same again: then the points are looked at, as Edit Mode or an undo may have changed them
    if not (again and np.array_equal(points_of(key), wanted)):
        memory.added[mesh.session_uid] = (span, coefficients, added)
        _put(mesh, key, wanted)
        mesh.update_tag()
    if mesh.is_editmode:
        # what is written now is lost when Edit Mode ends: then it is written again
        memory.edited.add(mesh.session_uid)
    return True


def read(mesh: bpy.types.Mesh) -> np.ndarray | None:
    """(K,) float32 coefficients of the shape that is on the live key; None when the key or the model is lost."""
    key, span = find(mesh), rows.span_of(mesh)
    if key is None or span is None or not moves(mesh, key):
        return None
    return explained(span.basis, points_of(key) - points_of(key.relative_key)).astype(np.float32)


def explained(basis: np.ndarray, away: np.ndarray) -> np.ndarray:
    """(K,) float64 coefficients that come nearest to a displacement. basis: (K, 3V). away: (V, 3) metres."""
    directions = basis.astype(np.float64)
    return np.linalg.lstsq(directions @ directions.T, directions @ away.ravel(), rcond=None)[0]


def points_of(key: bpy.types.ShapeKey) -> np.ndarray:
    """(V, 3) float32 object-space positions of a shape key."""
    points = np.empty((len(key.points), 3), np.float32)
    key.points.foreach_get("co", points.ravel())
    return points


def _put(mesh: bpy.types.Mesh, key: bpy.types.ShapeKey, wanted: np.ndarray) -> None:
    """Write points, (V, 3) float32."""
    if mesh.library is None and mesh.override_library is None:
        key.points.foreach_set("co", wanted.ravel())
        return
    # Blender ignores `foreach_set` on linked and overridden data, silently, and takes single points
    points = key.points
    moved = np.flatnonzero((wanted != points_of(key)).any(1))
    for number, point in zip(moved.tolist(), wanted[moved].tolist(), strict=True):
        points[number].co = point
