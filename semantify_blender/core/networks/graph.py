"""A network as a graph of operators, `*.finder.npz`: checked whole when it is read, run by `runner`.

Pictures and feature maps are (rows, columns, channels); there is no batch. Weights lie as float16, as published.
"""

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
MOST_NODES, MOST_NUMBERS, MOST_PRODUCTS = 512, 1 << 23, 1 << 31
"""Most operators; numbers in one feature map; multiplications of a pass: the largest finder has 0.43 · 10⁹."""
_FIELDS: dict[str, Field] = {}
_METADATA = {
    "name": str, "input": [int], "outputs": {str: int}, "nodes": [object], "provenance?": {str: object},
}  # fmt: skip
_NODE = {"operator": str, "inputs": [int], "output": int, "weights?": [str], "options?": {str: object}}


@dataclass(frozen=True)
class Node:
    """One operator. inputs, output: numbers of feature maps, 0 is the picture. weights: names. options: by operator."""

    operator: str
    inputs: tuple[int, ...]
    output: int
    weights: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """As in the file's metadata."""
        found: dict[str, Any] = {"operator": self.operator, "inputs": list(self.inputs), "output": self.output}
        if self.weights:
            found["weights"] = list(self.weights)
        if self.options:
            found["options"] = dict(self.options)
        return found


@dataclass(frozen=True, eq=False)
class Graph:
    """name: of the network. input: (rows, columns, channels). nodes: in an order in which they can be run.

    outputs: name -> number of its feature map. weights: name -> array. provenance: where it is from.
    """

    name: str
    input: Shape
    nodes: tuple[Node, ...]
    outputs: Mapping[str, int]
    weights: Mapping[str, np.ndarray]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def arrays(self, node: Node) -> list[np.ndarray]:
        """The weights of a node."""
        return [self.weights[name] for name in node.weights]

    @cached_property
    def shapes(self) -> dict[int, Shape]:
        """Feature map -> its shape. Raises `UnfitError` for an operator that does not fit what goes into it."""
        known: dict[int, Shape] = {0: self.input}
        products = 0
        for i, node in enumerate(self.nodes):
            where = f"nodes[{i}]"
            operator = OPERATORS.get(node.operator)
            if operator is None:
                raise UnfitError(f"{where}.operator", f"is {node.operator!r}, which this version does not know")
            if not node.inputs or any(number not in known for number in node.inputs) or node.output in known:
                raise UnfitError(where, "takes what nothing before it gives, or gives what is there already")
            if any(name not in self.weights for name in node.weights):
                raise UnfitError(f"{where}.weights", "names an array that is missing")
            inputs = [known[number] for number in node.inputs]
            try:
                shape = operator.shape(inputs, self.arrays(node), node.options)
                products += operator.products(inputs, self.arrays(node), shape)
            except (UnfitError, KeyError, TypeError, ValueError, IndexError) as error:
                raise UnfitError(where, f"{node.operator} does not fit {inputs} ({error})") from error
            if prod(shape) > MOST_NUMBERS or products > MOST_PRODUCTS or min(shape, default=1) < 1:
                raise UnfitError(where, "asks for more work than any real network, or for none")
            known[node.output] = shape
        if not self.outputs or any(number not in known for number in self.outputs.values()):
            raise UnfitError("outputs", "names what nothing gives")
        return known

    def save(self, path: str | Path) -> None:
        """Write `*.finder.npz`. Raises UnfitError for a graph that would not be read back."""
        assert self.shapes
        metadata = {
            "name": self.name,
            "input": list(self.input),
            "outputs": dict(self.outputs),
            "nodes": [node.described() for node in self.nodes],
            "provenance": dict(self.provenance),
        }
        save_npz(path, SCHEMA, {name: array.astype(np.float16) for name, array in self.weights.items()}, metadata)

    @classmethod
    def load(cls, path: str | Path) -> "Graph":
        """Read `*.finder.npz`. Raises FileFormatError naming the file and the field when anything is off."""
        arrays, metadata = load_npz(path, SCHEMA, _FIELDS)
        conform(path, metadata, _METADATA, "metadata", "fetch or make the finder again")
        check_name(path, "metadata.name", metadata["name"])
        nodes = metadata["nodes"]
        if len(metadata["input"]) != 3 or not all(1 <= side <= 1024 for side in metadata["input"]):
            raise FileFormatError(path, "metadata.input", "expected rows, columns and channels of a picture")
        if not 0 < len(nodes) <= MOST_NODES:
            raise FileFormatError(path, "metadata.nodes", f"expected 1 to {MOST_NODES} operators")
        for i, node in enumerate(nodes):
            conform(path, node, _NODE, f"metadata.nodes[{i}]", "fetch or make the finder again")
        for name, array in arrays.items():
            if array.dtype.kind != "f" or array.ndim == 0 or not array.size:
                raise FileFormatError(path, name, "expected floating-point numbers")
            if not float(np.abs(array).max()) <= bounds.LARGEST_WEIGHT:
                raise FileFormatError(path, name, f"expected numbers in ±{bounds.LARGEST_WEIGHT:g}")
        graph = cls(
            metadata["name"],
            tuple(metadata["input"]),
            tuple(
                Node(
                    node["operator"],
                    tuple(node["inputs"]),
                    node["output"],
                    tuple(node.get("weights", ())),
                    node.get("options", {}),
                )
                for node in nodes
            ),
            metadata["outputs"],
            arrays,
            metadata.get("provenance", {}),
        )
        try:
            assert graph.shapes
        except UnfitError as error:
            raise FileFormatError(path, f"metadata.{error.where}", error.problem) from error
        return graph
