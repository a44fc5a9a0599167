"""Single lashes out of the strips that MakeHuman paints lashes on: drawn whole, a strip looks like a bar of black."""

import numpy as np
import scipy.sparse

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
    grid = _grid(faces)
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


def _grid(faces: np.ndarray) -> list[list[int]]:
    """The vertices of a grid of quads, row by row; the rows are its long sides."""
    times = np.bincount(faces.ravel())  # corners of the grid are in one face, borders in two
    edges = {(int(face[i - 1]), int(face[i])) for face in faces for i in range(4)}
    following = {a: b for a, b in edges if (b, a) not in edges}
    start = int(np.flatnonzero(times == 1)[0])
    around = [start]
    while following[around[-1]] != start:
        around.append(following[around[-1]])
    corners = [i for i, v in enumerate(around) if times[v] == 1]
    sides = [around[a : b + 1] for a, b in zip(corners, [*corners[1:], len(around)], strict=True)]
    row = max(sides[0], [*sides[1]], key=len)
    rows, used = [row], np.zeros(len(faces), bool)
    while len(rows) * (len(row) - 1) <= len(faces):
        following_row: list[int] = []
        for a, b in zip(rows[-1][:-1], rows[-1][1:], strict=True):
            face = int(np.flatnonzero((faces == a).any(1) & (faces == b).any(1) & ~used)[0])
            used[face] = True
            turn = np.roll(faces[face], -int(np.flatnonzero(faces[face] == a)[0]))
            beside_a, beside_b = (turn[3], turn[2]) if turn[1] == b else (turn[1], turn[2])
            following_row = following_row or [int(beside_a)]
            following_row.append(int(beside_b))
        rows.append(following_row)
    return rows
