"""Shapes whose lips or lids pass through each other: the authors drop such samples, samplers here draw them again."""

import numpy as np

from .morphable_model import MorphableModel
from .separation_pairs import separation_pairs

TOLERANCE = 1e-3
"""Metres that an upper vertex may lie below its lower partner; the authors' code compares with 1 mm too."""


def interpenetrates(model: MorphableModel, coefficients: np.ndarray) -> np.ndarray:
    """Which shapes have an upper vertex more than TOLERANCE below its lower partner along Z.

    A pair that is closer than that in the template already is judged against the template. Only the paired vertices
    are computed. coefficients: (N, K). Returns (N,) bool. Raises SemantifyError for bad pairs in the model.
    """
    coefficients = np.atleast_2d(np.asarray(coefficients, np.float32))
    broken = np.zeros(len(coefficients), bool)
    used = model.basis[: coefficients.shape[1]]
    for upper, lower in separation_pairs(model.name, model.vertex_count, model.extra).values():
        rest = model.template[upper, 2] - model.template[lower, 2]
        gap = rest + coefficients @ (used[:, upper, 2] - used[:, lower, 2])
        broken |= (gap < np.minimum(rest, 0.0) - TOLERANCE).any(1)
    return broken
