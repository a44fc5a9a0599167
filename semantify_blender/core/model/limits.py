"""Keeping coefficients inside their ranges without a kink: what a mapper for a mesh's own shape keys ends with."""

import numpy as np

SHARPNESS = 24.0
"""Of the bend at either end, per width of the range: at the end itself the result is ln 2 / 24 = 3 % inside."""

STILL = 1e-3
"""Share of a range within which `settled` puts a value at rest."""


def smooth_limit(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """A clamp whose corners are rounded by softplus, so that training feels a slope everywhere.

    low + w · (softplus(s·t) − softplus(s·(t − 1))) / s with t = (value − low) / w and s = SHARPNESS: the identity well
    inside the range, never beyond it, and 0.01 % of the width away from an end when asked for a quarter beyond it.

    values: (..., K). limits: (K, 2), low < high. Returns (..., K) float32.
    """
    low, width = limits[:, 0], limits[:, 1] - limits[:, 0]
    t = SHARPNESS * (values - low) / width
    inside = (np.logaddexp(np.float32(0), t) - np.logaddexp(np.float32(0), t - SHARPNESS)) / SHARPNESS
    return (low + width * inside).astype(np.float32)


def rest_of(limits: np.ndarray) -> np.ndarray:
    """Where coefficients rest: at 0, or at the end of their range nearest to it. limits: (K, 2). Returns (K,)."""
    return np.clip(0.0, limits[:, 0], limits[:, 1]).astype(np.float32)


def settled(values: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Values within 0.1 % of their range from rest, put at rest exactly: nobody sees it, and Blender skips keys at 0.

    values: (..., K). limits: (K, 2). Returns (..., K) float32.
    """
    rest = rest_of(limits)
    near = np.abs(values - rest) < STILL * (limits[:, 1] - limits[:, 0])
    return np.where(near, rest, values).astype(np.float32)
