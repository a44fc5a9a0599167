"""The vertices that a character would have with other slider values; nothing of the file is changed."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.errors import SemantifyError
from ..character import displacement, key_values, layers, live_key, shape


def vertices(mesh: bpy.types.Mesh, values: dict[str, np.ndarray]) -> np.ndarray:
    """(V, 3) float32 metres for slider values (d,) of each layer.

    Raises SemantifyError when a mapper or a model is missing.
    """
    coefficients = shape.asked(mesh, values=values)
    keys = mesh.shape_keys
    if coefficients is None or keys is None:
        raise SemantifyError(f"{mesh.name!r} cannot be shaped now: see its panel")
    rest = live_key.points_of(keys.reference_key)
    if not len(mesh.semantify.keys):
        found = displacement.added_by(mesh, coefficients)
        if found is None:
            raise SemantifyError(f"the model of {mesh.name!r} cannot be had: see its panel")
        return rest + found[0]
    for key, value in zip(key_values.keys_of(mesh), coefficients[layers.BODY].tolist(), strict=True):
        if key is not None:
            rest += np.float32(value) * (live_key.points_of(key) - live_key.points_of(key.relative_key))
    return rest


def of_slider(mesh: bpy.types.Mesh, layer: bpy.types.PropertyGroup, index: int) -> tuple[np.ndarray, ...]:
    """(V, 3) each: one slider of a layer at −1, as it is, and at +1, the others as they are."""
    now = shape.all_values(mesh.semantify)
    name = layers.name_of(layer)
    found = []
    for value in (-1.0, now[name][index], 1.0):
        changed = now[name].copy()
        changed[index] = value
        found.append(vertices(mesh, {**now, name: changed}))
    return tuple(found)


def moved(ends: tuple[np.ndarray, ...]) -> np.ndarray:
    """(V,) float32 in 0..1: how far each vertex goes from the first shape to the last one, over the farthest."""
    distance = np.linalg.norm(ends[-1] - ends[0], axis=1)
    return (distance / max(float(distance.max()), 1e-9)).astype(np.float32)
