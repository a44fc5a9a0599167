"""Operators as their definitions say them, number by number in float64: what the quick ones have to agree with."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from semantify_blender.core.networks.graph import Graph, Node


def evaluated(graph: Graph, picture: np.ndarray) -> dict[int, np.ndarray]:
    """All feature maps of a graph, each in memory of its own."""
    known = {0: picture.astype(np.float64)}
    for node in graph.nodes:
        known[node.output] = applied(node, [known[number] for number in node.inputs])
    return known


def applied(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    """What one operator gives."""
    weights = [array.astype(np.float64) for array in node.weights]
    return _OPERATORS[node.operator](inputs, weights, node.options)


def _activated(values: np.ndarray, weights: Sequence[np.ndarray], options: Any) -> np.ndarray:
    name = options.get("activation", "none")
    found = np.empty_like(values)
    for at in np.ndindex(values.shape):
        x = values[at]
        if name == "none":
            found[at] = x
        elif name == "relu":
            found[at] = max(x, 0)
        elif name == "relu6":
            found[at] = min(max(x, 0), 6)
        elif name == "prelu":
            found[at] = x if x > 0 else x * weights[-1][at[-1]]
        elif name == "hard swish":
            found[at] = x * min(max(x + 3, 0), 6) / 6
        elif name == "sigmoid":
            found[at] = 1 / (1 + np.exp(-x))
        else:
            raise AssertionError(name)
    return found


def _padded(map_: np.ndarray, padding: Sequence[int]) -> np.ndarray:
    top, bottom, left, right = padding
    return np.pad(map_, ((top, bottom), (left, right), (0, 0)))


def _windows(map_: np.ndarray, kernel: Sequence[int], stride: Sequence[int]) -> np.ndarray:
    """(rows, columns) of objects: the window at each place."""
    places = [(map_.shape[i] - kernel[i]) // stride[i] + 1 for i in (0, 1)]
    found = np.empty(places, object)
    for r, c in product(*map(range, places)):
        y, x = r * stride[0], c * stride[1]
        found[r, c] = map_[y : y + kernel[0], x : x + kernel[1]]
    return found


def _pooled(map_: np.ndarray, options: Any, what: Any) -> np.ndarray:
    windows = _windows(map_, options["kernel"], options["stride"])
    return np.array([[what(window, axis=(0, 1)) for window in row] for row in windows])


def _convolution(inputs: Sequence[np.ndarray], weights: Sequence[np.ndarray], options: Any) -> np.ndarray:
    kernel, bias = weights[:2]
    stride = (options["stride"],) * 2
    windows = _windows(_padded(inputs[0], options["padding"]), kernel.shape[:2], stride)
    sums = [[np.tensordot(window, kernel, 3) + bias for window in row] for row in windows]
    return _activated(np.array(sums), weights[2:], options)


def _depthwise(inputs: Sequence[np.ndarray], weights: Sequence[np.ndarray], options: Any) -> np.ndarray:
    kernel, bias = weights[:2]
    stride = (options["stride"],) * 2
    windows = _windows(_padded(inputs[0], options["padding"]), kernel.shape[:2], stride)
    sums = [[(window * kernel).sum((0, 1)) + bias for window in row] for row in windows]
    return _activated(np.array(sums), weights[2:], options)


def _transposed(inputs: Sequence[np.ndarray], weights: Sequence[np.ndarray], options: Any) -> np.ndarray:
    (map_,), (kernel, bias), stride = inputs, weights, options["stride"]
    found = np.empty((map_.shape[0] * stride, map_.shape[1] * stride, len(bias)))
    for r, c in np.ndindex(found.shape[:2]):
        found[r, c] = map_[r // stride, c // stride] @ kernel[:, r % stride, c % stride] + bias
    return found


def _resize(inputs: Sequence[np.ndarray], weights: Sequence[np.ndarray], options: Any) -> np.ndarray:
    (map_,), (rows, columns) = inputs, options["size"]
    found = np.empty((rows, columns, map_.shape[2]))
    for r, c in np.ndindex(rows, columns):
        corners = []
        for place, after, before in ((r, rows, map_.shape[0]), (c, columns, map_.shape[1])):
            at = (place + 0.5) * before / after - 0.5 if options.get("half") else place * before / after
            at = min(max(at, 0), before - 1)
            low = int(at)
            corners.append(((low, 1 - (at - low)), (min(low + 1, before - 1), at - low)))
        found[r, c] = sum(map_[y, x] * a * b for (y, a), (x, b) in product(*corners))
    return found


def _depth_to_space(inputs: Sequence[np.ndarray], weights: Sequence[np.ndarray], options: Any) -> np.ndarray:
    (map_,), size = inputs, options["size"]
    channels = map_.shape[2] // size**2
    found = np.empty((map_.shape[0] * size, map_.shape[1] * size, channels))
    for r, c, k in np.ndindex(found.shape):
        found[r, c, k] = map_[r // size, c // size, ((r % size) * size + c % size) * channels + k]
    return found


_OPERATORS = {
    "convolution": _convolution,
    "depthwise convolution": _depthwise,
    "transposed convolution": _transposed,
    "activation": lambda inputs, weights, options: _activated(inputs[0], weights, options),
    "add": lambda inputs, weights, options: _activated(inputs[0] + inputs[1], weights, options),
    "multiply": lambda inputs, weights, options: inputs[0] * inputs[1],
    "append channels": lambda inputs, weights, options: np.concatenate(
        [inputs[0], np.zeros((*inputs[0].shape[:2], options["channels"]))], 2
    ),
    "pad": lambda inputs, weights, options: _padded(inputs[0], options["padding"]),
    "maximum pool": lambda inputs, weights, options: _pooled(inputs[0], options, np.max),
    "average pool": lambda inputs, weights, options: _pooled(inputs[0], options, np.mean),
    "resize": _resize,
    "depth to space": _depth_to_space,
    "reshape": lambda inputs, weights, options: inputs[0].reshape(options["shape"]),
    "concatenate": lambda inputs, weights, options: np.concatenate(inputs, options["axis"]),
}
