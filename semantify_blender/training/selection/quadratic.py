"""A ridge regression on all squares and products of the coefficients, in memory that does not grow with their number.

1 + K + K(K + 1)/2 terms of every sample are 15 GiB for 300 coefficients and 40,000 samples. They are never all there:
one of two square matrices is enough, that of the terms with each other or that of the samples with each other, and the
smaller of the two is added up from blocks of samples. Both give the same predictions (the dual of ridge regression).
"""

from collections.abc import Iterator

import numpy as np
from scipy.linalg import solve

from ...core.model.measurements import quadratic_terms

MOST = 6000
"""Rows of the square matrix: 288 MB, of which there are three at a time."""
CHOSEN = 2500
"""Terms that are left where there would be more than MOST, of as many samples: fewer, so that it takes minutes."""
_BLOCK = 1 << 22
"""Numbers of a block of terms."""


def term_count(components: int) -> int:
    """How many terms `quadratic_terms` gives for so many coefficients."""
    return 1 + components + components * (components + 1) // 2


def predict_unseen(coefficients: np.ndarray, scores: np.ndarray, fold: np.ndarray, strength: float) -> np.ndarray:
    """Predictions of the quadratic fit, each sample's by the fit that left its fold out.

    coefficients: (N, K). scores: (N, d). fold: (N,) int. strength: of the ridge, for each sample that a fit sees.
    With more than MOST samples and more than MOST terms, products are those of the first coefficients only, as many as
    CHOSEN terms allow, and squares those of all: basis vectors come in the order of what they move.
    Returns (N, d) float64.
    """
    if len(coefficients) <= min(MOST, term_count(coefficients.shape[1])):
        return _by_samples(coefficients, scores, fold, strength)
    return _by_terms(coefficients, scores, fold, strength)


def _by_samples(coefficients: np.ndarray, scores: np.ndarray, fold: np.ndarray, strength: float) -> np.ndarray:
    kernel = _kernel(coefficients)
    predicted = np.empty_like(scores)
    for number in np.unique(fold):
        seen = fold != number
        among = kernel[np.ix_(seen, seen)]
        means = among.mean(0)
        middle = means.mean()
        among -= means
        among -= means[:, None]
        among += middle
        among.flat[:: len(among) + 1] += strength * seen.sum()
        offset = scores[seen].mean(0)
        weights = solve(among, scores[seen] - offset, assume_a="pos", overwrite_a=True)
        across = kernel[np.ix_(~seen, seen)]
        across -= across.mean(1, keepdims=True) + means - middle
        predicted[~seen] = across @ weights + offset
    return predicted


def _kernel(coefficients: np.ndarray) -> np.ndarray:
    """(N, N): products of the samples' terms. Σ_i≤j x_i x_j y_i y_j = ((x·y)² + Σ_i x_i² y_i²) / 2."""
    inner = coefficients @ coefficients.T
    squares = coefficients**2
    kernel = squares @ squares.T
    kernel += inner**2
    kernel /= 2
    kernel += inner
    kernel += 1
    return kernel


def _by_terms(coefficients: np.ndarray, scores: np.ndarray, fold: np.ndarray, strength: float) -> np.ndarray:
    predicted = np.empty_like(scores)
    mixed = _mixed(coefficients.shape[1])
    # about the mean of all, so that little is left to subtract for the mean of what is seen
    middle = sum(block.sum(0) for _, block in _blocks(coefficients, mixed)) / len(coefficients)
    level = scores.mean(0)

    def add(rows: np.ndarray, sign: float, gram: np.ndarray, sums: np.ndarray, with_scores: np.ndarray) -> None:
        for part, block in _blocks(coefficients[rows], mixed):
            block -= middle
            product = block.T @ block
            product *= sign
            gram += product
            sums += sign * block.sum(0)
            with_scores += sign * block.T @ (scores[rows][part] - level)

    count, size = len(coefficients), len(middle)
    everything = np.zeros((size, size)), np.zeros(size), np.zeros((size, scores.shape[1]))
    add(np.arange(count), 1.0, *everything)
    for number in np.unique(fold):
        unseen = np.flatnonzero(fold == number)
        gram, sums, with_scores = (part.copy() for part in everything)
        add(unseen, -1.0, gram, sums, with_scores)
        left = count - len(unseen)
        means, offset = sums / left, (scores[fold != number] - level).mean(0)
        for start in range(0, size, 512):
            gram[start : start + 512] -= np.outer(sums[start : start + 512], means)
        gram.flat[:: size + 1] += strength * left
        with_scores -= np.outer(sums, offset)
        weights = solve(gram, with_scores, assume_a="pos", overwrite_a=True, overwrite_b=True)
        found = [(block - middle - means) @ weights for _, block in _blocks(coefficients[unseen], mixed)]
        predicted[unseen] = np.concatenate(found) + offset + level
    return predicted


def _mixed(components: int) -> int:
    """How many of the coefficients are multiplied with each other."""
    if term_count(components) <= MOST:
        return components
    mixed = components
    while mixed and 1 + components + (components - mixed) + mixed * (mixed + 1) // 2 > CHOSEN:
        mixed -= 1
    return mixed


def _blocks(coefficients: np.ndarray, mixed: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Samples and their terms, a block at a time; of those beyond the first `mixed` coefficients squares alone."""
    rest = coefficients.shape[1] - mixed
    rows = max(1, _BLOCK // (term_count(mixed) + 2 * rest))
    for start in range(0, len(coefficients), rows):
        chosen = slice(start, start + rows)
        part = coefficients[chosen]
        terms = quadratic_terms(part[:, :mixed])
        yield chosen, np.concatenate([terms, part[:, mixed:], part[:, mixed:] ** 2], 1) if rest else terms
