"""Finding the character that the user means."""

from __future__ import annotations

from collections.abc import Iterator

import bpy


def is_character(obj: bpy.types.Object | None) -> bool:
    """True when the object's mesh has Semantify's sliders."""
    return obj is not None and obj.type == "MESH" and len(obj.data.semantify.sliders) > 0


def in_object_mode(obj: bpy.types.Object) -> bool:
    """Whether nobody edits a mesh object: another object that shows the same mesh may be in Edit Mode in its place."""
    return obj.mode == "OBJECT" and not obj.data.is_editmode


def find_character(obj: bpy.types.Object | None) -> bpy.types.Object | None:
    """The character that belongs to a selected object: itself, a parent, a child, or a sibling under the same rig."""
    if obj is None or is_character(obj):
        return obj
    top = obj
    while top.parent is not None:
        top = top.parent
        if is_character(top):
            return top
    return next((child for child in (*obj.children_recursive, *top.children_recursive) if is_character(child)), None)


LAYER_ITEMS = (
    ("BODY", "Body", "The body"),
    ("FACE", "Face", "The shape of the face that the body was given"),
    ("EXPRESSION", "Expression", "The expression that the body was given"),
)
"""What of a character an operator works on: the layers' names in capitals, and BODY."""


def layer_of(state: bpy.types.PropertyGroup, chosen: str) -> bpy.types.PropertyGroup | None:
    """The property group of a layer by its identifier; None where the character has none. state: `mesh.semantify`."""
    found = state if chosen == "BODY" else getattr(state, chosen.lower())
    return found if len(found.sliders) else None


def chosen_layer(context: bpy.types.Context, obj: bpy.types.Object) -> str:
    """Identifier of what Fit to Image works on: as the panel says, the body where a character has nothing else."""
    chosen = context.window_manager.semantify.layer
    return "BODY" if layer_of(obj.data.semantify, chosen) is None else chosen


def active_character(context: bpy.types.Context) -> bpy.types.Object | None:
    """`find_character` of the active object."""
    return find_character(getattr(context, "object", None))


def chosen_objects(context: bpy.types.Context) -> Iterator[bpy.types.Object]:
    """The active character and those of the other selected objects, each once.

    In other modes than Object and Pose Mode the active one alone: an undo step there holds what is edited, and no more.
    """
    objects = [getattr(context, "object", None)]
    if context.mode in ("OBJECT", "POSE"):
        objects += getattr(context, "selected_objects", None) or ()
    seen = set()
    for obj in objects:
        found = find_character(obj)
        if is_character(found) and found not in seen:
            seen.add(found)
            yield found


def chosen_characters(context: bpy.types.Context) -> Iterator[bpy.types.Object]:
    """The same, but of objects that share a mesh the first alone: what is done to its shape is done to all."""
    seen = set()
    for obj in chosen_objects(context):
        if obj.data not in seen:
            seen.add(obj.data)
            yield obj


def sharing(obj: bpy.types.Object) -> int:
    """How many objects of its file have the mesh of an object: an override's also counts one in the library as user."""
    mesh = obj.data
    if mesh.users - mesh.use_fake_user < 2:
        return 1
    return sum(other.data == mesh and other.library == obj.library for other in bpy.data.objects)
