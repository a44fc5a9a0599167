"""Metarigs for Blender's add-on Rigify: bones with what Rigify makes of each, and what becomes of the character then.

The character carries the weights of the bones that Rigify will make from the beginning, under their names. Rigify runs
a script of the metarig's own after Generate Rig, which hands the character over to the armature that was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bpy

from ...core.errors import SemantifyError
from ...core.model.skeleton import Skeleton
from . import rigs

_SCRIPT = f'''\
# Rigify runs this after Generate Rig: characters of Semantify's metarigs are handed over to the rig that was made.
import bpy

for metarig in [one for one in bpy.data.objects if one.type == "ARMATURE" and "{rigs.WRITTEN}" in one.data]:
    made = getattr(metarig.data, "rigify_target_rig", None)
    # the others' controls are as old as they were
    if made is None or made != bpy.context.object or metarig.data.get("{rigs.KIND}") != "{rigs.RIGIFY}":
        continue
    if made.data.get("{rigs.METARIG}") != metarig:
        # Rigify makes it at the scene's origin
        made.parent = metarig.parent
        made.matrix_world = metarig.matrix_world
        bpy.context.view_layer.update()
        made.data["{rigs.METARIG}"] = metarig
    metarig.data["{rigs.GENERATED}"] = list(metarig.data["{rigs.WRITTEN}"])
    for one in bpy.data.objects:
        for modifier in one.modifiers:
            if modifier.type == "ARMATURE" and modifier.object == metarig:
                modifier.object = made
        if one.parent == metarig and one.parent_type == "OBJECT" and one.type == "MESH":
            place = one.matrix_world.copy()
            one.parent = made
            one.matrix_world = place
'''
_CONSTRAINTS = frozenset({"ARMATURE", "TRANSFORM", "COPY_TRANSFORMS"})


def problem() -> str | None:
    """One sentence on why no metarig can be made here; None when it can."""
    if hasattr(bpy.types.Armature, "rigify_target_rig"):
        return None
    return "Rigify is not enabled: tick it in Edit > Preferences > Add-ons, it comes with Blender"


def dress(rig: bpy.types.Object, skeleton: Skeleton, interface: Mapping[str, Any]) -> None:
    """Tell Rigify what to make of bones that are in place. interface: of `rig_set.RigSet`."""
    _collections(rig.data, interface)
    rigs.edited(rig, lambda bones: _shape(bones, skeleton.metarig))
    collections = {one.name: one for one in rig.data.collections_all}
    for name, said in skeleton.metarig.items():
        bone = rig.pose.bones[name]
        _put(bone, {"rotation_mode": said.get("rotation_mode", "QUATERNION"), "rigify_type": said.get("type", "")})
        for wanted in said.get("collections", ()):
            if wanted in collections:
                collections[wanted].assign(bone)
        for key, value in said.get("parameters", {}).items():
            if not key.endswith("_coll_refs"):
                _put(bone.rigify_parameters, {key: value})
                continue
            references: Any = getattr(bone.rigify_parameters, key, None)
            for wanted in value if references is not None else ():
                if wanted in collections:
                    references.add().set_collection(collections[wanted])
        for constraint in said.get("constraints", ()):
            _constrain(bone, rig, constraint)
    rig.data.rigify_finalize_script = _text()


def _collections(armature: bpy.types.Armature, interface: Mapping[str, Any]) -> None:
    for colour in interface["colors"]:
        made = armature.rigify_colors.add()
        both = {key: interface["selection_colors"][key] for key in ("active", "select")}
        _put(made, {"name": colour["name"], "normal": colour["normal"], **both})
    _put(armature, {"rigify_colors_lock": interface.get("rigify_colors_lock", True)})
    _put(armature.rigify_selection_colors, interface["selection_colors"])
    for name in interface["order"]:
        made = armature.collections.new(name)
        row = interface["collections"].get(name, {})
        for key in ("ui_row", "ui_title", "color_set_id", "sel_set"):
            if key in row:
                _put(made, {f"rigify_{key}": row[key]})
        made.is_visible = row.get("is_visible", True)


def _shape(bones: bpy.types.ArmatureEditBones, said_of: Mapping[str, Any]) -> None:
    """What of a bone is changed in Edit Mode alone."""
    axes = {"Z": (0.0, 0.0, 1.0), "X": (1.0, 0.0, 0.0)}
    for name, said in said_of.items():
        bone = bones[name]
        bone.use_connect = bool(said.get("use_connect", False))
        if said.get("align") == "X":
            # the z axis is what Blender aligns: that to which x is square
            along = bone.tail - bone.head
            bone.align_roll(along.cross((-1.0, 0.0, 0.0)))
        elif said.get("align") in axes:
            bone.align_roll(axes[said["align"]])
        else:
            bone.roll = said.get("roll", 0.0)
        _put(bone, {"inherit_scale": said.get("inherit_scale", "FULL")})
        if "mapping_mode" in said.get("bendy_bone", {}):
            _put(bone, {"bbone_mapping_mode": said["bendy_bone"]["mapping_mode"]})


def _constrain(bone: bpy.types.PoseBone, rig: bpy.types.Object, said: Mapping[str, Any]) -> None:
    if said.get("type") not in _CONSTRAINTS:
        return
    made = bone.constraints.new(said["type"])
    for one in said.get("targets", ()):
        target = made.targets.new()
        target.target = rig
        _put(target, {"subtarget": one.get("subtarget", ""), "weight": one.get("weight", 1.0)})
    if said.get("target"):
        made.target = rig
    _put(made, {key: value for key, value in said.items() if key not in ("type", "targets", "target")})


def _put(owner: Any, values: Mapping[str, Any]) -> None:
    """Set plain properties; those that this version of Blender or Rigify has not, or has otherwise, are left out."""
    for key, value in values.items():
        if key in owner.bl_rna.properties and isinstance(value, bool | int | float | str | list):
            try:
                setattr(owner, key, value)
            except (TypeError, ValueError, AttributeError):
                continue


def _text() -> bpy.types.Text:
    """The script that Rigify runs, once a file."""
    text = bpy.data.texts.get(rigs.SCRIPT)
    if text is None or text.library is not None:
        text = bpy.data.texts.new(rigs.SCRIPT)
    if text.as_string() != _SCRIPT:
        text.from_string(_SCRIPT)
    return text


def made_of(metarig: bpy.types.Object) -> bpy.types.Object | None:
    """What Rigify made of a metarig, in this file."""
    found = getattr(metarig.data, "rigify_target_rig", None)
    if found is None:
        # Rigify may not be enabled here
        armatures = (one for one in bpy.data.objects if one.type == "ARMATURE")
        found = next((one for one in armatures if one.data.get(rigs.METARIG) == metarig), None)
    return found


def is_behind(metarig: bpy.types.Object) -> bool:
    """Whether the shape has changed since Rigify made a rig of it."""
    before, now = metarig.data.get(rigs.GENERATED), metarig.data.get(rigs.WRITTEN)
    if before is None or now is None or len(before) != len(now):
        return False
    return any(abs(a - b) > rigs.SAME for a, b in zip(before, now, strict=True))


def generate(context: bpy.types.Context, metarig: bpy.types.Object) -> bpy.types.Object:
    """Let Rigify make its rig of a metarig, or make it anew; what was active and selected is so again.

    Raises SemantifyError, with Rigify's own words, where it cannot.
    """
    reason = problem()
    if reason:
        raise SemantifyError(reason)
    layer = context.view_layer
    if layer.objects.get(metarig.name) != metarig:
        raise SemantifyError(f"{metarig.name!r} is in no collection of this view layer: tick its collection first")
    active, chosen = layer.objects.active, [one for one in layer.objects if one.select_get()]
    metarig.data.rigify_finalize_script = metarig.data.rigify_finalize_script or _text()
    metarig.hide_viewport = False
    metarig.hide_set(False)
    layer.objects.active = metarig
    old = made_of(metarig)
    held = None if old is None else _held(old)
    before = list(metarig.data.get(rigs.GENERATED, ()))
    metarig.data.pop(rigs.GENERATED, None)
    try:
        bpy.ops.pose.rigify_generate()
    except RuntimeError as error:
        raise SemantifyError(f"Rigify could not make a rig: {str(error).strip()}") from None
    finally:
        if rigs.GENERATED not in metarig.data and before:
            metarig.data[rigs.GENERATED] = before
        for one in layer.objects:
            one.select_set(one in chosen)
        layer.objects.active = active
    made = made_of(metarig)
    if made is None or made.data.get(rigs.METARIG) != metarig:
        raise SemantifyError("Rigify made no rig of it: its report is in the system console")
    if held is not None:
        _hold(made, held)
    metarig.hide_set(True)
    return made


def _held(rig: bpy.types.Object) -> tuple[Any, Any, dict[str, tuple[str, Any, dict[str, Any]]]]:
    """A rig's action and its slot, and each control's rotation mode, place and own numbers: Rigify forgets them."""
    data = rig.animation_data
    controls = {}
    for bone in rig.pose.bones:
        numbers = {key: value for key, value in bone.items() if isinstance(value, bool | int | float)}
        controls[bone.name] = bone.rotation_mode, bone.matrix_basis.copy(), numbers
    return getattr(data, "action", None), getattr(data, "action_slot", None), controls


def _hold(rig: bpy.types.Object, held: tuple[Any, Any, dict[str, tuple[str, Any, dict[str, Any]]]]) -> None:
    action, slot, controls = held
    for name, (mode, place, numbers) in controls.items():
        bone = rig.pose.bones.get(name)
        # bones that Rigify moves itself have nothing of the user's
        if bone is not None and not name.startswith(("DEF-", "MCH-", "ORG-")):
            bone.rotation_mode, bone.matrix_basis = mode, place
            for key, value in numbers.items():
                if key in bone.keys() and not key.startswith("rigify"):  # noqa: SIM118  bones are no mappings
                    bone[key] = value
    if action is not None:
        data = rig.animation_data or rig.animation_data_create()
        data.action = action
        if slot is not None:
            data.action_slot = slot


def remove_made(metarig: bpy.types.Object) -> None:
    """Take away what Rigify made: the armature, and its controls' shapes and the script of its panel with the last rig
    that has them: duplicates and finished copies share both.
    """
    made = made_of(metarig)
    ident = None if made is None else made.data.get("rig_id")
    shapes = getattr(metarig.data, "rigify_widgets_collection", None)
    panel = getattr(metarig.data, "rigify_rig_ui", None)
    if made is not None:
        armature = made.data
        bpy.data.objects.remove(made)
        if not armature.users:
            bpy.data.armatures.remove(armature)
    left = [one for one in bpy.data.objects if one.type == "ARMATURE"]
    worn = {bone.custom_shape for one in left for bone in one.pose.bones if bone.custom_shape is not None}
    if shapes is not None and not any(one.type != "MESH" or one in worn for one in shapes.all_objects):
        for one in list(shapes.objects):
            mesh = one.data
            bpy.data.objects.remove(one)
            if not mesh.users:
                bpy.data.meshes.remove(mesh)
        bpy.data.collections.remove(shapes)
    if panel is not None and not any(ident and one.data.get("rig_id") == ident for one in left):
        bpy.data.texts.remove(panel)
    rigs.drop_script(metarig.data)
