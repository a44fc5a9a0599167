"""Slider animation -> shape keys with keyframes, which play and export without the add-on; and back."""

from __future__ import annotations

import bpy
import numpy as np

from ...blender.shape_keys.names import listed
from ...blender.shape_keys.ruled import action_curves, ruled_elsewhere, value_path
from ...core.errors import SemantifyError
from . import baked_keys, curves, displacement, embedding, key_values, layers, live_key, overriding, shape
from .baked_keys import Target


def coefficient_frames(
    context: bpy.types.Context, meshes: list[bpy.types.Mesh], frames: list[int]
) -> list[dict[str, np.ndarray]]:
    """Of each mesh, coefficients of each layer at each frame: (frames, K) float32, as Blender evaluates the sliders."""
    mappers = [
        {name: embedding.require_mapper(layer) for name, layer in layers.all_of(mesh.semantify).items()}
        for mesh in meshes
    ]
    scene = context.scene
    here = scene.frame_current, scene.frame_subframe
    found: list[dict[str, list[np.ndarray]]] = [{name: [] for name in known} for known in mappers]
    try:
        for frame in frames:
            scene.frame_set(frame)
            depsgraph = context.evaluated_depsgraph_get()
            for mesh, known, rows in zip(meshes, mappers, found, strict=True):
                for name, layer in layers.all_of(mesh.evaluated_get(depsgraph).semantify).items():
                    rows[name].append(shape.coefficients(known[name], layer))
    finally:
        scene.frame_set(here[0], subframe=here[1])
    return [{name: np.stack(each) for name, each in rows.items()} for rows in found]


def bake(
    context: bpy.types.Context,
    objects: list[bpy.types.Object],
    start: int,
    end: int,
    step: int = 1,
    kind: str = baked_keys.COMPONENTS,
) -> dict[str, str]:
    """Key characters' shapes over start..end; from then on the keyframes rule and the sliders rest.

    kind: which keys carry it, see `baked_keys.targets`; a mesh whose own keys are driven has those keyed as they are.
    An overridden mesh becomes this file's own, because Blender keeps no shape keys that are added to an override.
    Returns the names of those that cannot be baked and why, a sentence each: nothing is changed on them.
    Raises SemantifyError where there are no frames.
    """
    if end < start:
        raise SemantifyError(f"the last frame, {end}, is before the first, {start}: nothing to bake")
    ready, refused = [], {}
    for obj in objects:
        try:
            _check(context, obj.data, kind)
        except SemantifyError as error:
            refused[obj.name] = str(error)
        else:
            ready.append(obj)
    frames = sorted({*range(start, end + 1, step), end})
    for obj, found in zip(ready, coefficient_frames(context, [obj.data for obj in ready], frames), strict=True):
        _put(obj, kind, frames, found)
        state = obj.data.semantify
        state.baked, state.bake_start, state.bake_end = True, start, end
    context.scene.frame_set(context.scene.frame_current)
    return refused


def _check(context: bpy.types.Context, mesh: bpy.types.Mesh, kind: str) -> None:
    """Raise SemantifyError where a character cannot be baked."""
    _check_keys(mesh, kind)
    _check_seen(context, mesh)
    for name, layer in layers.all_of(mesh.semantify).items():
        embedding.require_mapper(layer)
        if not len(mesh.semantify.keys):
            displacement.require_directions(mesh, name)


def _put(obj: bpy.types.Object, kind: str, frames: list[int], coefficients: dict[str, np.ndarray]) -> None:
    """Make and key the keys of one character. coefficients: of each layer, (frames, K)."""
    mesh = obj.data
    if len(mesh.semantify.keys):
        curves.unlink_action(mesh.shape_keys)
        remove_curves(mesh, key_values.ruled_names(mesh))
        values = coefficients[layers.BODY].T
        for key, row in zip(key_values.moved_keys(mesh), values, strict=True):
            if key is not None:
                _key(mesh, Target(key.name, None, row), frames, linear=False)
        return
    bases = {name: displacement.require_directions(mesh, name) for name in coefficients}
    mesh = overriding.made_local(obj)
    curves.unlink_action(mesh.shape_keys)
    baked_keys.rest_live(mesh, True)
    for target in baked_keys.targets(kind, bases, coefficients, frames):
        _key(mesh, baked_keys.add(obj, target), frames, linear=kind != baked_keys.COMPONENTS)


def free(context: bpy.types.Context, obj: bpy.types.Object) -> None:
    """Remove what was baked and let the sliders rule again."""
    mesh = obj.data
    take_away(obj)
    shape.apply(mesh, mesh.evaluated_get(context.evaluated_depsgraph_get()).semantify)


def take_away(obj: bpy.types.Object) -> None:
    """Remove what was baked; the shape is not updated."""
    mesh, state = obj.data, obj.data.semantify
    if len(state.keys):
        remove_curves(mesh, key_values.ruled_names(mesh))
    else:
        remove_curves(mesh, [key.name for key in state.baked_keys])
        baked_keys.remove(obj)
        baked_keys.rest_live(mesh, False)
    state.baked = False


def remove_curves(mesh: bpy.types.Mesh, names: list[str] | set[str]) -> None:
    """Delete the F-curves of the named shape keys; other curves, other keys and other characters keep theirs."""
    if mesh.shape_keys is not None:
        ours = {value_path(name) for name in names}
        curves.remove_curves(mesh.shape_keys, ours.__contains__)


def _key(mesh: bpy.types.Mesh, target: Target, frames: list[int], linear: bool) -> None:
    """Keyframes on one key's value: where it changes, or all along when it never does."""
    key = mesh.shape_keys.key_blocks[target.name]
    values = target.values.tolist()
    for i, value in enumerate(values):
        # where it rests before, now and after, a keyframe would say nothing
        if any(values[max(i - 1, 0) : i + 2]) or i in (0, len(values) - 1):
            key.value = value
            key.keyframe_insert("value", frame=frames[i], group="Semantify")
    if linear:
        path = value_path(key.name)
        for curve in action_curves(mesh.shape_keys.animation_data):
            if curve.data_path == path:
                for point in curve.keyframe_points:
                    point.interpolation = "LINEAR"


def _check_seen(context: bpy.types.Context, mesh: bpy.types.Mesh) -> None:
    """Raise SemantifyError for a mesh that moves and that no object shows: its sliders would seem to stand still."""
    moves = mesh.animation_data is not None
    if moves and not mesh.evaluated_get(context.evaluated_depsgraph_get()).is_evaluated:
        raise SemantifyError(f"{mesh.name!r} is hidden, and Blender moves nothing that is: show it, then bake")


def _check_keys(mesh: bpy.types.Mesh, kind: str) -> None:
    """Raise SemantifyError when baking cannot work, or would take away keyframes that the user made."""
    if not len(mesh.semantify.keys):
        if not live_key.moves(mesh, live_key.find(mesh)):
            raise SemantifyError(f"the shape key {live_key.NAME!r} of {mesh.name!r} is gone: undo that, or rebuild it")
        return
    if kind != baked_keys.COMPONENTS:
        raise SemantifyError(
            f"{mesh.name!r} has its sliders on shape keys of its own, and those are keyed as they are: choose One a "
            "Component"
        )
    ruled = ruled_elsewhere(mesh, key_values.ruled_names(mesh))
    if ruled:
        raise SemantifyError(
            f"{listed(list(ruled))} got keyframes or a driver after Semantify was attached, which baking would "
            "replace: delete them, or detach and attach again to leave those keys alone"
        )
