"""Single lashes out of the strips that MakeHuman paints lashes on: drawn whole, a strip looks like a bar of black."""

import numpy as np
import scipy.sparse

from scripts.anny.quad_grid import quad_grid

EACH = 2
"""Lashes in each column of a strip."""
_ROOTS = np.array([[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0.5, 0.5, 0, 0, 0]])
"""Where a lash of no length has its five vertices: two at the root, two halfway, the tip."""


def lash_weights(
    faces: np.ndarray, where: np.ndarray, reach: float = 1.0
) -> tuple[scipy.sparse.csr_matrix, list[list[int]]]:
    """The vertices of the lashes on one strip as mixtures of its own, (5 a lash, V), and their faces.

    faces: (F, 4) a grid, longer along the lid than from root to tip. where: (V, 3) metres; tips are before roots.
    reach: of the way from root to tip.
    """
    grid = quad_grid(faces)
    if where[grid[0], 1].mean() < where[grid[-1], 1].mean():
        grid = grid[::-1]
    rows, columns, values, made = [], [], [], []
    for column in range(len(grid[0]) - 1):
        for lash in range(EACH):
            first = 5 * (column * EACH + lash)
            low, high = (lash + 0.15) / EACH, (lash + 0.85) / EACH
            middle = (low + high) / 2
            half = len(grid) // 2
            for number, (row, share) in enumerate(
                ((0, low), (0, high), (half, (low + middle) / 2), (half, (high + middle) / 2), (len(grid) - 1, middle))
            ):
                rows += [first + number] * 2
                columns += [grid[row][column], grid[row][column + 1]]
                values += [1 - share, share]
            made += [[first, first + 1, first + 3, first + 2], [first + 2, first + 3, first + 4]]
    whole = scipy.sparse.csr_matrix((values, (rows, columns)), (len(made) // 2 * 5, len(where)))
    roots = scipy.sparse.kron(scipy.sparse.identity(len(made) // 2), _ROOTS)
    return (reach * whole + (1 - reach) * (roots @ whole)).tocsr(), made
