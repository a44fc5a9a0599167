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


def fused(prior: Gaussian, each: Sequence[Gaussian], caution: float = 1.0) -> Gaussian:
    """One Gaussian from several that each contain the same prior.

    caution: factor on the covariances where there are several: errors that all of them share do not average out.
    """
    if len(each) == 1:
        return each[0]
    # the product of the Gaussians, divided by the prior as often as it is counted too much
    before = np.linalg.inv(prior.covariance)
    precision, weighted = before.copy(), before @ prior.mean
    for one in each:
        own = np.linalg.inv(one.covariance)
        values, axes = np.linalg.eigh(own - before)
        # a picture never tells less than nothing, even where its Gaussian is wider than the prior
        gained = (axes * np.maximum(values, 0.0)) @ axes.T / caution
        precision += gained
        weighted += gained @ _told(one, before, prior.mean, own)
    covariance = np.linalg.inv(precision)
    return Gaussian(covariance @ weighted, 0.5 * (covariance + covariance.T))


def _told(one: Gaussian, before: np.ndarray, centre: np.ndarray, own: np.ndarray) -> np.ndarray:
    """(K,) what the picture alone says: its Gaussian's mean with the prior's pull taken out."""
    alone = own - before
    values, axes = np.linalg.eigh(alone)
    # where it tells next to nothing, its own mean is as good as any
    inverse = (axes * np.where(values > 0.05 * values.max(), 1.0 / np.maximum(values, 1e-9), 0.0)) @ axes.T
    known = axes[:, values > 0.05 * values.max()]
    told = inverse @ (own @ one.mean - before @ centre)
    return one.mean + known @ (known.T @ (told - one.mean))
