"""Whether a character still has the shape keys that its sliders move, and what to say when it has not."""

from __future__ import annotations

import bpy

from ...blender.shape_keys.names import listed
from . import shape


def lost_keys(mesh: bpy.types.Mesh) -> list[str]:
    """Names of the character's keys that cannot move it: gone, renamed, made the Basis, or of other vertices."""
    keys = shape.keys_of(mesh)
    return [name for name, key in zip(shape.key_names(mesh.semantify), keys, strict=True) if not _moves(mesh, key)]


def trouble(mesh: bpy.types.Mesh) -> str | None:
    """One sentence on why the sliders cannot give the character its shape; None when they can.

    A mesh whose own keys are driven goes on with those that are left (`own_keys.notices` names the others).
    """
    state = mesh.semantify
    lost = lost_keys(mesh)
    if lost and len(lost) == len(shape.keys_of(mesh)):
        if mesh.shape_keys is not None and all(mesh.shape_keys.key_blocks.get(name) for name in lost):
            return "The shape keys no longer fit the mesh, whose vertices were replaced: the sliders move nothing"
        return "The shape keys of this character were deleted or applied: the sliders move nothing"
    if lost and not len(state.keys):
        return f"Shape keys of this character were deleted, renamed or replaced: {listed(lost)}"
    if mesh.shape_keys is not None and not mesh.shape_keys.use_relative:
        return "The shape keys were made absolute: switch on Relative under Object Data > Shape Keys"
    return None


def _moves(mesh: bpy.types.Mesh, key: bpy.types.ShapeKey | None) -> bool:
    return key is not None and key != mesh.shape_keys.reference_key and len(key.points) == len(mesh.vertices)
