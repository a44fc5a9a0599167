"""The region of likely shapes around a population's mean, and how coefficients are kept inside it without a kink."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import FileFormatError
from ..files import bounds
from ..networks.layers import check_covariance
from .limits import SHARPNESS

FLOOR = 1e-6
"""Variance added to every coefficient: one that no member moves must not make the covariance singular."""


@dataclass(frozen=True, eq=False)
class Ellipsoid:
    """All shapes whose Mahalanobis distance from `mean` is at most `radius`.

    mean: (K,) float32. covariance: (K, K) float32. radius: without unit; of K independent coefficients it is about √K.
    """

    mean: np.ndarray
    covariance: np.ndarray
    radius: float

    @cached_property
    def whitening(self) -> np.ndarray:
        """(K, K) float64 W with WᵀW = (covariance + FLOOR)⁻¹: |W (ξ − mean)| is the Mahalanobis distance."""
        covariance = self.covariance.astype(np.float64) + FLOOR * np.eye(len(self.mean))
        return np.linalg.inv(np.linalg.cholesky(covariance))

    def distance(self, coefficients: np.ndarray) -> np.ndarray:
        """Mahalanobis distance. coefficients: (..., K). Returns (...,) float64."""
        return np.linalg.norm((np.asarray(coefficients, np.float64) - self.mean) @ self.whitening.T, axis=-1)

    def held(self, coefficients: np.ndarray) -> np.ndarray:
        """Drawn towards the mean until inside, smoothly: what a mapper ends with.

        A distance of t radii becomes t − softplus(s·(t − 1)) / s with s = SHARPNESS: itself up to four fifths of the
        radius, never more than the radius. coefficients: (..., K). Returns (..., K) float32.
        """
        t, s = self.distance(coefficients)[..., None] / self.radius, SHARPNESS
        near = 1 - np.logaddexp(0, s * (t - 1)) / (s * np.maximum(t, 1e-3))
        # the same, written so that nothing is lost where t is large
        far = (1 - np.logaddexp(0, s * (1 - t)) / s) / np.maximum(t, 1)
        return (self.mean + (coefficients - self.mean) * np.where(t < 1, near, far)).astype(np.float32)

    def clipped(self, coefficients: np.ndarray) -> np.ndarray:
        """Drawn straight towards the mean until inside; what is inside stays as it is. coefficients: (..., K)."""
        coefficients = np.asarray(coefficients)
        distance = np.maximum(self.distance(coefficients), self.radius)[..., None]
        drawn_in = self.mean + (coefficients - self.mean) * (self.radius / distance)
        return np.where(distance > self.radius, drawn_in, coefficients).astype(coefficients.dtype)

    @classmethod
    def load(cls, path: object, mean: np.ndarray, covariance: np.ndarray, radius: float) -> "Ellipsoid":
        """One out of a file. Raises FileFormatError naming the field, for numbers that bound no shapes."""
        check_covariance(path, "inside_covariance", covariance, definite=False)
        if not bounds.SMALLEST <= radius <= bounds.LARGEST_COEFFICIENT:
            raise FileFormatError(path, "inside_radius", f"expected a number in 0..{bounds.LARGEST_COEFFICIENT:g}")
        found = cls(mean.astype(np.float32), covariance.astype(np.float32), radius)
        try:
            finite = bool(np.isfinite(found.whitening).all())
        except np.linalg.LinAlgError:
            finite = False
        if not finite:
            raise FileFormatError(path, "inside_covariance", "expected a positive definite matrix")
        return found
