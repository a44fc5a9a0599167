"""The box around the figure that the user drew on an Image, and which Image that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

if TYPE_CHECKING:
    from ...core.pictures.picture import Box


def shown_image(context: bpy.types.Context) -> bpy.types.Image | None:
    """The image that the editor shows; none for a render result or an image without pixels."""
    space = context.space_data
    image = space.image if space is not None and space.type == "IMAGE_EDITOR" else None
    return image if image is not None and image.type == "IMAGE" and min(image.size) > 0 else None


def box_of(image: bpy.types.Image) -> Box | None:
    """Left, top, right, bottom in pixels as Blender shows the image; None when no box was drawn on it."""
    left, top, right, bottom = image.semantify.crop
    return (left, top, right, bottom) if right > left and bottom > top else None


def pixel_box(image: bpy.types.Image, a: tuple[float, float], b: tuple[float, float]) -> Box:
    """Two corners in the editor's coordinates, 0..1 over the image with y up, as a box in pixels inside the image."""
    width, height = image.size
    xs = sorted(min(max(x, 0.0), 1.0) * width for x in (a[0], b[0]))
    ys = sorted((1.0 - min(max(y, 0.0), 1.0)) * height for y in (a[1], b[1]))
    return xs[0], ys[0], xs[1], ys[1]
