"""Single teeth, and gums, out of the two strips that MakeHuman paints teeth on.

A strip is a U of quads, 17 columns along the arch and four rows: down the teeth's face to their edge, and up behind.
All that is made of it are mixtures of its vertices, so that every shape and action moves them as it moves the strip.
"""

from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
import scipy.sparse

from scripts.anny.quad_grid import quad_grid

WIDTHS = {"upper": (8.5, 6.5, 7.6, 7.1, 6.7, 10.2, 9.7), "lower": (5.3, 5.9, 6.8, 7.0, 7.1, 11.2, 10.6)}
"""Millimetres along the arch, from the middle incisor to the second molar, of usual teeth (dental anatomy)."""
EDGE = {
    "upper": (-0.42, -0.39, -0.41, -0.32, -0.26, -0.18, -0.12),
    "lower": (0.24, 0.24, 0.22, 0.20, 0.20, 0.18, 0.18),
}
"""Where each crown ends, in parts of the strip's height up from its edge: so an open mouth shows its upper teeth, too,
and the closed one has its upper incisors 3 mm over the lower ones."""
CROWN = 0.66
"""How high crowns are above their edge, in parts of the strip's height, before gums begin in the middle of a tooth."""
PAPILLA = 0.18
"""How much nearer the edge they reach between two."""
THIN = (0.30, 0.30, 0.45, 0.75, 0.85, 0.95, 0.95)
"""How thick each tooth is at its edge, in parts of the strip's depth: incisors cut, molars grind."""
ACROSS = (0.02, 0.16, 0.5, 0.84, 0.98)
"""A tooth's columns, in parts of its width."""
BEHIND = (0.30, 0.05, 0.0, 0.05, 0.30)
"""How far each lies behind the tooth's face, in parts of the strip's depth: the gap that tells two teeth apart."""
SHORT = (0.09, 0.015, 0.0, 0.015, 0.09)
"""How far each stops short of the edge, in parts of the strip's height."""

Mixture = dict[int, float]
"""Vertex of the strip: its weight; they sum to one."""


@dataclass(frozen=True)
class Strip:
    """rows: (4, 17) vertices, of the face's top, its middle, the edge, and behind. along: (17,) share of the arch."""

    rows: np.ndarray
    along: np.ndarray

    @classmethod
    def of(cls, faces: np.ndarray, where: np.ndarray) -> "Strip":
        """Of quads (48, 4) whose vertices are at where, (V, 3) metres, the face looking along −Y."""
        rows = np.array(quad_grid(faces))
        if where[rows[0]].mean(0)[1] > where[rows[-1]].mean(0)[1]:
            rows = rows[::-1]
        if where[rows[0, 0], 0] > where[rows[0, -1], 0]:
            rows = rows[:, ::-1]
        steps = np.linalg.norm(np.diff(where[rows[1]], axis=0), axis=1)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        return cls(rows, along / along[-1])

    def mix(self, along: float, height: float, depth: float) -> Mixture:
        """The place at a share of the arch, of the way up from the edge, and of the way from lips to tongue."""
        column, weights = self._columns(along)
        shares = height, -depth, 1 - height, depth
        return {
            int(row[column + i]): share * weight
            for row, share in zip(self.rows, shares, strict=True)
            for i, weight in enumerate(weights)
        }

    def _columns(self, along: float) -> tuple[int, np.ndarray]:
        """First of four columns, and their weights: a cubic through them, so that the arch has no corners."""
        last = len(self.along)
        first = int(np.clip(np.searchsorted(self.along, along) - 2, 0, last - 4))
        knots = self.along[first : first + 4]
        # Lagrange's polynomials
        weights = [np.prod([(along - b) / (a - b) for b in knots if b != a]) for a in knots]
        return first, np.array(weights)


def teeth(faces: np.ndarray, where: np.ndarray, row: str) -> tuple[scipy.sparse.csr_matrix, np.ndarray]:
    """The teeth of a strip: mixtures of its vertices, (n, V), and quads (F, 4) of them.

    faces, where: as `Strip.of`. row: "upper" or "lower".
    """
    strip, ends = Strip.of(faces, where), _ends(row)
    each = zip(pairwise(ends), _both(EDGE[row]), _both(THIN), strict=True)
    crowns = [_crown(strip, start, end, edge, thin) for (start, end), edge, thin in each]
    return _joined(crowns, len(where), _outward(where, strip))


