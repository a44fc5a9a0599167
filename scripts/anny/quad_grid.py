"""A strip of quads as rows and columns of vertices."""

import numpy as np


def quad_grid(faces: np.ndarray) -> list[list[int]]:
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
