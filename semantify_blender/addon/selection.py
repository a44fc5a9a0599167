"""Finding the character that the user means."""

from __future__ import annotations

import bpy


def is_character(obj: bpy.types.Object | None) -> bool:
    """True when the object's mesh has Semantify's sliders."""
    return obj is not None and obj.type == "MESH" and len(obj.data.semantify.sliders) > 0


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


def active_character(context: bpy.types.Context) -> bpy.types.Object | None:
    """`find_character` of the active object."""
    return find_character(getattr(context, "object", None))


def sharing(obj: bpy.types.Object) -> int:
    """How many objects of its file have the mesh of an object: an override's also counts one in the library as user."""
    mesh = obj.data
    if mesh.users - mesh.use_fake_user < 2:
        return 1
    return sum(other.data == mesh and other.library == obj.library for other in bpy.data.objects)
