"""Random shapes in which few coefficients move: what faces with dozens of shape keys need.

All of 52 keys drawn at once is a broken face; one to six of them, left and right mostly together, is an expression.
"""

import re

import numpy as np

from ..errors import SemantifyError

MOST = 6
"""Largest number of keys, or pairs of keys, that one sample moves."""
TOGETHER = 0.85
"""How often both sides of a pair move alike; otherwise one side moves alone."""

_SIDES = re.compile(r"(?<![a-z])(left|right|l|r)(?![a-z])|(Left|Right)(?![a-z])|(?<=[a-z])(L|R)(?![A-Za-z])")
_OTHER = {"left": "right", "right": "left", "l": "r", "r": "l"}


def mirrored_name(name: str) -> str | None:
    """The name of the key on the other side: smile_L, Blink.R, eyeBlinkLeft, left-brow-up; None when it has no side."""
    found = list(_SIDES.finditer(name)) or list(_SIDES.finditer(name.lower()))
    if not found:
        return None
    start, end = found[-1].span()
    side = name[start:end]
    other = _OTHER[side.lower()]
    if side.isupper():
        other = other.upper()
    elif side[0].isupper():
        other = other.capitalize()
    return name[:start] + other + name[end:]


def check_twins(twins: np.ndarray, count: int) -> np.ndarray:
    """(K,) whole numbers, twins[twins[k]] == k. Raises SemantifyError when an array from a file is anything else."""
    twins = np.asarray(twins)
    if twins.shape == (count,) and twins.dtype.kind in "iu" and count and twins.min() >= 0 and twins.max() < count:
        twins = twins.astype(np.int64)
        if (twins[twins] == np.arange(count)).all():
            return twins
    raise SemantifyError("extra/twins: expected the number of each coefficient's twin, or its own where it has none")


def sparse_coefficients(
    rng: np.random.Generator, limits: np.ndarray, rest: np.ndarray, twins: np.ndarray
) -> np.ndarray:
    """One sample: 1 to MOST coefficients, or pairs, anywhere in their ranges, the others at rest.

    limits: (K, 2). rest: (K,). twins: (K,), a coefficient's partner on the other side, or itself.
    Returns (K,) float64.
    """
    count = len(limits)
    groups = np.flatnonzero(twins >= np.arange(count))
    chosen = rng.choice(groups, rng.integers(1, min(MOST, len(groups)) + 1), replace=False)
    values = rest.astype(np.float64)
    for first in chosen:
        # always the same draws for a group, so that what follows does not depend on whether it is a pair
        share, alone, which = rng.random(3)
        pair = [first, twins[first]]
        if twins[first] != first and alone > TOGETHER:
            pair = [pair[int(which < 0.5)]]
        for k in pair:
            values[k] = limits[k, 0] + share * (limits[k, 1] - limits[k, 0])
    return values
