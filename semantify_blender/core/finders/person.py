"""People in photographs: where they are, the joints and the mask of one (BlazePose, Bazarevsky et al. 2020)."""

import math
from dataclasses import dataclass

import numpy as np

from ..pictures.landmarks import BODY_POINTS, BodyLandmarks
from ..pictures.picture import Picture
from . import boxes
from .files import look, side_of
from .mirror import SWAPPED, apart, both
from .regions import Region, pixels_of

_STRIDES = (8, 16, 32, 32, 32)
_WIDER = 1.25
_HIPS, _TOP = 0, 1
"""Points of a detection: the middle of the hips, and one as far from it as the body reaches, at its upper end."""
_MOST, _APART = 4, 0.3
"""Detections that are read at most, and how far apart the hips of two people are, in reaches."""
_SMALLEST = 10.0
"""Pixels of a reach, half a person, below which anything may look like one."""
_NEAR = 3.0
"""Side of a square in which a person is seen well, in reaches."""
LEAST_PRESENCE = 0.9
"""What the network says of people is above 0.99 nearly always, of patterns that look like one now and then 0.7."""
MOST_APART = 0.06
"""Metres between two readings of one person, see `apart`."""
_SURE, _LENIENT = 0.85, 2.0
"""Score of a detection from which two readings may be so many times further apart: wild poses, garish patterns."""


@dataclass(frozen=True, eq=False)
class Person:
    """landmarks: in pixels of the picture. mask: (S, S) float32 0..1 over `region`."""

    landmarks: BodyLandmarks
    mask: np.ndarray
    region: Region


def find_people(picture: Picture) -> list[tuple[boxes.Found, "Person"]]:
    """Those of a picture who are people indeed, the surest first.

    Small ones are looked for where none is seen at first, and others as large as one who was found from as near.
    """
    for found in boxes.search("person", _STRIDES, picture):
        people = _read_all(picture, found)
        if people:
            return people + _others(picture, people)
    return []


def _read_all(picture: Picture, found: list[boxes.Found]) -> list[tuple[boxes.Found, "Person"]]:
    """Read off those that a detector sees, at most a few: a crowd is told from less."""
    large = [one for one in found if reach_of(one) >= _SMALLEST][:_MOST]
    read = [(one, read_person(picture, region_of(one), one.score)) for one in large]
    return [(one, person) for one, person in read if person is not None]


def _others(picture: Picture, people: list[tuple[boxes.Found, "Person"]]) -> list[tuple[boxes.Found, "Person"]]:
    """People about as large as the largest who was found: small ones among many are seen only from as near."""
    side = _NEAR * max(reach_of(found) for found, _ in people)
    longer = max(picture.width, picture.height)
    if side > 0.8 * longer:
        return []
    found = boxes.detect("person", _STRIDES, picture, boxes.tiles(picture, side / longer))
    return _read_all(picture, [one for one in found if _is_new(one, people)])


def _is_new(one: boxes.Found, people: list[tuple[boxes.Found, "Person"]]) -> bool:
    """Whether a detection is somebody else: the hips are apart by more than a hand's breadth."""
    near = (float(np.linalg.norm(one.points[_HIPS] - other.points[_HIPS])) / reach_of(other) for other, _ in people)
    return min(near) > _APART


def region_of(found: boxes.Found) -> Region:
    """The turned square around a person that was found."""
    return _around(found.points[_HIPS], found.points[_TOP])


def reach_of(found: boxes.Found) -> float:
    """How far a person reaches from the hips, pixels."""
    return float(np.linalg.norm(found.points[_TOP] - found.points[_HIPS]))


def read_person(picture: Picture, region: Region, score: float = 1.0) -> Person | None:
    """Joints and mask of the person in a region; None where there is none. score: of the detection.

    The network looks again where it would rather look, and once in the mirror: two readings of a person agree.
    """
    pixels = _pixels(picture, region)
    person, better = _read(pixels, region, False)
    if person.landmarks.score < LEAST_PRESENCE:
        return None
    if not region.is_near(better):
        region, pixels = better, _pixels(picture, better)
        person, _ = _read(pixels, region, False)
    other, _ = _read(pixels, region, True)
    if min(person.landmarks.score, other.landmarks.score) < LEAST_PRESENCE:
        return None
    off = apart(person.landmarks, other.landmarks)
    if off > MOST_APART:
        # what the mirror shows otherwise is no second opinion on where the joints are
        return person if score > _SURE and off < _LENIENT * MOST_APART else None
    return Person(both(person.landmarks, other.landmarks), 0.5 * (person.mask + other.mask), region)


def _pixels(picture: Picture, region: Region) -> np.ndarray:
    return pixels_of(picture, region, side_of("pose"), repeat=True) * np.float32(1 / 255)


def _read(pixels: np.ndarray, region: Region, mirror: bool) -> tuple[Person, Region]:
    """What the network says of a region, and the region that it would rather look at. mirror: it sees it mirrored."""
    said = look("pose", pixels[:, ::-1] if mirror else pixels)
    count = len(BODY_POINTS)
    table, world = said["points"].reshape(-1, 5), said["world"].reshape(-1, 3)[:count].copy()
    shares, mask = table[:, :2] / np.float32(len(pixels)), said["mask"][..., 0]
    told = table[:count, 3:]
    if mirror:
        shares = np.concatenate([shares[SWAPPED], shares[count:]])
        shares[:, 0] = 1 - shares[:, 0]
        world, told, mask = world[SWAPPED] * np.array([-1, 1, 1], np.float32), told[SWAPPED], mask[:, ::-1]
    places = region.to_picture(shares)
    c, s = math.cos(region.turn), math.sin(region.turn)
    world[:, :2] = world[:, :2] @ np.array([[c, s], [-s, c]], np.float32)
    score = float(said["presence"].ravel()[0])
    landmarks = BodyLandmarks(places[:count], _sigmoid(told[:, 0]), _sigmoid(told[:, 1]), world, score)
    # the two points behind the joints tell middle and reach as those of a detection do
    return Person(landmarks, _sigmoid(mask), region), _around(places[count], places[count + 1])


def _around(middle: np.ndarray, end: np.ndarray) -> Region:
    x, y = (float(value) for value in end - middle)
    turn = math.atan2(x, -y) if x or y else 0.0  # upright where the end is above the middle
    return Region(float(middle[0]), float(middle[1]), max(2 * _WIDER * math.hypot(x, y), 1.0), turn)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return (1 / (1 + np.exp(-values.clip(-80, 80)))).astype(np.float32)
