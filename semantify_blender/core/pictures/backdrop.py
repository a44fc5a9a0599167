"""A plain backdrop behind a figure: a smooth colour surface, fitted so that the figure itself does not pull at it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .components import border, box_sums, highest_near, label_parts, shrunk

MOST_NOISE = 9.0
LEAST_PLAIN_BORDER = 0.58
HALO, RIPPLE = 0.12, 0.055
_TUKEY = 4.7
_FEW = 48
"""Pixels along an axis that are enough for fitting a smooth surface."""


@dataclass(frozen=True, eq=False)
class Backdrop:
    """colours: (h, w, 3) float32 of the surface. distance: (h, w) float32 of each pixel to it. threshold: distances
    below it may be backdrop. highest: (h, w) float32, the highest distance near by, beside which compression leaves
    ripples. plain: (h, w) bool, the backdrop that reaches the border."""

    colours: np.ndarray
    distance: np.ndarray
    threshold: float
    highest: np.ndarray
    plain: np.ndarray


def find_backdrop(colours: np.ndarray, halo: int) -> Backdrop | None:
    """The plain backdrop of a small picture (h, w, 3) float32 0..255, one colour or a smooth gradient; None if busy.

    halo: pixels, how far strong contours may disturb the backdrop beside them.
    """
    height, width = colours.shape[:2]
    surface = _surface(colours)
    if surface is None:
        return None
    fitted = (_terms(height, width, 1) @ surface).reshape(height, width, 3)
    distance = _length(colours - fitted)
    threshold, share = _threshold(distance[_at_edge(height, width)])
    if share < LEAST_PLAIN_BORDER:
        return None
    highest = highest_near(distance, halo)
    plain = _reaching_border(~_foreign(colours - fitted, distance, threshold, highest))
    return Backdrop(fitted, distance, threshold, highest, plain)


def _surface(colours: np.ndarray) -> np.ndarray | None:
    """(10, 3) coefficients of the terms that give the backdrop's colours, by every other pixel; None if it is busy."""
    height, width = colours.shape[:2]
    step = 2 if min(height, width) >= 2 * _FEW else 1
    terms, edge = _terms(height, width, step), _at_edge(height, width)[::step, ::step].ravel()
    shape = colours[::step, ::step].shape[:2]
    values = colours[::step, ::step].reshape(-1, 3)
    surface = _robust_fit(terms[edge][:, :6], values[edge])
    for used in (6, 10):
        distance = _length(values - terms[:, : len(surface)] @ surface)
        threshold, share = _threshold(distance[edge])
        if share < LEAST_PLAIN_BORDER:
            return None
        plain = _reaching_border((distance < threshold).reshape(shape))
        # the pixels beside the figure are mixed with it
        sure = np.flatnonzero(shrunk(plain, 2 // step).ravel())
        if len(sure) < 20 * used:
            return None
        surface = _least_squares(terms[sure][:, :used], values[sure], None)
    return surface


def _foreign(difference: np.ndarray, distance: np.ndarray, threshold: float, highest: np.ndarray) -> np.ndarray:
    """Where a picture is surely not backdrop, (h, w) bool.

    Beside strong contours JPEG compression leaves ripples as high as pale parts of a figure; ripples have no colour of
    their own, so the mean over a neighbourhood tells them from a limb.
    """
    strong = distance > np.maximum(threshold, HALO * highest)
    weak = (distance > threshold) & ~strong
    if not weak.any():
        return strong
    calm = (~strong)[..., None].astype(np.float32)
    sums = box_sums(np.concatenate([difference * calm, calm], 2), 2)
    mean = _length(sums[..., :3]) / np.maximum(sums[..., 3], 1)
    return strong | (weak & (mean > np.maximum(0.7 * threshold, RIPPLE * highest)))


@lru_cache(maxsize=8)
def _terms(height: int, width: int, step: int) -> np.ndarray:
    """(n, 10) float32: the powers of x and y up to the third, the first six being those up to the second, at every
    `step`-th pixel along both axes."""
    y, x = np.mgrid[:height:step, :width:step].astype(np.float32)
    x, y = (2 * x / max(width - 1, 1) - 1).ravel(), (2 * y / max(height - 1, 1) - 1).ravel()
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y, x**3, x * x * y, x * y * y, y**3], 1)


@lru_cache(maxsize=8)
def _at_edge(height: int, width: int) -> np.ndarray:
    """(h, w) bool: the pixels of a thin frame at the border."""
    edge = np.ones((height, width), bool)
    thick = max(1, round(0.015 * min(height, width)))
    edge[thick:-thick, thick:-thick] = False
    return edge


def _robust_fit(terms: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(t, 3) coefficients from (n, t) terms and (n, 3) colours, up to 40 % of which may belong to something else."""
    weights: np.ndarray = np.ones(len(terms), np.float32)
    surface = np.zeros((terms.shape[1], 3), np.float32)
    for step in range(16):
        surface = _least_squares(terms, values, weights)
        distance = _length(values - terms @ surface)
        if step < 8:  # least absolute deviations find the majority …
            weights = 1 / np.maximum(distance, 0.5)
        else:  # … and then only it is asked
            reach = _TUKEY * max(1.4826 * float(np.median(distance)), 1.0)
            weights = np.maximum(1 - (distance / reach) ** 2, 0) ** 2
    return surface


def _least_squares(terms: np.ndarray, values: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    weighted = terms if weights is None else terms * weights[:, None]
    # a trace of ridge keeps terms apart that the pixels asked cannot tell
    normal = (weighted.T @ terms).astype(np.float64) + 1e-4 * np.eye(terms.shape[1])
    return np.linalg.solve(normal, weighted.T @ values).astype(np.float32)


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.einsum("...c,...c->...", vectors, vectors))


def _threshold(edge: np.ndarray) -> tuple[float, float]:
    """The distance that backdrop pixels do not reach, and the share of the border (n,) that lies below it."""
    spread = float(np.quantile(edge, 0.5))
    near = edge[edge < 4 * max(spread, 0.7)]
    noise = float(np.sqrt((near**2).mean()))
    if noise > MOST_NOISE:
        return 0.0, 0.0
    threshold = 3.0 * noise + 3.0
    return threshold, float((edge < threshold).mean())


def _reaching_border(candidate: np.ndarray) -> np.ndarray:
    """The parts of a mask that touch the border, other than by a few pixels."""
    labels, areas = label_parts(candidate)
    contact = np.bincount(border(labels), minlength=len(areas))
    keep = contact >= 3
    keep[0] = False
    return keep[labels]
