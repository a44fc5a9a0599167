"""Single-shot detectors (Liu et al. 2016): from a network's numbers to things found in a picture."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..pictures.picture import Picture
from .files import look, side_of
from .regions import Region, pixels_of

LEAST_SCORE, SAME = 0.5, 0.3
"""Score from which something was found, and overlap (intersection over union) from which two are one: as published."""
_HIGHEST_LOGIT = 50.0


@dataclass(frozen=True, eq=False)
class Found:
    """One thing. box: left, top, right, bottom; points: (n, 2); all in pixels of the picture. score: 0..1."""

    box: np.ndarray
    points: np.ndarray
    score: float

    @property
    def size(self) -> float:
        """The longer side of the box, pixels."""
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))

    def overlap(self, other: "Found") -> float:
        """Intersection over union."""
        low, high = np.maximum(self.box[:2], other.box[:2]), np.minimum(self.box[2:], other.box[2:])
        shared = float(np.prod(np.maximum(high - low, 0)))
        both = [float(np.prod(one.box[2:] - one.box[:2])) for one in (self, other)]
        return shared / max(sum(both) - shared, 1e-6)


def detect(
    name: str, strides: tuple[int, ...], picture: Picture, regions: list[Region], least: float = LEAST_SCORE
) -> list[Found]:
    """All that a detector finds in some regions of a picture, the surest first, none twice."""
    found: list[Found] = []
    size = side_of(name)
    for region in regions:
        pixels = pixels_of(picture, region, size, repeat=False) * np.float32(2 / 255) - 1
        said = look(name, pixels)
        scores = 1 / (1 + np.exp(-said["scores"][:, 0].clip(-_HIGHEST_LOGIT, _HIGHEST_LOGIT)))
        sure = np.flatnonzero(scores >= least)
        values = said["boxes"].reshape(len(scores), -1, 2)[sure] / np.float32(size)
        middles = anchors(size, strides)[sure]
        # a box is told by its middle and size, then come points, all from the anchor's middle
        centre, sides = values[:, 0] + middles, values[:, 1]
        points = values[:, 2:] + middles[:, None]
        corners = np.stack([centre - sides / 2, centre + sides / 2], 1)
        for corner, point, score in zip(corners, points, scores[sure], strict=True):
            found.append(Found(region.to_picture(corner).reshape(4), region.to_picture(point), float(score)))
    return _merged(found)


def _merged(found: list[Found]) -> list[Found]:
    """Those that overlap as one, each weighed by its score."""
    rest = sorted(found, key=lambda one: -one.score)
    merged = []
    while rest:
        first = rest[0]
        same = [one for one in rest if one is first or one.overlap(first) > SAME]
        rest = [one for one in rest if all(one is not other for other in same)]
        weights = np.array([one.score for one in same]) / sum(one.score for one in same)
        box = sum(weight * one.box for weight, one in zip(weights, same, strict=True))
        points = sum(weight * one.points for weight, one in zip(weights, same, strict=True))
        merged.append(Found(np.asarray(box), np.asarray(points), first.score))
    return merged


@lru_cache(maxsize=4)
def anchors(size: int, strides: tuple[int, ...]) -> np.ndarray:
    """(n, 2) float32 the middles of the cells that a detector looks at, in shares of its picture: two for each entry of
    `strides`, entries with the same stride cell by cell."""
    found = []
    for stride in sorted(set(strides)):
        count = size // stride
        steps = (np.arange(count, dtype=np.float32) + 0.5) / count
        cells = np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2)
        found.append(np.repeat(cells, 2 * strides.count(stride), 0))
    return np.concatenate(found)


def tiles(picture: Picture, share: float) -> list[Region]:
    """Squares that cover a picture, each of a share of its shorter side at least, a third of them shared."""
    side = share * max(picture.width, picture.height)
    found = []
    for y in _places(picture.height, side):
        found += [Region(x, y, side) for x in _places(picture.width, side)]
    return found


def _places(length: int, side: float) -> list[float]:
    """Middles of squares along one side of a picture."""
    if length <= side:
        return [length / 2]
    count = int(np.ceil((length - side) / (side * 2 / 3))) + 1
    return np.linspace(side / 2, length - side / 2, count).tolist()


def whole(picture: Picture) -> list[Region]:
    """All of a picture."""
    return [Region(picture.width / 2, picture.height / 2, float(max(picture.width, picture.height)))]
