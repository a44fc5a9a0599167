"""Connected parts of a mask, by its horizontal runs: fast in NumPy however large the parts are."""

import numpy as np


def label_parts(mask: np.ndarray, diagonal: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Number the connected parts of a mask (h, w) bool; diagonal: touching corners connect too.

    Returns labels (h, w) int32, 0 outside and 1..n inside, and areas (n + 1,) int64 in pixels with areas[0] = 0.
    """
    height, width = mask.shape
    # one empty column more, so that no run reaches into the next row
    padded = np.zeros(1 + height * (width + 1), bool)
    padded[1:].reshape(height, width + 1)[:, :width] = mask
    changes = np.flatnonzero(padded[1:] != padded[:-1])
    starts, stops = changes[::2], changes[1::2]
    labels = np.zeros((height, width), np.int32)
    if not len(starts):
        return labels, np.zeros(1, np.int64)
    reach = 1 if diagonal else 0
    upper, lower = _touching(starts, stops, width + 1, reach)
    parts = _joined(len(starts), upper, lower)
    lengths = stops - starts
    labels[mask] = np.repeat(parts + 1, lengths)
    return labels, np.bincount(parts + 1, lengths).astype(np.int64)


def _touching(starts: np.ndarray, stops: np.ndarray, row: int, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of runs (upper, lower) that touch; the lower one is shifted up by a row to be compared."""
    first = np.searchsorted(stops, starts - row - reach, side="right")
    last = np.searchsorted(starts, stops - row + reach, side="left")
    counts = np.maximum(last - first, 0)
    lower = np.repeat(np.arange(len(starts)), counts)
    upper = np.arange(len(lower)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    return upper, lower


def _joined(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Part number 0..n-1 of each of `count` runs, from pairs that belong together."""
    root = np.arange(count)
    while True:
        a, b = root[one], root[other]
        differ = a != b
        if not differ.any():
            break
        low, high = np.minimum(a, b)[differ], np.maximum(a, b)[differ]
        np.minimum.at(root, high, low)
        while True:  # every run points straight at the first of its part
            further = root[root]
            if np.array_equal(further, root):
                break
            root = further
    return np.unique(root, return_inverse=True)[1].reshape(-1)


def border(mask: np.ndarray) -> np.ndarray:
    """The values on the outermost pixels of an array (h, w), clockwise from the top left."""
    return np.concatenate([mask[0], mask[1:, -1], mask[-1, -2::-1], mask[-2:0:-1, 0]])


def grown(mask: np.ndarray, steps: int = 1) -> np.ndarray:
    """A mask (h, w) bool with every pixel that touches it along a side, `steps` times."""
    for _ in range(steps):
        wider = mask.copy()
        wider[1:] |= mask[:-1]
        wider[:-1] |= mask[1:]
        wider[:, 1:] |= mask[:, :-1]
        wider[:, :-1] |= mask[:, 1:]
        mask = wider
    return mask


def shrunk(mask: np.ndarray, steps: int = 1) -> np.ndarray:
    """A mask (h, w) bool without the pixels within `steps` of its outside; the picture's border is no outside."""
    return ~grown(~mask, steps)


def highest_near(values: np.ndarray, radius: int) -> np.ndarray:
    """The highest value (h, w) within `radius` pixels along both axes."""
    for axis in (0, 1):
        moved = values if axis == 0 else values.T
        padded = np.pad(moved, ((radius, radius), (0, 0)), mode="edge")
        size, reach = len(moved), 1
        while reach < 2 * radius + 1:  # doubling windows: each step looks twice as far
            step = min(reach, 2 * radius + 1 - reach)
            padded = np.maximum(padded[: len(padded) - step], padded[step:])
            reach += step
        values = padded[:size] if axis == 0 else padded[:size].T
    return values


def box_sums(values: np.ndarray, radius: int) -> np.ndarray:
    """Sums (h, w, c) over a square of 2 · radius + 1 pixels around each pixel; nothing is outside."""
    for axis in (0, 1):
        padding = [(0, 0)] * values.ndim
        padding[axis] = (radius, radius)
        padded = np.pad(values, padding)
        size = values.shape[axis]
        shifted = [padded[i : i + size] if axis == 0 else padded[:, i : i + size] for i in range(2 * radius + 1)]
        values = _added(shifted)
    return values


def _added(arrays: list[np.ndarray]) -> np.ndarray:
    total = arrays[0] + arrays[1]
    for array in arrays[2:]:
        total += array
    return total
