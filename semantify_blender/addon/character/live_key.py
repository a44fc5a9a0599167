"""The one shape key that carries a character's shape: its points are rewritten, at value 1, and its number stays one.

What is written is the Basis as it is now plus what the sliders add, so that sculpting on the Basis is kept.
"""

from __future__ import annotations

import bpy
import numpy as np

from ..state import memory
from . import displacement

NAME = "Semantify"


def find(mesh: bpy.types.Mesh) -> bpy.types.ShapeKey | None:
    """The character's live key; None when it was deleted or renamed."""
    return None if mesh.shape_keys is None else mesh.shape_keys.key_blocks.get(NAME)


def moves(mesh: bpy.types.Mesh, key: bpy.types.ShapeKey | None) -> bool:
    """Whether a key can move the mesh: it is there, no Basis of the mesh or its own, and of the mesh's vertices."""
    if key is None or key in (mesh.shape_keys.reference_key, key.relative_key):
        return False
    return len(key.points) == len(mesh.vertices)


def add(obj: bpy.types.Object) -> bpy.types.ShapeKey:
    """Make the live key, at rest, and the Basis where there is none; the active key stays the one it was."""
    active = obj.active_shape_key_index
    if obj.data.shape_keys is None:
        obj.shape_key_add(name="Basis", from_mix=False).value = 0.0
    key = obj.shape_key_add(name=NAME, from_mix=False)
    key.value = 1.0
    obj.active_shape_key_index = active
    return key


def clear(obj: bpy.types.Object) -> None:
    """Delete all shape keys of an object's mesh. Before 5.3 Blender leaves those of a copied mesh behind, in no use."""
    keys = obj.data.shape_keys
    known = None if keys is None else keys.session_uid
    obj.shape_key_clear()
    bpy.data.batch_remove([key for key in bpy.data.shape_keys if key.session_uid == known])


def show(key: bpy.types.ShapeKey) -> None:
    """Put the live key at 1, whatever range the user has given it: Blender would clamp to that."""
    if key.value != 1.0:
        key.slider_min, key.slider_max = min(key.slider_min, 0.0), max(key.slider_max, 1.0)
        key.value = 1.0


def write(mesh: bpy.types.Mesh, coefficients: dict[str, np.ndarray]) -> bool:
    """Put a shape on the live key; nothing is written when it is the last one and still there.

    coefficients: of each layer, (k,) float32, k ≤ K. Returns False when the key is lost or a model cannot be had.
    """
    key = find(mesh)
    if key is None or not moves(mesh, key):
        return False
    found = displacement.added_by(mesh, coefficients)
    if found is None:
        return False
    show(key)
    added, again = found
    wanted = points_of(key.relative_key)
    wanted += added
    # an update asks for the same again: then the points are looked at, as Edit Mode or an undo may have changed them
    if not (again and np.array_equal(points_of(key), wanted, equal_nan=True)):
        _put(mesh, key, wanted)
        mesh.update_tag()
    if mesh.is_editmode:
        # what is written now is lost when Edit Mode ends: then it is written again
        memory.edited.add(mesh.session_uid)
    return True


def read(mesh: bpy.types.Mesh, name: str, others: dict[str, np.ndarray]) -> np.ndarray | None:
    """(K,) float32 coefficients that a layer has in the shape that is on the live key; None when key or model is lost.

    others: coefficients of the other layers.
    """
    key, basis = find(mesh), displacement.directions_of(mesh, name)
    if key is None or basis is None or not moves(mesh, key):
        return None
    away = points_of(key) - points_of(key.relative_key)
    beside = displacement.added_by(mesh, others) if others else None
    if beside is not None:
        away -= beside[0]
    return explained(basis, away).astype(np.float32)


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
