"""Area-averaging of a part of a picture to another size, in NumPy: the same numbers whoever decoded the picture."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .picture import Box

_ROWS, _COLUMNS = 56, 128
"""About as many pixels of an axis are averaged together: few enough to stay in the processor's cache."""


def average(
    pixels: np.ndarray, box: Box, shape: tuple[int, int], premultiply: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Mean values of a box of the picture, on a grid of `shape` (h, w).

    pixels: (H, W, C) uint8 or float32. premultiply: weigh the first three of four channels by the fourth, 0..255.
    Returns values (h, w, C) float32, zero where the box lies outside, and coverage (h, w) float32: the share of each
    cell that lies inside; the values are already multiplied by it. Where the box holds fewer pixels than the grid,
    the values are interpolated.
    """
    left, top, right, bottom = box
    rows = _Cells.of(top, bottom, shape[0], pixels.shape[0])
    columns = _Cells.of(left, right, shape[1], pixels.shape[1])
    coverage = np.outer(rows.coverage, columns.coverage).astype(np.float32)
    channels = pixels.shape[2]
    if not coverage.any():
        return np.zeros((*shape, channels), np.float32), coverage
    first, last = int(columns.low.min()), int(np.ceil(columns.high.max()))
    # channel by channel, so that every sum is a product of matrices
    lines = np.empty((channels, shape[0], last - first), np.float32)
    memory = np.empty(0, np.float32)
    for cells, inside, weights in rows.bands(_ROWS):
        block = pixels[inside, first:last].transpose(2, 0, 1)
        if memory.size < block.size:
            memory = np.empty(block.size, np.float32)
        planes = memory[: block.size].reshape(block.shape)
        np.copyto(planes, block)
        if premultiply:
            planes[:3] *= planes[3] * np.float32(1 / 255)
        np.matmul(weights, planes, out=lines[:, cells])
    values = np.empty((channels, *shape), np.float32)
    for cells, inside, weights in columns.bands(_COLUMNS, first):
        np.matmul(lines[..., inside], weights.T, out=values[..., cells])
    return np.ascontiguousarray(values.transpose(1, 2, 0)), coverage


@dataclass(frozen=True, eq=False)
class _Cells:
    """The cells of one axis. low, high: (n,) both ends of each in pixels, kept inside the picture. coverage: (n,) the
    share of each that was inside."""

    low: np.ndarray
    high: np.ndarray
    coverage: np.ndarray

    @classmethod
    def of(cls, low: float, high: float, count: int, limit: int) -> "_Cells":
        """`count` cells from low to high on an axis of `limit` pixels."""
        edges = np.linspace(low, high, count + 1)
        starts, stops = edges[:-1], edges[1:]
        size = (high - low) / count
        coverage = (stops.clip(0, limit) - starts.clip(0, limit)) / size
        # a cell smaller than a pixel takes a pixel's width, which interpolates between neighbours
        more = max(0.0, 1.0 - size) / 2
        starts, stops = (starts - more).clip(0, limit), (stops + more).clip(0, limit)
        return cls(starts, stops, np.where(stops - starts > 1e-6, coverage, 0))

    def bands(self, pixels: int, origin: int = 0) -> Iterator[tuple[slice, slice, np.ndarray]]:
        """A few cells at a time, of about so many pixels: which they are, the pixels that they cover, counted from
        `origin`, and the weights (cells, pixels) float32 of those in the means, times the coverage."""
        firsts, lasts = np.floor(self.low).astype(int), np.ceil(self.high).astype(int)
        share = self.coverage / np.maximum(self.high - self.low, 1e-6)
        width = max(1.0, float(np.median(self.high - self.low)))
        few = max(1, int(pixels / width))
        for start in range(0, len(share), few):
            cells = slice(start, min(start + few, len(share)))
            first, last = int(firsts[cells.start]), int(lasts[cells.stop - 1])
            places = np.arange(first, last + 1.0)
            inside = np.minimum(self.high[cells, None], places[1:]) - np.maximum(self.low[cells, None], places[:-1])
            weights = (np.maximum(inside, 0) * share[cells, None]).astype(np.float32)
            yield cells, slice(first - origin, last - origin), weights
