"""A small picture of triangles, drawn off the screen."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector

from ...core.errors import SemantifyError
from ..pictures import preview

BACKDROP = (0.24, 0.24, 0.25, 1.0)
TURN, TILT = 25.0, 6.0
"""Degrees from the front to the figure's left, and from above."""
MARGIN = 1.03


def portrait(places: np.ndarray, colours: np.ndarray, window: np.ndarray, size: tuple[int, int]) -> str:
    """Draw corners (3T, 3) and their RGBA (3T, 4), and keep the picture; returns the name of its preview.

    window: (2, 3) metres, the least and the greatest of what is to be seen. size: width and height in pixels.
    Raises SemantifyError where there is no window that could draw.
    """
    if bpy.app.background:
        raise SemantifyError("pictures of words are drawn in Blender's window, and there is none")
    import gpu
    from gpu_extras.batch import batch_for_shader

    shader = gpu.shader.from_builtin("SMOOTH_COLOR")
    batch = batch_for_shader(shader, "TRIS", {"pos": places, "color": colours})
    view, projection = _camera(window, size)
    offscreen = gpu.types.GPUOffScreen(*size)
    try:
        with offscreen.bind():
            frame = gpu.state.active_framebuffer_get()
            frame.clear(color=BACKDROP, depth=1.0)
            gpu.state.depth_test_set("LESS_EQUAL")
            gpu.state.depth_mask_set(True)
            with gpu.matrix.push_pop():
                gpu.matrix.load_matrix(view)
                gpu.matrix.load_projection_matrix(projection)
                shader.bind()
                batch.draw(shader)
            gpu.state.depth_mask_set(False)
            gpu.state.depth_test_set("NONE")
            drawn = frame.read_color(0, 0, *size, 4, 0, "FLOAT")
            drawn.dimensions = size[0] * size[1] * 4
            pixels = np.array(drawn, np.float32).reshape(size[1], size[0], 4)
    finally:
        offscreen.free()
    return preview.kept(pixels)


def _camera(window: np.ndarray, size: tuple[int, int]) -> tuple[Matrix, Matrix]:
    """View and projection, orthographic, such that the window fills the picture."""

    turned = Euler((np.radians(90 - TILT), 0.0, np.radians(TURN))).to_matrix().to_4x4()
    middle = Vector(window.mean(0).tolist())
    view = turned.inverted() @ Matrix.Translation(-middle)
    corners = [view @ Vector((x, y, z)) for x in window[:, 0] for y in window[:, 1] for z in window[:, 2]]
    wide, high = (2 * MARGIN * max(abs(corner[axis]) for corner in corners) for axis in (0, 1))
    far = 2 * max(corner.length for corner in corners)
    scale = max(wide / size[0], high / size[1])
    projection = Matrix.Diagonal((2 / (scale * size[0]), 2 / (scale * size[1]), -1 / far, 1.0))
    return view, projection
