"""Smooth colour surfaces over a picture: polynomials, and such with a seam where a wall meets a floor."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

_TUKEY = 4.7
_RIDGE = 1e-4
_WIDTHS = (0.4, 1.5, 3.0, 6.0, 10.0)
"""Softness of seams, in pixels."""


@dataclass(frozen=True)
class Seam:
    """A floor that begins at a line from the left to the right end of a picture: heights y of both in pixels, and how
    soft the change is, in pixels."""

    left: float
    right: float
    softness: float

    def below(self, height: int, width: int) -> np.ndarray:
        """(h, w) float32: 0 on the wall, 1 on the floor."""
        y = np.arange(height, dtype=np.float32)[:, None] - self.line(width)
        return (1 / (1 + np.exp(-(y / np.float32(self.softness)).clip(-30, 30)))).astype(np.float32)

    def line(self, width: int) -> np.ndarray:
        """(w,) float32: its height y at each column."""
        return np.linspace(self.left, self.right, width, dtype=np.float32)


@lru_cache(maxsize=16)
def polynomials(height: int, width: int, degree: int) -> np.ndarray:
    """(t, h · w) float32: Chebyshev polynomials of x and y of together at most a degree, those of low degree first."""
    across, down = (np.polynomial.chebyshev.chebvander(np.linspace(-1, 1, n), degree) for n in (width, height))
    pairs = sorted(((i, j) for i in range(degree + 1) for j in range(degree + 1 - i)), key=sum)
    return np.stack([np.outer(down[:, j], across[:, i]).ravel() for i, j in pairs]).astype(np.float32)


def with_seam(terms: np.ndarray, seam: Seam, height: int, width: int) -> np.ndarray:
    """Terms (t, h · w) with two more: the floor's own colour, and how that changes downwards."""
    below = seam.below(height, width)
    down = below * np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    return np.concatenate([terms, below.reshape(1, -1), down.reshape(1, -1)])


def robust_fit(terms: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(t, 3) coefficients from (t, n) terms and (n, 3) colours, up to 40 % of which may belong to something else."""
    weights: np.ndarray = np.ones(len(values), np.float32)
    surface = np.zeros((len(terms), 3), np.float32)
    for step in range(16):
        surface = least_squares(terms, values, weights)
        distance = lengths(values - terms.T @ surface)
        if step < 8:  # least absolute deviations find the majority …
            weights = 1 / np.maximum(distance, 0.5)
        else:  # … and then only it is asked
            reach = _TUKEY * max(1.4826 * float(np.median(distance)), 1.0)
            weights = np.maximum(1 - (distance / reach) ** 2, 0) ** 2
    return surface


def least_squares(terms: np.ndarray, values: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """(t, 3) coefficients from (t, n) terms, (n, 3) colours and (n,) weights."""
    weighted = terms if weights is None else terms * weights
    # a trace of ridge keeps terms apart that the pixels asked cannot tell
    normal = (weighted @ terms.T).astype(np.float64) + _RIDGE * np.eye(len(terms))
    return np.linalg.solve(normal, weighted @ values).astype(np.float32)


def find_seam(colours: np.ndarray) -> Seam | None:
    """The line at which a picture (h, w, 3) changes colour on its way down, at its left and its right end alike; None
    where there is no such step."""
    height, width = colours.shape[:2]
    strip = max(2, round(0.03 * width))
    ends = [np.median(part, 1).astype(np.float64) for part in (colours[:, :strip], colours[:, -strip:])]
    places = np.arange(0.3 * height, 0.97 * height, 0.5)
    y = np.arange(height)[:, None]
    smooth = np.linalg.qr(np.polynomial.chebyshev.chebvander(np.linspace(-1, 1, height), 2))[0]
    best: tuple[float, Seam] | None = None
    for softness in _WIDTHS:
        steps = 1 / (1 + np.exp(-((y - places) / softness).clip(-30, 30)))
        steps -= smooth @ (smooth.T @ steps)
        norms = np.maximum((steps**2).sum(0), 1e-6)
        gains = [((steps.T @ end) ** 2).sum(1) / norms for end in ends]
        left, right = (int(gain.argmax()) for gain in gains)
        gain = float(gains[0][left] + gains[1][right])
        if best is None or gain > best[0]:
            best = gain, Seam(float(places[left]), float(places[right]), softness)
    assert best is not None
    unexplained = sum(float(((end - smooth @ (smooth.T @ end)) ** 2).sum()) for end in ends)
    level = abs(best[1].left - best[1].right) < 0.15 * height
    return best[1] if level and best[0] > 0.5 * unexplained else None


def lengths(vectors: np.ndarray) -> np.ndarray:
    """Lengths (…) of vectors (…, c)."""
    return np.sqrt(np.einsum("...c,...c->...", vectors, vectors))
