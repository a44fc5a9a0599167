"""Anny's own motions, which the components have to carry: muscle, fat and breast from none to full, on many bodies."""

from collections.abc import Mapping

import numpy as np

from scripts.anny.body import BodySource, Settings, draw

MOTIONS = {"muscle": "muscle", "fat": "weight", "breast": "cupsize"}
"""Motion -> the value of Anny that goes from 0 to 1, with the muscle groups and fat deposits that follow it."""
LEAST = 5e-4
"""Metres on average: bodies that move less (the breast of men) say nothing about a motion."""


def motion(source: BodySource, bodies: Settings, name: str) -> np.ndarray:
    """How the surface moves while the rest of each body stays. Returns (n, V, 3) float32 metres, centroids laid on
    each other, of the bodies that move at all."""
    ends = [source.vertices(bodies.changed(**{MOTIONS[name]: value})) for value in (0.0, 1.0)]
    low, high = (end - end.mean(1, keepdims=True) for end in ends)
    moved = high - low
    return moved[np.linalg.norm(moved, axis=2).mean(1) > LEAST]


def motions(source: BodySource, variant: str, count: int, seed: int) -> dict[str, np.ndarray]:
    """`motion` of each kind on random bodies of a variant; the kinds that move fewer than a quarter are left out."""
    bodies = draw(count, variant, seed)
    found = {name: motion(source, bodies, name) for name in MOTIONS}
    return {name: moved for name, moved in found.items() if len(moved) >= count / 4}


def along(basis: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """How far each component leads along a motion, in lengths of that motion: (K,) weights of an action of the model.

    The displacement of a shape, projected on the motion, is linear in the coefficients.
    basis: (K, V, 3). moved: (V, 3).
    """
    return (basis.reshape(len(basis), -1) @ moved.ravel() / (moved**2).sum()).astype(np.float32)


def survival(axes: np.ndarray, moved: np.ndarray) -> float:
    """Share of a motion that components carry: 1 − what they lose over what moves, means of all vertices and bodies.

    axes: (3V, K) orthonormal. moved: (n, V, 3).
    """
    flat = moved.reshape(len(moved), -1)
    lost = (flat - (flat @ axes) @ axes.T).reshape(moved.shape)
    return float(1 - np.linalg.norm(lost, axis=2).mean() / np.linalg.norm(moved, axis=2).mean())


def curve(axes: np.ndarray, moved: Mapping[str, np.ndarray], held_out: np.ndarray) -> list[dict[str, float]]:
    """One row for each number of components: K, `survival` of each motion, error on unseen bodies, mean and 95 %, mm.

    held_out: (n, 3V) offsets from the mean shape.
    """
    rows = []
    for k in range(10, axes.shape[1] + 1, 5):
        some = axes[:, :k]
        error = 1000 * np.linalg.norm((held_out - (held_out @ some) @ some.T).reshape(len(held_out), -1, 3), axis=2)
        rows.append(
            {"components": k}
            | {name: survival(some, one) for name, one in moved.items()}
            | {"error mm": float(error.mean()), "error p95 mm": float(np.percentile(error, 95))}
        )
    return rows
