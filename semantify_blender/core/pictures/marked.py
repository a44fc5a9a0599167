"""What was found in a picture, drawn over its cut for people to see: outline, joints, features of the face."""

import itertools

import numpy as np

from .crop import Cut
from .landmarks import BODY_POINTS, BodyLandmarks, FaceLandmarks
from .resize import average
from .strokes import Colour, draw_dot, draw_line, draw_outline

OUTLINE: Colour = (255, 255, 255)
LEFT: Colour = (255, 150, 40)
RIGHT: Colour = (60, 190, 255)
MIDDLE: Colour = (255, 235, 90)
FACE: Colour = (120, 255, 170)
_SHADE: Colour = (0, 0, 0)
_SURE, _FAINT = 0.5, 0.35
_THIN = 1 / 170
"""Width of a thin line, a share of the picture's side."""

_LIMBS = (
    ("shoulder", "elbow", "wrist", "index"),
    ("wrist", "thumb"),
    ("shoulder", "hip", "knee", "ankle", "heel", "toe"),
    ("ankle", "toe"),
)
_ACROSS = (("shoulder.L", "shoulder.R"), ("hip.L", "hip.R"), ("ear.L", "eye.L", "nose", "eye.R", "ear.R"),
           ("mouth.L", "mouth.R"))  # fmt: skip
FEATURES = (
    (10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
     136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10),
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185, 61),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191, 78),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466, 263),
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246, 33),
    (276, 283, 282, 295, 285), (300, 293, 334, 296, 336),
    (46, 53, 52, 65, 55), (70, 63, 105, 66, 107),
    (168, 6, 197, 195, 5, 4),
)  # fmt: skip
"""Paths of points of the face mesh: oval, lips outside and inside, both eyes, both brows below and above, nose."""


def marked(cut: Cut, side: int, bold: float = 1.0) -> np.ndarray:
    """The pixels of a cut at another size with what was found drawn over them: a new picture (side, side, 3) uint8.

    The outline is white, the person's left is orange and its right blue; what is hidden or hardly seen is faint.
    bold: lines that much wider, for pictures that are shown small.
    """
    size = len(cut.pixels)
    whole = (0.0, 0.0, float(size), float(size))
    picture = average(cut.pixels, whole, (side, side))[0]
    scale, thin = side / size, max(1.0, _THIN * side * bold)
    if cut.mask is not None:
        mask = average(cut.mask[..., None], whole, (side, side))[0][..., 0]
        draw_outline(picture, mask, _SHADE, 2.5 * thin)
        draw_outline(picture, mask, OUTLINE, thin)
    if cut.face is not None:
        _draw_face(picture, cut.face.moved(0, 0, scale), thin)
    if cut.body is not None:
        _draw_body(picture, cut.body.moved(0, 0, scale), thin, head=cut.face is None)
    return (picture + 0.5).clip(0, 255).astype(np.uint8)


def _draw_body(picture: np.ndarray, body: BodyLandmarks, thin: float, head: bool) -> None:
    place = {name: i for i, name in enumerate(BODY_POINTS)}
    bones: list[tuple[int, int, Colour]] = []
    for line in _ACROSS if head else _ACROSS[:2]:
        bones += [(place[a], place[b], MIDDLE) for a, b in itertools.pairwise(line)]
    for side, colour in ((".R", RIGHT), (".L", LEFT)):
        for path in _LIMBS:
            bones += [(place[a + side], place[b + side], colour) for a, b in itertools.pairwise(path)]
    inside = body.inside > _SURE
    drawn = [(a, b, colour, _strength(body, a, b)) for a, b, colour in bones if inside[a] and inside[b]]
    for a, b, _, strength in drawn:
        draw_line(picture, body.points[[a, b]], _SHADE, 3.5 * thin, 0.6 * strength)
    for a, b, colour, strength in drawn:
        draw_line(picture, body.points[[a, b]], colour, 2 * thin, strength)
    for joint in {joint for a, b, *_ in drawn for joint in (a, b)}:
        draw_dot(picture, body.points[joint], OUTLINE, 3 * thin, _strength(body, joint, joint))


def _strength(body: BodyLandmarks, a: int, b: int) -> float:
    return 1.0 if min(body.seen[a], body.seen[b]) > _SURE else _FAINT


def _draw_face(picture: np.ndarray, face: FaceLandmarks, thin: float) -> None:
    for path in FEATURES:
        draw_line(picture, face.points[list(path), :2], _SHADE, 2.2 * thin, 0.5)
    for path in FEATURES:
        draw_line(picture, face.points[list(path), :2], FACE, thin)
