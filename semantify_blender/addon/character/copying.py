"""Sliders that Blender copies by their number: Alt-drag and Copy to Selected, over characters of other words.

Blender finds the other object's property by the path `semantify.sliders[2].value`. On a character with another mapper
that is another word, so the copy is taken back there, and what is dragged goes to the slider of the same word, if there
is one; characters of the same words take it as usual.
"""

from __future__ import annotations

import bpy

from ..state import memory
from . import layers


def taken_back(slider: bpy.types.PropertyGroup, name: str, context: bpy.types.Context) -> bool:
    """Undo what Blender has just written to a slider's property when it was meant for another word.

    Called by the property's update. Returns False, with nothing done, for all other changes.
    """
    # the button under the mouse: while a user copies or drags, it is the one that is copied from
    source = getattr(context, "property", None)
    mesh = slider.id_data
    if memory.carrying or not source or source[0] == mesh or not isinstance(source[0], bpy.types.Mesh):
        return False
    layer, number = layers.of_slider(slider)
    theirs = source[0].path_resolve(layer.path_from_id()).sliders
    if number < len(theirs) and theirs[number].name == slider.name:
        return False
    # not evaluated again since it was written: the evaluated copy still has the value from before
    before = mesh.evaluated_get(context.view_layer.depsgraph).path_resolve(slider.path_from_id())
    if getattr(before, name) != getattr(slider, name):
        setattr(slider, name, getattr(before, name))
        if name == "value" and number < len(theirs):
            _carry(theirs[number], slider, context)
    return True


def _carry(source: bpy.types.PropertyGroup, slider: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    """Move the slider of the source's word, beside one that Blender wrote to, by as much as the source was dragged."""
    found = next((one for one in layers.of_slider(slider)[0].sliders if one.name == source.name), None)
    if found is None:
        return
    # both as they were when they were evaluated together, before this motion of the mouse
    was, had = (
        one.id_data.evaluated_get(context.view_layer.depsgraph).path_resolve(one.path_from_id()).value
        for one in (source, found)
    )
    if source.value != was:
        memory.carrying = True
        try:
            found.value = had + source.value - was
        finally:
            memory.carrying = False


def notices(mesh: bpy.types.Mesh) -> list[str]:
    """That its animation was linked from, or to, a character of other words: F-curves, too, know sliders by number."""
    words = _words(mesh)
    played = _played(mesh)
    if played is None:
        return []
    for other in bpy.data.meshes:
        if other != mesh and len(other.semantify.sliders) and _played(other) == played:
            theirs = _words(other)
            if any(words[path] != theirs[path] for path in words.keys() & theirs.keys()):
                return [
                    f"The action {played[0].name!r} also animates {other.name!r}, whose sliders are other words: one "
                    "of the two moves the wrong ones. Give each an action of its own."
                ]
    return []


def _words(mesh: bpy.types.Mesh) -> dict[tuple[str, int], str]:
    """(layer, number) -> word of every slider."""
    found = layers.all_of(mesh.semantify).items()
    return {(name, i): slider.name for name, layer in found for i, slider in enumerate(layer.sliders)}


def _played(mesh: bpy.types.Mesh) -> tuple[bpy.types.Action, object] | None:
    """The action that animates a mesh, and the slot of it."""
    data = mesh.animation_data
    return None if data is None or data.action is None else (data.action, getattr(data, "action_slot", None))
