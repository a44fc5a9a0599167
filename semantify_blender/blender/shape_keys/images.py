"""Pixels of Blender's images, and which images are one picture."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.colour import linear
from ..pixels import stored_pixels

_AT_ONCE = 2048 * 2048
"""Pixels up to which a picture is read whole; larger ones are shrunk by Blender first."""
_KINDS = {
    "SEQUENCE": "is a sequence of pictures",
    "MOVIE": "is a movie",
    "VIEWER": "is a render result",
    "TILED": "has UDIM tiles",
}


def not_one_picture(image: bpy.types.Image) -> str | None:
    """Why an image cannot be laid on a mesh as one picture, in a few words; None when it can."""
    if image.source in _KINDS:
        return _KINDS[image.source]
    if image.type not in ("IMAGE", "UV_TEST"):
        return "holds several layers"
    return None if image.size[0] * image.size[1] else "cannot be read, its file is missing or damaged"


def pixels_of(image: bpy.types.Image, most: int) -> np.ndarray | None:
    """(height, width, channels) float32 of an image, at most so many pixels a side, bottom row first.

    None when it is no single picture, or cannot be read.
    """
    if not_one_picture(image):
        return None
    width, height = image.size
    large = width * height > _AT_ONCE
    # a copy is read from its file again, which does for shrinking the large ones; edits in memory it does not have
    source = image.copy() if large else image
    try:
        if large:
            factor = min(1.0, most / max(width, height))
            source.scale(max(1, round(width * factor)), max(1, round(height * factor)))
        values = stored_pixels(source)
    except RuntimeError:
        return None
    finally:
        if large:
            bpy.data.images.remove(source)
    if values is None:
        return None
    step = -(-max(values.shape[:2]) // most)
    return np.nan_to_num(values[::step, ::step], nan=0.0, posinf=1.0, neginf=0.0)


def is_linear(image: bpy.types.Image) -> bool:
    """True when the pixels are scene-linear: 8-bit colour textures hold display values, float and data ones linear."""
    return bool(image.is_float) or image.colorspace_settings.is_data


def mean_colour(image: bpy.types.Image) -> np.ndarray | None:
    """(3,) mean of an image's opaque pixels, scene-linear; of a tiled one the mean of its tiles. None if unreadable."""
    if image.source == "TILED":
        colours = [colour for number in tiles(image) if (colour := tile_colour(image, number)) is not None]
        return np.mean(colours, axis=0) if colours else None
    pixels = pixels_of(image, 64)
    if pixels is None or pixels.shape[2] < 3:
        return None
    flat = pixels.reshape(-1, pixels.shape[2]).astype(np.float64)
    weight = flat[:, 3] if flat.shape[1] > 3 and flat[:, 3].any() else np.ones(len(flat))
    mean = (flat[:, :3] * weight[:, None]).sum(0) / weight.sum()
    return mean if is_linear(image) else linear(mean)


def tiles(image: bpy.types.Image) -> list[int]:
    """Numbers of a UDIM image's tiles, such as 1001."""
    return [tile.number for tile in image.tiles]


def tile_colour(image: bpy.types.Image, number: int) -> np.ndarray | None:
    """`mean_colour` of one UDIM tile, from its own file or its own packed one; None where it cannot be read."""
    alone = None
    try:
        if len(image.packed_files):
            packed = next(one for one in image.packed_files if one.tile_number == number).packed_file
            alone = bpy.data.images.new("semantify tile", 1, 1)
            alone.pack(data=packed.data, data_len=packed.size)
            alone.source = "FILE"
        else:
            path = bpy.path.abspath(image.filepath_raw, library=image.library)
            column, row = (number - 1001) % 10, (number - 1001) // 10
            path = path.replace("<UDIM>", str(number)).replace("<UVTILE>", f"u{column + 1}_v{row + 1}")
            alone = bpy.data.images.load(path)
        alone.colorspace_settings.name = image.colorspace_settings.name
        return mean_colour(alone)
    except (RuntimeError, StopIteration):
        return None
    finally:
        if alone is not None:
            bpy.data.images.remove(alone)
