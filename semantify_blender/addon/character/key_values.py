"""Shape keys of the mesh's own as what the sliders move: a mapper that was attached sets their values."""

from __future__ import annotations

import bpy
import numpy as np


def names(state: bpy.types.PropertyGroup) -> list[str]:
    """Names of the keys behind the coefficients."""
    return [key.name for key in state.keys]


def keys_of(mesh: bpy.types.Mesh) -> list[bpy.types.ShapeKey | None]:
    """The keys, one per coefficient; None for one that the user deleted or renamed."""
    blocks = mesh.shape_keys.key_blocks if mesh.shape_keys is not None else {}
    return [blocks.get(name) for name in names(mesh.semantify)]


def moved_keys(mesh: bpy.types.Mesh) -> list[bpy.types.ShapeKey | None]:
    """`keys_of` with None for those, too, that have their own drivers or keyframes and are left alone."""
    return [None if mine.left_alone else key for mine, key in zip(mesh.semantify.keys, keys_of(mesh), strict=True)]


def ruled_names(mesh: bpy.types.Mesh) -> list[str]:
    """Names of the keys that the sliders move, and a bake keys."""
    return [key.name for key in mesh.semantify.keys if not key.left_alone]


def values_of(mesh: bpy.types.Mesh) -> np.ndarray:
    """(K,) float32 that the keys have now; 0 for one that was deleted."""
    return np.array([0.0 if key is None else key.value for key in keys_of(mesh)], np.float32)


def write(mesh: bpy.types.Mesh, values: np.ndarray) -> None:
    """Set the keys that the sliders move. values: (K,)."""
    for key, value in zip(moved_keys(mesh), values.tolist(), strict=False):
        if key is not None and key.value != value:
            key.value = value
