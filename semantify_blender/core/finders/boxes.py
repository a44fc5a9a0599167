"""Single-shot detectors (Liu et al. 2016): from a network's numbers to things found in a picture."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..pictures.picture import Picture
from ..pictures.resize import average
from .files import look, side_of
from .regions import Region, pixels_of

LEAST_SCORE, SAME = 0.5, 0.3
"""Score from which something was found, and overlap (intersection over union) from which two are one: as published."""
_HIGHEST_LOGIT = 50.0
_SHARES = (0.62, 0.4)
"""Parts of a picture, of its longer side, that are looked at one by one where nothing is seen in the whole."""
_LEAST_SHARE = 0.2
"""Smaller parts are not looked at: they would be too many."""
_MOST = 512
"""Boxes that are compared, the surest ones: a crowd has about 50 a person."""
_ENOUGH = 1120
"""Pixels of the longer side that leave each part at least as large as any detector's picture."""


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


def search(name: str, strides: tuple[int, ...], picture: Picture) -> Iterator[list[Found]]:
    """What a detector finds in all of a picture, then in ever smaller parts of it, where what is small is seen; the
    surest first each time."""
    yield detect(name, strides, picture, whole(picture))
    small = _smaller(picture)
    scale = np.array([picture.width / small.width, picture.height / small.height], np.float32)
    for share in _SHARES:
        found = detect(name, strides, small, tiles(small, share))
        yield [Found(one.box * np.tile(scale, 2), one.points * scale, one.score) for one in found]


def detect(name: str, strides: tuple[int, ...], picture: Picture, regions: list[Region]) -> list[Found]:
    """All that a detector finds in some regions of a picture, the surest first, none twice."""
    boxes, points, scores = [], [], []
    size = side_of(name)
    for region in regions:
        pixels = pixels_of(picture, region, size, repeat=False) * np.float32(2 / 255) - 1
        said = look(name, pixels)
        sure = 1 / (1 + np.exp(-said["scores"][:, 0].clip(-_HIGHEST_LOGIT, _HIGHEST_LOGIT)))
        chosen = np.flatnonzero(sure >= LEAST_SCORE)
        values = said["boxes"].reshape(len(sure), -1, 2)[chosen] / np.float32(size)
        middles = anchors(size, strides)[chosen]
        # a box is told by its middle and size, then come points, all from the anchor's middle
        centre, sides = values[:, 0] + middles, np.abs(values[:, 1])
        corners = np.stack([centre - sides / 2, centre + sides / 2], 1)
        boxes.append(region.to_picture(corners).reshape(-1, 4))
        points.append(region.to_picture(values[:, 2:] + middles[:, None]))
        scores.append(sure[chosen])
    return _merged(np.concatenate(boxes), np.concatenate(points), np.concatenate(scores))


def _merged(boxes: np.ndarray, points: np.ndarray, scores: np.ndarray) -> list[Found]:
    """Those that overlap as one, each weighed by its score. boxes: (n, 4); points: (n, p, 2); scores: (n,)."""
    order = np.argsort(-scores, kind="stable")[:_MOST]
    boxes, points, scores = boxes[order].astype(np.float64), points[order].astype(np.float64), scores[order]
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    found = []
    while len(boxes):
        low, high = np.maximum(boxes[:, :2], boxes[0, :2]), np.minimum(boxes[:, 2:], boxes[0, 2:])
        shared = np.prod(np.maximum(high - low, 0), axis=1)
        same = shared > SAME * np.maximum(areas + areas[0] - shared, 1e-6)
        same[0] = True
        weights = scores[same] / scores[same].sum()
        found.append(Found(weights @ boxes[same], np.einsum("n,npc->pc", weights, points[same]), float(scores[0])))
        boxes, points, scores, areas = boxes[~same], points[~same], scores[~same], areas[~same]
    return found


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
    """Squares that cover a picture, each of a share of its longer side, a third of them shared."""
    side = max(share, _LEAST_SHARE) * max(picture.width, picture.height)
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


def _smaller(picture: Picture) -> Picture:
    """The picture with no more pixels than the search for small things needs, so that large ones are read once."""
    scale = _ENOUGH / max(picture.width, picture.height)
    if scale > 0.7:
        return picture
    shape = max(1, round(picture.height * scale)), max(1, round(picture.width * scale))
    values, _ = average(picture.pixels, (0, 0, picture.width, picture.height), shape, premultiply=True)
    values[..., :3] *= 255 / np.maximum(values[..., 3:], 1)
    return Picture(values.round().clip(0, 255).astype(np.uint8), picture.name)
