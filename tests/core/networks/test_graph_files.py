"""`*.finder.npz`: read back as they were written, and refused in one sentence when anything in them is off."""

import copy
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.networks import graph as graphs
from semantify_blender.core.networks.graph import Graph, Node
from semantify_blender.core.networks.runner import Runner
from tests.core.networks.drawn import drawn_graph, weights

MEGABYTES = 64


def small() -> Graph:
    rng = np.random.default_rng(0)
    convolution = {"stride": 1, "padding": [1, 1, 1, 1], "activation": "prelu"}
    nodes = (
        Node("convolution", (0,), 1, (weights(rng, 3, 3, 3, 4), weights(rng, 4), weights(rng, 4)), convolution),
        Node("add", (1, 1), 2, (), {"activation": "relu"}),
        Node("resize", (2,), 3, (), {"size": [4, 4], "half": True}),
    )
    return Graph("small", (8, 8, 3), nodes, {"mask": 3}, {"package": "made up", "version": "1"})


@pytest.mark.parametrize("seed", range(8))
def test_what_is_read_is_what_was_written(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    graph = drawn_graph(rng, 20)
    graph.save(tmp_path / "x.finder.npz")
    found = Graph.load(tmp_path / "x.finder.npz")
    assert (found.name, found.input, found.outputs) == (graph.name, graph.input, graph.outputs)
    for one, other in zip(found.nodes, graph.nodes, strict=True):
        assert one.described() == other.described()
        for a, b in zip(one.weights, other.weights, strict=True):
            np.testing.assert_array_equal(a, b)
    picture = rng.normal(size=graph.input).astype(np.float32)
    before, after = Runner(graph).run(picture), Runner(found).run(picture)
    for name, array in before.items():
        np.testing.assert_array_equal(array, after[name])
    found.save(tmp_path / "y.finder.npz")
    again = [np.load(tmp_path / f"{name}.finder.npz") for name in "xy"]
    assert again[0]["metadata"] == again[1]["metadata"]
    np.testing.assert_array_equal(again[0]["weights"], again[1]["weights"])


def test_weights_without_pattern_are_not_packed(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name, array, packed in (
        ("noise", weights(rng, 40, 40, 3, 3), False),
        ("zeros", np.zeros((40, 40, 3, 3)), True),
    ):
        options = {"stride": 1, "padding": [0, 0, 0, 0], "activation": "none"}
        node = Node("convolution", (0,), 1, (array.astype(np.float32), np.zeros(3, np.float32)), options)
        Graph("x", (40, 40, 3), (node,), {"x": 1}).save(tmp_path / name)
        assert ((tmp_path / name).stat().st_size < array.size) is packed


def test_what_would_not_be_read_back_is_not_written(tmp_path: Path) -> None:
    graph = small()
    node = graph.nodes[0]
    for bad in (np.full(4, 1e5, np.float32), np.full(4, np.nan, np.float32)):
        large = Node(node.operator, node.inputs, node.output, (node.weights[0], bad, bad), node.options)
        with pytest.raises(FileFormatError, match="weights"):
            Graph("large", graph.input, (large,), {"x": 1}).save(tmp_path / "large")
    with pytest.raises(FileFormatError, match=r"metadata\.outputs"):
        Graph("none", graph.input, graph.nodes, {}).save(tmp_path / "none")
    assert not list(tmp_path.iterdir())


Change = Callable[[dict[str, Any], dict[str, np.ndarray]], Any]


def written(folder: Path, change: Change) -> Path:
    path = folder / "changed.finder.npz"
    small().save(path)
    with np.load(path) as file:
        arrays = dict(file)
    metadata = json.loads(str(arrays["metadata"]))
    change(metadata, arrays)
    arrays["metadata"] = np.array(json.dumps(metadata))
    np.savez_compressed(path, **arrays)
    return path


def _set(*place: Any) -> Change:
    *path, last, value = place

    def change(metadata: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        inner: Any = metadata
        for part in path:
            inner = inner[part]
        inner[last] = value

    return change


def _weights(array: np.ndarray) -> Change:
    return lambda metadata, arrays: arrays.update(weights=array)


def _many(metadata: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    relu = {"operator": "activation", "options": {"activation": "relu"}}
    metadata["nodes"] += [{**relu, "inputs": [3], "output": 10 + i} for i in range(600)]


def _wide(metadata: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    # each map is within bounds, all of them together take gigabytes
    metadata["nodes"] += [
        {"operator": "resize", "inputs": [2], "output": 10 + i, "options": {"size": [1024, 1024]}} for i in range(400)
    ]
    metadata["outputs"] |= {f"o{i}": 10 + i for i in range(400)}


def _slow(metadata: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    options = {"kernel": [16, 16], "stride": [1, 1]}
    metadata["nodes"].append({"operator": "resize", "inputs": [2], "output": 9, "options": {"size": [1024, 1024]}})
    for i in (10, 11, 12):
        metadata["nodes"].append({"operator": "average pool", "inputs": [9], "output": i, "options": options})


def _padded(metadata: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    # working memory, not the maps: windows of 64 × 64 × 4096 numbers
    metadata["nodes"] = [
        {"operator": "append channels", "inputs": [0], "output": 1, "options": {"channels": 4093}},
        {"operator": "depthwise convolution", "inputs": [1], "output": 2, "weights": [[1, 1, 4096], [4096]],
         "options": {"stride": 64, "padding": [64, 64, 64, 64]}},
    ]  # fmt: skip
    metadata["outputs"] = {"x": 2}
    arrays["weights"] = np.zeros(8192, np.float16)


_BEYOND = 10**15


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (_set("name", 3), "metadata.name"),
        (_set("name", ""), "metadata.name"),
        (_set("input", [8, 8]), "metadata.input"),
        (_set("input", [8, 8, 0]), "metadata.input"),
        (_set("input", [8, 8, 3.0]), "metadata.input"),
        (_set("input", [1024, 1024, 1024]), "metadata.nodes[0]"),
        (_set("input", [_BEYOND, 8, 3]), "metadata.nodes[0]"),
        (_set("input", "8x8"), "metadata.input"),
        (_set("outputs", {}), "metadata.outputs"),
        (_set("outputs", {"mask": 99}), "metadata.outputs"),
        (_set("outputs", {"mask": "3"}), "metadata.outputs.mask"),
        (_set("outputs", [3]), "metadata.outputs"),
        (_set("nodes", []), "metadata.nodes"),
        (_set("nodes", {}), "metadata.nodes"),
        (_set("nodes", 0, None), "metadata.nodes[0]"),
        (_set("nodes", 0, "operator", 3), "metadata.nodes[0].operator"),
        (_set("nodes", 0, "operator", "tanh"), "metadata.nodes[0].operator"),
        (_set("nodes", 0, "operator", "x" * 9999), "metadata.nodes[0].operator"),
        (_set("nodes", 0, "inputs", [1]), "metadata.nodes[0]"),
        (_set("nodes", 0, "inputs", []), "metadata.nodes[0]"),
        (_set("nodes", 0, "inputs", [3]), "metadata.nodes[0]"),
        (_set("nodes", 0, "inputs", [[0]]), "metadata.nodes[0].inputs[0]"),
        (_set("nodes", 0, "inputs", [True]), "metadata.nodes[0].inputs[0]"),
        (_set("nodes", 1, "inputs", [1, 2]), "metadata.nodes[1]"),
        (_set("nodes", 1, "output", 1), "metadata.nodes[1]"),
        (_set("nodes", 1, "output", 0), "metadata.nodes[1]"),
        (_set("nodes", 1, "output", _BEYOND), "metadata.nodes[2]"),
        (_set("nodes", 0, "options", None), "metadata.nodes[0].options"),
        (_set("nodes", 0, "options", {}), "metadata.nodes[0]"),
        (_set("nodes", 0, "options", "stride", _BEYOND), "metadata.nodes[0]"),
        (_set("nodes", 0, "options", "activation", {}), "metadata.nodes[0]"),
        (_set("nodes", 2, "options", "size", [_BEYOND, 1]), "metadata.nodes[2]"),
        (_set("nodes", 0, "weights", []), "metadata.nodes[0]"),
        (_set("nodes", 0, "weights", ["a"]), "metadata.nodes[0].weights[0]"),
        (_set("nodes", 0, "weights", [[3, 3, 3, 4], [4], [_BEYOND]]), "metadata.nodes[0].weights"),
        (_set("nodes", 0, "weights", [[3, 3, 3, 4], [4], [-4]]), "metadata.nodes[0].weights"),
        (_set("nodes", 0, "weights", [[3, 3, 3, 4], [4], []]), "metadata.nodes[0].weights"),
        (_set("nodes", 0, "weights", [[3, 3, 3, 4], [4], [1] * 70]), "metadata.nodes[0].weights"),
        (_set("nodes", 0, "weights", [[3, 3, 3, 4], [4], [5]]), "metadata.nodes[0].weights"),
        (_set("nodes", 0, "weights", [[3, 3, 3, 4], [4]]), "metadata.nodes[0]"),
        (_set("provenance", 3), "metadata.provenance"),
        (_weights(np.full(116, np.nan, np.float16)), "weights"),
        (_weights(np.full(116, 1e30)), "weights"),
        (_weights(np.zeros(116, np.int32)), "weights"),
        (_weights(np.zeros((2, 58), np.float16)), "weights"),
        (_weights(np.zeros(115, np.float16)), "metadata.nodes[0].weights"),
        (_weights(np.zeros(117, np.float16)), "weights"),
        (_weights(np.zeros(0, np.float16)), "metadata.nodes[0].weights"),
        (lambda metadata, arrays: arrays.pop("weights"), "weights"),
        (lambda metadata, arrays: arrays.update(schema=np.array("semantify.model/1")), "schema"),
        (lambda metadata, arrays: arrays.update(schema=np.array("semantify.finder/2")), "schema"),
        (_many, "metadata.nodes"),
        (_wide, "metadata.nodes["),
        (_slow, "metadata.nodes[6]"),
        (_padded, "metadata.nodes[1]"),
    ],
)
def test_a_damaged_file_is_refused_by_name_and_field(change: Change, field: str, tmp_path: Path) -> None:
    path = written(tmp_path, change)
    tracemalloc.start()
    try:
        with pytest.raises(FileFormatError) as refusal:
            Graph.load(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert str(path) in str(refusal.value)
    assert field in str(refusal.value)
    assert len(str(refusal.value)) < 700 + len(str(path))
    assert "\n" not in str(refusal.value)
    assert peak < MEGABYTES << 20


def test_a_file_that_is_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    small().save(tmp_path / "x")
    content = (tmp_path / "x").read_bytes()
    for length in range(0, len(content), 97):
        (tmp_path / "x").write_bytes(content[:length])
        with pytest.raises(FileFormatError):
            Graph.load(tmp_path / "x")
    with pytest.raises(FileFormatError, match="does not exist"):
        Graph.load(tmp_path / "none")


def test_the_finders_that_are_shipped_are_far_from_the_bounds() -> None:
    from semantify_blender.core.library import available

    for path in available("finders").values():
        graph = Graph.load(path)
        assert len(graph.nodes) * 3 < graphs.MOST_NODES
        memory = sum(int(np.prod(shape)) for shape in graph.shapes.values())
        assert memory * 3 < graphs.MOST_NUMBERS
        assert graph.provenance["licence"] == "Apache-2.0"


def test_described_nodes_are_copies() -> None:
    node = small().nodes[0]
    before = copy.deepcopy(node.described())
    node.described()["inputs"].append(4)
    assert node.described() == before
