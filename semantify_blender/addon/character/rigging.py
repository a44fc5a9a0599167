"""Giving a character an armature of its model's bones, and taking it away."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.errors import SemantifyError
from ...core.model.skeleton import Skeleton
from ...core.rig_sets import rigs_for
from . import layers, metarigs, models, rigs, shape, skinning

PARTS = {
    "Fingers": ("index", "middle", "ring", "pinky", "thumb", "left_index", "left_middle", "left_ring", "left_pinky",
                "left_thumb", "right_index", "right_middle", "right_ring", "right_pinky", "right_thumb", "finger",
                "metacarpal"),
    "Toes": ("toe",),
    "Face": ("jaw", "special", "oris", "tongue", "levator", "orbicularis", "temporalis", "oculi", "risorius", "eye"),
}  # fmt: skip
"""How the names of bones begin that have a collection of their own, of game engines, SMPL-X and MakeHuman."""


def problem(obj: bpy.types.Object, kind: str = rigs.GAME) -> str | None:
    """One sentence on why a character cannot be given a rig of a kind of `rigs`; None when it can."""
    mesh = obj.data
    if mesh.library is not None or mesh.override_library is not None or obj.library is not None:
        return "This character comes from another file: add its rig there"
    if len(mesh.semantify.keys):
        return "This mesh has shape keys of its own: it keeps its own rig"
    if rigs.of_object(obj) is not None:
        return "This character has a rig"
    if rigs.skeleton_of(mesh.semantify) is None:
        return f"The model {mesh.semantify.model_name!r} has no bones"
    if rigs.skeleton_of(mesh.semantify, kind) is None:
        return f"The model {mesh.semantify.model_name!r} has no bones but its own: choose the plain rig"
    return metarigs.problem() if kind == rigs.RIGIFY else None


def add(context: bpy.types.Context, obj: bpy.types.Object, kind: str = rigs.GAME) -> bpy.types.Object:
    """Make the armature, bind the character to it, and put it in the character's place in the scene.

    kind: one of `rigs`. Raises SemantifyError, with nothing changed, when that cannot be done.
    """
    reason = problem(obj, kind)
    if reason:
        raise SemantifyError(reason)
    mesh = obj.data
    skeleton, grounded = _skeleton(mesh, kind), models.require_grounded(mesh.semantify)
    skinning.skin(obj, grounded, skeleton)
    armature = bpy.data.armatures.new(f"{obj.name} {'metarig' if kind == rigs.RIGIFY else 'Rig'}")
    rig = bpy.data.objects.new(armature.name, armature)
    armature[rigs.FOLLOWS] = mesh.semantify.model_content
    if kind != rigs.GAME:
        armature[rigs.KIND] = kind
    for collection in obj.users_collection or (context.scene.collection,):
        collection.objects.link(rig)
    rigs.put(rig, skeleton, skeleton.at(_body(mesh)))
    if kind == rigs.RIGIFY:
        found = rigs_for(models.require_model(mesh.semantify))
        assert found is not None  # the skeleton is one of its
        metarigs.dress(rig, skeleton, found.interface)
    else:
        _sort(armature)
    rig.show_in_front = True
    rig.parent, rig.matrix_world = obj.parent, obj.matrix_world
    matrix = obj.matrix_world.copy()
    obj.parent, obj.parent_type = rig, "OBJECT"
    obj.matrix_parent_inverse = matrix.inverted_safe()
    obj.matrix_world = matrix
    modifier = obj.modifiers.new("Rig", "ARMATURE")
    modifier.object = rig
    # before whatever smooths or folds what it moves
    obj.modifiers.move(len(obj.modifiers) - 1, 0)
    return rig


def remove(obj: bpy.types.Object) -> None:
    """Take the rig away, with its vertex groups and what it had of poses; the character stays where it is.

    A rig that moves other characters, too, as after Shift-D, stays with them.
    """
    rig = rigs.of_object(obj)
    if rig is None:
        raise SemantifyError(f"{obj.name!r} has no rig")
    if rig.library is not None:
        raise SemantifyError(f"the rig {rig.name!r} comes from another file: remove it there")
    others = [one for one in bpy.data.objects if one != obj and one.type == "MESH" and rigs.of_object(one) == rig]
    if others:
        leave(obj, rig, any(one.data == obj.data for one in others))
        return
    matrix = obj.matrix_world.copy()
    made = metarigs.made_of(rig)
    for child in (*rig.children, *(made.children if made is not None else ())):
        place = child.matrix_world.copy()
        child.parent = rig.parent
        child.matrix_world = place
    obj.matrix_world = matrix
    for modifier in [one for one in obj.modifiers if rigs.moves(one, rig)]:
        obj.modifiers.remove(modifier)
    skinning.unskin(obj)
    if rigs.kind_of(rig) == rigs.RIGIFY:
        metarigs.remove_made(rig)
    armature = rig.data
    bpy.data.objects.remove(rig)
    if not armature.users:
        bpy.data.armatures.remove(armature)


def leave(obj: bpy.types.Object, rig: bpy.types.Object, shared: bool) -> None:
    """Take a character off a rig that stays; where it is. shared: whether its vertex groups are another's, too."""
    place = obj.matrix_world.copy()
    held = [one for one in obj.modifiers if rigs.moves(one, rig)]
    armatures = [one.object for one in held]
    for modifier in held:
        obj.modifiers.remove(modifier)
    if not shared:
        skinning.unskin(obj)
    if obj.parent in (rig, *armatures):
        obj.parent = rig.parent
        obj.matrix_world = place


def follow(context: bpy.types.Context, obj: bpy.types.Object) -> None:
    """Move the bones to the joints of the shape as it is now, on this frame; also those that the user has moved."""
    rig = rigs.of_object(obj)
    if rig is None:
        raise SemantifyError(f"{obj.name!r} has no rig")
    skeleton = _skeleton(obj.data, rigs.kind_of(rig))
    if rig.data.library is not None or rig.data.override_library is not None:
        raise SemantifyError(rigs.obstacle(rig, skeleton) or "")
    if any(name not in rig.data.bones for name in skeleton.names):
        raise SemantifyError(f"bones of the rig {rig.name!r} were deleted or renamed: remove the rig and add it again")
    mesh = obj.data
    evaluated = mesh.evaluated_get(context.evaluated_depsgraph_get()).semantify if mesh.animation_data else None
    rigs.put(rig, skeleton, skeleton.at(_body(mesh, evaluated)))


def _skeleton(mesh: bpy.types.Mesh, kind: str) -> Skeleton:
    skeleton = rigs.skeleton_of(mesh.semantify, kind)
    if skeleton is None:
        raise SemantifyError(f"the model {mesh.semantify.model_name!r} of this character has no bones")
    return skeleton


def _body(mesh: bpy.types.Mesh, state: bpy.types.PropertyGroup | None = None) -> np.ndarray:
    found = shape.asked(mesh, state)
    if found is None:
        raise SemantifyError(f"the mapper of {mesh.name!r} cannot be had: choose its file first")
    return found[layers.BODY]


def _sort(armature: bpy.types.Armature) -> None:
    """Fingers, toes and the face apart from the rest, to be hidden together."""
    collections = {name: armature.collections.new(name) for name in ("Body", *PARTS)}
    for bone in armature.bones:
        part = next((name for name, beginnings in PARTS.items() if bone.name.startswith(beginnings)), "Body")
        collections[part].assign(bone)
    for collection in collections.values():
        if not len(collection.bones):
            armature.collections.remove(collection)
