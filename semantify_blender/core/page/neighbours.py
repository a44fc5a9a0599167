"""Vertices from coarse to fine, and which nearby ones foretell each: page and Python both tell it from the template.

Nothing of it is in the page. Distances are of whole numbers and therefore exact; what follows are sums, products,
quotients and roots of doubles in a fixed order, which are the same numbers in every language.
"""

from dataclasses import dataclass

import numpy as np

MOST = 6
"""Parents of a vertex."""
_COARSEST, _FINEST = 16, 4
"""Cells of 2¹⁶ to 2⁴ steps of the template."""
_NEAR = 0.01
"""Of the mean square distance: how near is as near as can be."""
_RIDGE = 0.01
"""Keeps the slope at rest across a surface, where parents say nothing of it."""


@dataclass(frozen=True, eq=False)
class Pass:
    """Vertices that are foretold at once, from those of earlier passes.

    vertices: (n,) int64. parents: (n, MOST) int64 vertices, nearest first; where there are fewer, any with weight 0.
    weights: (n, MOST) float64; they sum to 1, or to 0 where there is no parent.
    """

    vertices: np.ndarray
    parents: np.ndarray
    weights: np.ndarray


def coarse_to_fine(places: np.ndarray) -> list[Pass]:
    """The passes, the coarsest first; their vertices one after the other are the order of the page's residuals.

    places: (N, 3) whole numbers in 0..65535.
    """
    places = np.asarray(places, np.int64)
    ranked = np.empty(0, np.int64)
    free = np.arange(len(places))
    passes = []
    for shift in (*range(_COARSEST, _FINEST - 1, -1), None):
        if shift is None:
            chosen = np.ones(len(free), bool)
            cell = _FINEST
        else:
            chosen = _first_of_free_cells(places[free] >> shift, places[ranked] >> shift)
            cell = shift + 1
        if chosen.any():
            passes.append(_foretold(places, free[chosen], ranked, cell))
            ranked = np.concatenate([ranked, free[chosen]])
            free = free[~chosen]
    return passes


def _first_of_free_cells(cells: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """(n,) bool: the first vertex of each cell in which none was before."""
    keys = _keys(cells)
    firsts = np.zeros(len(keys), bool)
    firsts[np.unique(keys, return_index=True)[1]] = True
    return firsts & ~np.isin(keys, _keys(taken))


def _keys(cells: np.ndarray) -> np.ndarray:
    """A number for each cell; one step beyond the borders has its own as well."""
    return ((cells[:, 0] + 1) << 36) + ((cells[:, 1] + 1) << 18) + cells[:, 2] + 1


def _foretold(places: np.ndarray, vertices: np.ndarray, ranked: np.ndarray, shift: int) -> Pass:
    parents = np.full((len(vertices), MOST), -1)
    if len(ranked):
        child, rank = _candidates(places[vertices] >> shift, places[ranked] >> shift)
        square = ((places[ranked[rank]] - places[vertices[child]]) ** 2).sum(1)
        order = np.lexsort((rank, square, child))
        child, rank = child[order], rank[order]
        place = np.arange(len(child)) - np.searchsorted(child, child)
        kept = place < MOST
        parents[child[kept], place[kept]] = ranked[rank[kept]]
    there = parents >= 0
    parents = np.where(there, parents, vertices[:, None])
    return Pass(vertices, parents, _weights(places[parents] - places[vertices][:, None], there))


def _candidates(cells: np.ndarray, taken: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (number in `cells`, number in `taken`) of neighbouring cells."""
    keys = _keys(taken)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    children, ranks = [], []
    for step in np.ndindex(3, 3, 3):
        wanted = _keys(cells + np.array(step) - 1)
        first, behind = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
        counts = behind - first
        children.append(np.repeat(np.arange(len(cells)), counts))
        within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        ranks.append(order[np.repeat(first, counts) + within])
    return np.concatenate(children), np.concatenate(ranks)


def _weights(offsets: np.ndarray, there: np.ndarray) -> np.ndarray:
    """(n, MOST) float64 of a local linear fit, read at the vertex itself.

    offsets: (n, MOST, 3) whole numbers, from the vertex to its parents. there: (n, MOST) bool. The order of all
    operations is the page's own: do not rewrite it as products of matrices.
    """
    square = np.where(there, (offsets**2).sum(2), 0).astype(np.float64)
    scale = np.maximum(_sum(square) / np.maximum(there.sum(1), 1), 1e-9)
    x = offsets / np.sqrt(scale)[:, None, None]
    weight = np.where(there, 1 / (square / scale[:, None] + _NEAR), 0.0)
    total = np.where(there.any(1), _sum(weight), 1.0)
    mean = np.stack([_sum(weight * x[..., axis]) / total for axis in range(3)], 1)
    y = x - mean[:, None]
    spread = {(a, b): _sum((weight * y[..., a]) * y[..., b]) for a in range(3) for b in range(a, 3)}
    xx, yy, zz = (spread[axis, axis] + _RIDGE * total for axis in range(3))
    xy, xz, yz = spread[0, 1], spread[0, 2], spread[1, 2]
    of_xx, of_xy, of_xz = yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy
    of_yy, of_yz, of_zz = xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy
    determinant = (xx * of_xx + xy * of_xy) + xz * of_xz
    slope = [
        ((a * mean[:, 0] + b * mean[:, 1]) + c * mean[:, 2]) / determinant
        for a, b, c in ((of_xx, of_xy, of_xz), (of_xy, of_yy, of_yz), (of_xz, of_yz, of_zz))
    ]
    along = (y[..., 0] * slope[0][:, None] + y[..., 1] * slope[1][:, None]) + y[..., 2] * slope[2][:, None]
    return np.where(there, weight / total[:, None] - weight * along, 0.0)


def _sum(values: np.ndarray) -> np.ndarray:
    """(n,) of (n, MOST), the first first: NumPy's own sum pairs them otherwise."""
    found = np.zeros(len(values))
    for column in values.T:
        found = found + column
    return found
