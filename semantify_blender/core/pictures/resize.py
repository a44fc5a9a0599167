"""Area-averaging of a part of a picture to another size, in NumPy: the same numbers whoever decoded the picture."""

import numpy as np

from .picture import Box


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
    low, high, row_coverage = _cells(top, bottom, shape[0], pixels.shape[0])
    side_low, side_high, column_coverage = _cells(left, right, shape[1], pixels.shape[1])
    coverage = np.outer(row_coverage, column_coverage).astype(np.float32)
    channels = pixels.shape[2]
    if not coverage.any():
        return np.zeros((*shape, channels), np.float32), coverage
    first, last = int(side_low.min()), int(np.ceil(side_high.max()))
    lines = _averaged_rows(pixels[:, first:last], low, high, row_coverage, premultiply)
    values = _averaged_columns(lines, side_low - first, side_high - first, column_coverage)
    return values, coverage


def _cells(low: float, high: float, count: int, limit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both ends of each of `count` cells of an axis in pixels, kept inside 0..limit, and the share that was inside."""
    edges = np.linspace(low, high, count + 1)
    starts, stops = edges[:-1], edges[1:]
    size = (high - low) / count
    coverage = (stops.clip(0, limit) - starts.clip(0, limit)) / size
    # a cell smaller than a pixel takes a pixel's width, which interpolates between neighbours
    more = max(0.0, 1.0 - size) / 2
    starts, stops = (starts - more).clip(0, limit), (stops + more).clip(0, limit)
    return starts, stops, np.where(stops - starts > 1e-6, coverage, 0)


def _averaged_rows(
    pixels: np.ndarray, low: np.ndarray, high: np.ndarray, coverage: np.ndarray, premultiply: bool
) -> np.ndarray:
    """(h, W, C) float32: the mean of the rows low..high of each cell times its coverage."""
    lines = np.zeros((len(low), *pixels.shape[1:]), np.float32)
    firsts, lasts = np.floor(low).astype(int), np.ceil(high).astype(int)
    for i in np.flatnonzero(coverage):
        block = pixels[firsts[i] : lasts[i]]
        weights = np.ones(len(block), np.float32)
        weights[0] -= low[i] - firsts[i]
        weights[-1] -= lasts[i] - high[i]
        weights *= np.float32(coverage[i] / (high[i] - low[i]))
        if premultiply:
            lines[i] = _premultiplied(block, weights)
        else:
            lines[i] = (weights @ block.astype(np.float32).reshape(len(block), -1)).reshape(block.shape[1:])
    return lines


def _premultiplied(block: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted sum over the rows of (n, W, 4) straight RGBA as (W, 4) premultiplied; by planes, for speed."""
    alpha = block[..., 3] * weights[:, None]
    planes = [np.einsum("nw,nw->w", block[..., c], alpha, dtype=np.float32, casting="unsafe") / 255 for c in range(3)]
    return np.stack([*planes, alpha.sum(0)], 1)


def _averaged_columns(lines: np.ndarray, low: np.ndarray, high: np.ndarray, coverage: np.ndarray) -> np.ndarray:
    """(h, w, C) float32: the same along the rows of (h, W, C), as differences of running sums."""
    height, width, channels = lines.shape
    across = np.ascontiguousarray(lines.swapaxes(0, 1)).reshape(width, -1)
    sums = np.zeros((width + 1, across.shape[1]))
    np.cumsum(across, axis=0, out=sums[1:])

    def until(place: np.ndarray) -> np.ndarray:
        whole = np.minimum(np.floor(place).astype(int), width - 1)
        return sums[whole] + (place - whole)[:, None] * across[whole]

    share = coverage / np.maximum(high - low, 1e-6)
    values = ((until(high) - until(low)) * share[:, None]).astype(np.float32)
    return np.ascontiguousarray(values.reshape(-1, height, channels).swapaxes(0, 1))
