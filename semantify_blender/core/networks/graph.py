"""A network as a graph of operators, `*.finder.npz`: checked whole when it is read, run by `runner`.

Pictures and feature maps are (rows, columns, channels); there is no batch. Weights lie as float16, as published, all of
them one behind the other in the order of the operators: hundreds of arrays would take longer to find than to read.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError
from ..files import bounds
from ..files.names import check_name
from ..files.npz import Field, load_npz, save_npz
from ..files.schema import conform
from .operator import Shape, UnfitError
from .operators import OPERATORS

SCHEMA = "semantify.finder/1"
SUFFIX = ".finder.npz"
MOST_NODES, MOST_NUMBERS, MOST_PRODUCTS = 512, 1 << 26, 1 << 31
"""Most operators; numbers in all feature maps and working memory together; multiplications of a pass. The largest
finder has 133 operators, 16 · 10⁶ numbers and 0.43 · 10⁹ multiplications."""
_MOST_AXES = 4
_FIELDS = {"weights": Field("f", (None,), most=1 << 25)}
_METADATA = {
    "name": str, "input": [int], "outputs": {str: int}, "nodes": [object], "provenance?": {str: object},
}  # fmt: skip
_NODE = {"operator": str, "inputs": [int], "output": int, "weights?": [[int]], "options?": {str: object}}
_WAY_OUT = "fetch or make the finder again"


@dataclass(frozen=True, eq=False)
class Node:
    """One operator. inputs, output: numbers of feature maps, 0 is the picture. weights, options: by operator."""

    operator: str
    inputs: tuple[int, ...]
    output: int
    weights: tuple[np.ndarray, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """As in the file's metadata."""
        found: dict[str, Any] = {"operator": self.operator, "inputs": list(self.inputs), "output": self.output}
        if self.weights:
            found["weights"] = [list(array.shape) for array in self.weights]
        if self.options:
            found["options"] = dict(self.options)
        return found


@dataclass(frozen=True, eq=False)
class Graph:
    """name: of the network. input: (rows, columns, channels). nodes: in an order in which they can be run.

    outputs: name -> number of its feature map. provenance: where it is from.
    """

    name: str
    input: Shape
    nodes: tuple[Node, ...]
    outputs: Mapping[str, int]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def shapes(self) -> dict[int, Shape]:
        """Feature map -> its shape.

        Raises UnfitError for an operator that does not fit what goes into it, and for more work than any real network.
        """
        if len(self.input) != 3 or min(self.input) < 1:
            raise UnfitError("input", "expected rows, columns and channels of a picture")
        if not 0 < len(self.nodes) <= MOST_NODES:
            raise UnfitError("nodes", f"expected 1 to {MOST_NODES} operators")
        known: dict[int, Shape] = {0: self.input}
        products, numbers, scratch = 0, prod(self.input), 0
        for i, node in enumerate(self.nodes):
            where = f"nodes[{i}]"
            operator = OPERATORS.get(node.operator)
            if operator is None:
                raise UnfitError(f"{where}.operator", f"is {node.operator[:80]!r}, which this version does not know")
            if not node.inputs or any(number not in known for number in node.inputs) or node.output in known:
                raise UnfitError(where, "takes what nothing before it gives, or gives what is there already")
            inputs = [known[number] for number in node.inputs]
            try:
                known[node.output] = shape = operator.shape(inputs, node.weights, node.options)
                if min(shape) < 1 or prod(shape) > MOST_NUMBERS:
                    raise UnfitError("output", f"would be {shape}")
                products += operator.products(inputs, node.weights, shape, node.options)
                numbers += prod(shape) + operator.held(inputs, node.weights, shape, node.options)
                scratch = max(scratch, operator.scratch(inputs, node.weights, shape, node.options))
            except (UnfitError, KeyError, TypeError, ValueError, IndexError) as error:
                raise UnfitError(where, f"{node.operator} does not fit {inputs} ({str(error)[:200]})") from error
            if numbers + scratch > MOST_NUMBERS or products > MOST_PRODUCTS:
                raise UnfitError(where, "asks for more work than any real network")
        if not self.outputs or any(number not in known for number in self.outputs.values()):
            raise UnfitError("outputs", "names what nothing gives")
        return known

    def save(self, path: str | Path) -> None:
        """Write `*.finder.npz`. Raises FileFormatError, with nothing written, for what would not be read back."""
        metadata = {
            "name": self.name,
            "input": list(self.input),
            "outputs": dict(self.outputs),
            "nodes": [node.described() for node in self.nodes],
            "provenance": dict(self.provenance),
        }
        parts = [array.ravel() for node in self.nodes for array in node.weights]
        with np.errstate(over="ignore"):
            weights = np.concatenate([np.zeros(0, np.float32), *parts]).astype(np.float16)
        _graph(path, weights, metadata)
        save_npz(path, SCHEMA, {"weights": weights}, metadata, packed=_packs_well(weights))

    @classmethod
    def load(cls, path: str | Path) -> "Graph":
        """Read `*.finder.npz`. Raises FileFormatError naming the file and the field when anything is off."""
        arrays, metadata = load_npz(path, SCHEMA, _FIELDS)
        return _graph(path, arrays["weights"], metadata)


def _graph(path: str | Path, weights: np.ndarray, metadata: dict[str, Any]) -> Graph:
    """A graph out of what a file holds, checked whole."""
    conform(path, metadata, _METADATA, "metadata", _WAY_OUT)
    check_name(path, "metadata.name", metadata["name"])
    numbers = weights.astype(np.float32)
    if (
        numbers.size
        and not -bounds.LARGEST_WEIGHT <= float(numbers.min()) <= float(numbers.max()) <= bounds.LARGEST_WEIGHT
    ):
        raise FileFormatError(path, "weights", f"expected numbers in ±{bounds.LARGEST_WEIGHT:g}")
    nodes, used = [], 0
    for i, node in enumerate(metadata["nodes"][: MOST_NODES + 1]):
        where = f"metadata.nodes[{i}]"
        conform(path, node, _NODE, where, _WAY_OUT)
        arrays = []
        for shape in node.get("weights", ()):
            if not 0 < len(shape) <= _MOST_AXES or not all(0 < side <= numbers.size for side in shape):
                raise FileFormatError(path, f"{where}.weights", f"expected the shapes of arrays; {_WAY_OUT}")
            size = prod(shape)
            if used + size > numbers.size:
                raise FileFormatError(path, f"{where}.weights", f"asks for more than the file holds; {_WAY_OUT}")
            arrays.append(numbers[used : used + size].reshape(shape))
            used += size
        options = node.get("options", {})
        nodes.append(Node(node["operator"], tuple(node["inputs"]), node["output"], tuple(arrays), options))
    provenance = metadata.get("provenance", {})
    graph = Graph(metadata["name"], tuple(metadata["input"]), tuple(nodes), metadata["outputs"], provenance)
    try:
        known = graph.shapes
    except UnfitError as error:
        raise FileFormatError(path, f"metadata.{error.where}", f"{error.problem}; {_WAY_OUT}") from error
    if used < numbers.size or not known:
        raise FileFormatError(path, "weights", f"holds more than the operators take; {_WAY_OUT}")
    return graph


def _packs_well(weights: np.ndarray) -> bool:
    """Whether packing saves more than a tenth: reading packed numbers takes several times as long."""
    return len(zlib.compress(weights.tobytes())) < 0.9 * weights.nbytes
