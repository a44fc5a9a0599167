"""What a network's mask says of where a figure is, as a `Found` of the picture."""

import numpy as np

from ..pictures.components import label_parts
from ..pictures.found import Found, box_of
from ..pictures.picture import Box, Picture
from .regions import Region, mask_in_picture

SIDE = 256
"""Pixels of the longer side of the mask that is kept: as many as the networks see of a figure."""
_AROUND = 0.06
_LEAST = 12


def found_of(picture: Picture, mask: np.ndarray, region: Region, window: Box | None = None) -> Found | None:
    """The figure of a mask (S, S) float32 0..1 over a region, without what is not connected to it.

    window: what lies outside is no part of it. None where there is next to nothing.
    """
    box = _clipped(region.box, picture)
    for _ in range(2):  # once more around the figure itself, which is what the pixels are wanted for
        shape = _grid(box)
        values = mask_in_picture(mask, region, box, shape)
        if window is not None:
            values = values * _inside(window, box, shape)
        values = _largest(values)
        if (values > 0.5).sum() < _LEAST:
            return None
        near = box_of(values > 0.5, box)
        more = _AROUND * max(near[2] - near[0], near[3] - near[1])
        last, box = box, _clipped((near[0] - more, near[1] - more, near[2] + more, near[3] + more), picture)
    return Found(values, last, "finder")


def _largest(values: np.ndarray) -> np.ndarray:
    """The largest part, and what is nearly as large, as a hand behind a bag is not."""
    labels, areas = label_parts(values > 0.35, diagonal=True)
    keep = areas >= 0.1 * areas.max()
    keep[0] = False
    return np.where(keep[labels], values, 0).astype(np.float32)


def _inside(window: Box, box: Box, shape: tuple[int, int]) -> np.ndarray:
    """(h, w) float32 1 where a cell's middle is inside a window."""
    rows = box[1] + (np.arange(shape[0]) + 0.5) * (box[3] - box[1]) / shape[0]
    columns = box[0] + (np.arange(shape[1]) + 0.5) * (box[2] - box[0]) / shape[1]
    across = (columns >= window[0]) & (columns <= window[2])
    return np.outer((rows >= window[1]) & (rows <= window[3]), across).astype(np.float32)


def _grid(box: Box) -> tuple[int, int]:
    width, height = box[2] - box[0], box[3] - box[1]
    scale = min(1.0, SIDE / max(width, height))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _clipped(box: Box, picture: Picture) -> Box:
    left, top = max(0.0, float(np.floor(box[0]))), max(0.0, float(np.floor(box[1])))
    right, bottom = (
        min(float(picture.width), float(np.ceil(box[2]))),
        min(float(picture.height), float(np.ceil(box[3]))),
    )
    return left, top, max(right, left + 1), max(bottom, top + 1)
