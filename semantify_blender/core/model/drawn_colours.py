"""A figure's painted colours as one picture in its UVs, for what cannot draw lines from distances: other programs."""

from collections.abc import Mapping

import numpy as np

from ..colour import Colour
from .paint import EDGE

LAYERS = ("hair", "brows", "lips", "nails", "iris", "pupil")
"""What is drawn, one over the other."""
FLUSH = 0.55
"""How much of the flush shows where its paint is full."""
_SOFT = 1.5
"""Numbers of a paint over which a line goes from nothing to full: about a pixel."""


def drawn_colours(
    paint: Mapping[str, np.ndarray], colours: Mapping[str, Colour], names: tuple[str, ...] = LAYERS
) -> np.ndarray:
    """(S, S, 3) uint8 sRGB, the top row first.

    paint: name -> (S, S) uint8, row 0 at v = 0. colours: sRGB of the paints in `names`, and of what lies under all,
    by the name "".
    """
    size = len(next(iter(paint.values())))
    picture = np.empty((size, size, 3), np.float32)
    picture[:] = colours[""]
    if "flush" in paint and "flush" in colours:
        share = FLUSH / 255 * paint["flush"].astype(np.float32)[..., None]
        picture += share * (np.array(colours["flush"], np.float32) - picture)
    for name in names:
        if name in paint and name in colours:
            share = np.clip((paint[name].astype(np.float32) - EDGE + _SOFT) / (2 * _SOFT), 0.0, 1.0)
            rows, columns = np.nonzero(share)
            drawn = share[rows, columns, None]
            picture[rows, columns] += drawn * (np.array(colours[name], np.float32) - picture[rows, columns])
    return np.round(255 * picture[::-1]).astype(np.uint8)
