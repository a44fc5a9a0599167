"""The crop box as the Image Editor shows it: what is outside is darkened."""

import bpy

from ..pictures.crop_box import box_of, shown_image
from ..state import memory


def _draw() -> None:
    """Darken what is outside the box, in every Image Editor that shows an image with one."""
    context = bpy.context
    image = shown_image(context)
    if image is None:
        return
    box = memory.crop_drawn or box_of(image)
    if box is None:
        return
    import gpu
    from gpu_extras.batch import batch_for_shader

    view, (width, height) = context.region.view2d, image.size
    left, low = view.view_to_region(box[0] / width, 1 - box[3] / height, clip=False)
    right, high = view.view_to_region(box[2] / width, 1 - box[1] / height, clip=False)
    x0, y0 = view.view_to_region(0, 0, clip=False)
    x1, y1 = view.view_to_region(1, 1, clip=False)
    bands = ((x0, y0, left, y1), (right, y0, x1, y1), (left, y0, right, low), (left, high, right, y1))
    triangles = [p for a, b, c, d in bands for p in ((a, b), (c, b), (c, d), (a, b), (c, d), (a, d))]
    corners = [(left, low), (right, low), (right, high), (left, high), (left, low)]
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    gpu.state.blend_set("ALPHA")
    shader.bind()
    for kind, points, colour in (("TRIS", triangles, (0, 0, 0, 0.55)), ("LINE_STRIP", corners, (1, 1, 1, 0.9))):
        shader.uniform_float("color", colour)
        batch_for_shader(shader, kind, {"pos": points}).draw(shader)
    gpu.state.blend_set("NONE")


def register() -> None:
    """Draw boxes in Image Editors from now on, until `memory.clear`."""
    if not bpy.app.background:
        memory.crop_handler = bpy.types.SpaceImageEditor.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL")
