"""The numbers of a Blender image, as Blender holds them."""

import bpy
import numpy as np


def stored_pixels(image: bpy.types.Image) -> np.ndarray | None:
    """(height, width, channels) float32, the bottom row first; None where Blender has no pixels.

    Display values of an 8-bit image in 0..1, scene-linear and premultiplied ones of a float image, unless it is data.
    Raises MemoryError when the machine cannot hold them.
    """
    width, height = image.size
    count = width * height * image.channels
    if count < 1 or len(image.pixels) != count:
        return None
    values = np.empty(count, np.float32)
    image.pixels.foreach_get(values)
    return values.reshape(height, width, -1)
