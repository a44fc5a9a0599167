"""The shape keys that a bake makes, in three kinds, and their end."""

from __future__ import annotations

from dataclasses import dataclass, replace

import bpy
import numpy as np

from . import layers, live_key

COMPONENTS, POSITIVE, FRAMES = "COMPONENTS", "POSITIVE", "FRAMES"
LIMIT = 10.0
"""Blender's widest range of a shape key's value; coefficients beyond it would be cut."""
STILL = 1e-6
"""Metres: a key that never moves a vertex by as much is not made."""


@dataclass(frozen=True, eq=False)
class Target:
    """A key to be. offset: (3V,) float32 metres at value 1; None for a key that is there. values: (frames,) float32."""

    name: str
    offset: np.ndarray | None
    values: np.ndarray


def targets(
    kind: str, bases: dict[str, np.ndarray], coefficients: dict[str, np.ndarray], frames: list[int]
) -> list[Target]:
    """The keys of a bake, those alone that move something.

    COMPONENTS: one a component, its value the coefficient. POSITIVE: one a component and direction, at value 1 as far
    as the component ever goes, so that all values are in 0..1. FRAMES: one a frame, value 1 there and 0 elsewhere;
    relative keys, since absolute ones are exported by no format and would silence all others of the mesh.

    bases: of each layer, (K, 3V). coefficients: of each layer, (frames, k), k ≤ K.
    """
    if kind == FRAMES:
        shapes = sum(values @ bases[layer][: values.shape[1]] for layer, values in coefficients.items())
        one = np.eye(len(frames), dtype=np.float32)
        return [
            Target(f"{live_key.NAME} frame {frame}", shapes[i], one[i])
            for i, frame in enumerate(frames)
            if np.abs(shapes[i]).max(initial=0.0) > STILL
        ]
    found = []
    for layer, values in coefficients.items():
        found += _of_layer(
            kind, f"{live_key.NAME} {layers.title_of(layer)}" if layer else live_key.NAME, bases[layer], values
        )
    return found


def _of_layer(kind: str, title: str, basis: np.ndarray, coefficients: np.ndarray) -> list[Target]:
    found = []
    for k, values in enumerate(coefficients.T):
        name = f"{title} {k + 1:02d}"
        most = np.abs(basis[k]).max(initial=0.0)
        if kind == COMPONENTS:
            if np.abs(values).max() * most > STILL:
                found.append(Target(name, basis[k], values))
            continue
        for sign, mark in ((1, "+"), (-1, "-")):
            part = np.maximum(sign * values, 0)
            peak = part.max()
            if peak * most > STILL:
                found.append(Target(f"{name}{mark}", sign * peak * basis[k], part / peak))
    return found


def add(obj: bpy.types.Object, target: Target) -> Target:
    """Make the key, relative to the Basis and at rest; Blender may give it another name."""
    mesh, active = obj.data, obj.active_shape_key_index
    key = obj.shape_key_add(name=target.name, from_mix=False)
    # slider limits before the value: Blender clamps to them, and since 5.0 new keys start at 1
    if target.values.min() < 0.0 or target.values.max() > 1.0:
        key.slider_min, key.slider_max = -LIMIT, LIMIT
    key.value = 0.0
    reference = mesh.shape_keys.reference_key
    key.relative_key = reference
    key.points.foreach_set("co", live_key.points_of(reference).ravel() + target.offset)
    obj.active_shape_key_index = active
    mesh.semantify.baked_keys.add().name = key.name
    return replace(target, name=key.name)


def remove(obj: bpy.types.Object) -> None:
    """Delete the keys of a bake; on a library override, which can delete none, they rest."""
    mesh = obj.data
    blocks = mesh.shape_keys.key_blocks if mesh.shape_keys is not None else {}
    overridden = mesh.override_library is not None
    for name in [key.name for key in mesh.semantify.baked_keys if key.name in blocks]:
        if overridden:
            blocks[name].value, blocks[name].mute = 0.0, True
        elif blocks[name] != mesh.shape_keys.reference_key:
            obj.shape_key_remove(blocks[name])
    if not overridden:
        mesh.semantify.baked_keys.clear()


def rest_live(mesh: bpy.types.Mesh, rest: bool) -> None:
    """Let the live key rest while the keys of a bake carry the shape, or rule again."""
    key = live_key.find(mesh)
    if key is not None:
        live_key.show(key)
        key.mute = rest
        if rest:
            key.value = 0.0
