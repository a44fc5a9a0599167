"""A graph, ready to look at one picture after the other: all memory is laid out once, and nothing grows."""

from math import prod

import numpy as np

from .graph import Graph
from .operators import OPERATORS


class Runner:
    """Runs a graph. Not for several threads at once: its memory is used again at each pass."""

    def __init__(self, graph: Graph) -> None:
        """Lay out the memory: a feature map lives from the operator that gives it to the last one that takes it."""
        self.graph = graph
        shapes = graph.shapes
        kept = {0, *graph.outputs.values()}
        last = {number: i for i, node in enumerate(graph.nodes) for number in node.inputs}
        most = max(
            OPERATORS[node.operator].scratch(
                [shapes[number] for number in node.inputs], node.weights, shapes[node.output], node.options
            )
            for node in graph.nodes
        )
        scratch = np.empty(max(most, 1), np.float32)
        free: list[np.ndarray] = []
        maps: dict[int, np.ndarray] = {0: np.zeros(shapes[0], np.float32)}
        owners: dict[int, np.ndarray] = {}
        self._steps = []
        self._bytes = scratch.nbytes + maps[0].nbytes
        for i, node in enumerate(graph.nodes):
            size = prod(shapes[node.output])
            fitting = [memory for memory in free if memory.size >= size]
            if fitting and node.output not in kept:
                memory = min(fitting, key=lambda some: some.size)
                free = [some for some in free if some is not memory]
            else:
                memory = np.empty(size, np.float32)
                self._bytes += memory.nbytes
            owners[node.output] = memory
            maps[node.output] = memory[:size].reshape(shapes[node.output])
            operator = OPERATORS[node.operator]
            inputs = [maps[number] for number in node.inputs]
            self._steps.append(operator.step(inputs, maps[node.output], node.weights, node.options, scratch))
            for number in set(node.inputs):
                if last[number] == i and number not in kept:
                    free.append(owners[number])
        self._input = maps[0]
        self._outputs = {name: maps[number] for name, number in graph.outputs.items()}

    @property
    def memory(self) -> int:
        """Bytes that are held for feature maps."""
        return self._bytes

    def run(self, picture: np.ndarray) -> dict[str, np.ndarray]:
        """Look at a picture (rows, columns, channels) of the graph's own size. Returns copies of its outputs.

        Raises ValueError for a picture of another size.
        """
        if picture.shape != self._input.shape:  # NumPy would repeat a smaller one
            raise ValueError(f"expected a picture of {self._input.shape}, got {picture.shape}")
        np.copyto(self._input, picture)
        with np.errstate(all="ignore"):  # weights that overflow are told by who reads the outputs
            for step in self._steps:
                step()
        return {name: map_.copy() for name, map_ in self._outputs.items()}
