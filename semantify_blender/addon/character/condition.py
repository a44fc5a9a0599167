"""Whether a character still has the shape keys that its sliders move, and what to say when it has not."""

from __future__ import annotations

import bpy

from ...blender.shape_keys.names import listed
from . import live_key, shape


def lost_keys(mesh: bpy.types.Mesh) -> list[str]:
    """Names of the character's keys that cannot move it: gone, renamed, made the Basis, or of other vertices."""
    if not len(mesh.semantify.sliders):
        return []
    blocks = mesh.shape_keys.key_blocks if mesh.shape_keys is not None else {}
    return [name for name in shape.key_names(mesh.semantify) if not live_key.moves(mesh, blocks.get(name))]


def trouble(mesh: bpy.types.Mesh) -> str | None:
    """One sentence on why the sliders cannot give the character its shape; None when they can.

    A mesh whose own keys are driven goes on with those that are left (`own_keys.notices` names the others).
    """
    state = mesh.semantify
    lost = lost_keys(mesh)
    blocks = mesh.shape_keys.key_blocks if mesh.shape_keys is not None else {}
    if lost and all(blocks.get(name) is not None and len(blocks[name].points) != len(mesh.vertices) for name in lost):
        return "The shape keys no longer fit the mesh, whose vertices were replaced: the sliders move nothing"
    if len(state.keys):
        if lost and len(lost) == len(state.keys):
            return "The shape keys of this character were deleted, renamed or applied: the sliders move nothing"
    elif live_key.NAME in lost:
        live = blocks.get(live_key.NAME)
        if live is None:
            return f"The shape key {live_key.NAME!r} was deleted, renamed or applied: the sliders move nothing"
        if live == mesh.shape_keys.reference_key:
            return f"The Basis was deleted and {live_key.NAME!r} took its place: the sliders move nothing"
        return f"The shape key {live_key.NAME!r} was made relative to itself: the sliders move nothing"
    elif lost:
        return f"Shape keys of this bake were deleted, renamed or replaced: {listed(lost)}"
    if blocks and not mesh.shape_keys.use_relative:
        return "The shape keys were made absolute: switch on Relative under Object Data > Shape Keys"
    return None
