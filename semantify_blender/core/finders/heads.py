"""The head around a face: how far it reaches, and its mask."""

import numpy as np

from ..pictures.landmarks import FaceLandmarks
from ..pictures.picture import Box, Picture
from .files import look, side_of
from .regions import Region, pixels_of

_FOREHEAD, _CHIN = 10, 152
_ABOVE, _BELOW, _BESIDE = 0.65, 0.35, 1.0
"""How far hair and crown reach above the forehead, the neck below the chin, and hair beside the middle of the face, in
heights of the face from hairline to chin."""
_ROOM = 1.4
"""The mask is looked for in a square so much larger than the head: the network knows people from the waist up."""


def head_window(face: FaceLandmarks) -> Box:
    """The upright box around the head of a face, in pixels of the picture, down to the middle of the neck."""
    points = face.points[:, :2]
    middle = 0.5 * (points[_FOREHEAD] + points[_CHIN])
    # a face that looks up or down is short in the picture, its head is not
    tall = max(float(np.linalg.norm(points[_CHIN] - points[_FOREHEAD])), float(np.ptp(points[:, 0])))
    low, high = points.min(0), points.max(0)
    left = min(float(middle[0]) - _BESIDE * tall, float(low[0]) - 0.2 * tall)
    right = max(float(middle[0]) + _BESIDE * tall, float(high[0]) + 0.2 * tall)
    return left, float(low[1]) - _ABOVE * tall, right, float(high[1]) + _BELOW * tall


def head_mask(picture: Picture, face: FaceLandmarks) -> tuple[np.ndarray, Region]:
    """(S, S) float32 0..1, the person around a face, and the region that it lies over."""
    left, top, right, bottom = head_window(face)
    side = _ROOM * max(right - left, bottom - top)
    region = Region((left + right) / 2, (top + bottom) / 2, side)
    size = side_of("selfie")
    said = look("selfie", pixels_of(picture, region, size, repeat=True) * np.float32(1 / 255))
    return said["mask"][..., 0], region
