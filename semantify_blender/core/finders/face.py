"""Faces in photographs: where they are, and the 468 points of one (Kartynnik et al. 2019)."""

import math

import numpy as np

from ..pictures.landmarks import FACE_POINTS, FaceLandmarks
from ..pictures.picture import Picture
from . import boxes
from .files import look, side_of
from .regions import Region, pixels_of

_STRIDES = (8, 16, 16, 16)
_WIDER = 1.5
_EYES = (33, 263)
"""Points at the outer corners of the eyes, the one on the left of a face seen from the front first."""
LEAST_PRESENCE = 0.5
_MOST = 6
"""Detections that are read at most."""


def find_faces(picture: Picture) -> list[tuple[boxes.Found, FaceLandmarks]]:
    """Those of a picture that are faces indeed, with their points, the largest first; small ones are looked for where
    none is seen at first."""
    for found in boxes.search("face", _STRIDES, picture):
        read = [(one, read_face(picture, region_of(one))) for one in found[:_MOST]]
        faces = [(one, face) for one, face in read if face is not None]
        if faces:
            return sorted(faces, key=lambda one: -one[0].size)
    return []


def region_of(found: boxes.Found) -> Region:
    """The turned square around a face that was found, upright in the face's own sense."""
    left, top, right, bottom = found.box
    side = max(_WIDER * max(right - left, bottom - top), 1.0)
    return Region(
        float(left + right) / 2, float(top + bottom) / 2, float(side), _turn(found.points[0], found.points[1])
    )


def read_face(picture: Picture, region: Region) -> FaceLandmarks | None:
    """The points of the face in a region; None where the network sees none there."""
    face = None
    for _ in range(2):  # once more, by the points themselves, which are surer than the box
        face = _read(picture, region)
        if face.score < LEAST_PRESENCE:
            return None
        region = _around(face.points[:, :2])
    return face


def _read(picture: Picture, region: Region) -> FaceLandmarks:
    size = side_of("mesh")
    said = look("mesh", pixels_of(picture, region, size, repeat=True) * np.float32(1 / 255))
    points = said["points"].reshape(FACE_POINTS, 3) / np.float32(size)
    places = np.concatenate([region.to_picture(points[:, :2]), points[:, 2:] * np.float32(region.side)], 1)
    score = 1 / (1 + math.exp(-min(max(float(said["presence"].ravel()[0]), -80.0), 80.0)))
    return FaceLandmarks(places.astype(np.float32), score)


def _around(points: np.ndarray) -> Region:
    turn = _turn(points[_EYES[0]], points[_EYES[1]])
    upright = Region(0.0, 0.0, 1.0, turn).to_shares(points)
    low, high = upright.min(0), upright.max(0)
    x, y = Region(0.0, 0.0, 1.0, turn).to_picture((low + high) / 2).tolist()
    return Region(x, y, max(_WIDER * float((high - low).max()), 1.0), turn)


def _turn(left: np.ndarray, right: np.ndarray) -> float:
    """By how much the line from one eye to the other is turned from level, radians."""
    x, y = (float(value) for value in right - left)
    return math.atan2(y, x) if x or y else 0.0
