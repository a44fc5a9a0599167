"""What the shape of a mask says: a figure, several of them, or only the rim of a picture in a picture."""

import numpy as np

from .components import label_parts
from .found import bounds_of

LEAST_AREA = 0.0012
"""Share of the looked-at part of the picture that a figure covers."""
LEAST_SIDE = 8
LIKE = 0.4
"""Share of the largest figure's area from which another one is of like size."""
_FILLED = 0.93
_CONVEX, _NEARLY_CONVEX = 0.97, 0.9
_MIRRORED = 0.95
_HEAD = 0.78, 2.0
"""What is above the shoulders of a portrait: share of its height, and height to width."""


def significant(figure: np.ndarray) -> np.ndarray:
    """The parts of a mask (h, w) bool that are not specks."""
    labels, areas = label_parts(figure, diagonal=True)
    keep = areas >= 0.02 * areas.max()
    keep[0] = False
    return keep[labels]


def is_large_enough(figure: np.ndarray) -> bool:
    """Whether a mask (h, w) bool is more than a speck or a line."""
    left, top, right, bottom = bounds_of(figure)
    return figure.mean() >= LEAST_AREA and min(right - left, bottom - top) >= LEAST_SIDE


def figures_beside(figure: np.ndarray) -> list[np.ndarray]:
    """The parts (h, w) bool of like size that stand beside each other, the largest first: one, or several figures.

    What lies above each other may be one figure in pieces, as with a belt in the backdrop's colour.
    """
    labels, areas = label_parts(figure, diagonal=True)
    order = np.argsort(-areas, kind="stable")
    alike = [labels == part for part in order if areas[part] >= max(LIKE * areas.max(), 1)]
    spans = [bounds_of(part) for part in alike]
    beside = [alike[i] for i, span in enumerate(spans) if all(_are_beside(span, other) for other in spans[:i])]
    return beside if len(beside) > 1 else alike[:1]


def _are_beside(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    """Whether two bounds have few columns in common."""
    common = min(one[2], other[2]) - max(one[0], other[0])
    return common < 0.5 * min(one[2] - one[0], other[2] - other[0])


def is_rim(part: np.ndarray) -> bool:
    """Whether the outline of a mask (h, w) bool says nothing about a figure: that of a picture in a frame, a window,
    a round portrait, a badge or a vignette. They are full, bulge everywhere, or are the same upside down; figures have
    hollows."""
    left, top, right, bottom = bounds_of(part)
    inner = part[top:bottom, left:right]
    if not inner.size:
        return True
    solid = inner.sum() / _hull_area(inner)
    flipped = (inner & inner[::-1]).sum() > _MIRRORED * (inner | inner[::-1]).sum()
    return bool(inner.mean() > _FILLED or solid > _CONVEX or (flipped and solid > _NEARLY_CONVEX))


def is_portrait(figure: np.ndarray) -> bool:
    """Whether a mask (h, w) bool that leaves its picture on both sides is a head on shoulders.

    Otherwise it may be a figure with the floor that it stands on: long for its width, and the floor low beneath it.
    """
    left, top, right, bottom = bounds_of(figure)
    inner = figure[top:bottom, left:right]
    wide = np.array([np.ptp(np.flatnonzero(row)) + 1 if row.any() else 0 for row in inner])
    broad = np.flatnonzero(wide > 0.8 * inner.shape[1])
    head = int(broad[0]) if len(broad) else len(inner)
    return head <= _HEAD[0] * len(inner) and head <= _HEAD[1] * max(1, int(wide[: max(1, head)].max()))


def with_holes_filled(figure: np.ndarray) -> np.ndarray:
    """A mask (h, w) bool without what it encloses."""
    padded = np.pad(~figure, 1, constant_values=True)
    labels, _ = label_parts(padded)
    return (labels != labels[0, 0])[1:-1, 1:-1]


def _hull_area(inner: np.ndarray) -> float:
    """Pixels inside the convex hull of a mask (h, w) bool; h, w of its own bounds."""
    rows = np.flatnonzero(inner.any(1))
    low, high = inner[rows].argmax(1), inner.shape[1] - inner[rows, ::-1].argmax(1)
    # the corners of each row's first and last pixel, from above to below
    lower = _chain(
        list(zip(np.repeat(low, 2).tolist(), np.stack([rows, rows + 1], 1).ravel().tolist(), strict=True)), 1
    )
    upper = _chain(
        list(zip(np.repeat(high, 2).tolist(), np.stack([rows, rows + 1], 1).ravel().tolist(), strict=True)), -1
    )
    x, y = np.array(lower + upper[::-1], float).T
    return abs(float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum())) / 2


def _chain(points: list[tuple[int, int]], side: int) -> list[tuple[int, int]]:
    """The points (x, y), ordered by y, that lie furthest to the left (side 1) or to the right (−1): half a hull."""
    chain: list[tuple[int, int]] = []
    for x, y in points:
        while len(chain) > 1:
            (x0, y0), (x1, y1) = chain[-2:]
            if side * ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) < 0:
                break
            chain.pop()
        chain.append((x, y))
    return chain
