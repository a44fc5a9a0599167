"""Conditions on the coefficients that are not linear: a measurement of the shape has a value, up to a deviation."""

from dataclasses import dataclass

import numpy as np

from ..model.gradients import Measurement
from .gaussian import Gaussian

_STEPS = 25
_NEAR, _GAIN = 1e-4, 1e-4
"""A step, in coefficients, and a gain, in shares of what is left, that are not worth another step."""
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
    # an estimate beyond what can be shown would pull against what is known for nothing
    prior = Gaussian(np.clip(prior.mean, *limits.T), prior.covariance)
    held = np.zeros(len(prior.mean), bool)
    pull, found = _solved(prior, conditions, held, limits, np.zeros(len(held)))
    for _ in held:
        outside = ~held & ((found.mean < limits[:, 0] - _AT_LIMIT) | (found.mean > limits[:, 1] + _AT_LIMIT))
        if not outside.any():
            break
        held |= outside
        ends = np.where(held[:, None], _nearer(found.mean, limits), limits)
        pull, found = _solved(prior, conditions, held, ends, pull)
    return found


def _nearer(mean: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """The end of each range that a coefficient is nearer to, twice: (K, 2)."""
    low, high = limits.T
    return np.repeat(np.where(np.abs(mean - low) < np.abs(mean - high), low, high)[:, None], 2, 1)


def _solved(
    prior: Gaussian, conditions: Conditions, held: np.ndarray, limits: np.ndarray, pull: np.ndarray
) -> tuple[np.ndarray, Gaussian]:
    """pull: (K,) where to begin: the shape is mean + covariance · pull, so that no covariance has to be inverted.

    Returns where it ended, and the shape.
    """
    ends = np.eye(len(held))[held] / _AT_LIMIT

    def rows(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        residuals, slopes = conditions.rows(at)
        return np.r_[residuals, ends @ (at - limits[:, 0])], np.r_[slopes, ends]

    at = prior.mean + prior.covariance @ pull
    residuals, slopes = rows(at)
    energy = float(residuals @ residuals + pull @ (at - prior.mean))
    for _ in range(_STEPS):
        inner = slopes @ prior.covariance @ slopes.T + np.eye(len(residuals))
        full = slopes.T @ np.linalg.solve(inner, slopes @ (at - prior.mean) - residuals)
        share, gain = 1.0, 0.0
        while share > 1e-2 and gain <= 0:
            tried = pull + share * (full - pull)
            there = prior.mean + prior.covariance @ tried
            tried_rows = rows(there)
            gain = energy - float(tried_rows[0] @ tried_rows[0] + tried @ (there - prior.mean))
            share /= 2
        if gain <= 0:
            break
        step = float(np.abs(there - at).max())
        pull, at, (residuals, slopes), energy = tried, there, tried_rows, energy - gain
        if step < _NEAR or gain < _GAIN * energy:
            break
    # what is left open is that of one more update, around the shape that was found
    left = Gaussian(at, prior.covariance).given(slopes, slopes @ at, np.ones(len(slopes)))
    return pull, Gaussian(at, left.covariance)
