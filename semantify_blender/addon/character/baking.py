"""Slider animation -> keyframes on the shape keys, which play and export without the add-on; and back."""

from __future__ import annotations

import bpy
import numpy as np

from ...blender.shape_keys.names import listed
from ...blender.shape_keys.ruled import ruled_elsewhere, value_path
from ...core.errors import SemantifyError
from . import curves, embedding, shape


def coefficient_frames(context: bpy.types.Context, mesh: bpy.types.Mesh, frames: list[int]) -> np.ndarray:
    """Coefficients at each frame: (frames, K) float32, from the sliders as Blender evaluates them there."""
    mapper = embedding.require_mapper(mesh)
    scene = context.scene
    here = scene.frame_current, scene.frame_subframe
    rows = []
    try:
        for frame in frames:
            scene.frame_set(frame)
            evaluated = mesh.evaluated_get(context.evaluated_depsgraph_get())
            rows.append(shape.coefficients(mapper, evaluated.semantify))
    finally:
        scene.frame_set(here[0], subframe=here[1])
    return np.stack(rows)


def bake(context: bpy.types.Context, mesh: bpy.types.Mesh, start: int, end: int, step: int = 1) -> None:
    """Key the character's shape keys over start..end; from then on the keyframes rule and the sliders rest."""
    if end < start:
        raise SemantifyError(f"the last frame, {end}, is before the first, {start}: nothing to bake")
    _check_keys(mesh)
    frames = sorted({*range(start, end + 1, step), end})
    coefficients = coefficient_frames(context, mesh, frames)
    remove_curves(mesh)
    for frame, row in zip(frames, coefficients.tolist(), strict=True):
        for key, value in zip(shape.moved_keys(mesh), row, strict=True):
            if key is not None:
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
    if mesh.shape_keys is not None:
        own = mesh.semantify.keys
        names = [key.name for key in own if not key.left_alone] if len(own) else shape.key_names(mesh.semantify)
        ours = {value_path(name) for name in names}
        curves.remove_curves(mesh.shape_keys, ours.__contains__)


def _check_keys(mesh: bpy.types.Mesh) -> None:
    """Raise SemantifyError when baking cannot work, or would take away keyframes that the user made."""
    own = mesh.semantify.keys
    if not len(own):
        if None in shape.keys_of(mesh):
            raise SemantifyError(f"shape keys of {mesh.name!r} were deleted or renamed: undo that, or add it again")
        return
    ruled = ruled_elsewhere(mesh, [key.name for key in own if not key.left_alone])
    if ruled:
        raise SemantifyError(
            f"{listed(list(ruled))} got keyframes or a driver after Semantify was attached, which baking would "
            "replace: delete them, or detach and attach again to leave those keys alone"
        )
