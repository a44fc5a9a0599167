"""Smooth lines, dots and outlines drawn over a picture, in NumPy."""

import itertools
from collections.abc import Sequence

import numpy as np

Colour = tuple[int, int, int]


def draw_line(picture: np.ndarray, points: np.ndarray, colour: Colour, width: float, strength: float = 1.0) -> None:
    """A path through points (n, 2) as x, y in pixels, in place; what lies outside of the picture (h, w, 3) float32 is
    left out. width: pixels. strength: 0..1; where the parts of a path meet they do not add up."""
    points = np.asarray(points, np.float32)
    if not np.isfinite(points).all():
        return
    reach = width / 2 + 1
    box = _window(picture, points.min(0) - reach, points.max(0) + reach)
    if box is None:
        return
    nearest = np.full((box[0].stop - box[0].start, box[1].stop - box[1].start), np.inf, np.float32)
    for a, b in itertools.pairwise(points) if len(points) > 1 else [(points[0], points[0])]:
        part = _window(picture, np.minimum(a, b) - reach, np.maximum(a, b) + reach)
        if part is None:
            continue
        inner = tuple(slice(s.start - o.start, s.stop - o.start) for s, o in zip(part, box, strict=True))
        nearest[inner] = np.minimum(nearest[inner], _distance(part, a, b))
    _blend(picture[box], strength * (reach - 0.5 - nearest).clip(0, 1), colour)


def draw_dot(picture: np.ndarray, point: Sequence[float], colour: Colour, width: float, strength: float = 1.0) -> None:
    """A disc around x, y in pixels, as a line of no length."""
    draw_line(picture, np.array([point]), colour, width, strength)


def draw_outline(picture: np.ndarray, mask: np.ndarray, colour: Colour, width: float) -> None:
    """The line where a mask (h, w) float32 0..1 passes ½, in place."""
    # half a pixel of blur, so that a hard mask has slopes
    padded = np.pad(mask, 1, mode="edge")
    soft = (4 * padded[1:-1, 1:-1] + padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 8
    down, across = (np.gradient(soft, axis=axis) if soft.shape[axis] > 1 else np.zeros_like(soft) for axis in (0, 1))
    distance = np.abs(soft - 0.5) / np.maximum(np.hypot(down, across), 1e-3)
    _blend(picture, (width / 2 + 0.5 - distance).clip(0, 1), colour)


def _window(picture: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[slice, slice] | None:
    """The rows and columns of a picture between two corners x, y; None where they lie outside."""
    height, width = picture.shape[:2]
    left, top = (max(0, int(np.floor(min(value, 1e6)))) for value in low)
    right, bottom = (
        min(most, int(np.ceil(max(value, -1.0)))) for value, most in zip(high, (width, height), strict=True)
    )
    return (slice(top, bottom), slice(left, right)) if right > left and bottom > top else None


def _distance(part: tuple[slice, slice], a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """From the middles of pixels (h, w) to the line from a to b."""
    rows, columns = part
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] + 0.5 - a[1]
    x = np.arange(columns.start, columns.stop, dtype=np.float32)[None] + 0.5 - a[0]
    along = b - a
    share = ((x * along[0] + y * along[1]) / max(float(along @ along), 1e-6)).clip(0, 1)
    return np.hypot(x - share * along[0], y - share * along[1])


def _blend(part: np.ndarray, share: np.ndarray, colour: Colour) -> None:
    part += share[..., None] * (np.array(colour, np.float32) - part)