def gums(faces: np.ndarray, where: np.ndarray, row: str) -> tuple[scipy.sparse.csr_matrix, np.ndarray]:
    """The gums of a strip, as `teeth`."""
    strip = Strip.of(faces, where)
    return _joined([_gum(strip, _ends(row), _both(EDGE[row]))], len(where), _outward(where, strip))


def _ends(row: str) -> list[float]:
    """Where each tooth of a row ends and the next begins, in parts of the arch."""
    each = np.array(_both(WIDTHS[row]))
    return list(accumulate(each / each.sum(), initial=0.0))


def _both(sides: tuple[float, ...]) -> list[float]:
    """Of every tooth of a row, from those of one side, the middle first."""
    return [*sides[::-1], *sides]


def _crown(strip: Strip, start: float, end: float, edge: float, thin: float) -> list[list[Mixture]]:
    """Columns of a tooth, each around it from under the gum on the lips' side over the edge to the tongue's."""
    columns = []
    top = edge + CROWN + 0.12
    for across, behind, short in zip(ACROSS, BEHIND, SHORT, strict=True):
        along, low = start + across * (end - start), edge + short
        thickness = max(thin - behind, 0.1)
        profile = (
            (top, behind + 0.06), (0.5 * low + 0.5 * top, behind), (low + 0.03, behind + 0.06), (low, behind + 0.14),
            (low, behind + 0.14 + 0.4 * thickness), (low + 0.05, behind + thickness), (top, max(1.0 - behind, 0.5)),
        )  # fmt: skip
        columns.append([strip.mix(along, height, depth) for height, depth in profile])
    return columns


def _gum(strip: Strip, ends: list[float], edges: list[float]) -> list[list[Mixture]]:
    """Columns of a row's gums, from the lips' side to the tongue's: they hang down between two teeth."""
    places = [(ends[0], edges[0], True)]
    for (start, end), edge, following in zip(pairwise(ends), edges, [*edges[1:], edges[-1]], strict=True):
        places += [(start + share * (end - start), edge, False) for share in (0.25, 0.75)]
        places.append((end, (edge + following) / 2, True))
    columns = []
    for along, edge, between in places:
        line = edge + CROWN - (PAPILLA if between else 0.0)
        inside = edge + CROWN + 0.08 - (0.5 * PAPILLA if between else 0.0)
        profile = (
            (1.0, 0.0), (line + 0.2, -0.06), (line + 0.03, -0.03), (line, 0.16 if between else 0.08), (inside, 0.8),
            (inside + 0.04, 1.03), (inside + 0.2, 1.06), (1.0, 1.0),
        )  # fmt: skip
        columns.append([strip.mix(along, height, depth) for height, depth in profile])
    return columns


def _outward(where: np.ndarray, strip: Strip) -> bool:
    """Whether quads as `_joined` turns them, along the profile first, look out of the mouth."""
    middle = strip.rows.shape[1] // 2
    top, low, beside = (where[strip.rows[r, m]] for r, m in ((0, middle), (1, middle), (1, middle + 1)))
    return bool(np.cross(low - top, beside - low)[1] < 0)


def _joined(grids: list[list[list[Mixture]]], count: int, outward: bool) -> tuple[scipy.sparse.csr_matrix, np.ndarray]:
    """The vertices of grids of mixtures, one after the other, and the quads between their columns and places."""
    mixtures = [one for columns in grids for column in columns for one in column]
    rows = np.repeat(np.arange(len(mixtures)), [len(one) for one in mixtures])
    vertices = np.concatenate([list(one) for one in mixtures])
    weights = np.concatenate([list(one.values()) for one in mixtures])
    quads, first = [], 0
    for columns in grids:
        high = len(columns[0])
        corner = first + np.arange((len(columns) - 1) * high).reshape(-1, high)[:, :-1].ravel()
        quads.append(np.stack([corner, corner + 1, corner + high + 1, corner + high], 1))
        first += len(columns) * high
    found = np.concatenate(quads)
    mixed = scipy.sparse.csr_matrix((weights, (rows, vertices)), (len(mixtures), count))
    return mixed, found if outward else found[:, ::-1]
