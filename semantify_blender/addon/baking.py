"""Slider animation -> keyframes on the shape keys, which play and export without the add-on; and back."""

from __future__ import annotations

import bpy
import numpy as np

from ..core.errors import SemantifyError
from . import embedding, shape


def coefficient_frames(context: bpy.types.Context, mesh: bpy.types.Mesh, frames: list[int]) -> np.ndarray:
    """Coefficients at each frame: (frames, K) float32, from the sliders as Blender evaluates them there."""
    mapper = embedding.mapper_of(mesh)
    if mapper is None:
        raise SemantifyError(embedding.problem(mesh))
    scene = context.scene
    here = scene.frame_current, scene.frame_subframe
    rows = []
    try:
        for frame in frames:
            scene.frame_set(frame)
            evaluated = mesh.evaluated_get(context.evaluated_depsgraph_get())
            rows.append(mapper.coefficients(shape.scores(mapper, evaluated.semantify)))
    finally:
        scene.frame_set(here[0], subframe=here[1])
    return np.stack(rows)


def bake(context: bpy.types.Context, mesh: bpy.types.Mesh, start: int, end: int, step: int = 1) -> None:
    """Key the character's shape keys over start..end; from then on the keyframes rule and the sliders rest."""
    if end < start:
        raise SemantifyError(f"the last frame, {end}, is before the first, {start}: nothing to bake")
    if None in shape.keys_of(mesh):
        raise SemantifyError(f"shape keys of {mesh.name!r} were deleted or renamed: undo that, or add it again")
    frames = sorted({*range(start, end + 1, step), end})
    coefficients = coefficient_frames(context, mesh, frames)
    remove_curves(mesh)
    for frame, row in zip(frames, coefficients.tolist(), strict=True):
        for key, value in zip(shape.keys_of(mesh), row, strict=True):
            key.value = value
            key.keyframe_insert("value", frame=frame, group="Semantify")
    state = mesh.semantify
    state.baked, state.bake_start, state.bake_end = True, start, end
    context.scene.frame_set(context.scene.frame_current)


def free(context: bpy.types.Context, mesh: bpy.types.Mesh) -> None:
    """Remove the baked keyframes and let the sliders rule again."""
    remove_curves(mesh)
    mesh.semantify.baked = False
    shape.apply(mesh, mesh.evaluated_get(context.evaluated_depsgraph_get()).semantify)


def remove_curves(mesh: bpy.types.Mesh) -> None:
    """Delete the F-curves of the character's shape keys; other curves, other keys and other characters keep theirs."""
    data = mesh.shape_keys.animation_data if mesh.shape_keys else None
    if data is None or data.action is None:
        return
    ours = {f'key_blocks["{shape.key_name(i)}"].value' for i in range(mesh.semantify.component_count)}
    if not any(curve.data_path in ours for curve in _curves(data)):
        return
    if data.action.users > 1:
        # a duplicate may play the same action
        data.action = data.action.copy()
    curves = _curves(data)
    for curve in [curve for curve in curves if curve.data_path in ours]:
        curves.remove(curve)
    if not len(curves):
        action = data.action
        mesh.shape_keys.animation_data_clear()
        if not action.users:
            bpy.data.actions.remove(action)


def _curves(data: bpy.types.AnimData) -> bpy.types.bpy_prop_collection:
    """The F-curves that animate one ID: in the channel bag of its slot since Blender 4.4, in the action before."""
    action = data.action
    if not hasattr(data, "action_slot") or not action.is_action_layered:
        return action.fcurves
    for layer in action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(data.action_slot)
            if bag is not None:
                return bag.fcurves
    return []
