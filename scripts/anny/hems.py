"""Folded hems: a rim of some millimetres around every opening, so that an edge reads as cloth and not as paper."""

import numpy as np

from scripts.anny.shells import Shell, normals, unit

THICK = 0.0026
ROWS = ((0.002, 0.0), (0.002 + THICK / 2, -THICK / 2), (0.002, -THICK), (-0.010, -THICK))
"""Of the rim, metres: along the cloth beyond the border, and up from it. The last one is the inside."""


def hem_faces(shell: Shell) -> tuple[list[list[int]], list[list[np.ndarray]]]:
    """Faces and UVs of a shell with its hems; their vertices are numbered after the shell's, as `hemmed` gives them."""
    faces, uv = list(shell.faces), list(shell.uv)
    at = {
        v: corner
        for face, corners in zip(shell.faces, shell.uv, strict=True)
        for v, corner in zip(face, corners, strict=True)
    }
    number = shell.weights.shape[0]
    for loop in shell.borders:
        before = list(loop)
        for _ in ROWS:
            row = list(range(number, number + len(loop)))
            number += len(loop)
            for i in range(len(loop)):
                j = (i + 1) % len(loop)
                faces.append([before[j], before[i], row[i], row[j]])
                uv.append([at[loop[j]], at[loop[i]], at[loop[i]], at[loop[j]]])
            before = row
    return faces, uv


def hemmed(shell: Shell, cloth: np.ndarray) -> np.ndarray:
    """The cloth with its hems. cloth: (N, V, 3) metres. Returns (N, V + 4 L, 3) for L border vertices."""
    up = normals(cloth, shell.triangles)
    found = [cloth]
    for loop, curve in zip(shell.borders, shell.curves, strict=True):
        out_of = unit(curve.smooth @ up[:, loop])
        beyond = unit(np.cross(curve.along @ cloth[:, loop], out_of))
        found += [cloth[:, loop] + far * beyond + high * out_of for far, high in ROWS]
    return np.concatenate(found, 1)


def with_hems(shell: Shell, values: np.ndarray) -> np.ndarray:
    """What is known of a shell's vertices (V, …), for its hems as well: each has what its border has."""
    return np.concatenate([values, *(values[loop] for loop in shell.borders for _ in ROWS)])
