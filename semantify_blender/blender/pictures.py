"""Picture files and Blender's own images decoded by Blender, without leaving anything in the .blend."""

import contextlib
import math
from pathlib import Path

import bpy
import numpy as np

from ..core.colour import srgb
from ..core.errors import SemantifyError
from ..core.pictures.picture import Picture, upright
from ..core.pictures.probe import PictureInfo, is_known, probe, probe_bytes
from .pixels import stored_pixels

_ADVICE = "save or export it again as PNG"
_BLOCK_ROWS = 64
KEPT_PIXELS = 25_000_000
"""Larger pictures are made smaller while they are read; what is cut out of them is smaller by far."""
DEEP_PIXELS = 25_000_000
"""Most pixels of a picture that Blender holds as floats, and of an image of the user's."""


def read_picture(path: str | Path) -> Picture:
    """The first picture of a file, turned upright. Raises SemantifyError when it cannot be read."""
    path = Path(path)
    info = probe(path)
    if info.bits > 8 and info.width * info.height > DEEP_PIXELS:
        raise SemantifyError(
            f"{path}: {info.width} × {info.height} pixels of {info.bits} bits are too many (at most "
            f"{DEEP_PIXELS // 1_000_000} million); save a copy with 8 bits a channel, or a smaller one"
        )
    try:
        image = bpy.data.images.load(str(path.absolute()), check_existing=False)
    except (RuntimeError, UnicodeError, ValueError, TypeError) as error:
        reason = str(error).strip()[:120]
        raise SemantifyError(f"{path}: Blender cannot open the picture ({reason}); {_ADVICE}") from error
    try:
        # 16-bit pictures keep their numbers: as colours they would become scene-linear and premultiplied
        image.colorspace_settings.is_data = True
        stored = _made_smaller(image, info)
        pixels = _pixels(image)
    finally:
        bpy.data.images.remove(image)
    # Blender before 5.0 gives an empty picture for an animated WebP
    if pixels is None or (info.animated and not info.alpha and not pixels[..., 3].any()):
        kind = f"{'animated ' if info.animated else ''}{info.format.upper()} file"
        raise SemantifyError(f"{path}: this Blender cannot decode the {kind}; {_ADVICE}")
    if not info.alpha:
        pixels[..., 3] = 255  # a fourth channel that means something else
    elif info.premultiplied:
        alpha = pixels[..., 3:].astype(np.float32)
        pixels[..., :3] = (pixels[..., :3] * (255 / np.maximum(alpha, 1)) + 0.5).clip(0, 255)
    if stored is not None and info.orientation in (5, 6, 7, 8):
        stored = stored[::-1]
    return Picture(upright(pixels, info.orientation), path.name, stored)


def picture_of(image: bpy.types.Image) -> Picture:
    """The pixels of an image in the .blend, turned upright as `orientation_of` says; the image is not changed.

    Raises SemantifyError when it has no pixels, or too many.
    """
    width, height = image.size
    if width * height > DEEP_PIXELS:  # it is the user's: it cannot be made smaller while it is read
        limit = f"{DEEP_PIXELS // 1_000_000} million"
        raise SemantifyError(
            f"image {image.name!r}: {width} × {height} pixels are more than {limit}; save it as a file and choose "
            "that, or scale it down"
        )
    orientation = orientation_of(image)
    pixels = _pixels(image)
    if pixels is None:
        raise SemantifyError(f"image {image.name!r} has no pixels here; save it as a file and choose that")
    return Picture(upright(pixels, orientation), image.name)


def orientation_of(image: bpy.types.Image) -> int:
    """1..8, how a camera's file wants its picture to be turned: Blender shows such images as they are stored.

    A box drawn in Blender's Image Editor becomes one of the Picture by core.pictures.picture.upright_box.
    Raises SemantifyError when the image's file is cut short or damaged, which Blender may show in grey.
    """
    if image.source != "FILE":
        return 1
    data = b""
    if image.packed_file is not None:
        data = image.packed_file.data
    else:
        with contextlib.suppress(OSError, ValueError):  # the file may be gone while its pixels are still here
            data = Path(bpy.path.abspath(image.filepath, library=image.library)).read_bytes()
    return probe_bytes(data, f"image {image.name!r}").orientation if is_known(data) else 1


def _made_smaller(image: bpy.types.Image, info: PictureInfo) -> tuple[int, int] | None:
    """Have Blender average a large picture in place: its pixels come out as floats, 16 bytes each, all at once.

    By a whole number of pixels to one. Returns the size that it had, None where it stays as it is.
    """
    factor = math.ceil(math.sqrt(info.width * info.height / KEPT_PIXELS))
    if factor < 2 or tuple(image.size) != (info.width, info.height):
        return None
    try:
        image.scale(max(1, info.width // factor), max(1, info.height // factor))
    except RuntimeError:  # nothing was decoded, which is told by what reads the pixels
        return None
    return info.width, info.height


def _pixels(image: bpy.types.Image) -> np.ndarray | None:
    """(H, W, 4) uint8 straight sRGB RGBA, top row first; None where Blender has no pixels."""
    try:
        values = stored_pixels(image)
        if values is None:
            return None
        pixels = np.empty((*values.shape[:2], 4), np.uint8)
    except MemoryError as error:
        raise SemantifyError(f"image {image.name!r}: too large for this machine's memory; scale it down") from error
    rows = values[::-1]
    linear = image.is_float and not image.colorspace_settings.is_data
    for first in range(0, len(rows), _BLOCK_ROWS):
        block = slice(first, first + _BLOCK_ROWS)
        pixels[block] = _bytes(rows[block], linear)
    return pixels


def _bytes(values: np.ndarray, linear: bool) -> np.ndarray:
    """Some rows (h, W, channels) as (h, W, 4) uint8. linear: scene-linear and premultiplied, as floats are."""
    if values.shape[2] < 3:
        values = np.concatenate([values[..., :1].repeat(3, 2), values[..., 1:]], 2)
    if values.shape[2] < 4:
        values = np.concatenate([values, np.ones_like(values[..., :1])], 2)
    if linear:
        alpha = values[..., 3:]
        values = np.concatenate([srgb(values[..., :3] / np.where(alpha > 0, alpha, 1)), alpha], 2)
    values = np.fmax(values, 0)  # which makes zeros of what is not a number
    np.minimum(values, 1, out=values)
    values *= 255
    values += 0.5
    return values.astype(np.uint8)
