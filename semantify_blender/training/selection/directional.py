"""Which words point in a direction of the shape space, and which only measure how far a shape is from some other.

"average" is high near the mean shape and low everywhere else: as a slider it has no two ends (facts: it measures |ξ|).
"""

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import Ridge

from ..statistics import spearman
from .quadratic import predict_unseen

CURVED_GAIN = 0.15
"""A quadratic must explain this much more of the variance than a linear fit for a word to count as curved."""
LINEAR_ENOUGH = 0.5
"""A word whose linear fit reaches this R² is directional whatever the quadratic adds."""
UNEXPLAINED = 0.1
"""Below this R² of the quadratic fit the score does not follow the shape at all."""
_FOLDS, _STRENGTH = 5, 1e-2


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
    fold = np.arange(len(scores)) % _FOLDS
    linear = _linear(used, scores, fold)
    quadratic = predict_unseen(used, scores, fold, _STRENGTH) if used.shape[1] else linear
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


def _linear(coefficients: np.ndarray, scores: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """(N, d) predictions of a ridge regression, each sample's by the fit that left its fold out."""
    terms = np.concatenate([np.ones((len(scores), 1)), coefficients], 1)
    predicted = np.empty_like(scores)
    for number in range(_FOLDS):
        seen = fold != number
        ridge = Ridge(_STRENGTH * seen.sum(), solver="cholesky").fit(terms[seen], scores[seen])
        predicted[~seen] = ridge.predict(terms[~seen]).reshape(-1, scores.shape[1])  # it flattens a single word
    return predicted
