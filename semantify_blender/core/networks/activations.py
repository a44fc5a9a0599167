"""What is done to each number of a feature map after its weights, in place."""

from collections.abc import Callable

import numpy as np

Activate = Callable[..., None]
"""(values, working memory of the same shape, slopes where there are any)."""


def _none(values: np.ndarray, part: np.ndarray) -> None:
    pass


def _relu(values: np.ndarray, part: np.ndarray) -> None:
    np.maximum(values, 0, out=values)


def _relu6(values: np.ndarray, part: np.ndarray) -> None:
    # np.clip takes a third longer
    np.maximum(values, 0, out=values)
    np.minimum(values, 6, out=values)


def _prelu(values: np.ndarray, part: np.ndarray, slopes: np.ndarray) -> None:
    np.minimum(values, 0, out=part)
    np.multiply(part, slopes, out=part)
    np.maximum(values, 0, out=values)
    np.add(values, part, out=values)


def _hard_swish(values: np.ndarray, part: np.ndarray) -> None:
    np.add(values, 3, out=part)
    np.maximum(part, 0, out=part)
    np.minimum(part, 6, out=part)
    np.multiply(values, part, out=values)
    np.multiply(values, np.float32(1 / 6), out=values)


def _sigmoid(values: np.ndarray, part: np.ndarray) -> None:
    # beyond ±80 it is 0 or 1 to the last bit, and the exponential of more would overflow
    np.clip(values, -80, 80, out=values)
    np.negative(values, out=values)
    np.exp(values, out=values)
    np.add(values, 1, out=values)
    np.reciprocal(values, out=values)


ACTIVATIONS: dict[str, Activate] = {
    "none": _none,
    "relu": _relu,
    "relu6": _relu6,
    "prelu": _prelu,
    "hard swish": _hard_swish,
    "sigmoid": _sigmoid,
}
