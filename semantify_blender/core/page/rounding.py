"""A mapper's layers with few bits, rounded so that the layer's outputs, not its weights, change least."""

from dataclasses import dataclass

import numpy as np

_LARGEST, _LARGEST_LAST = 63, 127
"""Numbers that the largest weight of an output becomes; the last layer is small, and nothing makes its errors good."""
_FEW_INPUTS, _MANY_INPUTS = 64, 4096
"""A layer with so few inputs is small, and has nothing that could make its rounding good: it keeps half precision.

With very many, what goes together among them is a matrix that nobody wants to invert.
"""

_RIDGE = 1e-4
"""Of the mean square of the inputs, so that inputs that go together do not explode."""


@dataclass(frozen=True, eq=False)
class RoundedLayer:
    """weight = scale · numbers. numbers: (out, in) int8, or float16 with scales of 1. scale, bias: (out,) float32."""

    numbers: np.ndarray
    scale: np.ndarray
    bias: np.ndarray

    @property
    def weight(self) -> np.ndarray:
        """(out, in) float32, as a page has it."""
        return self.scale[:, None] * self.numbers.astype(np.float32)


def rounded_layers(layers: tuple[tuple[np.ndarray, np.ndarray], ...], inputs: np.ndarray) -> list[RoundedLayer]:
    """Layers with ReLU between them, each rounded for the inputs that the rounded ones before it give.

    inputs: (n, in) of the first layer, from all over its range.
    After OPTQ (Frantar et al. 2023): column by column, what one column's rounding does is made good by those behind.
    """
    exact = rough = np.asarray(inputs, np.float64)
    found = []
    for number, (weight, bias) in enumerate(layers):
        if not _FEW_INPUTS < weight.shape[1] <= _MANY_INPUTS:
            layer = RoundedLayer(weight.astype(np.float16), np.ones(len(weight), np.float32), bias.astype(np.float32))
        else:
            largest = _LARGEST_LAST if number == len(layers) - 1 else _LARGEST
            layer = _rounded(np.asarray(weight, np.float64), np.asarray(bias, np.float64), exact, rough, largest)
        found.append(layer)
        exact, rough = exact @ weight.T + bias, rough @ layer.weight.T + layer.bias
        if number < len(layers) - 1:
            exact, rough = np.maximum(exact, 0.0), np.maximum(rough, 0.0)
    return found


def _rounded(weight: np.ndarray, bias: np.ndarray, exact: np.ndarray, rough: np.ndarray, largest: int) -> RoundedLayer:
    scale = np.maximum(np.abs(weight).max(1) / largest, 1e-12).astype(np.float32)
    second = rough.T @ rough / len(rough)
    second += max(_RIDGE * float(np.trace(second)) / len(second), 1e-12) * np.eye(len(second))
    order = np.argsort(-np.diag(second), kind="stable")
    upper = np.linalg.cholesky(np.linalg.inv(second[np.ix_(order, order)])).T
    left = weight[:, order].copy()
    numbers = np.empty(left.shape, np.int64)
    for column in range(left.shape[1]):
        numbers[:, column] = np.clip(np.round(left[:, column] / scale), -127, 127)
        error = (left[:, column] - scale * numbers[:, column]) / upper[column, column]
        left[:, column + 1 :] -= np.outer(error, upper[column, column + 1 :])
    sorted_back = np.empty_like(numbers)
    sorted_back[:, order] = numbers
    kept = scale[:, None] * sorted_back
    bias = bias + (exact @ weight.T - rough @ kept.T).mean(0)
    return RoundedLayer(sorted_back.astype(np.int8), scale, bias.astype(np.float32))
