"""Every operator against its definition, over shapes, strides, paddings and activations drawn at random."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from semantify_blender.core.networks.graph import Graph, Node
from semantify_blender.core.networks.operator import Shape, UnfitError
from semantify_blender.core.networks.operators import OPERATORS
from semantify_blender.core.networks.runner import Runner
from tests.core.networks import naive
from tests.core.networks.drawn import drawn_node, weights


def run(node: Node, inputs: Sequence[np.ndarray]) -> np.ndarray:
    shapes = [array.shape for array in inputs]
    operator = OPERATORS[node.operator]
    shape = operator.shape(shapes, node.weights, node.options)
    output = np.full(shape, np.nan, np.float32)
    # exactly as much memory as was asked for, and nothing in it that could be taken for zeros
    scratch = np.full(operator.scratch(shapes, node.weights, shape, node.options), np.nan, np.float32)
    operator.step(inputs, output, node.weights, node.options, scratch)()
    return output


def check(node: Node, inputs: Sequence[np.ndarray]) -> None:
    wanted, found = naive.applied(node, inputs), run(node, inputs)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, atol=2e-5, rtol=2e-5)


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_an_operator_does_what_its_definition_says(operator: str) -> None:
    rng = np.random.default_rng(sorted(OPERATORS).index(operator))
    tried = 0
    while tried < 40:
        shape = int(rng.integers(3, 12)), int(rng.integers(3, 12)), int(rng.choice([1, 2, 3, 4, 8, 16]))
        shapes: dict[int, Shape] = {0: shape, 1: shape, 2: (1, 1, shape[2])}
        node = drawn_node(rng, operator, shapes, 3)
        if node is None:
            continue
        inputs = [rng.normal(0, 3, shapes[number]).astype(np.float32) for number in node.inputs]
        try:
            OPERATORS[operator].shape([array.shape for array in inputs], node.weights, node.options)
        except UnfitError:
            continue
        if min(OPERATORS[operator].shape([a.shape for a in inputs], node.weights, node.options)) < 1:
            continue  # a kernel larger than the map: a graph refuses it
        tried += 1
        check(node, inputs)


@pytest.mark.parametrize("channels", [3, 159, 160, 200])
@pytest.mark.parametrize("stride", [1, 2])
def test_depthwise_convolutions_agree_however_their_loops_are_laid(channels: int, stride: int) -> None:
    rng = np.random.default_rng(channels)
    options = {"stride": stride, "padding": [1, 2, 2, 1], "activation": "relu6"}
    node = Node("depthwise convolution", (0,), 1, (weights(rng, 3, 4, channels), weights(rng, channels)), options)
    check(node, [rng.normal(0, 3, (9, 8, channels)).astype(np.float32)])


def test_a_convolution_in_several_bands() -> None:
    rng = np.random.default_rng(0)
    options = {"stride": 1, "padding": [1, 1, 1, 1], "activation": "prelu"}
    node = Node("convolution", (0,), 1, (weights(rng, 3, 3, 64, 4), weights(rng, 4), weights(rng, 4)), options)
    check(node, [rng.normal(0, 1, (40, 40, 64)).astype(np.float32)])  # 40 rows of 23,040 numbers: two bands


def test_large_numbers_do_not_overflow_in_a_sigmoid() -> None:
    node = Node("activation", (0,), 1, (), {"activation": "sigmoid"})
    found = run(node, [np.array([[[-1e30, -100, 0, 100, 1e30]]], np.float32)])
    np.testing.assert_allclose(found, [[[0, 0, 0.5, 1, 1]]], atol=1e-30)


_MAP = (6, 6, 4)
_KERNEL, _BIAS = np.zeros((3, 3, 4, 2), np.float32), np.zeros(2, np.float32)
_EACH, _FOUR = np.zeros((3, 3, 4), np.float32), np.zeros(4, np.float32)
_WHOLE: dict[str, Any] = {"stride": 1, "padding": [0, 0, 0, 0], "activation": "none"}


@pytest.mark.parametrize(
    ("operator", "inputs", "arrays", "options"),
    [
        ("convolution", [_MAP], [_KERNEL, _BIAS], {**_WHOLE, "stride": 0}),
        ("convolution", [_MAP], [_KERNEL, _BIAS], {**_WHOLE, "stride": 1.0}),
        ("convolution", [_MAP], [_KERNEL, _BIAS], {**_WHOLE, "stride": True}),
        ("convolution", [_MAP], [_KERNEL, _BIAS], {**_WHOLE, "stride": 10**400}),
        ("convolution", [_MAP], [_KERNEL, _BIAS], {**_WHOLE, "padding": [0, 0, 0]}),
        ("convolution", [_MAP], [_KERNEL, _BIAS], {**_WHOLE, "padding": [0, 0, 0, -1]}),
        ("convolution", [_MAP], [_KERNEL, _BIAS], {**_WHOLE, "padding": "0000"}),
        ("convolution", [_MAP], [_KERNEL, _BIAS], {**_WHOLE, "padding": None}),
        ("convolution", [_MAP], [_KERNEL, _BIAS], {**_WHOLE, "activation": "prelu"}),
        ("convolution", [_MAP], [_KERNEL, _BIAS], {**_WHOLE, "activation": "tanh"}),
        ("convolution", [_MAP], [_KERNEL, _BIAS], {**_WHOLE, "activation": ["relu"]}),
        ("convolution", [_MAP], [_KERNEL, _BIAS], {"stride": 1}),
        ("convolution", [_MAP], [_KERNEL, _BIAS, _BIAS], _WHOLE),
        ("convolution", [_MAP], [_KERNEL], _WHOLE),
        ("convolution", [_MAP], [_KERNEL, _FOUR], _WHOLE),
        ("convolution", [_MAP], [_EACH, _BIAS], _WHOLE),
        ("convolution", [(*_MAP, 4)], [_KERNEL, _BIAS], _WHOLE),
        ("convolution", [(6,)], [_KERNEL, _BIAS], _WHOLE),
        ("convolution", [_MAP, _MAP], [_KERNEL, _BIAS], _WHOLE),
        ("depthwise convolution", [_MAP], [_KERNEL, _BIAS], _WHOLE),
        ("depthwise convolution", [(6, 6, 5)], [_EACH, _FOUR], _WHOLE),
        ("depthwise convolution", [(*_MAP, 4)], [_EACH, _FOUR], _WHOLE),
        ("transposed convolution", [_MAP], [_KERNEL, _BIAS], {"stride": 2}),
        ("transposed convolution", [_MAP], [np.zeros((4, 2, 2, 2), np.float32), _BIAS], {"stride": 3}),
        ("transposed convolution", [_MAP], [], {"stride": 2}),
        ("activation", [_MAP], [], {"activation": "prelu"}),
        ("activation", [_MAP], [_FOUR], {"activation": "relu"}),
        ("activation", [_MAP], [], {}),
        ("activation", [(4,)], [_FOUR], {"activation": "prelu"}),
        ("add", [_MAP], [], {}),
        ("add", [_MAP, (6, 6, 5)], [], {}),
        ("add", [_MAP, _MAP], [], {"activation": "prelu"}),
        ("add", [_MAP, _MAP], [_FOUR], {}),
        ("multiply", [_MAP, (1, 1, 5)], [], {}),
        ("multiply", [(1, 1, 4), _MAP], [], {}),
        ("append channels", [_MAP], [], {"channels": 0}),
        ("append channels", [_MAP], [], {"channels": 1.5}),
        ("append channels", [_MAP], [], {"channels": 10**9}),
        ("pad", [_MAP], [], {"padding": [0.5, 0, 0, 0]}),
        ("pad", [_MAP], [], {"padding": [0, 0, 0, 10**9]}),
        ("maximum pool", [_MAP], [], {"kernel": [2, 2]}),
        ("maximum pool", [_MAP], [], {"kernel": [2.0, 2], "stride": [1, 1]}),
        ("maximum pool", [_MAP], [], {"kernel": [2, 2], "stride": [0, 1]}),
        ("average pool", [(99, 99, 4)], [], {"kernel": [98, 98], "stride": [1, 1]}),
        ("average pool", [_MAP], [], {"kernel": 2, "stride": [1, 1]}),
        ("resize", [_MAP], [], {"size": [3.5, 3]}),
        ("resize", [_MAP], [], {"size": [0, 3]}),
        ("resize", [_MAP], [], {"size": [10**6, 3]}),
        ("resize", [_MAP], [], {"size": [3, 3], "half": "yes"}),
        ("depth to space", [_MAP], [], {"size": 3}),
        ("depth to space", [_MAP], [], {"size": 2.0}),
        ("reshape", [_MAP], [], {"shape": [-1, 4]}),
        ("reshape", [_MAP], [], {"shape": [1] * 40 + [144]}),
        ("reshape", [_MAP], [], {"shape": []}),
        ("reshape", [_MAP], [], {"shape": [144.0]}),
        ("concatenate", [_MAP, (6, 5, 4)], [], {"axis": 2}),
        ("concatenate", [_MAP, _MAP], [], {"axis": -1}),
        ("concatenate", [_MAP, _MAP], [], {"axis": 1.0}),
    ],
)
def test_what_does_not_fit_is_told(
    operator: str, inputs: list[Shape], arrays: list[np.ndarray], options: dict[str, Any]
) -> None:
    nodes, given = [], []
    for i, shape in enumerate(inputs):
        # reshaped to any number of axes first: the picture itself has three
        nodes.append(Node("reshape", (0,), i + 1, (), {"shape": list(shape)}))
        given.append(i + 1)
    if len(inputs) > 1 and np.prod(inputs[0]) != np.prod(inputs[1]):
        with pytest.raises((UnfitError, KeyError, TypeError, ValueError, IndexError)):
            OPERATORS[operator].shape(inputs, arrays, options)
        return
    nodes.append(Node(operator, tuple(given), 9, tuple(arrays), options))
    picture = int(np.prod(inputs[0])), 1, 1
    Runner(Graph("reshapes", picture, tuple(nodes[:-1]), {"x": 1}))
    with pytest.raises(UnfitError, match=rf"nodes\[{len(inputs)}\]"):
        assert Graph("bad", picture, tuple(nodes), {"x": 9}).shapes
