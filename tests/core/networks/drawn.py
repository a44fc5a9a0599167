"""Operators and graphs drawn at random, small enough to be worked out number by number."""

from collections.abc import Callable

import numpy as np

from semantify_blender.core.networks.graph import Graph, Node
from semantify_blender.core.networks.operator import Shape
from semantify_blender.core.networks.operators import OPERATORS

FUSED = ("none", "relu", "relu6", "prelu", "hard swish", "sigmoid")
Rng = np.random.Generator


def drawn_node(rng: Rng, operator: str, shapes: dict[int, Shape], output: int) -> Node | None:
    """An operator that fits one of the feature maps that there are; None where none of those that were drawn fits."""
    maps = [number for number, shape in shapes.items() if len(shape) == 3]
    number = int(rng.choice(maps))
    return _DRAWN[operator](rng, number, shapes, output)


def drawn_graph(rng: Rng, count: int) -> Graph:
    """Operators of all kinds that take each other's outputs in any order, some of them the network's."""
    shapes: dict[int, Shape] = {0: _shape(rng)}
    nodes: list[Node] = []
    while len(nodes) < count:
        operator = str(rng.choice(list(OPERATORS)))
        node = drawn_node(rng, operator, shapes, len(nodes) + 1)
        if node is None:
            continue
        shape = OPERATORS[operator].shape([shapes[i] for i in node.inputs], node.weights, node.options)
        if min(shape) < 1 or np.prod(shape) > 2000:
            continue
        nodes.append(node)
        shapes[node.output] = shape
    some = rng.choice(count, 3, replace=False) + 1
    return Graph("drawn", shapes[0], tuple(nodes), {f"out{i}": int(number) for i, number in enumerate(some)})


def weights(rng: Rng, *shape: int) -> np.ndarray:
    """Numbers that float16 holds, and that keep what goes through them about as large as it was."""
    spread = 0.7 / np.sqrt(max(np.prod(shape[:-1]), 1))
    return rng.normal(0, spread, shape).astype(np.float16).astype(np.float32)


def _shape(rng: Rng) -> Shape:
    return int(rng.integers(3, 10)), int(rng.integers(3, 10)), int(rng.choice([1, 2, 3, 8, 16]))


def _activation(rng: Rng, channels: int) -> tuple[str, list[np.ndarray]]:
    name = str(rng.choice(FUSED))
    return name, [weights(rng, channels)] if name == "prelu" else []


def _windowed(rng: Rng) -> tuple[list[int], dict[str, object]]:
    kernel = rng.integers(1, 6, 2).tolist()
    if rng.random() < 0.3:
        kernel = [1, 1]
    padding = rng.integers(0, 4, 4).tolist() if rng.random() < 0.6 else [0] * 4
    return kernel, {"stride": int(rng.integers(1, 4)), "padding": padding}


def _convolution(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node:
    kernel, options = _windowed(rng)
    out = int(rng.integers(1, 9))
    name, slopes = _activation(rng, out)
    arrays = (weights(rng, *kernel, shapes[number][2], out), weights(rng, out), *slopes)
    return Node("convolution", (number,), output, arrays, {**options, "activation": name})


def _depthwise(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node:
    kernel, options = _windowed(rng)
    channels = shapes[number][2]
    name, slopes = _activation(rng, channels)
    arrays = (weights(rng, *kernel, channels), weights(rng, channels), *slopes)
    return Node("depthwise convolution", (number,), output, arrays, {**options, "activation": name})


def _transposed(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node:
    stride, out = int(rng.integers(1, 4)), int(rng.integers(1, 5))
    arrays = (weights(rng, shapes[number][2], stride, stride, out), weights(rng, out))
    return Node("transposed convolution", (number,), output, arrays, {"stride": stride})


def _alone(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node:
    name, slopes = _activation(rng, shapes[number][2])
    return Node("activation", (number,), output, tuple(slopes), {"activation": name})


def _add(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node:
    other = int(rng.choice([i for i, shape in shapes.items() if shape == shapes[number]]))
    activation = str(rng.choice([name for name in FUSED if name != "prelu"]))
    return Node("add", (number, other), output, (), {"activation": activation} if rng.random() < 0.7 else {})


def _multiply(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node:
    fitting = (shapes[number], (1, 1, shapes[number][2]))
    other = int(rng.choice([i for i, shape in shapes.items() if shape in fitting]))
    return Node("multiply", (number, other), output)


def _append(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node:
    return Node("append channels", (number,), output, (), {"channels": int(rng.integers(1, 5))})


def _pad(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node:
    return Node("pad", (number,), output, (), {"padding": rng.integers(0, 4, 4).tolist()})


def _pool(name: str) -> Callable[[Rng, int, dict[int, Shape], int], Node | None]:
    def drawn(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node | None:
        shape = shapes[number]
        kernel = list(shape[:2]) if rng.random() < 0.3 else rng.integers(1, 4, 2).tolist()
        if kernel[0] > shape[0] or kernel[1] > shape[1]:
            return None
        return Node(name, (number,), output, (), {"kernel": kernel, "stride": rng.integers(1, 4, 2).tolist()})

    return drawn


def _resize(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node:
    options = {"size": rng.integers(1, 16, 2).tolist()}
    return Node("resize", (number,), output, (), options | ({"half": bool(rng.random() < 0.7)}))


def _depth_to_space(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node | None:
    size = int(rng.integers(2, 5))
    return None if shapes[number][2] % size**2 else Node("depth to space", (number,), output, (), {"size": size})


def _reshape(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node:
    rows, columns, channels = shapes[number]
    shape = [[columns, rows, channels], [rows * columns, 1, channels], [rows * columns * channels]][rng.integers(3)]
    return Node("reshape", (number,), output, (), {"shape": shape})


def _concatenate(rng: Rng, number: int, shapes: dict[int, Shape], output: int) -> Node:
    axis, shape = int(rng.integers(3)), shapes[number]
    fitting = [
        i
        for i, other in shapes.items()
        if len(other) == 3 and other[:axis] + other[axis + 1 :] == shape[:axis] + shape[axis + 1 :]
    ]
    others = rng.choice(fitting, int(rng.integers(1, 3))).tolist()
    return Node("concatenate", (number, *others), output, (), {"axis": axis})


_DRAWN: dict[str, Callable[[Rng, int, dict[int, Shape], int], Node | None]] = {
    "convolution": _convolution,
    "depthwise convolution": _depthwise,
    "transposed convolution": _transposed,
    "activation": _alone,
    "add": _add,
    "append channels": _append,
    "average pool": _pool("average pool"),
    "concatenate": _concatenate,
    "depth to space": _depth_to_space,
    "maximum pool": _pool("maximum pool"),
    "multiply": _multiply,
    "pad": _pad,
    "reshape": _reshape,
    "resize": _resize,
}
