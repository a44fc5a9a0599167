"""What is left of a field over the vertices when it is foretold from coarse to fine."""

from collections.abc import Sequence

import numpy as np

from .neighbours import Pass


def residuals(fields: np.ndarray, passes: Sequence[Pass], coarse: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quantise fields, and what is left of them when each vertex is foretold from its parents.

    fields: (f, N) float64, in steps. coarse: (N,) whole numbers from 1: a vertex keeps multiples of so many steps.
    Returns the whole numbers (f, N) int64 that a reader will have, and residuals (f, N), vertices in order of passes.
    """
    numbers = coarse * np.round(fields / coarse).astype(np.int64)
    left = []
    for step in passes:
        foretold = np.zeros((len(fields), len(step.vertices)))
        for column, weight in zip(step.parents.T, step.weights.T, strict=True):
            foretold = foretold + weight * numbers[:, column]
        own = coarse[step.vertices]
        left.append(numbers[:, step.vertices] // own - np.floor(foretold / own + 0.5).astype(np.int64))
    return numbers, np.concatenate(left, 1)
