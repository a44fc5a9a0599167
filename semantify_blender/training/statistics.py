"""Rank correlation, and how sure a mean is: SciPy's, with the answers that the figures need in corner cases."""

import numpy as np
from scipy import stats


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation of two (N,) arrays; ties share their mean rank; 0 when either is constant."""
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return 0.0  # SciPy has NaN there
    return float(stats.spearmanr(a, b).statistic)


def bootstrap_interval(values: np.ndarray, seed: int = 0, draws: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """95 % percentile-bootstrap interval of the mean over the first axis. values: (N, ...). Returns (low, high).

    A draw takes the same rows in all columns.
    """
    found = stats.bootstrap((values,), np.mean, n_resamples=draws, batch=100, axis=0, method="percentile", rng=seed)
    return found.confidence_interval.low, found.confidence_interval.high


def mean_interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of the mean over the first axis by Student's t, for few values. values: (N, ...), N at least 2."""
    mean, error = values.mean(0), values.std(0, ddof=1) / len(values) ** 0.5
    width = float(stats.t.ppf(0.975, len(values) - 1)) * error
    return mean - width, mean + width


def paired_p_values(difference: np.ndarray, seed: int = 0, draws: int = 10_000) -> np.ndarray:
    """Two-sided sign-flip permutation test that the mean of paired differences over the first axis is 0.

    difference: (N, ...). Returns p (...): (1 + flips at least as far from 0) / (1 + draws), so never 0; of so few
    differences that all flips can be tried, the share of these.
    """

    def distance(values: np.ndarray, axis: int) -> np.ndarray:
        return np.abs(values.mean(axis))

    return stats.permutation_test(
        (difference,), distance, permutation_type="samples", vectorized=True, n_resamples=draws, batch=100,
        alternative="greater", axis=0, rng=seed,
    ).pvalue  # fmt: skip
