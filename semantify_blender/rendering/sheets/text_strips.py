"""Lines of text as pixels, drawn by Blender's own font, to be laid on pictures that NumPy has put together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ...blender.pictures import read_picture
from ...core.colour import Colour
from ..stage.engines import use_engine
from ..stage.flat import flat_material
from ..stage.leftovers import picture_folder
from ..stage.scene import new_scene, set_image_format
from ..stage.still import output_to, render_still

_BATCH = 48
"""Lines a render: a tall picture of a few hundred lines would be slow to trace for the little ink in it."""
_PIXEL = 0.01


@dataclass(frozen=True)
class Piece:
    """Text on a line. x: pixels from the left of where it begins; size: pixels, from one line to the next."""

    text: str
    x: float = 0.0
    size: float = 15.0
    colour: Colour = (0.16, 0.17, 0.19)


def text_strips(lines: Sequence[Sequence[Piece]], width: int, height: int, samples: int = 8) -> list[np.ndarray]:
    """Draw lines. Each is a strip of width × height pixels. Takes over Blender's current scene.

    Returns a (height, width, 4) uint8 straight sRGB RGBA strip a line.
    """
    found: list[np.ndarray] = []
    for start in range(0, len(lines), _BATCH):
        some = lines[start : start + _BATCH]
        found += np.split(_drawn(some, width, height, samples), len(some))
    return found


def laid_on(pixels: np.ndarray, strip: np.ndarray, left: int, top: int) -> None:
    """Lay a strip on a picture in place. pixels: (H, W, 3) uint8. strip: (h, w, 4) uint8."""
    height, width = strip.shape[:2]
    under = pixels[top : top + height, left : left + width].astype(np.float32)
    strip = strip[: under.shape[0], : under.shape[1]].astype(np.float32)
    alpha = strip[..., 3:] / 255
    mixed = under + alpha * (strip[..., :3] - under)
    pixels[top : top + height, left : left + width] = (mixed + 0.5).astype(np.uint8)


def _drawn(lines: Sequence[Sequence[Piece]], width: int, height: int, samples: int) -> np.ndarray:
    scene = new_scene()
    scene.render.resolution_x, scene.render.resolution_y = width, height * len(lines)
    use_engine(scene, "cycles", samples)
    set_image_format(scene, "png", transparent=True)
    inks: dict[Colour, bpy.types.Material] = {}
    for row, line in enumerate(lines):
        for piece in line:
            curve = bpy.data.curves.new("text", "FONT")
            # a file's name may hold bytes that are no Unicode, which Blender does not take
            curve.body = piece.text.encode("utf-8", "replace").decode()
            curve.size, curve.align_y = piece.size * _PIXEL, "CENTER"
            curve.materials.append(inks.setdefault(piece.colour, flat_material(piece.colour)))
            thing = bpy.data.objects.new("text", curve)
            thing.location = (piece.x * _PIXEL, 0.0, -(row + 0.5) * height * _PIXEL)
            thing.rotation_euler = (math.pi / 2, 0.0, 0.0)
            scene.collection.objects.link(thing)
    camera = bpy.data.cameras.new("camera")
    camera.type = "ORTHO"
    camera.ortho_scale = max(width, height * len(lines)) * _PIXEL
    thing = bpy.data.objects.new("camera", camera)
    thing.location = (width * _PIXEL / 2, -10.0, -height * len(lines) * _PIXEL / 2)
    thing.rotation_euler = (math.pi / 2, 0.0, 0.0)
    scene.collection.objects.link(thing)
    scene.camera = thing
    with picture_folder() as folder:
        path = Path(folder) / "text.png"
        output_to(scene, path)
        render_still(scene, path)
        return read_picture(path).pixels
