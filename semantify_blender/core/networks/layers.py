"""Layers of networks out of files: their shapes chained, their sizes bounded, their outputs known to stay finite."""

from collections.abc import Mapping

import numpy as np

from ..errors import FileFormatError
from ..files import bounds

Layer = tuple[np.ndarray, np.ndarray]


def load_layers(
    path: object, arrays: Mapping[str, np.ndarray], inputs: int, outputs: int, what: str
) -> tuple[Layer, ...]:
    """A multi-layer perceptron from "layer_count" and "layer<i>/weight" (out, in), "layer<i>/bias" (out,).

    what: its outputs, for messages. Returns float32 weights and biases.
    Raises FileFormatError when one is missing, no finite numbers, too large, or does not fit the one before it.
    """
    layers: list[Layer] = []
    width = inputs
    for i in range(layer_count(path, arrays)):
        weight, bias = (weights_of(path, arrays, f"layer{i}/{name}") for name in ("weight", "bias"))
        if weight.ndim != 2 or weight.shape[1] != width or bias.shape != (weight.shape[0],) or not len(bias):
            raise FileFormatError(
                path, f"layer{i}/weight", f"has shape {weight.shape} with bias {bias.shape}, expected (*, {width})"
            )
        width = len(bias)
        layers.append((weight, bias))
    if not layers or width != outputs:
        raise FileFormatError(path, "layer_count", f"layers end with {width} outputs, expected {outputs}, {what}")
    return tuple(layers)


def layer_count(path: object, arrays: Mapping[str, np.ndarray]) -> int:
    """The whole number in "layer_count". Raises FileFormatError when it is none, or more than any network has."""
    count = int(arrays["layer_count"])
    if not 0 < count <= bounds.LAYERS:
        raise FileFormatError(path, "layer_count", f"is {count}, expected 1 to {bounds.LAYERS}")
    return count


def weights_of(path: object, arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """One array of weights, float32. Raises FileFormatError unless its numbers are those of a network."""
    if name not in arrays:
        raise FileFormatError(path, name, "missing")
    array = arrays[name]
    if array.dtype.kind != "f" or array.ndim == 0 or max(array.shape) > bounds.WIDTH:
        raise FileFormatError(path, name, f"expected finite floating-point numbers, at most {bounds.WIDTH} an axis")
    # as Python's numbers: NumPy 1 would turn the bound into half precision to compare it, and warn of the overflow
    if array.size and not -bounds.LARGEST_WEIGHT <= float(array.min()) <= float(array.max()) <= bounds.LARGEST_WEIGHT:
        raise FileFormatError(path, name, f"expected numbers in ±{bounds.LARGEST_WEIGHT:g}")
    return array.astype(np.float32)


def check_reach(path: object, layers: tuple[Layer, ...], largest: np.ndarray) -> np.ndarray:
    """How far from 0 each output of a perceptron can be at most, for inputs that far from 0.

    largest: (in,) float64. Returns (out,) float64. Raises FileFormatError beyond bounds.LARGEST_OUTPUT: what is that
    large in a layer overflows in the next one, or in the shape that is made of it.
    """
    reach = np.asarray(largest, np.float64)
    for i, (weight, bias) in enumerate(layers):
        reach = np.abs(weight).astype(np.float64) @ reach + np.abs(bias)
        if reach.max() > bounds.LARGEST_OUTPUT:
            raise FileFormatError(path, f"layer{i}/weight", f"can give numbers beyond {bounds.LARGEST_OUTPUT:g}")
    return reach


def check_covariance(path: object, name: str, covariance: np.ndarray, definite: bool) -> None:
    """Raise FileFormatError unless a matrix (n, n) is symmetric and no variance is negative, as far as float32 tells.

    definite: also without directions that do not vary at all. n is bounded by the caller: the work grows with its cube.
    """
    values = covariance.astype(np.float64)
    largest = float(np.abs(values).max())
    if np.abs(values - values.T).max() > 1e-4 * largest:
        raise FileFormatError(path, name, "is not symmetric")
    least = float(np.linalg.eigvalsh(0.5 * (values + values.T))[0])
    if least < -1e-4 * largest or (definite and least <= 1e-9 * largest):
        raise FileFormatError(path, name, "expected a positive definite matrix")
    if definite and largest == 0.0:
        raise FileFormatError(path, name, "expected a positive definite matrix")
