"""The scene as exporters of files are to see it: selected characters in their present shape, on their rigs.

The live key would be a morph target at 1 over a mesh at rest, and many a game engine shows the mesh. So each character
shows, while a file is written, a copy of its mesh that has the shape itself; afterwards all is as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import bpy

from ..selection import chosen_objects, is_character
from . import removing, rows


@dataclass(frozen=True)
class Shown:
    """What is exported. keys: a mesh has shape keys. posed, shaped: armatures, shape keys or places are animated."""

    keys: bool
    posed: bool
    shaped: bool
    names: tuple[str, ...]
    resting: tuple[str, ...]
    """Names of characters whose sliders are animated and not baked: what they do is in no file."""


@contextmanager
def shown(context: bpy.types.Context) -> Iterator[Shown]:
    """Select what is to be exported, in the form that it is to have, for as long as this lasts.

    That is what is selected (or the active object), and with each character the armatures that move it.
    """
    wanted = _wanted(context)
    with ExitStack() as stack:
        stack.enter_context(_selected(context, wanted))
        stack.enter_context(_nothing_new())
        resting = tuple(
            obj.name
            for obj in wanted
            if is_character(obj) and obj.data.animation_data is not None and not obj.data.semantify.baked
        )
        for group in _by_mesh(wanted):
            stack.enter_context(_plain(group))
        meshes = [obj.data for obj in wanted if obj.type == "MESH"]
        keyed = [mesh.shape_keys for mesh in meshes if mesh.shape_keys is not None]
        context.view_layer.update()
        yield Shown(
            bool(keyed),
            any(_animated(obj) for obj in wanted),
            any(_animated(keys) for keys in keyed),
            tuple(obj.name for obj in wanted),
            resting,
        )


def _wanted(context: bpy.types.Context) -> list[bpy.types.Object]:
    found = list(context.selected_objects)
    for obj in chosen_objects(context):
        found.append(obj)
        found += [one.object for one in obj.modifiers if one.type == "ARMATURE" and one.object is not None]
    if not found and context.object is not None:
        found.append(context.object)
    here = context.view_layer.objects
    return [obj for obj in dict.fromkeys(found) if obj.name in here and here[obj.name] == obj]


def _by_mesh(objects: list[bpy.types.Object]) -> list[list[bpy.types.Object]]:
    """Those of this file's characters that can be given another mesh, together where they share one."""
    groups: dict[bpy.types.Mesh, list[bpy.types.Object]] = {}
    for obj in objects:
        if is_character(obj) and obj.library is None and obj.override_library is None:
            groups.setdefault(obj.data, []).append(obj)
    return list(groups.values())


@contextmanager
def _plain(objects: list[bpy.types.Object]) -> Iterator[None]:
    """Objects that share a mesh show a copy of it that has the shape itself, and its name."""
    mesh, name = objects[0].data, objects[0].data.name
    copy = mesh.copy()
    carrier = bpy.data.objects.new("Semantify export", copy)
    kept = [(obj, obj.active_shape_key_index, obj.show_only_shape_key) for obj in objects]
    renamed = mesh.library is None
    try:
        copy.animation_data_clear()
        removing.make_plain(carrier)
        # what it was is told by the mesh that waits: handlers have nothing to do on this one
        copy.property_unset("semantify")
        rows.unmark(copy)
        if renamed:
            mesh.name = f"{name} waiting"
        copy.name = name
        for obj, _, _ in kept:
            obj.show_only_shape_key = False
            obj.data = copy
        yield
    finally:
        for obj, index, pinned in kept:
            obj.data = mesh
            obj.active_shape_key_index, obj.show_only_shape_key = index, pinned
        bpy.data.objects.remove(carrier)
        bpy.data.meshes.remove(copy)
        if renamed:
            mesh.name = name


@contextmanager
def _selected(context: bpy.types.Context, wanted: list[bpy.types.Object]) -> Iterator[None]:
    """These and no others are selected, and seen: what is hidden cannot be selected."""
    layer = context.view_layer
    before, active = [obj for obj in layer.objects if obj.select_get()], layer.objects.active
    hidden = [(obj, obj.hide_get(), obj.hide_viewport) for obj in wanted]
    scene = context.scene
    frame = scene.frame_current, scene.frame_subframe
    try:
        for obj in wanted:
            if obj.library is None:
                obj.hide_viewport = False
            obj.hide_set(False)
        for obj in before:
            obj.select_set(False)
        for obj in wanted:
            obj.select_set(True)
        layer.objects.active = wanted[0] if wanted else None
        yield
    finally:
        for obj in wanted:
            obj.select_set(False)
        for obj in before:
            obj.select_set(True)
        for obj, here, everywhere in hidden:
            obj.hide_set(here)
            if obj.library is None:
                obj.hide_viewport = everywhere
        layer.objects.active = active
        if (scene.frame_current, scene.frame_subframe) != frame:
            scene.frame_set(frame[0], subframe=frame[1])


@contextmanager
def _nothing_new() -> Iterator[None]:
    """Remove actions that came up meanwhile, as copies of shared ones."""
    before = set(bpy.data.actions)
    try:
        yield
    finally:
        for action in [action for action in bpy.data.actions if action not in before and not action.users]:
            bpy.data.actions.remove(action)


def _animated(owner: bpy.types.ID) -> bool:
    data = owner.animation_data
    return data is not None and (data.action is not None or bool(len(data.nla_tracks)) or bool(len(data.drivers)))
