"""Armatures whose bones stay where the joints of a character's shape are, while its sliders move.

Blender lets bones at rest be moved in Edit Mode only. An armature is edited in a scene of its own, which is gone before
anybody sees it: what is active, selected and hidden, and the mode that the user is in, stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import bpy
import numpy as np

from ...core.model.skeleton import Skeleton
from ...core.rig_sets import rigs_for
from ..state import memory
from . import models

FOLLOWS = "semantify_model"
"""The armature's custom property that makes it a character's: the checksum of the model's file that it was made of."""
WRITTEN = "semantify_ends"
"""Its bones' ends as they were written last, 6 numbers a bone: whether the user has moved any is told by them."""
KIND = "semantify_rig"
"""Which rig of its model it is: GAME, the model's own, where it is left out, else one of `rig_set.RigSet.rigs`."""
METARIG = "semantify_metarig"
"""On an armature that Rigify made: the metarig that it was made of."""
GENERATED = "semantify_generated"
"""On a metarig: its bones' ends (WRITTEN) as Rigify saw them last."""
SCRIPT = "semantify_rigify.py"
"""The text that Rigify runs after it has made a rig of a metarig of ours."""
GAME, FULL, RIGIFY = "game", "full", "rigify"
SAME = 1e-4
"""Metres: what bones may be off what was written; the user has moved them by more."""
_BACK, _UP = (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def of_mesh(mesh: bpy.types.Mesh) -> Iterator[tuple[bpy.types.Object, bpy.types.Object]]:
    """The armatures that follow a mesh, each with the object that it moves."""
    if not any(FOLLOWS in armature for armature in bpy.data.armatures):
        return
    for obj in bpy.data.objects:
        if obj.data == mesh and (rig := of_object(obj)) is not None:
            yield rig, obj


def of_object(obj: bpy.types.Object) -> bpy.types.Object | None:
    """The armature that was made for a character's object, if any; of one that Rigify made, its metarig."""
    for modifier in obj.modifiers:
        rig = modifier.object if modifier.type == "ARMATURE" else None
        if rig is None or rig.type != "ARMATURE":
            continue
        found = rig.data.get(METARIG, rig)
        if found is not None and found.type == "ARMATURE" and FOLLOWS in found.data:
            return found
    return None


def moves(modifier: bpy.types.Modifier, rig: bpy.types.Object | None) -> bool:
    """Whether a modifier is that of a character's rig, or of what Rigify made of it."""
    if rig is None or modifier.type != "ARMATURE" or modifier.object is None or modifier.object.type != "ARMATURE":
        return False
    return rig in (modifier.object, modifier.object.data.get(METARIG))


def kind_of(rig: bpy.types.Object) -> str:
    """Which of its model's rigs an armature is."""
    return str(rig.data.get(KIND, GAME))


def untie(mesh: bpy.types.Mesh) -> None:
    """Make the armatures of a mesh that is no longer a character plain ones; one that moves another character stays."""
    for rig, _ in list(of_mesh(mesh)):
        others = (obj for obj in bpy.data.objects if obj.type == "MESH" and obj.data != mesh)
        if rig.data.library is None and not any(len(o.data.semantify.sliders) and of_object(o) == rig for o in others):
            made = [armature for armature in bpy.data.armatures if armature.get(METARIG) == rig]
            for armature in (rig.data, *made):
                for key in (FOLLOWS, WRITTEN, KIND, METARIG, GENERATED):
                    if key in armature:
                        del armature[key]
            drop_script(rig.data)


def drop_script(armature: bpy.types.Armature) -> None:
    """Let Rigify run nothing of ours after it made a rig of a metarig; the script goes with the last one."""
    text = getattr(armature, "rigify_finalize_script", None)
    if text is None or not text.name.startswith(SCRIPT):
        return
    armature.rigify_finalize_script = None
    # Rigify leaves copies of metarigs behind that nothing uses
    if not any(one.users and getattr(one, "rigify_finalize_script", None) == text for one in bpy.data.armatures):
        bpy.data.texts.remove(text)


def skeleton_of(state: bpy.types.PropertyGroup, kind: str = GAME) -> Skeleton | None:
    """The bones of a character's model; None where it has none, or cannot be had. state: a mesh's `semantify`."""
    model = models.model_of(state)
    if model is None:
        return None
    key = state.model_content, kind
    if key not in memory.skeletons:
        rigs = None if kind == GAME else rigs_for(model)
        further = None if rigs is None else Skeleton.further(model, rigs, kind)
        memory.skeletons[key] = Skeleton.of(model) if kind == GAME else further
    return memory.skeletons[key]


def follow(mesh: bpy.types.Mesh, coefficients: np.ndarray, force: bool = False) -> None:
    """Move the bones of a mesh's armatures to the joints of a shape, (k,) coefficients of its body.

    Poses, constraints and bones of the user's own stay; an armature whose bones the user has moved is left alone.
    force: that one, too. Nothing is done while Blender runs handlers, in which no mode may be changed.
    """
    if memory.in_handler:
        return
    for rig, _ in of_mesh(mesh):
        skeleton = skeleton_of(mesh.semantify, kind_of(rig))
        if skeleton is None or (not force and obstacle(rig, skeleton)):
            continue
        ends = skeleton.at(coefficients)
        if force or np.abs(ends - written(rig.data, skeleton)).max() > 1e-7:
            put(rig, skeleton, ends)


def obstacle(rig: bpy.types.Object, skeleton: Skeleton) -> str | None:
    """One sentence on why an armature does not follow the shape; None when it does."""
    armature = rig.data
    if armature.library is not None or armature.override_library is not None or rig.library is not None:
        return f"The rig {rig.name!r} comes from another file: its bones stay as they are there"
    if rig.mode == "EDIT" or armature.is_editmode:
        return f"The rig {rig.name!r} is in Edit Mode: its bones follow the next change after that"
    if len({obj.data for obj in bpy.data.objects if of_object(obj) == rig}) > 1:
        return f"The rig {rig.name!r} moves several shapes: its bones follow none, until they have rigs of their own"
    if any(name not in armature.bones for name in skeleton.names):
        return f"Bones of the rig {rig.name!r} were deleted or renamed: it no longer follows the shape"
    if np.abs(_shown(armature, skeleton) - written(armature, skeleton)).max() > SAME:
        return f"Bones of the rig {rig.name!r} were moved in Edit Mode: it no longer follows the shape"
    return None


def written(armature: bpy.types.Armature, skeleton: Skeleton) -> np.ndarray:
    """(2, J, 3) float64 metres, the ends that were written last; numbers that no bone has, where they are lost."""
    values = np.array(armature.get(WRITTEN, ()), np.float64)
    return (
        values.reshape(skeleton.ends.shape) if values.size == skeleton.ends.size else np.full(skeleton.ends.shape, 1e9)
    )


def _shown(armature: bpy.types.Armature, skeleton: Skeleton) -> np.ndarray:
    bones = [armature.bones[name] for name in skeleton.names]
    return np.array([[bone.head_local for bone in bones], [bone.tail_local for bone in bones]], np.float64)


def put(rig: bpy.types.Object, skeleton: Skeleton, ends: np.ndarray) -> None:
    """Make the bones of an armature, or move those that are there. ends: (2, J, 3) metres."""

    def move(bones: bpy.types.ArmatureEditBones) -> None:
        axes = {bone.name: bone.z_axis.copy() for bone in bones}
        before = {bone.name: bone.head.copy() for bone in bones}
        for name, parent, head, tail in zip(skeleton.names, skeleton.parents, *ends.tolist(), strict=True):
            bone = bones.get(name) or _made(bones, skeleton, name, int(parent))
            bone.head, bone.tail = head, tail
        for name, axis in axes.items():
            bone = bones[name]
            if name in skeleton.names:
                bone.align_roll(axis)  # moving an end turns the other axes about it
            elif not bone.use_connect:
                _carry(bone, before, skeleton)

    edited(rig, move)
    rig.data[WRITTEN] = ends.ravel().tolist()


def _made(bones: bpy.types.ArmatureEditBones, skeleton: Skeleton, name: str, parent: int) -> bpy.types.EditBone:
    bone = bones.new(name)
    number = skeleton.names.index(name)
    bone.head, bone.tail = skeleton.ends[:, number].tolist()
    # sides mirror each other, and knees and elbows bend about one axis
    along = bone.tail - bone.head
    bone.align_roll(_UP if abs(along.y) > 0.8 * along.length else _BACK)
    if parent >= 0:
        bone.parent = bones[skeleton.names[parent]]
        if np.abs(skeleton.ends[1, parent] - skeleton.ends[0, number]).max() < SAME:
            bone.use_connect = True
    # the bones that carry skin in what Rigify makes of a metarig are not its own
    bone.use_deform = bool(skeleton.metarig) or name in skeleton.carrying
    return bone


def _carry(bone: bpy.types.EditBone, before: dict[str, object], skeleton: Skeleton) -> None:
    """A bone of the user's own goes with the one of ours that it hangs on."""
    above = next((parent for parent in bone.parent_recursive if parent.name in skeleton.names), None)
    if above is not None:
        shift = above.head - before[above.name]
        bone.head, bone.tail = bone.head + shift, bone.tail + shift


def edited(rig: bpy.types.Object, change: Callable[[bpy.types.ArmatureEditBones], None]) -> None:
    """Let something be done to an armature in Edit Mode, in a scene of its own; afterwards it is in the mode it was."""
    scene = bpy.data.scenes.new("Semantify")
    try:
        scene.collection.objects.link(rig)
        layer = scene.view_layers[0]
        layer.objects.active = rig
        mode = rig.mode
        override = {"object": rig, "active_object": rig, "selected_objects": [rig], "selected_editable_objects": [rig]}
        with bpy.context.temp_override(scene=scene, view_layer=layer, **override):
            bpy.ops.object.mode_set(mode="EDIT")
            try:
                change(rig.data.edit_bones)
            finally:
                bpy.ops.object.mode_set(mode=mode)
    finally:
        bpy.data.scenes.remove(scene)
