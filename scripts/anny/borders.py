"""Borders of cloth as smooth curves."""

import numpy as np
import scipy.sparse

from scripts.anny.shells import Curve, Shell, normals, unit

BESIDE = 5
"""Vertices from a border that go along when it is evened."""
CROSSWISE = 0.7
"""A border is a hem of sleeve, leg or shirt where cloth reaches it this much across the border's own plane; cloth that
lies in that plane, as around a neck, reaches it less."""


def evened(shell: Shell, cloth: np.ndarray) -> np.ndarray:
    """Cloth (N, V, 3) whose borders are smooth and hardly wave at all: hems across their plane, others along the cloth.

    Cloth that a belly slants reaches a hem slantwise: what is evened along it waves up and down all the same. What is
    beside a border goes along.
    """
    moved = np.zeros_like(cloth)
    out = normals(cloth, shell.triangles)
    typical = shell.where[None]
    typical_out = normals(typical, shell.triangles)
    for loop, curve in zip(shell.borders, shell.curves, strict=True):
        at = cloth[:, loop]
        even = curve.smooth @ at
        reaching = _beyond(curve, typical[:, loop], typical_out[:, loop]) * _across(typical[:, loop])
        hem = np.abs(reaching.sum(-1)).mean() > CROSSWISE
        way = _across(at) if hem else _beyond(curve, at, out[:, loop])
        even = even + ((curve.plain @ at - even) * way).sum(-1, keepdims=True) * way
        moved[:, loop] = even - at
    held = inner(shell)[:, None] == 0
    near = moved
    for _ in range(BESIDE):
        near = np.where(held, moved, mixed(shell.neighbours, near))
    return cloth + near


def inner(shell: Shell) -> np.ndarray:
    """(V,) 1, but 0 at borders."""
    found = np.ones(shell.weights.shape[0])
    for loop in shell.borders:
        found[loop] = 0
    return found


def mixed(weights: scipy.sparse.csr_matrix, base: np.ndarray) -> np.ndarray:
    """(N, V, 3) of mixtures (V, B) of base vertices (N, B, 3)."""
    used = np.unique(weights.indices)
    part = weights[:, used]
    return np.stack([part @ one[used] for one in base])


def _beyond(curve: Curve, at: np.ndarray, out: np.ndarray) -> np.ndarray:
    """(N, L, 3) which way cloth would go on beyond a border. at: (N, L, 3) where it is, out: the cloth's normals."""
    return unit(np.cross(curve.along @ at, curve.smooth @ out))


def _across(at: np.ndarray) -> np.ndarray:
    """(N, 1, 3) the normals of the planes that closed borders (N, L, 3) lie in most nearly."""
    around = at - at.mean(1, keepdims=True)
    return unit(np.cross(around, np.roll(around, -1, 1)).sum(1, keepdims=True))
