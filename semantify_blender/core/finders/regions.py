"""Turned squares of a picture: what a network looks at, and the way back from its pixels to the picture's."""

import math
from dataclasses import dataclass

import numpy as np

from ..pictures.picture import Box, Picture
from ..pictures.resize import average

_SAMPLES = 2
"""Pixels of each axis that are enough to average to one: a camera's picture has many times as many."""
_FINER = 1.5
"""Pixels that are averaged to a pixel's width before the square is turned, so that nothing fine flickers."""


@dataclass(frozen=True)
class Region:
    """A square. x, y: its middle in pixels of the picture. side: pixels. turn: radians, clockwise as seen."""

    x: float
    y: float
    side: float
    turn: float = 0.0

    @property
    def box(self) -> Box:
        """The smallest upright box around it."""
        half = self.side / 2 * (abs(math.cos(self.turn)) + abs(math.sin(self.turn)))
        return self.x - half, self.y - half, self.x + half, self.y + half

    def to_picture(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 2) in shares of the square, (0, 0) its upper left corner, in pixels of the picture."""
        c, s = math.cos(self.turn), math.sin(self.turn)
        off = (np.asarray(points, np.float32) - 0.5) * np.float32(self.side)
        return off @ np.array([[c, s], [-s, c]], np.float32) + np.array([self.x, self.y], np.float32)

    def to_shares(self, points: np.ndarray) -> np.ndarray:
        """The way back."""
        c, s = math.cos(self.turn), math.sin(self.turn)
        off = np.asarray(points, np.float32) - np.array([self.x, self.y], np.float32)
        return off @ np.array([[c, -s], [s, c]], np.float32) / np.float32(self.side) + np.float32(0.5)

    def is_near(self, other: "Region") -> bool:
        """Whether a network sees much the same in both."""
        apart = math.hypot(self.x - other.x, self.y - other.y) / self.side
        turned = abs((self.turn - other.turn + math.pi) % (2 * math.pi) - math.pi)
        return apart < 0.06 and 0.9 < other.side / self.side < 1.1 and turned < math.radians(8)


def pixels_of(picture: Picture, region: Region, size: int, repeat: bool) -> np.ndarray:
    """A region as (size, size, 3) float32, 0..255, transparent pixels on grey.

    repeat: outside the picture its border goes on; otherwise it is black.
    """
    left, top, right, _ = region.box
    count = max(1, math.ceil(size * _FINER * (right - left) / region.side)) if region.turn else size
    pixels, box = _thinned(picture.pixels, region.box, count)
    if pixels[..., 3].min() == 255:
        colours, coverage = average(pixels[..., :3], box, (count, count))
    else:
        values, coverage = average(pixels, box, (count, count), premultiply=True)
        colours = values[..., :3] + (coverage[..., None] - values[..., 3:] / 255) * 128
    if repeat and coverage.min() < 1:
        colours = _repeated(colours, coverage)
    if not region.turn:
        return colours
    steps = (np.arange(size, dtype=np.float32) + 0.5) / size
    places = region.to_picture(np.stack(np.meshgrid(steps, steps), -1))
    scale = count / (right - left)
    return sampled(colours, np.asarray((places - np.array([left, top], np.float32)) * np.float32(scale)))


def _thinned(pixels: np.ndarray, box: Box, count: int) -> tuple[np.ndarray, Box]:
    """Every n-th pixel, where that leaves enough for each of `count` cells of a box, and the box in those."""
    step = int((box[2] - box[0]) / (_SAMPLES * count))
    if step < 2 or step * _SAMPLES > min(pixels.shape[:2]):
        return pixels, box
    first = step // 2
    shift = first + 0.5 - step / 2
    left, top, right, bottom = ((side - shift) / step for side in box)
    return pixels[first::step, first::step], (left, top, right, bottom)


def _repeated(colours: np.ndarray, coverage: np.ndarray) -> np.ndarray:
    """Where the picture ends, its border goes on."""
    rows, columns = coverage.max(1) > 0.5, coverage.max(0) > 0.5
    if not rows.any() or not columns.any():
        return colours
    whole = colours / np.maximum(coverage, 1e-3)[..., None]
    at_row = np.clip(np.arange(len(rows)), *np.flatnonzero(rows)[[0, -1]])
    at_column = np.clip(np.arange(len(columns)), *np.flatnonzero(columns)[[0, -1]])
    return whole[np.ix_(at_row, at_column)]


def sampled(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Bilinear values of a map (h, w, c) at points (..., 2), pixels; beyond the border as at the border."""
    height, width = values.shape[:2]
    x = np.clip(points[..., 0] - 0.5, 0, width - 1)
    y = np.clip(points[..., 1] - 0.5, 0, height - 1)
    column, row = np.minimum(x.astype(np.int32), max(width - 2, 0)), np.minimum(y.astype(np.int32), max(height - 2, 0))
    right, below = np.minimum(column + 1, width - 1), np.minimum(row + 1, height - 1)
    u, v = (x - column)[..., None], (y - row)[..., None]
    upper = values[row, column] * (1 - u) + values[row, right] * u
    lower = values[below, column] * (1 - u) + values[below, right] * u
    return upper * (1 - v) + lower * v


def mask_in_picture(mask: np.ndarray, region: Region, box: Box, shape: tuple[int, int]) -> np.ndarray:
    """A mask (S, S) over a region on a grid (h, w) over an upright box of the picture; zero outside the region."""
    left, top, right, bottom = box
    rows = top + (np.arange(shape[0], dtype=np.float32) + 0.5) * np.float32((bottom - top) / shape[0])
    columns = left + (np.arange(shape[1], dtype=np.float32) + 0.5) * np.float32((right - left) / shape[1])
    places = region.to_shares(np.stack(np.meshgrid(columns, rows), -1))
    inside = ((places >= 0) & (places <= 1)).all(-1)
    return np.where(inside, sampled(mask[..., None], places * len(mask))[..., 0], 0).astype(np.float32)
