"""What an armature makes of a mesh and of each of its shape keys, as numbers."""

from __future__ import annotations

import bpy
import numpy as np

from . import live_key, rigs


def shapes(context: bpy.types.Context, obj: bpy.types.Object, rig: bpy.types.Object) -> dict[str, np.ndarray]:
    """Shape key -> (V, 3) float32 where its points are in the rig's pose; of a mesh without keys, under "".

    In object space. Of the modifiers only that of the rig works: Blender evaluates it on an object beside this one.
    """
    mesh = obj.data
    keys = mesh.shape_keys.key_blocks if mesh.shape_keys is not None else ()
    wanted = {key.name: live_key.points_of(key) for key in keys}
    if not wanted:
        wanted[""] = np.empty((len(mesh.vertices), 3), np.float32)
        mesh.vertices.foreach_get("co", wanted[""].ravel())
    other, bare = obj.copy(), mesh.copy()
    try:
        other.data = bare
        live_key.clear(other)
        other.hide_viewport = False
        other.animation_data_clear()
        for modifier in list(other.modifiers):
            if rigs.moves(modifier, rig):
                modifier.show_viewport = True
            else:
                other.modifiers.remove(modifier)
        context.scene.collection.objects.link(other)
        return {name: _evaluated(context, other, points) for name, points in wanted.items()}
    finally:
        bpy.data.objects.remove(other)
        bpy.data.meshes.remove(bare)


def _evaluated(context: bpy.types.Context, obj: bpy.types.Object, points: np.ndarray) -> np.ndarray:
    obj.data.vertices.foreach_set("co", points.ravel())
    obj.data.update_tag()
    found = np.empty_like(points)
    obj.evaluated_get(context.evaluated_depsgraph_get()).data.vertices.foreach_get("co", found.ravel())
    return found


def write(mesh: bpy.types.Mesh, found: dict[str, np.ndarray]) -> None:
    """Put what `shapes` gave on the mesh and its keys."""
    keys = mesh.shape_keys
    for key in keys.key_blocks if keys is not None else ():
        key.points.foreach_set("co", found[key.name].ravel())
    mesh.vertices.foreach_set("co", found["" if keys is None else keys.reference_key.name].ravel())
    mesh.update()
