"""Shapes whose lips or lids pass through each other: the authors drop such samples, samplers here draw them again.

A model names the vertices that must stay apart in pairs, `extra["separation/<name>/upper"]` and
`extra["separation/<name>/lower"]`, (n,) whole numbers each, for example of the upper and the lower lip.
"""

import numpy as np

from ..errors import SemantifyError
from .morphable_model import MorphableModel

PREFIX = "separation/"
TOLERANCE = 1e-3
"""Metres that an upper vertex may lie below its lower partner; the authors' code compares with 1 mm too."""


def separation_pairs(model: MorphableModel) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Name -> (upper (n,), lower (n,)) vertex numbers of a model; empty where nothing must stay apart.

    Raises SemantifyError when a model's arrays are not pairs of its vertices.
    """
    found = {}
    for key in model.extra:
        if not (key.startswith(PREFIX) and key.endswith("/upper")):
            continue
        name = key.removeprefix(PREFIX).removesuffix("/upper")
        upper, lower = (np.asarray(model.extra.get(f"{PREFIX}{name}/{side}", ())) for side in ("upper", "lower"))
        whole = {upper.dtype.kind, lower.dtype.kind} <= {"i", "u"}
        if upper.ndim != 1 or upper.shape != lower.shape or not len(upper) or not whole:
            raise SemantifyError(f"model {model.name!r}: extra {key}: expected as many whole numbers as in …/lower")
        both = np.concatenate([upper, lower])
        if both.min() < 0 or both.max() >= model.vertex_count:
            raise SemantifyError(f"model {model.name!r}: extra {key}: expected vertices in 0..{model.vertex_count - 1}")
        found[name] = (upper.astype(np.int64), lower.astype(np.int64))
    return found


def interpenetrates(model: MorphableModel, coefficients: np.ndarray) -> np.ndarray:
    """Which shapes have an upper vertex more than TOLERANCE below its lower partner along Z.

    A pair that is closer than that in the template already is judged against the template. Only the paired vertices
    are computed. coefficients: (N, K). Returns (N,) bool. Raises SemantifyError for bad pairs in the model.
    """
    coefficients = np.atleast_2d(np.asarray(coefficients, np.float32))
    broken = np.zeros(len(coefficients), bool)
    used = model.basis[: coefficients.shape[1]]
    for upper, lower in separation_pairs(model).values():
        rest = model.template[upper, 2] - model.template[lower, 2]
        gap = rest + coefficients @ (used[:, upper, 2] - used[:, lower, 2])
        broken |= (gap < np.minimum(rest, 0.0) - TOLERANCE).any(1)
    return broken
