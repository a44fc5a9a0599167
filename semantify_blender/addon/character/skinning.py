"""Vertex groups of a character's bones: what its model says of each of its rows."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.errors import SemantifyError
from ...core.model.grounded import Grounded
from ...core.model.skeleton import Skeleton
from . import rows

GROUPS = "semantify_groups"
"""The mesh's custom property with the names of the vertex groups that were made for a rig, a line each."""
LEAST = 5e-5
"""Weights below that are left out."""


def skin(obj: bpy.types.Object, grounded: Grounded, skeleton: Skeleton, only: np.ndarray | None = None) -> None:
    """Give a character's mesh the weights of a skeleton. only: (V,) bool, these vertices alone; others keep theirs.

    Raises SemantifyError, with nothing changed, where the user has a vertex group of a bone's name.
    """
    mesh = obj.data
    own = set(mesh.get(GROUPS, "").splitlines())
    taken = [name for name in skeleton.groups if name in obj.vertex_groups and name not in own]
    if taken:
        raise SemantifyError(
            f"{obj.name!r} has a vertex group {taken[0]!r} of its own, as a bone is called: rename it first"
        )
    weights = _weights(mesh, grounded, skeleton)
    chosen = np.ones(len(weights), bool) if only is None else only
    for number, name in enumerate(skeleton.groups):
        group = obj.vertex_groups.get(name) or obj.vertex_groups.new(name=name)
        if only is not None:
            group.remove(np.flatnonzero(chosen).tolist())
        carried = np.flatnonzero(chosen & (weights[:, number] > LEAST))
        values, starts = np.unique(np.sort(weights[carried, number]), return_index=True)
        order = np.argsort(weights[carried, number], kind="stable")
        for value, part in zip(values.tolist(), np.split(carried[order], starts)[1:], strict=True):
            group.add(part.tolist(), value, "REPLACE")
    mesh[GROUPS] = "\n".join(skeleton.groups)


def unskin(obj: bpy.types.Object) -> None:
    """Take away the vertex groups that were made for a rig."""
    for name in obj.data.get(GROUPS, "").splitlines():
        if name in obj.vertex_groups:
            obj.vertex_groups.remove(obj.vertex_groups[name])
    if GROUPS in obj.data:
        del obj.data[GROUPS]


def untie(mesh: bpy.types.Mesh) -> None:
    """Leave the vertex groups to the user: no one takes them away any more."""
    if GROUPS in mesh:
        del mesh[GROUPS]


def _weights(mesh: bpy.types.Mesh, grounded: Grounded, skeleton: Skeleton) -> np.ndarray:
    """(V, G) float32: of vertices that are rows, the model's; of those that an edit made, what lies around them has."""
    count = len(skeleton.groups)
    dense = np.zeros((3 * -(-count // 3), len(grounded.points)), np.float32)
    for index, values in zip(skeleton.weight_index.T, skeleton.weights.T, strict=True):
        np.add.at(dense, (index.astype(int), np.arange(len(index))), values)
    # three bones at a time, as that takes places
    packed = dense.reshape(-1, 3, dense.shape[1]).swapaxes(1, 2)
    found = rows.spread(mesh, grounded, rows.rows_of(mesh, len(grounded.points)), packed)
    found = found.swapaxes(1, 2).reshape(-1, len(mesh.vertices))[:count].T
    # weights of the same size are written together
    return np.round(found / np.maximum(found.sum(1, keepdims=True), 1e-6), 5)
