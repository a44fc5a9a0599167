"""All shapes of a mesh, for quick products: of what one side of a symmetric body mirrors, one side is multiplied.

Of what never moves, as a body beside the components of its face, one vertex is.

The product of coefficients and basis is as slow as the basis is long to read: 6.6 MB for forty components of a body.
"""

from dataclasses import dataclass

import numpy as np

GRID = 2e-4
"""Metres: mirrored vertices are looked for in cells of this size, and found where both lie well inside theirs."""
SPREAD = 3.0
"""Standard deviations that all components may have at once for what follows."""
TOLERANCE = 5e-6
"""Metres by which a mirrored vertex may be off; others are kept as they are."""
LEAST = 0.25
"""Share of the vertices that must be mirrored or still for it to be worth while."""
_MIRROR = np.array([-1.0, 1.0, 1.0], np.float32)


@dataclass(frozen=True, eq=False)
class Span:
    """basis: (K, 3V) float32 metres, x, y, z of every vertex for each component.

    kept: (K, 3M) float32, of the vertices that are multiplied; source: (V,) int32, which of those a vertex is like;
    side: (V,) float32, −1 for one on the other side. kept is basis, and source and side are None, without symmetry.
    """

    basis: np.ndarray
    kept: np.ndarray
    source: np.ndarray | None = None
    side: np.ndarray | None = None

    @classmethod
    def of(cls, basis: np.ndarray, points: np.ndarray) -> "Span":
        """basis: (K, 3V). points: (V, 3) at rest, the plane of symmetry at x = 0."""
        by_vertex = basis.reshape(len(basis), -1, 3)
        partner = _partners(points)
        mirrored = np.flatnonzero(partner >= 0)
        away = np.abs(by_vertex[:, mirrored] - by_vertex[:, partner[mirrored]] * _MIRROR).sum(0).max(1, initial=0.0)
        mirrored = mirrored[SPREAD * away <= TOLERANCE]
        still = np.flatnonzero(~by_vertex.any((0, 2)))
        own = np.ones(len(points), bool)
        own[mirrored] = False
        own[still] = False
        own[still[:1]] = True
        if own.sum() > (1 - LEAST) * len(points):
            return cls(basis, basis)
        source = np.cumsum(own, dtype=np.int32) - np.int32(1)
        source[still] = source[still[:1]]
        source[mirrored] = source[partner[mirrored]]
        side = np.ones(len(points), np.float32)
        side[mirrored] = -1.0
        return cls(basis, np.ascontiguousarray(by_vertex[:, own].reshape(len(basis), -1)), source, side)

    def added(self, coefficients: np.ndarray) -> np.ndarray:
        """(V, 3) float32 metres. coefficients: (k,) float32, k ≤ K."""
        # not `@`: BLAS shares out so small a product among threads, and waits for them while Blender uses the cores
        found = np.einsum("k,kn->n", coefficients, self.kept[: len(coefficients)]).reshape(-1, 3)
        if self.source is None:
            return found
        found = found.take(self.source, 0)
        found[:, 0] *= self.side
        return found


def _partners(points: np.ndarray) -> np.ndarray:
    """(V,) int32, for vertices left of x = 0 the one right of it in the mirrored cell; −1 for none and all others."""
    partner = np.full(len(points), -1, np.int32)
    left, right = np.flatnonzero(points[:, 0] < -GRID), np.flatnonzero(points[:, 0] > GRID)
    if not (len(left) and len(right)):
        return partner
    cells = np.round(np.abs(points) / GRID).astype(np.int64)
    cells[:, 1:] *= np.where(points[:, 1:] < 0, -1, 1)
    cells -= cells.min(0)
    sizes = cells.max(0) + 1
    numbers = (cells[:, 0] * sizes[1] + cells[:, 1]) * sizes[2] + cells[:, 2]
    right = right[np.argsort(numbers[right], kind="stable")]
    at = np.minimum(np.searchsorted(numbers[right], numbers[left]), len(right) - 1)
    same = numbers[right[at]] == numbers[left]
    partner[left[same]] = right[at[same]]
    return partner
