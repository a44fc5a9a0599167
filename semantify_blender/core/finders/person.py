"""People in photographs: where they are, the joints and the mask of one (BlazePose, Bazarevsky et al. 2020)."""

import math
from dataclasses import dataclass

import numpy as np

from ..pictures.landmarks import BODY_POINTS, BodyLandmarks
from ..pictures.picture import Picture
from . import boxes
from .files import look, side_of
from .regions import Region, pixels_of

_STRIDES = (8, 16, 32, 32, 32)
_WIDER = 1.25
_HIPS, _TOP = 0, 1
"""Points of a detection: the middle of the hips, and one as far from it as the body reaches, at its upper end."""
_SHARES = (0.62, 0.4)
"""Parts of a picture, of its longer side, that are looked at one by one where nobody is seen in the whole."""
LEAST_PRESENCE = 0.5


@dataclass(frozen=True, eq=False)
class Person:
    """landmarks: in pixels of the picture. mask: (S, S) float32 0..1 over `region`."""

    landmarks: BodyLandmarks
    mask: np.ndarray
    region: Region


def find_people(picture: Picture) -> list[boxes.Found]:
    """People in a picture, the surest first; a small one is looked for where none is seen at first."""
    found = boxes.detect("person", _STRIDES, picture, boxes.whole(picture))
    for share in _SHARES:
        if found:
            break
        found = boxes.detect("person", _STRIDES, picture, boxes.tiles(picture, share))
    return found


def region_of(found: boxes.Found) -> Region:
    """The turned square around a person that was found."""
    return _around(found.points[_HIPS], found.points[_TOP])


def reach_of(found: boxes.Found) -> float:
    """How far a person reaches from the hips, pixels."""
    return float(np.linalg.norm(found.points[_TOP] - found.points[_HIPS]))


def read_person(picture: Picture, region: Region) -> Person | None:
    """Joints and mask of the person in a region; None where the network sees none there."""
    for _ in range(2):
        person, better = _read(picture, region)
        if person.landmarks.score < LEAST_PRESENCE:
            return None
        if region.is_near(better):
            break
        region = better
    return person


def _read(picture: Picture, region: Region) -> tuple[Person, Region]:
    """What the network says of a region, and the region that it would rather look at."""
    size = side_of("pose")
    said = look("pose", pixels_of(picture, region, size, repeat=True) * np.float32(1 / 255))
    table = said["points"].reshape(-1, 5)
    places = region.to_picture(table[:, :2] / np.float32(size))
    count = len(BODY_POINTS)
    c, s = math.cos(region.turn), math.sin(region.turn)
    world = said["world"].reshape(-1, 3)[:count].copy()
    world[:, :2] = world[:, :2] @ np.array([[c, s], [-s, c]], np.float32)
    landmarks = BodyLandmarks(
        places[:count],
        _sigmoid(table[:count, 3]),
        _sigmoid(table[:count, 4]),
        world,
        float(said["presence"].ravel()[0]),
    )
    # the two points behind the joints tell middle and reach as those of a detection do
    return Person(landmarks, _sigmoid(said["mask"][..., 0]), region), _around(places[count], places[count + 1])


def _around(middle: np.ndarray, end: np.ndarray) -> Region:
    x, y = (float(value) for value in end - middle)
    turn = math.atan2(x, -y) if x or y else 0.0  # upright where the end is above the middle
    return Region(float(middle[0]), float(middle[1]), max(2 * _WIDER * math.hypot(x, y), 1.0), turn)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return (1 / (1 + np.exp(-values.clip(-80, 80)))).astype(np.float32)
