"""The finders' networks, each read and laid out at its first use."""

import threading
from pathlib import Path

import numpy as np

from ..library import find
from ..networks.graph import Graph
from ..networks.runner import Runner

_runners: dict[Path, Runner] = {}
_one_at_a_time = threading.Lock()


def look(name: str, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """What a network says of a picture of its own size, (rows, columns, 3) float32 in its own range.

    Raises SemantifyError when its file is missing, FileFormatError when it is damaged.
    """
    with _one_at_a_time:
        return _runner(name).run(pixels)


def side_of(name: str) -> int:
    """Side of a network's pictures, pixels."""
    with _one_at_a_time:
        return _runner(name).graph.input[0]


def _runner(name: str) -> Runner:
    path = find("finders", name)
    if path not in _runners:
        _runners[path] = Runner(Graph.load(path))
    return _runners[path]


def forget() -> None:
    """Give the memory back."""
    with _one_at_a_time:
        _runners.clear()
