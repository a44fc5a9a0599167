"""Painted regions with smooth borders: pictures of distances in a model's UVs, which a shader cuts at their middle.

Each is (S, S) uint8, a signed distance to the region's edge: 128 is the edge, above is inside. Row 0 is v = 0. What is
cut from it is a smooth line at any size of picture, where whole faces show steps.
"""

from collections.abc import Mapping

import numpy as np

from ..errors import FileFormatError
from ..files import bounds
from ..files.names import check_name

PREFIX = "paint/"
EDGE = 128


def paint_arrays(paint: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What a model's file says about its paint."""
    return {PREFIX + name: picture.astype(np.uint8) for name, picture in paint.items()}


def load_paint(path: object, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Region name -> (S, S) uint8 of a model's file. Raises FileFormatError naming the field when anything is off."""
    found = {key.removeprefix(PREFIX): array for key, array in arrays.items() if key.startswith(PREFIX)}
    if len(found) > bounds.PAINTS:
        raise FileFormatError(path, "paint", f"has {len(found)} entries, expected at most {bounds.PAINTS}")
    if found and "uv" not in arrays:
        raise FileFormatError(path, "paint", "needs uv, which is missing")
    side = next((array.shape[0] for array in found.values() if array.ndim), 0)
    for name, array in found.items():
        check_name(path, PREFIX + name[:60], name)
        if array.dtype != np.uint8 or array.shape != (side, side):
            raise FileFormatError(path, PREFIX + name, "expected a square of bytes, as large as the other ones")
    if found and not (0 < side <= bounds.PAINT_SIDE and side & (side - 1) == 0):
        raise FileFormatError(
            path,
            PREFIX + next(iter(found)),
            f"is {side} pixels wide, expected a power of two up to {bounds.PAINT_SIDE}",
        )
    return found
