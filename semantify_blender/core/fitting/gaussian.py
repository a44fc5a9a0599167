"""Gaussians over coefficients: conditioned on what is known, fused from several pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Gaussian:
    """mean: (K,) float64. covariance: (K, K) float64."""

    mean: np.ndarray
    covariance: np.ndarray

    def given(self, rows: np.ndarray, values: np.ndarray, deviations: np.ndarray) -> "Gaussian":
        """The same after learning that rows · ξ = values, each up to its own deviation (Kalman's update).

        rows: (m, K). values, deviations: (m,).
        """
        rows = np.atleast_2d(np.asarray(rows, np.float64))
        cross = self.covariance @ rows.T
        inner = rows @ cross + np.diag(np.asarray(deviations, np.float64) ** 2)
        gain = np.linalg.solve(inner, cross.T).T
        covariance = self.covariance - gain @ cross.T
        return Gaussian(self.mean + gain @ (values - rows @ self.mean), 0.5 * (covariance + covariance.T))


def fused(each: Sequence[Gaussian], caution: float = 1.0) -> Gaussian:
    """One Gaussian from several pictures' ones: their product, the mean weighted by how sure each is.

    The prior that each of them contains is counted more than once on purpose: taken out, as for errors that are
    independent, bodies from two pictures came out worse, because the errors are not.
    caution: factor on the covariance where there are several, for the same reason.
    """
    if len(each) == 1:
        return each[0]
    precisions = [np.linalg.inv(one.covariance) for one in each]
    covariance = np.linalg.inv(sum(precisions[1:], precisions[0]))
    mean = covariance @ sum(precision @ one.mean for precision, one in zip(precisions, each, strict=True))
    return Gaussian(mean, caution * 0.5 * (covariance + covariance.T))
