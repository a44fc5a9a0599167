"""Garments whose sides mirror each other, as the body's do: half of them is multiplied when a slider moves."""

import numpy as np
from scipy.spatial import cKDTree

from scripts.anny.hems import ROWS, with_hems
from scripts.anny.shells import Shell
from scripts.anny.skirts import Skirt

EXACT = 1e-5
"""Metres, on the typical body: patterns are cut alike on both sides."""
_MIRROR = np.array([-1.0, 1.0, 1.0])


def partners(shell: Shell, skirt: Skirt | None = None) -> np.ndarray:
    """(V + hems,) int, for each vertex of a garment with its hems the one on the other side; itself in the middle.

    Raises ValueError for a shell that is not cut alike on both sides.
    """
    count = shell.weights.shape[0]
    hanging = 0 if skirt is None else count - int((skirt.freedom(count) > 0).argmax())
    where = shell.where[: count - hanging]
    off, partner = cKDTree(where).query(where * _MIRROR)
    if off.max() > EXACT or (partner[partner] != np.arange(len(where))).any():
        raise ValueError(f"the two sides of a garment are cut {1000 * off.max():.2f} mm apart")
    if skirt is not None:
        # its rows hang from the border, vertex below vertex
        around = len(skirt.loop)
        at = {vertex: i for i, vertex in enumerate(skirt.loop)}
        other = np.array([at[partner[vertex]] for vertex in skirt.loop])
        rows = np.arange(len(where), count, around)[:, None] + other
        partner = np.concatenate([partner, rows.ravel()])
    # a hem's vertex is known by the border's that it goes with, and its row
    border = with_hems(shell, np.arange(count))
    row = np.concatenate(
        [np.zeros(count, int), *(np.full(len(loop), 1 + r) for loop in shell.borders for r in range(len(ROWS)))]
    )
    number = {key: i for i, key in enumerate(zip(border.tolist(), row.tolist(), strict=True))}
    return np.array([number[int(partner[vertex]), r] for vertex, r in zip(border, row.tolist(), strict=True)])


def symmetric(values: np.ndarray, partner: np.ndarray) -> np.ndarray:
    """Positions or displacements (…, V, 3), each side the mean of itself and of the other's mirror image."""
    return np.asarray((values + values[..., partner, :] * _MIRROR) / 2)
