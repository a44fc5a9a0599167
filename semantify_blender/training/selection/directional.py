"""Which words point in a direction of the shape space, and which only measure how far a shape is from some other.

"average" is high near the mean shape and low everywhere else: as a slider it has no two ends (facts: it measures |ξ|).
"""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import Ridge

from ...core.model.measurements import quadratic_terms
from ..statistics import spearman

CURVED_GAIN = 0.15
"""A quadratic must explain this much more of the variance than a linear fit for a word to count as curved."""
LINEAR_ENOUGH = 0.5
"""A word whose linear fit reaches this R² is directional whatever the quadratic adds."""
UNEXPLAINED = 0.1
"""Below this R² of the quadratic fit the score does not follow the shape at all."""


@dataclass(frozen=True)
class Explained:
    """How the coefficients explain a word's score, on samples the fits have not seen.

    linear, quadratic: R² of the fits. monotone: largest |Spearman| of the score with the fitted linear direction.
    """

    word_index: int
    linear: float
    quadratic: float
    monotone: float
    directional: bool
    text: str


def how_directional(scores: np.ndarray, coefficients: np.ndarray) -> tuple[Explained, ...]:
    """Judge every word. scores: (N, d); coefficients: (N, K). Returns one Explained per word, in order."""
    scores = np.asarray(scores, np.float64)
    used = np.asarray(coefficients, np.float64)
    used = used[:, used.std(0) > 1e-9]
    terms = quadratic_terms(used)
    linear_terms = terms[:, : 1 + used.shape[1]]
    linear = _cross_predict(linear_terms, scores)
    quadratic = _cross_predict(terms, scores)
    total = ((scores - scores.mean(0)) ** 2).sum(0)
    total = np.where(total > 1e-12, total, 1.0)
    linear_r2 = 1 - ((scores - linear) ** 2).sum(0) / total
    quadratic_r2 = 1 - ((scores - quadratic) ** 2).sum(0) / total
    return tuple(
        _judge(i, float(linear_r2[i]), float(quadratic_r2[i]), abs(spearman(linear[:, i], scores[:, i])))
        for i in range(scores.shape[1])
    )


def _judge(index: int, linear: float, quadratic: float, monotone: float) -> Explained:
    if linear < LINEAR_ENOUGH and quadratic - linear > CURVED_GAIN:
        text = (
            f"not a direction: its score depends on the distance from a shape (a line explains {max(linear, 0):.0%} of "
            f"it, a curve {quadratic:.0%})"
        )
        return Explained(index, linear, quadratic, monotone, False, text)
    if max(linear, quadratic) < UNEXPLAINED:
        text = f"its score hardly follows the shape ({max(linear, quadratic, 0):.0%} explained)"
        return Explained(index, linear, quadratic, monotone, False, text)
    return Explained(
        index, linear, quadratic, monotone, True, f"a direction explains {max(linear, 0):.0%} of its score"
    )


def _cross_predict(terms: np.ndarray, scores: np.ndarray, folds: int = 5, strength: float = 1e-2) -> np.ndarray:
    """(N, d) predictions of a ridge regression, each sample by the fit that left its fold out."""
    predicted = np.empty_like(scores)
    fold = np.arange(len(scores)) % folds
    for f in range(folds):
        seen = fold != f
        ridge = Ridge(strength * seen.sum(), solver="cholesky").fit(terms[seen], scores[seen])
        predicted[~seen] = ridge.predict(terms[~seen]).reshape(-1, scores.shape[1])  # it flattens a single word
    return predicted
