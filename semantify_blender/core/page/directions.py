"""The directions in which a mapper's shapes really move: what hardly moves needs hardly any bits."""

from dataclasses import dataclass

import numpy as np

from ..mapper import Mapper

SEED = 20231104
_SETTINGS = 2400


@dataclass(frozen=True, eq=False)
class Directions:
    """Vertices = template + mean · basis + y · fields with y = projection · (ξ − mean), of a variance of about 1 each.

    mean: (K,) float32 coefficients. projection: (R, K) float32. mixing: (R, K) float64, fields = mixing · basis.
    """

    mean: np.ndarray
    projection: np.ndarray
    mixing: np.ndarray


def slider_settings(mapper: Mapper, count: int = _SETTINGS, seed: int = SEED) -> np.ndarray:
    """(n, d) settings from all over the sliders' range: all at once, a few at once, one alone, and corners."""
    rng = np.random.default_rng(seed)
    d = len(mapper.descriptors)
    anywhere = rng.uniform(-mapper.reach, mapper.reach, (count, d))
    anywhere[: count // 4] *= rng.uniform(size=(count // 4, 1))
    anywhere[count // 4 : count // 2] *= rng.uniform(size=(count // 2 - count // 4, d)) < 0.25
    steps = np.linspace(-mapper.reach, mapper.reach, 13)
    alone = (np.eye(d)[:, None] * steps[None, :, None]).reshape(-1, d)
    corners = mapper.reach * np.sign(rng.normal(size=(count // 8, d)))
    return np.concatenate([anywhere, alone, corners])


def directions(coefficients: np.ndarray, basis: np.ndarray) -> Directions:
    """Principal directions of displaced vertices.

    coefficients: (n, K) that the mapper gives. basis: (K, N, 3) metres.
    """
    count = coefficients.shape[1]
    mean = coefficients.mean(0).astype(np.float32)
    spread = coefficients - mean
    covariance = spread.T.astype(np.float64) @ spread / len(spread)
    covariance += 1e-9 * (1 + np.trace(covariance) / count) * np.eye(count)
    root = np.linalg.cholesky(covariance)
    flat = basis.reshape(count, -1).astype(np.float64)
    vectors = np.linalg.eigh(root.T @ (flat @ flat.T) @ root)[1][:, ::-1]
    # the sign of an eigenvector is the library's whim; pages should not depend on it
    vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(0), np.arange(count)])
    projection = np.linalg.solve(root, np.eye(count)).T @ vectors
    return Directions(mean, projection.T.astype(np.float32), (root @ vectors).T)
