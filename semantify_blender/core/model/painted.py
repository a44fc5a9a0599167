"""What each face of a model shows where lines are painted over its regions (`MorphableModel.paint`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .morphable_model import MorphableModel
from .paint import EDGE

FIGURE = ("skin", "hair", "brows", "lips", "nails", "eyes", "iris", "pupil")
"""What paints are drawn as, in the order in which they lie over each other, and upon: skin and eyes."""

_MARGIN = 48
"""Numbers between two places of a face that are looked at, 3 mm: no line hides between them."""


def shown_regions(model: MorphableModel) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Regions that are not painted, name -> (F,) bool, and the number of the one that each face shows (F,) int32.

    The last of the names is "skin", which faces of no other region show.
    """
    kept = {name: mask for name, mask in model.regions.items() if name not in model.paint and name != "skin"}
    index = np.full(model.face_count, len(kept), np.int32)
    for number, mask in enumerate(kept.values()):
        index[mask] = number
    return {**kept, "skin": index == len(kept)}, index


def levels(paint: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Numbers of a paint at places in UVs (..., 2); 0 outside 0..1. Returns (...) uint8."""
    size = len(paint)
    column, row = np.moveaxis(np.floor(uv * size).astype(np.int64), -1, 0)
    there = ((uv >= 0) & (uv <= 1)).all(-1)
    return np.where(there, paint[row.clip(0, size - 1), column.clip(0, size - 1)], 0).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class PaintedFaces:
    """Which faces need no look at the paint: those that lie inside a line as a whole, or outside of all.

    inside: name -> (F,) bool, wholly inside, and drawn over by no other. crossed: (F,) bool, some line may run
    through; they alone need the picture itself.
    """

    inside: dict[str, np.ndarray]
    crossed: np.ndarray

    @classmethod
    def of(cls, model: MorphableModel) -> PaintedFaces:
        """Look at a model's paints at places all over each face."""
        inside: dict[str, np.ndarray] = {}
        crossed = np.zeros(model.face_count, bool)
        if model.uv is None:
            return cls(inside, crossed)
        places = _places(model.uv, model.face_offsets)
        starts = model.face_offsets[:-1]
        for name in FIGURE:
            if name in model.paint:
                found = levels(model.paint[name], places).astype(np.int16)
                lowest = np.minimum.reduceat(found.min(0), starts)
                highest = np.maximum.reduceat(found.max(0), starts)
                crossed |= (highest > EDGE - _MARGIN) & (lowest < EDGE + _MARGIN)
                whole = lowest >= EDGE + _MARGIN
                inside = {other: mask & ~whole for other, mask in inside.items()} | {name: whole}
        return cls({name: mask & ~crossed for name, mask in inside.items()}, crossed)


def _places(uv: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """(15, L, 2) places: a grid over the triangle of each corner, the next one and the face's middle."""
    sizes = np.diff(offsets)
    following = np.arange(len(uv)) + 1
    following[offsets[1:] - 1] = offsets[:-1]
    middle = np.repeat(np.add.reduceat(uv, offsets[:-1]) / sizes[:, None], sizes, 0)
    steps = [(i / 4, j / 4, 1 - (i + j) / 4) for i in range(5) for j in range(5 - i)]
    return np.stack([a * uv + b * uv[following] + c * middle for a, b, c in steps])


def painted_colours(model: MorphableModel, colours: np.ndarray, palette: Mapping[str, tuple[float, ...]]) -> np.ndarray:
    """(L, n) colours of corners with the paints on them, for what shows no textures. colours: (L, n), left as it is."""
    found = np.array(colours)
    uv = np.full((len(found), 2), -1.0) if model.uv is None else model.uv
    for name in FIGURE:
        if name in model.paint:
            found[levels(model.paint[name], uv) > EDGE] = palette[name]
    return found
