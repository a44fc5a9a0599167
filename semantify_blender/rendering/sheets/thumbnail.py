"""Small pictures for sheets: the user's picture with the square that was used drawn on it."""

import numpy as np

from ...core.pictures.crop import Crop
from ...core.pictures.picture import Box, Picture
from ...core.pictures.resize import average
from .paper import PAPER_8_BIT

FRAME, EDGE = (226, 88, 34), (205, 203, 199)


def thumbnail(picture: Picture, crop: Crop, size: int) -> np.ndarray:
    """The whole picture, as large as goes into size × size, with the crop as a frame; transparent parts are paper.

    Returns (size, size, 3) uint8. Where the crop reaches outside the picture there is paper, so that it is seen.
    """
    crop = crop.scaled(1 / picture.scale)
    box = (
        min(0.0, crop.left),
        min(0.0, crop.top),
        max(float(picture.width), crop.left + crop.size),
        max(float(picture.height), crop.top + crop.size),
    )
    scale = size / max(box[2] - box[0], box[3] - box[1])
    height, width = (max(1, min(size, round(scale * side))) for side in (box[3] - box[1], box[2] - box[0]))
    paper = np.full((size, size, 3), PAPER_8_BIT, np.float32)
    top, left = (size - height) // 2, (size - width) // 2
    paper[top : top + height, left : left + width] = _laid(picture, box, (height, width))
    out = (paper + 0.5).clip(0, 255).astype(np.uint8)
    corners = ((0.0, 0.0), (float(picture.width), float(picture.height)))
    (x0, y0), (x1, y1) = ((round(left + (x - box[0]) * scale), round(top + (y - box[1]) * scale)) for x, y in corners)
    _frame(out, x0, y0, x1, y1, EDGE, 1)
    x, y = left + (crop.left - box[0]) * scale, top + (crop.top - box[1]) * scale
    _frame(out, round(x), round(y), round(x + crop.size * scale), round(y + crop.size * scale), FRAME, 2)
    return out


def _laid(picture: Picture, box: Box, shape: tuple[int, int]) -> np.ndarray:
    """A box of the picture on paper, (h, w, 3) float32."""
    values, _ = average(picture.pixels, box, shape, premultiply=True)
    alpha = values[..., 3:] / 255
    return values[..., :3] + (1 - alpha) * np.array(PAPER_8_BIT, np.float32)


def _frame(
    pixels: np.ndarray, left: int, top: int, right: int, bottom: int, colour: tuple[int, int, int], line: int
) -> None:
    """Draw a rectangle's outline, inwards from its edges, in place; what lies outside is left out."""
    size = len(pixels)
    right, bottom = min(right, size), min(bottom, size)
    left, top = max(left, 0), max(top, 0)
    for rows, columns in (
        (slice(top, top + line), slice(left, right)),
        (slice(bottom - line, bottom), slice(left, right)),
        (slice(top, bottom), slice(left, left + line)),
        (slice(top, bottom), slice(right - line, right)),
    ):
        pixels[rows, columns] = colour
