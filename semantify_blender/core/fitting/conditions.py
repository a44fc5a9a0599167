"""Conditions on the coefficients that are not linear: a measurement of the shape has a value, up to a deviation."""

from dataclasses import dataclass

import numpy as np

from ..model.gradients import Measurement
from .gaussian import Gaussian

_STEPS = 25
_NEAR = 1e-5
"""A step, in coefficients, that is no longer worth another one."""
_AT_LIMIT = 1e-3
"""How exactly a coefficient is held at the end of its range, standard deviations."""


@dataclass(frozen=True, eq=False)
class Condition:
    """name: of what is measured. value, deviation: what it is to be and how exactly, in its own unit."""

    name: str
    measurement: Measurement
    value: float
    deviation: float

    def off(self, coefficients: np.ndarray) -> float:
        """How far a shape (K,) is from it, in deviations."""
        return (self.measurement(coefficients)[0] - self.value) / self.deviation


@dataclass(frozen=True, eq=False)
class Conditions:
    """All that is asked of one shape; may be empty."""

    each: tuple[Condition, ...] = ()

    def rows(self, coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Residuals (m,) in deviations, and their derivatives (m, K), at coefficients (K,)."""
        residuals, slopes = np.zeros(len(self.each)), np.zeros((len(self.each), len(coefficients)))
        for i, one in enumerate(self.each):
            value, slope = one.measurement(coefficients)
            residuals[i], slopes[i] = (value - one.value) / one.deviation, slope / one.deviation
        return residuals, slopes


def conditioned(prior: Gaussian, conditions: Conditions, limits: np.ndarray) -> Gaussian:
    """A shape after learning all conditions at once: Gauss-Newton on prior and residuals together.

    Each step is Kalman's update around the shape that the one before found, shortened until it is an improvement, so
    that conditions that contradict each other end at the shape nearest to them and to the prior.
    limits: (K, 2); what would leave them is held there while the others make up for it.
    """
    held = np.zeros(len(prior.mean), bool)
    found = _solved(prior, conditions, held, limits)
    for _ in held:
        outside = ~held & ((found.mean < limits[:, 0] - _AT_LIMIT) | (found.mean > limits[:, 1] + _AT_LIMIT))
        if not outside.any():
            break
        held |= outside
        found = _solved(prior, conditions, held, np.where(held[:, None], _nearer(found.mean, limits), limits))
    return found


def _nearer(mean: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """The end of each range that a coefficient is nearer to, twice: (K, 2)."""
    low, high = limits.T
    return np.repeat(np.where(np.abs(mean - low) < np.abs(mean - high), low, high)[:, None], 2, 1)


def _solved(prior: Gaussian, conditions: Conditions, held: np.ndarray, limits: np.ndarray) -> Gaussian:
    ends = np.eye(len(held))[held] / _AT_LIMIT

    def rows(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        residuals, slopes = conditions.rows(at)
        return np.r_[residuals, ends @ (at - limits[:, 0])], np.r_[slopes, ends]

    # the shape is mean + covariance · pull: so no covariance, however flat, has to be inverted
    pull = np.zeros(len(prior.mean))
    at = prior.mean
    residuals, slopes = rows(at)
    energy = float(residuals @ residuals)
    for _ in range(_STEPS):
        spread = slopes @ prior.covariance
        inner = spread @ slopes.T + np.eye(len(residuals))
        full = slopes.T @ np.linalg.solve(inner, slopes @ (at - prior.mean) - residuals)
        share, better = 1.0, False
        while share > 1e-3 and not better:
            tried = pull + share * (full - pull)
            moved = prior.covariance @ tried
            residuals, slopes = rows(prior.mean + moved)
            tried_energy = float(residuals @ residuals + tried @ moved)
            better = tried_energy < energy
            share /= 2
        if not better:
            residuals, slopes = rows(at)
            break
        step = float(np.abs(prior.mean + moved - at).max())
        pull, at, energy = tried, prior.mean + moved, tried_energy
        if step < _NEAR:
            break
    # what is left open is that of one more update, around the shape that was found
    left = Gaussian(at, prior.covariance).given(slopes, slopes @ at, np.ones(len(slopes)))
    return Gaussian(at, left.covariance)
