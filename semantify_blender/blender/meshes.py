"""A morphable model as a Blender mesh, for the renderer and the add-on alike."""

import bpy
import numpy as np

from ..core.model.morphable_model import MorphableModel
from .textures import add_uv


def mesh_of(model: MorphableModel, name: str, points: np.ndarray | None = None, uv: bool = True) -> bpy.types.Mesh:
    """A new, smooth-shaded mesh whose vertex, face and corner order is the model's.

    points: (V, 3) float32 metres, by default the template. uv: with the model's UV map, where it has one.
    It is not validated: whoever has no use for faces that Blender cannot show asks for that.
    """
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(model.vertex_count)
    points = model.template if points is None else points
    mesh.vertices.foreach_set("co", np.ascontiguousarray(points, np.float32).ravel())
    mesh.loops.add(len(model.corner_vertices))
    mesh.loops.foreach_set("vertex_index", model.corner_vertices.astype(np.int32))
    mesh.polygons.add(model.face_count)
    mesh.polygons.foreach_set("loop_start", model.face_offsets[:-1].astype(np.int32))
    if uv:
        add_uv(mesh, model)
    mesh.update(calc_edges=True)
    mesh.shade_smooth()
    return mesh
