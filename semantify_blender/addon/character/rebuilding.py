"""Giving a character the shape keys back that were deleted, renamed or applied."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

from ...core.errors import SemantifyError
from .. import catalogue
from . import building, condition, embedding, shape

SAME = 1e-5
"""Metres within which a key is one of the model's under another name."""
FAR = 0.1
"""A mesh whose vertices are, in the mean, this share of its size away from any shape of the model is another mesh."""


def rebuild(obj: bpy.types.Object) -> None:
    """Make the keys anew that a character of ours has lost; its sliders rule again.

    What was sculpted stays, also on a mesh to which the keys were applied: what the model explains of it is taken
    out, so that the sliders do not add it twice. Keys that are left stay as they are, renamed ones get their name back.
    Raises SemantifyError, with nothing changed, when the mesh is no longer the model's.
    """
    mesh, state = obj.data, obj.data.semantify
    mapper = embedding.require_mapper(mesh)
    model = catalogue.load_model(mapper, Path(bpy.path.abspath(state.mapper_path)))
    if len(mesh.vertices) != model.vertex_count:
        raise SemantifyError(
            f"{mesh.name!r} has {len(mesh.vertices):,} vertices and its model {model.vertex_count:,}: keys of an "
            "edited mesh cannot be rebuilt; undo the edit, or use Remove Semantify"
        )
    template, offsets = building.key_points(model)
    names = shape.key_names(state)
    basis = _basis(mesh, names, template, offsets)
    if mesh.shape_keys is None or len(mesh.shape_keys.reference_key.points) != len(mesh.vertices):
        obj.shape_key_clear()
        # the keyframes went with the keys
        state.baked = False
        obj.shape_key_add(name="Basis", from_mix=False).value = 0.0
    reference = mesh.shape_keys.reference_key
    if reference.name in names:
        reference.name = "Basis"
    reference.points.foreach_set("co", basis.ravel())
    mesh.vertices.foreach_set("co", basis.ravel())
    lost = condition.lost_keys(mesh)
    for i in [i for i, name in enumerate(names) if name in lost]:
        renamed = _renamed(mesh, names, offsets[i])
        if renamed is not None:
            renamed.name = names[i]
        else:
            building.add_key(obj, names[i], basis + offsets[i])
    mesh.shape_keys.use_relative = True
    mesh.update()
    shape.forget(mesh)
    shape.apply(mesh)


def _basis(mesh: bpy.types.Mesh, names: list[str], template: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(V, 3) that the new keys are relative to. Raises SemantifyError when the vertices are not the model's."""
    keys = mesh.shape_keys
    if keys is not None and len(keys.reference_key.points) == len(mesh.vertices):
        found = shape.points_of(keys.reference_key)
        if keys.reference_key.name in names:
            found -= offsets[names.index(keys.reference_key.name)]
        away = found - template
    else:
        found = np.empty((len(mesh.vertices), 3), np.float32)
        mesh.vertices.foreach_get("co", found.ravel())
        directions = offsets.reshape(len(offsets), -1).astype(np.float64)
        away = (found - template).astype(np.float64)
        # least squares: the coefficients with which the keys were applied, 0 when they were deleted
        explained = np.linalg.lstsq(directions @ directions.T, directions @ away.ravel(), rcond=None)[0]
        shown = (explained @ directions).reshape(-1, 3)
        found, away = (found - shown).astype(np.float32), away - shown
    if np.linalg.norm(away, axis=1).mean() > FAR * np.ptp(template, axis=0).max():
        raise SemantifyError(
            f"the vertices of {mesh.name!r} are no longer where its model has them (reordered, scaled or moved): "
            "undo that, or use Remove Semantify"
        )
    return np.ascontiguousarray(found, np.float32)


def _renamed(mesh: bpy.types.Mesh, names: list[str], offset: np.ndarray) -> bpy.types.ShapeKey | None:
    """The key of another name that moves the vertices just as a lost one did."""
    basis = shape.points_of(mesh.shape_keys.reference_key)
    for key in mesh.shape_keys.key_blocks:
        same_size = key.name not in names and len(key.points) == len(basis)
        if same_size and np.abs(shape.points_of(key) - basis - offset).max() < SAME:
            return key
    return None
