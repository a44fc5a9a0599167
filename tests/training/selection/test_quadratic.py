"""The quadratic fit in flat memory: what scikit-learn gives for all terms at once, and 300 components at all."""

import tracemalloc

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from semantify_blender.core.model.measurements import quadratic_terms
from semantify_blender.training.selection import quadratic
from semantify_blender.training.selection.directional import how_directional

FOLDS, STRENGTH = 5, 1e-2


def at_once(coefficients: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """As it was done before: all terms of all samples in one matrix."""
    terms, fold = quadratic_terms(coefficients), np.arange(len(scores)) % FOLDS
    predicted = np.empty_like(scores)
    for number in range(FOLDS):
        seen = fold != number
        ridge = Ridge(STRENGTH * seen.sum(), solver="cholesky").fit(terms[seen], scores[seen])
        predicted[~seen] = ridge.predict(terms[~seen]).reshape(-1, scores.shape[1])
    return predicted


def drawn(samples: int, components: int, words: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([samples, components])
    xi = rng.uniform(-2, 2, (samples, components))
    scores = xi[:, :1] @ rng.normal(size=(1, words)) - (xi**2).sum(1, keepdims=True) * rng.random(words)
    return xi, 20 + scores + 0.1 * rng.normal(size=scores.shape)


@pytest.mark.parametrize(
    ("samples", "components"), [(7, 1), (40, 3), (400, 10), (1000, 30), (60, 40), (466, 29), (467, 29)]
)
@pytest.mark.parametrize("block", [1 << 22, 700])
def test_it_is_the_fit_of_all_terms(samples: int, components: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quadratic, "_BLOCK", block)
    xi, scores = drawn(samples, components)
    found = quadratic.predict_unseen(xi, scores, np.arange(samples) % FOLDS, STRENGTH)
    np.testing.assert_allclose(found, at_once(xi, scores), rtol=1e-9, atol=1e-9)


def test_both_ways_agree() -> None:
    xi, scores = drawn(200, 12)
    fold = np.arange(200) % FOLDS
    by_samples = quadratic._by_samples(xi, scores, fold, STRENGTH)
    np.testing.assert_allclose(by_samples, quadratic._by_terms(xi, scores, fold, STRENGTH), rtol=1e-9)


@pytest.mark.parametrize("samples", [600, 5000])
def test_300_components_take_little_memory(samples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a fifth of the size of the matrix; all terms would be 218 MB and 1.8 GB, each of several copies."""
    monkeypatch.setattr(quadratic, "MOST", 1200)
    monkeypatch.setattr(quadratic, "CHOSEN", 1000)
    monkeypatch.setattr(quadratic, "_BLOCK", 1 << 20)
    rng = np.random.default_rng(0)
    xi = rng.uniform(-2, 2, (samples, 300))
    words = np.stack([xi[:, 0] + 0.1 * rng.normal(size=samples), -(xi**2).sum(1), rng.normal(size=samples)], 1)
    tracemalloc.start()
    tall, average, noise = how_directional(words, xi)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6
    assert tall.directional
    assert not noise.directional
    assert not average.directional
    if samples > 1200:
        assert "distance from a shape" in average.text


def test_products_are_those_of_the_first_coefficients_where_there_are_too_many() -> None:
    assert quadratic._mixed(10) == 10
    assert quadratic._mixed(107) == 107
    for components in (109, 300, 1024):
        mixed = quadratic._mixed(components)
        count = quadratic.term_count(mixed) + 2 * (components - mixed)
        assert 0.97 * quadratic.CHOSEN < count <= quadratic.CHOSEN
