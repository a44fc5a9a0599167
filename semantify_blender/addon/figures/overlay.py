"""A heat-map over the active character in every 3D viewport, of where a word acts; it fades by itself."""

from __future__ import annotations

import time

import bpy
import numpy as np

from ..state import memory
from . import shapes, surface

SECONDS = 6.0
"""How long it is shown."""
_LIFT = 0.0015
"""Metres: how far it is drawn before the surface, so that the two do not fight for the same pixels."""


def show(obj: bpy.types.Object, layer: bpy.types.PropertyGroup, index: int) -> None:
    """Begin to draw; whatever was shown before is taken away. Nothing happens where there is no window."""
    hide()
    if bpy.app.background:
        return
    import gpu
    from gpu_extras.batch import batch_for_shader

    ends = shapes.of_slider(obj.data, layer, index)
    triangles = surface.Triangles.of(obj.data)
    places, colours = triangles.shaded(_posed(obj, ends[1]), surface.heat(shapes.moved(ends)))
    shader = gpu.shader.from_builtin("SMOOTH_COLOR")
    batch = batch_for_shader(shader, "TRIS", {"pos": places, "color": colours})
    matrix, until = obj.matrix_world.copy(), time.monotonic() + SECONDS

    def draw() -> None:
        if time.monotonic() > until:
            return
        gpu.state.depth_test_set("LESS_EQUAL")
        gpu.state.depth_mask_set(True)
        with gpu.matrix.push_pop():
            gpu.matrix.multiply_matrix(matrix)
            shader.bind()
            batch.draw(shader)
        gpu.state.depth_mask_set(False)
        gpu.state.depth_test_set("NONE")

    memory.heat_handler = bpy.types.SpaceView3D.draw_handler_add(draw, (), "WINDOW", "POST_VIEW")
    bpy.app.timers.register(hide, first_interval=SECONDS)
    _redraw()


def hide() -> None:
    """Take it away."""
    if memory.heat_handler is not None:
        bpy.types.SpaceView3D.draw_handler_remove(memory.heat_handler, "WINDOW")
        memory.heat_handler = None
        if bpy.app.timers.is_registered(hide):
            bpy.app.timers.unregister(hide)
        _redraw()


def _posed(obj: bpy.types.Object, points: np.ndarray) -> np.ndarray:
    """(V, 3) where vertices are seen, lifted off the surface: posed by modifiers, if those leave their number."""
    mesh = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    if len(mesh.vertices) == len(points):
        points = np.empty_like(points)
        mesh.vertices.foreach_get("co", points.ravel())
    normals = np.empty_like(points)
    if len(mesh.vertices) == len(points):
        mesh.vertices.foreach_get("normal", normals.ravel())
    else:
        obj.data.vertices.foreach_get("normal", normals.ravel())
    return points + np.float32(_LIFT) * normals


def _redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()
