"""Giving a character the live key back that was deleted, renamed, applied or made relative to itself."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.errors import SemantifyError
from ...core.model.grounded import Grounded
from . import baking, displacement, embedding, layers, live_key, models, rows, shape

SAME = 1e-5
"""Metres within which a key is the live one under another name."""
FAR = 0.1
"""A mesh whose vertices are, in the mean, this share of its size away from any shape of the model is another mesh."""


def rebuild(obj: bpy.types.Object) -> None:
    """Make the live key anew where a character has lost it; its sliders rule again, also where it was baked.

    What was sculpted stays, also on a mesh to which the keys were applied: what the model explains of it is taken
    out, so that the sliders do not add it twice. A renamed key gets its name back.
    Raises SemantifyError, with nothing changed, when the mesh is no longer the model's.
    """
    mesh, state = obj.data, obj.data.semantify
    for layer in layers.all_of(state).values():
        embedding.require_mapper(layer)
    grounded = models.require_grounded(state)
    numbers = rows.whole(mesh, grounded)
    if numbers is None:
        raise SemantifyError(
            f"{mesh.name!r} has {len(mesh.vertices):,} vertices and its model {len(grounded.points):,}: keys of an "
            "edited mesh cannot be rebuilt; undo the edit, or use Remove Semantify"
        )
    basis = _basis(mesh, grounded, numbers)
    if state.baked:
        baking.take_away(obj)
    if mesh.shape_keys is None or len(mesh.shape_keys.reference_key.points) != len(mesh.vertices):
        obj.shape_key_clear()
        obj.shape_key_add(name="Basis", from_mix=False).value = 0.0
    reference = mesh.shape_keys.reference_key
    if reference.name == live_key.NAME:
        reference.name = "Basis"
    reference.points.foreach_set("co", basis.ravel())
    mesh.vertices.foreach_set("co", basis.ravel())
    live = live_key.find(mesh) or _renamed(mesh) or live_key.add(obj)
    live.name = live_key.NAME
    if live.relative_key == live:
        live.relative_key = reference
    mesh.shape_keys.use_relative = True
    mesh.update()
    shape.apply(mesh)


def _basis(mesh: bpy.types.Mesh, grounded: Grounded, numbers: np.ndarray) -> np.ndarray:
    """(V, 3) that the live key is relative to. Raises SemantifyError when the vertices are not the model's."""
    template = grounded.points[numbers]
    directions = np.concatenate([displacement.require_directions(mesh, name) for name in layers.all_of(mesh.semantify)])
    keys = mesh.shape_keys
    if keys is not None and len(keys.reference_key.points) == len(mesh.vertices):
        found = live_key.points_of(keys.reference_key)
        applied = keys.reference_key.name == live_key.NAME
    else:
        found = np.empty((len(mesh.vertices), 3), np.float32)
        mesh.vertices.foreach_get("co", found.ravel())
        applied = True
    away = (found - template).astype(np.float64)
    if applied:
        # least squares: the coefficients that were applied, 0 when the key was deleted
        shown = (live_key.explained(directions, away) @ directions).reshape(-1, 3)
        found, away = (found - shown).astype(np.float32), away - shown
    if np.linalg.norm(away, axis=1).mean() > FAR * np.ptp(template, axis=0).max():
        raise SemantifyError(
            f"the vertices of {mesh.name!r} are no longer where its model has them (reordered, scaled or moved): "
            "undo that, or use Remove Semantify"
        )
    return np.ascontiguousarray(found, np.float32)


def _renamed(mesh: bpy.types.Mesh) -> bpy.types.ShapeKey | None:
    """The key of another name that has the shape which the sliders ask for."""
    asked = shape.asked(mesh)
    found = None if asked is None else displacement.added_by(mesh, asked)
    if found is None:
        return None
    added, _ = found
    for key in mesh.shape_keys.key_blocks:
        if live_key.moves(mesh, key):
            away = live_key.points_of(key) - live_key.points_of(key.relative_key) - added
            if np.abs(away).max() < SAME:
                return key
    return None
