"""Whole graphs: memory that is used again never shows in what they give, and a pass leaves nothing behind."""

import tracemalloc

import numpy as np
import pytest

from semantify_blender.core.networks.graph import Graph, Node
from semantify_blender.core.networks.runner import Runner
from tests.core.networks import naive
from tests.core.networks.drawn import drawn_graph


@pytest.mark.parametrize("seed", range(30))
def test_a_graph_gives_what_its_operators_give_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = drawn_graph(rng, int(rng.integers(5, 30)))
    runner = Runner(graph)
    pictures = [rng.normal(0, 1, graph.input).astype(np.float32) for _ in range(2)]
    wanted = [naive.evaluated(graph, picture) for picture in pictures]
    assert {number: array.shape for number, array in wanted[0].items()} == graph.shapes
    seen = {}
    for turn in (0, 1, 0, 0, 1):  # whatever it looked at before
        found = runner.run(pictures[turn])
        assert found.keys() == graph.outputs.keys()
        for name, number in graph.outputs.items():
            largest = max(1.0, float(np.abs(wanted[turn][number]).max()))
            np.testing.assert_allclose(found[name], wanted[turn][number], rtol=1e-4, atol=1e-4 * largest)
            assert found[name].tobytes() == seen.setdefault((turn, name), found[name].tobytes())


def test_what_a_graph_gave_stays_as_it_was() -> None:
    graph = Graph("copy", (2, 2, 1), (Node("reshape", (0,), 1, (), {"shape": [4]}),), {"same": 0, "flat": 1})
    runner = Runner(graph)
    first = runner.run(np.ones((2, 2, 1), np.float32))
    runner.run(np.zeros((2, 2, 1), np.float32))
    assert first["same"].sum() == first["flat"].sum() == 4


def test_memory_is_used_again() -> None:
    count = 40
    nodes = tuple(Node("activation", (i,), i + 1, (), {"activation": "relu"}) for i in range(count))
    runner = Runner(Graph("chain", (64, 64, 8), nodes, {"end": count}))
    assert runner.memory < 6 * 64 * 64 * 8 * 4


def test_a_pass_leaves_nothing_behind() -> None:
    rng = np.random.default_rng(7)
    graph = drawn_graph(rng, 40)
    runner = Runner(graph)
    picture = rng.normal(0, 1, graph.input).astype(np.float32)
    for _ in range(3):
        runner.run(picture)
    given = sum(array.nbytes for array in runner.run(picture).values())
    tracemalloc.start()
    try:
        runner.run(picture)
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(100):
            tracemalloc.reset_peak()
            runner.run(picture)
            _, peak = tracemalloc.get_traced_memory()
            assert peak - before < 2 * given + 32 * 1024  # its outputs, and NumPy's own small notes
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 16 * 1024


def test_a_picture_of_another_size_is_refused() -> None:
    runner = Runner(Graph("one", (4, 4, 3), (Node("activation", (0,), 1, (), {"activation": "relu"}),), {"x": 1}))
    for shape in ((4, 4, 1), (4, 3), (1, 4, 3), (3,)):
        with pytest.raises(ValueError, match=r"expected a picture of \(4, 4, 3\)"):
            runner.run(np.zeros(shape, np.float32))
