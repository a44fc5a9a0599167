"""Characters -> plain meshes for whatever comes next: shape and pose as wanted, nothing of the add-on left on them."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from . import embedding, layers, models, posed, removing, rigging, rigs, skinning, splitting

KEEP, APPLY, REMOVE = "KEEP", "APPLY", "REMOVE"
SUFFIX = "Finished"


@dataclass(frozen=True)
class Wish:
    """How characters are finished.

    rig: KEEP armature, weights and pose; APPLY the pose to the mesh and take the armature away; REMOVE armature and
    pose. Armatures of the user's own stay. separate: garments as objects of their own. keep_copy: the characters stay
    as they are, hidden, and the finished ones are made beside them.
    """

    rig: str = KEEP
    separate: bool = False
    keep_copy: bool = False


def finish(context: bpy.types.Context, objects: list[bpy.types.Object], wish: Wish) -> list[bpy.types.Object]:
    """Finish characters; returns the finished objects, bodies before their garments.

    objects: characters of this file in Object Mode. Others that share a mesh with them stay characters; those that
    share one among themselves share the finished one, too, unless each needs a mesh of its own.
    """
    groups: dict[bpy.types.Mesh, list[bpy.types.Object]] = {}
    for obj in objects:
        groups.setdefault(obj.data, []).append(obj)
    made = []
    for mesh, group in groups.items():
        for obj in group:
            _settle(context, obj)
        chosen = [_copied(context, obj) for obj in group] if wish.keep_copy else group
        own = wish.separate or (wish.rig == APPLY and any(rigs.of_object(obj) for obj in chosen))
        alone = not wish.keep_copy and mesh.users - mesh.use_fake_user == len(group)
        for number, obj in enumerate(chosen):
            if (own and number) or (not alone and not number):
                obj.data = mesh.copy()
                obj.data.name = obj.name if wish.keep_copy else mesh.name
            elif number:
                obj.data = chosen[0].data
        for batch in [[obj] for obj in chosen] if own else [chosen]:
            made += _finish(context, batch, wish)
    return made


def _settle(context: bpy.types.Context, obj: bpy.types.Object) -> None:
    """Bring the bones of a character whose sliders are animated to the shape of this frame, where they follow it."""
    rig, mesh = rigs.of_object(obj), obj.data
    if rig is None or mesh.animation_data is None or mesh.semantify.baked:
        return
    skeleton = rigs.skeleton_of(mesh.semantify, rigs.kind_of(rig))
    if skeleton is not None and rigs.obstacle(rig, skeleton) is None and _whole(mesh):
        rigging.follow(context, obj)


def _whole(mesh: bpy.types.Mesh) -> bool:
    found = layers.all_of(mesh.semantify).values()
    return all(embedding.problem(layer) is None and models.problem(layer) is None for layer in found)


def _finish(context: bpy.types.Context, objects: list[bpy.types.Object], wish: Wish) -> list[bpy.types.Object]:
    """Objects that share one mesh."""
    first, mesh = objects[0], objects[0].data
    names, numbers = splitting.garments_of(mesh) if wish.separate else ([], np.empty(0, int))
    rigged = [obj for obj in objects if rigs.of_object(obj) is not None]
    removing.make_plain(first)
    removing.forget(mesh)
    if wish.rig == APPLY and rigged:
        shapes = posed.shapes(context, first, rigs.of_object(first))
        _take_rig(first)
        posed.write(mesh, shapes)
    elif wish.rig == REMOVE:
        for obj in rigged:
            _take_rig(obj)
    rigs.untie(mesh)
    skinning.untie(mesh)
    pieces = splitting.split(first, names, numbers) if wish.separate else []
    return [*objects, *pieces]


def _take_rig(obj: bpy.types.Object) -> None:
    """Off this object; the armature itself goes with the last that it moves."""
    rig = rigs.of_object(obj)
    if rig is None:
        return
    if rig.library is None:
        rigging.remove(obj)
    else:
        rigging.leave(obj, rig, shared=False)


def _copied(context: bpy.types.Context, obj: bpy.types.Object) -> bpy.types.Object:
    """A copy of a character, on a copy of its rig; the character itself is hidden. They share the mesh yet."""
    copy = obj.copy()
    copy.name = f"{obj.name} {SUFFIX}"
    _link(copy, obj, context)
    # of a metarig that Rigify has made a rig of, that one
    rig = next((one.object for one in obj.modifiers if rigs.moves(one, rigs.of_object(obj))), None)
    if rig is not None:
        other = rig.copy()
        other.data = rig.data.copy()
        if rigs.METARIG in other.data:
            del other.data[rigs.METARIG]
            other.data[rigs.FOLLOWS] = obj.data.semantify.model_content
        other.name = f"{rig.name} {SUFFIX}"
        _link(other, rig, context)
        if copy.parent == rig:
            inverse = copy.matrix_parent_inverse.copy()
            copy.parent = other
            copy.matrix_parent_inverse = inverse
        for modifier in copy.modifiers:
            if modifier.type == "ARMATURE" and modifier.object == rig:
                modifier.object = other
        _turn_to(other, rig)
        _hide(context, rig)
    _hide(context, obj)
    return copy


def _turn_to(copy: bpy.types.Object, original: bpy.types.Object) -> None:
    """Make a copied rig's constraints and drivers look at itself."""
    for bone in copy.pose.bones:
        for constraint in bone.constraints:
            for one in (constraint, *getattr(constraint, "targets", ())):
                if getattr(one, "target", None) == original:
                    one.target = copy
    for owner in (copy, copy.data):
        for curve in owner.animation_data.drivers if owner.animation_data is not None else ():
            for variable in curve.driver.variables:
                for target in variable.targets:
                    if target.id == original:
                        target.id = copy
                    elif target.id == original.data:
                        target.id = copy.data


def _link(copy: bpy.types.Object, original: bpy.types.Object, context: bpy.types.Context) -> None:
    for collection in original.users_collection or (context.scene.collection,):
        collection.objects.link(copy)


def _hide(context: bpy.types.Context, obj: bpy.types.Object) -> None:
    obj.hide_render = True
    if obj.name in context.view_layer.objects:
        obj.select_set(False)
        obj.hide_set(True)
